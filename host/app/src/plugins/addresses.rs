//! Where other systems reach an installation: by the key of its address, from memory,
//! and with the secret that proves them.

use std::sync::{Arc, PoisonError};

use deskbell_domain::TenantId;

use super::outgoing::place;
use super::{Installed, Plugins};
use crate::app::App;

impl Installed {
    /// A secret that its webhooks are checked with, open, if it was entered and opens.
    pub(crate) fn checking_secret(&self, app: &App, name: &str) -> Option<Vec<u8>> {
        let sealed = self.reach.checking(name)?;
        let place = place(self.tenant, self.id, name);
        app.sealing.as_ref()?.open(&place, sealed).ok()
    }
}

impl Plugins {
    /// Reached from now on at these addresses.
    pub(super) fn set_addresses(&self, tenant: TenantId, installed: &[Arc<Installed>]) {
        let addresses = self.addresses.write();
        let mut addresses = addresses.unwrap_or_else(PoisonError::into_inner);
        addresses.retain(|_, one| one.tenant != tenant);
        for one in installed {
            if let Some(key) = &one.webhook_key {
                addresses.insert(key.clone(), one.clone());
            }
        }
    }

    /// Whose address has this key.
    pub(crate) fn with_key(&self, key: &str) -> Option<Arc<Installed>> {
        let addresses = self.addresses.read();
        let addresses = addresses.unwrap_or_else(PoisonError::into_inner);
        addresses.get(key).cloned()
    }
}
