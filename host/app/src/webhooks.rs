//! What other systems tell plugins: checked, sealed and promised as a job before it is
//! answered. Which plugin is told, and that it is, is the relay's (`relay/handle.rs`).
//!
//! An address has a key that nobody guesses. Who it is for is looked up in memory, so
//! a wrong key costs no query, and no guest runs before `webhooks/proof.rs` has found
//! that the request is from whom the manifest says. What does not prove that leaves a
//! count for the plugin's author, and nothing else.

mod proof;
mod sealed;

pub(crate) use sealed::{Contents, Received};

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use deskbell_domain::plugin::Hook;
use deskbell_domain::webhook::{HEADER_BYTES, WebhookSettings};
use deskbell_domain::{InstallationId, JobId, Refusal, TenantId};
use deskbell_store::jobs::NewJob;
use deskbell_store::webhook::WebhookDelivery;
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::hooks::HookError;
use crate::plugins::Installed;
use crate::relay::queue;

/// The secret that the keys of addresses are made of.
const SECRET: &str = "webhook_addresses";
/// Of a key, before it is written as text.
const KEY_BYTES: usize = 24;
/// Of what was not dealt with yet; beyond that nothing is taken.
const MOST_WAITING: u64 = 10_000;

/// A request to a webhook: its headers in lower case.
#[derive(Debug, Clone)]
pub struct Posted {
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Posted {
    /// The value of a header that is there once. One that is there twice could be read
    /// in two ways.
    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter().filter(|(it, _)| it == name);
        let first = all.next().map(|(_, value)| value.as_str());
        first.filter(|_| all.next().is_none())
    }
}

/// Whom a request is for.
#[derive(Clone)]
pub struct Webhook {
    installed: Arc<Installed>,
    name: String,
    settings: WebhookSettings,
}

impl App {
    /// By the two steps of its address; an installation that is switched off has none.
    ///
    /// # Errors
    ///
    /// There is nothing there, or this node does not know yet what is at work.
    pub fn webhook(&self, key: &str, path: &str) -> Result<Webhook, Error> {
        if !self.plugins_known() {
            return Err(Refusal::CannotCheck("the server is starting".to_owned()).into());
        }
        let installed = self.plugins.with_key(key);
        let installed = installed.filter(|it| it.hooks.contains(&Hook::Webhook));
        let found = installed.and_then(|installed| {
            let mut all = installed.webhooks.iter();
            let (name, settings) = all.find(|(_, settings)| settings.path == path)?;
            let (name, settings) = (name.clone(), settings.clone());
            Some(Webhook {
                installed,
                name,
                settings,
            })
        });
        found.ok_or_else(|| Refusal::NotFound("webhook").into())
    }

    /// Takes a request, once: what was taken before is as good as taken.
    pub async fn take_webhook(&self, to: Webhook, posted: Posted) -> Result<(), Error> {
        let (tenant, id) = (to.installed.tenant, to.installed.id);
        self.tenant(tenant).await?;
        let secret = to
            .installed
            .checking_secret(self, &to.settings.verify.secret);
        let secret = secret.ok_or(Refusal::WebhookNotSetUp)?;
        let now = self.now();
        if let Err(why) = proof::check(&to.settings.verify, &secret, &posted, now) {
            return Err(self.turned_away(&to, &why));
        }
        let delivery = match &to.settings.delivery_id {
            None => self.ids.uuid(),
            Some(header) => {
                let own = posted.header(header).filter(|it| it.len() <= HEADER_BYTES);
                let Some(own) = own.filter(|it| !it.is_empty()) else {
                    let why = format!("it has no header {header}");
                    return Err(self.turned_away(&to, &why));
                };
                of_delivery(tenant, id, &to.name, own)
            }
        };
        let sealed = sealed::seal(self, tenant, delivery, &to.settings, posted)?;
        let received = Received {
            name: to.name,
            received_at: now,
        };
        let payload = serde_json::to_string(&received);
        let job = NewJob {
            id: JobId(delivery),
            queue: queue(id, Hook::Webhook),
            // Requests have no order among each other.
            destination: delivery.to_string(),
            payload: payload.map_err(|error| Error::Internal(error.to_string()))?,
            due_at: now,
            created_at: now,
        };
        let row = WebhookDelivery {
            id: delivery,
            installation: id,
            received_at: now,
            sealed,
        };
        let taken = self.store.write(tenant, move |tx| {
            let (row, job) = (row.clone(), job.clone());
            Box::pin(async move {
                // It may have been removed while its request was read.
                if tx.hold_installation(id).await?.is_none() {
                    return Err(Error::from(Refusal::NotFound("webhook")));
                }
                if tx.waiting_jobs(&job.queue).await? >= MOST_WAITING {
                    return Err(Refusal::WebhookBusy.into());
                }
                let new = tx.add_webhook_delivery(&row).await?;
                if new {
                    tx.enqueue(&job).await?;
                }
                Ok(new)
            })
        });
        if taken.await? {
            self.wakes.wake((tenant, id, Hook::Webhook));
        }
        Ok(())
    }

    /// Counted for the author; whoever sent it hears only that it was.
    fn turned_away(&self, to: &Webhook, why: &str) -> Error {
        let error = HookError::TurnedAway(format!("the webhook {}: {why}", to.name));
        let (tenant, id) = (to.installed.tenant, to.installed.id);
        self.note_plugin_failure(tenant, id, Hook::Webhook, &error, None);
        Refusal::WebhookTurnedAway.into()
    }

    /// The key of an installation's address, which changes when it is renewed.
    pub(crate) async fn webhook_key(
        &self,
        tenant: TenantId,
        id: InstallationId,
        generation: i64,
    ) -> Result<String, Error> {
        let secret = self.installation_secret(SECRET).await?;
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let of = [
            tenant.0.as_bytes().as_slice(),
            id.0.as_bytes(),
            &generation.to_be_bytes(),
        ];
        let tag = hmac::sign(&secret, &of.concat());
        let bytes = tag.as_ref().get(..KEY_BYTES).unwrap_or_default();
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The same delivery has the same id.
fn of_delivery(tenant: TenantId, id: InstallationId, name: &str, own: &str) -> Uuid {
    let of = format!("webhook delivery 1 {tenant} {id} {name} {own}");
    let hash = digest(&SHA256, of.as_bytes());
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    Uuid::from_bytes(bytes)
}
