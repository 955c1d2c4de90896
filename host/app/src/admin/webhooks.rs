//! The addresses at which other systems reach an installation: shown, and renewed when
//! somebody has seen one who should not have.

use deskbell_domain::audit::{Noted, WEBHOOK_KEY_RENEWED};
use deskbell_domain::event::Changes;
use deskbell_domain::webhook::WebhookSettings;
use deskbell_domain::{Actor, Audience, EventBody, InstallationId, Permission};

use crate::admin::note;
use crate::app::{App, found, require};
use crate::error::Error;

/// Where posts of another system are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookAddress {
    pub name: String,
    /// The step of the address that nobody guesses.
    pub key: String,
    pub settings: WebhookSettings,
    /// Whether the secret was entered: without it nothing is taken.
    pub secret_set: bool,
    /// What came in and was not dealt with yet.
    pub waiting: u64,
}

impl App {
    /// Of the installed version, by name.
    pub async fn webhook_addresses(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<WebhookAddress>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let one = found(tx.installation(id).await?, "installation")?;
        let file = tx.plugin_version(one.plugin_id, &one.plugin_version);
        let manifest = found(file.await?, "plugin version")?.manifest;
        if manifest.webhooks.is_empty() {
            return Ok(Vec::new());
        }
        let (secrets, generation) = (
            tx.plugin_secrets(id).await?,
            tx.webhook_generation(id).await?,
        );
        let queue = crate::relay::queue(id, deskbell_domain::plugin::Hook::Webhook);
        let waiting = tx.waiting_jobs(&queue).await?;
        drop(tx);
        let key = self.webhook_key(actor.tenant, id, generation).await?;
        let all = manifest.webhooks.into_iter();
        let all = all.map(|(name, settings)| WebhookAddress {
            name,
            key: key.clone(),
            secret_set: secrets.iter().any(|it| it.name == settings.verify.secret),
            settings,
            waiting,
        });
        Ok(all.collect())
    }

    /// The addresses are others from now on; nothing answers at the old ones.
    pub async fn renew_webhook_key(&self, actor: &Actor, id: InstallationId) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let before = found(tx.hold_installation(id).await?, "installation")?;
                    tx.renew_webhook_key(id).await?;
                    let mut after = before.clone();
                    after.version += 1;
                    tx.save_installation(&after).await?;
                    let noted = Noted::new(WEBHOOK_KEY_RENEWED, "installation", id);
                    note(tx, &near, &by, noted.with("key", after.plugin_key.as_str()));
                    // Other nodes read it again when they hear of it.
                    let changes = Changes::between(&before.view(), &after.view());
                    let installation = after.view();
                    let body = EventBody::InstallationUpdated { installation };
                    tx.emit(near.event(&by, body, changes, Audience::desk()))?;
                    Ok::<_, Error>(())
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await
    }
}
