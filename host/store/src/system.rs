//! A transaction of no tenant: for what belongs to the installation.
//!
//! Its methods (leases, nodes, cursors, jobs to work off, signing keys, which
//! tenants there are) live in the files of those tables. Entities of a tenant
//! have none here, so nobody reaches them this way by mistake.

mod secret;
mod signing_key;

pub use signing_key::SigningKey;

use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Store;
use crate::writer::ClosureWork;

pub struct SystemTx {
    link: Arc<Link>,
}

impl std::fmt::Debug for SystemTx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SystemTx").finish_non_exhaustive()
    }
}

impl SystemTx {
    pub(crate) fn new(link: Arc<Link>) -> Self {
        Self { link }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }
}

impl Store {
    /// As `write`, without a tenant.
    pub async fn system<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a SystemTx) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let f = Arc::new(f);
        self.inner
            .writer
            .alone(move |reply| {
                ClosureWork::boxed(reply, move |link| {
                    let f = Arc::clone(&f);
                    Box::pin(async move {
                        let tx = SystemTx::new(link);
                        (f(&tx).await, Vec::new())
                    })
                })
            })
            .await
    }

    /// As `snapshot`, without a tenant.
    pub async fn system_snapshot(&self) -> Result<SystemTx, StoreError> {
        Ok(SystemTx::new(self.read_link().await?))
    }
}
