//! Whom an installation may ask outside, and with which secrets. A request leaves
//! through `Outbound`, which decides on addresses; here it gets its installation's
//! hosts, and the secrets are opened for the moment it is written. Where a secret
//! is exchanged for tokens (`tokens.rs`), the token goes along in its place.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::{HostPattern, Placement};
use deskbell_domain::{InstallationId, TenantId};
use deskbell_store::SealedSecret;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout};

use crate::app::App;
use crate::hooks::Outgoing;
use crate::outside::{
    Clock, Outbound, OutboundFailure, OutboundRequest, OutboundResponse, OutboundTerms,
    SecretInPlace,
};
use crate::plugins::tokens::{Asking, Exchange, Faults, Token};
use crate::sealing::{NotOpened, SealingKey};

/// What holds for one installation under its present configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reach {
    hosts: Vec<HostPattern>,
    secrets: Vec<Bound>,
    pub(super) faults: Faults,
    signing: BTreeMap<String, Option<Vec<u8>>>,
    /// What webhooks are checked with.
    checking: BTreeMap<String, Option<Vec<u8>>>,
}

/// A secret and where it goes, still sealed.
#[derive(Debug, PartialEq, Eq)]
struct Bound {
    name: String,
    hosts: Vec<HostPattern>,
    placement: Placement,
    sealed: Vec<u8>,
    /// It is not sent itself.
    exchange: Option<Exchange>,
}

impl Reach {
    pub(super) fn new(
        manifest: &Manifest,
        config: &Map<String, Value>,
        secrets: Vec<SealedSecret>,
    ) -> Self {
        let placed = |placement: Placement| {
            let declared = manifest.secrets.iter();
            let its = declared.filter(|(_, declared)| declared.placement == placement);
            its.map(|(name, _)| {
                let entered = secrets.iter().find(|secret| secret.name == *name);
                (name.clone(), entered.map(|secret| secret.sealed.clone()))
            })
            .collect()
        };
        let (signing, checking) = (placed(Placement::Signature), placed(Placement::Webhook));
        // What an earlier version declared and this one does not goes nowhere, nor
        // does what is signed or checked with.
        let bound = secrets.into_iter().filter_map(|secret| {
            let declared = manifest.secrets.get(&secret.name)?;
            if !declared.placement.is_sent() {
                return None;
            }
            let exchange = declared.oauth2.as_ref();
            Some(Bound {
                name: secret.name,
                hosts: declared.to.under(config),
                placement: declared.placement.clone(),
                sealed: secret.sealed,
                exchange: exchange.map(|declared| Exchange::new(declared, config)),
            })
        });
        Self {
            hosts: manifest.capabilities.http.under(config),
            secrets: bound.collect(),
            faults: Faults::default(),
            signing,
            checking,
        }
    }

    /// A secret that webhooks are checked with, sealed, if it was entered.
    pub(super) fn checking(&self, name: &str) -> Option<&[u8]> {
        self.checking.get(name)?.as_deref()
    }

    /// A secret to sign with, sealed, if it was entered; none: it is not for that.
    pub(super) fn signing(&self, name: &str) -> Option<Option<&[u8]>> {
        self.signing.get(name).map(Option::as_deref)
    }
}

/// The place a secret is sealed for.
pub(super) fn place(tenant: TenantId, installation: InstallationId, name: &str) -> Vec<u8> {
    [
        b"plugin secret 1".as_slice(),
        tenant.0.as_bytes(),
        installation.0.as_bytes(),
        name.as_bytes(),
    ]
    .concat()
}

pub(crate) fn seal(
    key: &SealingKey,
    tenant: TenantId,
    installation: InstallationId,
    name: &str,
    value: &str,
) -> Result<Vec<u8>, NotOpened> {
    key.seal(&place(tenant, installation, name), value.as_bytes())
}

pub(super) struct InstalledOutgoing {
    outbound: Arc<dyn Outbound>,
    clock: Arc<dyn Clock>,
    sealing: Option<Arc<SealingKey>>,
    tenant: TenantId,
    installation: InstallationId,
    reach: Arc<Reach>,
}

/// What goes along with one request.
#[derive(Default)]
struct Along<'a> {
    secrets: Vec<SecretInPlace>,
    tokens: Vec<Used<'a>>,
}

/// A token that goes along, and the secret it was got with.
struct Used<'a> {
    bound: &'a Bound,
    secret: String,
    token: Token,
}

impl InstalledOutgoing {
    pub(super) fn new(
        app: &App,
        tenant: TenantId,
        installation: InstallationId,
        reach: Arc<Reach>,
    ) -> Self {
        Self {
            outbound: app.outbound.clone(),
            clock: app.clock.clone(),
            sealing: app.sealing.clone(),
            tenant,
            installation,
            reach,
        }
    }

    /// Its secrets by name, for whoever must see that they are nowhere.
    pub(super) fn opened(&self) -> Vec<(String, String)> {
        let all = self.reach.secrets.iter();
        let opened = all.filter_map(|bound| Some((bound.name.clone(), self.open(bound).ok()?)));
        opened.collect()
    }

    fn open(&self, bound: &Bound) -> Result<String, OutboundFailure> {
        let place = place(self.tenant, self.installation, &bound.name);
        let key = self.sealing.as_ref();
        let value = key
            .and_then(|key| key.open(&place, &bound.sealed).ok())
            .and_then(|value| String::from_utf8(value).ok());
        value.ok_or_else(|| {
            let why = format!(
                "the secret {} cannot be opened on this server: enter it again",
                bound.name
            );
            OutboundFailure::Denied(why)
        })
    }

    fn goes_along(&self, url: &str, bound: &Bound) -> bool {
        let goes = |hosts| self.outbound.goes_to(url, hosts);
        goes(&bound.hosts) && goes(&self.reach.hosts)
    }

    /// The secrets of a request to this URL; in place of those tokens that were
    /// refused, new ones.
    async fn along(&self, url: &str, refused: &[Used<'_>]) -> Result<Along<'_>, OutboundFailure> {
        let mut along = Along::default();
        for bound in &self.reach.secrets {
            let value = match &bound.exchange {
                None => self.open(bound)?,
                // Nobody asks for a token that then goes nowhere.
                Some(_) if !self.goes_along(url, bound) => continue,
                Some(exchange) => {
                    let used = refused.iter().find(|used| std::ptr::eq(used.bound, bound));
                    let secret = self.open(bound)?;
                    let asking = Asking {
                        outbound: self.outbound.as_ref(),
                        clock: self.clock.as_ref(),
                        client: self.installation.0,
                        name: &bound.name,
                        hosts: &bound.hosts,
                        secret: &secret,
                        faults: self.reach.faults,
                    };
                    let token = exchange.token(&asking, used.map(|used| &used.token));
                    let token = token.await?;
                    let value = token.value.to_string();
                    along.tokens.push(Used {
                        bound,
                        secret,
                        token,
                    });
                    value
                }
            };
            along.secrets.push(SecretInPlace {
                name: bound.name.clone(),
                hosts: bound.hosts.clone(),
                placement: bound.placement.clone(),
                value,
            });
        }
        Ok(along)
    }

    async fn ask(
        &self,
        request: OutboundRequest,
        secrets: Vec<SecretInPlace>,
    ) -> Result<OutboundResponse, OutboundFailure> {
        let terms = OutboundTerms {
            client: self.installation.0,
            hosts: self.reach.hosts.clone(),
            secrets,
        };
        self.outbound.send(request, terms).await
    }

    /// With a token that the other side does not take (any more), once more with a
    /// new one.
    async fn with_tokens(
        &self,
        mut request: OutboundRequest,
        begun: Instant,
    ) -> Result<OutboundResponse, OutboundFailure> {
        let whole = request.timeout;
        let mut along = self.along(&request.url, &[]).await?;
        request.timeout = whole.saturating_sub(begun.elapsed());
        let secrets = std::mem::take(&mut along.secrets);
        let mut answer = self.ask(request.clone(), secrets).await?;
        let refused = answer.status == 401 && !along.tokens.is_empty();
        if refused && !self.reach.faults.no_renewal {
            let mut again = self.along(&request.url, &along.tokens).await?;
            // What was just got is not got anew, and would be refused again.
            if again.has_another_than(&along) {
                request.timeout = whole.saturating_sub(begun.elapsed());
                let secrets = std::mem::take(&mut again.secrets);
                answer = self.ask(request, secrets).await?;
                along.tokens.append(&mut again.tokens);
            }
        }
        match along.tokens.iter().find(|used| used.is_in(&answer)) {
            Some(used) if !self.reach.faults.echoes_pass => {
                let why = format!(
                    "the answer holds what the secret {} stands for, which no plugin may see",
                    used.bound.name
                );
                Err(OutboundFailure::Denied(why))
            }
            _ => Ok(answer),
        }
    }
}

impl Along<'_> {
    fn has_another_than(&self, other: &Self) -> bool {
        let mut both = self.tokens.iter().zip(&other.tokens);
        both.any(|(one, other)| one.token.value != other.token.value)
    }
}

impl Used<'_> {
    fn is_in(&self, answer: &OutboundResponse) -> bool {
        [&*self.token.value, &self.secret]
            .into_iter()
            .any(|text| echo::shows(answer, text))
    }
}

#[async_trait]
impl Outgoing for InstalledOutgoing {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let exchanged = |bound: &Bound| bound.exchange.is_some();
        if !self.reach.secrets.iter().any(exchanged) {
            let along = self.along(&request.url, &[]).await?;
            return self.ask(request, along.secrets).await;
        }
        // Waiting for a token is part of the request's time.
        let whole = request.timeout;
        let asked = self.with_tokens(request, Instant::now());
        timeout(whole, asked)
            .await
            .unwrap_or_else(|_| Err(late(whole)))
    }
}

fn late(whole: Duration) -> OutboundFailure {
    OutboundFailure::Timeout(format!("no answer within {} ms", whole.as_millis()))
}

mod echo;
#[cfg(test)]
mod tests;
