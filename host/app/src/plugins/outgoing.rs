//! Whom an installation may ask outside, and with which secrets. A request leaves
//! through `Outbound`, which decides on addresses; here it gets its installation's
//! hosts, and the secrets are opened for the moment it is written.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::{HostPattern, Placement};
use deskbell_domain::{InstallationId, TenantId};
use deskbell_store::SealedSecret;
use serde_json::{Map, Value};

use crate::app::App;
use crate::hooks::Outgoing;
use crate::outside::{
    OutboundFailure, OutboundRequest, OutboundResponse, OutboundTerms, SecretInPlace,
};
use crate::sealing::{NotOpened, SealingKey};

/// What holds for one installation under its present configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reach {
    hosts: Vec<HostPattern>,
    secrets: Vec<Bound>,
}

/// A secret and where it goes, still sealed.
#[derive(Debug, PartialEq, Eq)]
struct Bound {
    name: String,
    hosts: Vec<HostPattern>,
    placement: Placement,
    sealed: Vec<u8>,
}

impl Reach {
    pub(super) fn new(
        manifest: &Manifest,
        config: &Map<String, Value>,
        secrets: Vec<SealedSecret>,
    ) -> Self {
        // What an earlier version declared and this one does not goes nowhere.
        let bound = secrets.into_iter().filter_map(|secret| {
            let declared = manifest.secrets.get(&secret.name)?;
            Some(Bound {
                name: secret.name,
                hosts: declared.to.under(config),
                placement: declared.placement.clone(),
                sealed: secret.sealed,
            })
        });
        Self {
            hosts: manifest.capabilities.http.under(config),
            secrets: bound.collect(),
        }
    }
}

/// The place a secret is sealed for.
fn place(tenant: TenantId, installation: InstallationId, name: &str) -> Vec<u8> {
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
    app: App,
    tenant: TenantId,
    installation: InstallationId,
    reach: Arc<Reach>,
}

impl InstalledOutgoing {
    pub(super) fn new(
        app: &App,
        tenant: TenantId,
        installation: InstallationId,
        reach: Arc<Reach>,
    ) -> Self {
        Self {
            app: app.clone(),
            tenant,
            installation,
            reach,
        }
    }

    fn open(&self, bound: &Bound) -> Result<SecretInPlace, OutboundFailure> {
        let place = place(self.tenant, self.installation, &bound.name);
        let key = self.app.sealing.as_ref();
        let value = key
            .and_then(|key| key.open(&place, &bound.sealed).ok())
            .and_then(|value| String::from_utf8(value).ok());
        let Some(value) = value else {
            let why = format!(
                "the secret {} cannot be opened on this server: enter it again",
                bound.name
            );
            return Err(OutboundFailure::Denied(why));
        };
        Ok(SecretInPlace {
            name: bound.name.clone(),
            hosts: bound.hosts.clone(),
            placement: bound.placement.clone(),
            value,
        })
    }
}

#[async_trait]
impl Outgoing for InstalledOutgoing {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let secrets = self.reach.secrets.iter();
        let terms = OutboundTerms {
            client: self.installation.0,
            hosts: self.reach.hosts.clone(),
            secrets: secrets
                .map(|bound| self.open(bound))
                .collect::<Result<_, _>>()?,
        };
        self.app.outbound.send(request, terms).await
    }
}
