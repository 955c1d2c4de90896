//! Components that can be called on this node, by digest.
//!
//! A component is linked once for each set of grants it is called with: what an
//! installation was not granted is not there for it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use deskbell_domain::plugin::{Capability, Digest};
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

use crate::call::Ready;
use crate::hooks::{ADAPTERS, Exports};
use crate::host;

/// One component, loaded.
pub(crate) struct Prepared {
    engine: Engine,
    component: Component,
    /// The capabilities it imports.
    wants: Vec<Capability>,
    by_grant: RwLock<HashMap<Vec<Capability>, Arc<Ready>>>,
}

impl Prepared {
    pub(crate) fn new(engine: &Engine, component: Component) -> Self {
        let kind = component.component_type();
        let wants = Capability::ALL
            .into_iter()
            .filter(|capability| {
                let wanted = host::interface(*capability);
                kind.imports(engine)
                    .any(|(name, _)| crate::interface::same(name, wanted))
            })
            .collect();
        Self {
            engine: engine.clone(),
            component,
            wants,
            by_grant: RwLock::default(),
        }
    }

    pub(crate) fn wants(&self) -> &[Capability] {
        &self.wants
    }

    /// Linked with these grants; an error if it wants more.
    pub(crate) fn with(&self, granted: &[Capability]) -> Result<Arc<Ready>> {
        let uses = |capability: &&Capability| granted.contains(capability);
        let grant: Vec<Capability> = self.wants.iter().filter(uses).copied().collect();
        let linked = self.by_grant.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = linked.get(&grant) {
            return Ok(ready.clone());
        }
        drop(linked);
        let ready = Arc::new(self.link(grant.clone())?);
        let mut linked = self
            .by_grant
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(linked.entry(grant).or_insert(ready).clone())
    }

    fn link(&self, capabilities: Vec<Capability>) -> Result<Ready> {
        let linker = host::linker(&self.engine, &capabilities)?;
        let pre = linker.instantiate_pre(&self.component)?;
        let kind = self.component.component_type();
        let mut exports = Exports::default();
        for adapter in &ADAPTERS {
            let offered = kind
                .exports(&self.engine)
                .any(|(name, _)| crate::interface::same(name, adapter.interface));
            // A hook whose functions are not ours was refused at admission.
            if offered && let Err(error) = (adapter.find)(&pre, &mut exports) {
                tracing::debug!(hook = adapter.hook.as_str(), %error, "not the functions of this hook");
            }
        }
        Ok(Ready {
            pre,
            exports,
            capabilities,
        })
    }
}

/// All of them.
#[derive(Default)]
pub(crate) struct Registry(RwLock<HashMap<Digest, Arc<Prepared>>>);

impl Registry {
    pub(crate) fn get(&self, digest: Digest) -> Option<Arc<Prepared>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&digest).cloned()
    }

    pub(crate) fn add(&self, digest: Digest, prepared: Arc<Prepared>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(digest, prepared);
        metrics::gauge!("deskbell_plugins_prepared").set(all.len() as f64);
    }

    pub(crate) fn keep_only(&self, digests: &HashSet<Digest>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|digest, _| digests.contains(digest));
        metrics::gauge!("deskbell_plugins_prepared").set(all.len() as f64);
    }
}
