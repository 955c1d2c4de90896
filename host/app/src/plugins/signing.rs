//! What a plugin signs with: the secrets its manifest has for that, opened for the
//! moment one is used. The guest names them and never has them.

use std::sync::Arc;

use deskbell_domain::{InstallationId, TenantId};

use super::outgoing::{Reach, place};
use crate::app::App;
use crate::hooks::{Signing, SigningFailed};
use crate::outside::SecretSource;
use crate::sealing::SealingKey;

pub(super) struct InstalledSigning {
    sealing: Option<Arc<SealingKey>>,
    chance: Arc<dyn SecretSource>,
    tenant: TenantId,
    installation: InstallationId,
    reach: Arc<Reach>,
}

impl InstalledSigning {
    pub(super) fn new(
        app: &App,
        tenant: TenantId,
        installation: InstallationId,
        reach: Arc<Reach>,
    ) -> Self {
        Self {
            sealing: app.sealing.clone(),
            chance: app.secrets.clone(),
            tenant,
            installation,
            reach,
        }
    }
}

impl Signing for InstalledSigning {
    fn secret(&self, name: &str) -> Result<Vec<u8>, SigningFailed> {
        let sealed = self.reach.signing(name).ok_or(SigningFailed::Unknown)?;
        let (Some(sealed), Some(key)) = (sealed, &self.sealing) else {
            return Err(SigningFailed::Unavailable);
        };
        let place = place(self.tenant, self.installation, name);
        let opened = key.open(&place, sealed);
        opened.map_err(|_| SigningFailed::Unavailable)
    }

    fn chance(&self) -> [u8; 32] {
        self.chance.bytes()
    }
}
