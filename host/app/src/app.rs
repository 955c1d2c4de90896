//! The app: the parts every use case needs, and the small steps they share.

use std::sync::Arc;

use deskbell_domain::plugin::Hook;
use deskbell_domain::tenant::{Tenant, TenantState};
use deskbell_domain::{
    Actor, Context, ConversationId, Event, IdSource, InstallationId, NodeId, Permission, Refusal,
    TenantId, Timestamp,
};
use deskbell_store::{Store, StoreError};

use crate::bell::Bell;
use crate::error::{AuthError, Error};
use crate::execute::filter::Turns;
use crate::hooks::{Hooks, Recording};
use crate::known::Known;
use crate::outside::{Clock, Outbound, SecretSource};
use crate::password::Passwords;
use crate::plugins::Plugins;
use crate::sealing::SealingKey;
use crate::wakes::Wakes;

/// What the app is made of; the server and the tests fill it in.
pub struct AppParts {
    pub store: Store,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub secrets: Arc<dyn SecretSource>,
    pub hooks: Arc<dyn Hooks>,
    /// The way plugins ask the outside.
    pub outbound: Arc<dyn Outbound>,
    /// What secrets are sealed with; none in a process that touches none.
    pub sealing: Option<Arc<SealingKey>>,
    pub node: NodeId,
}

#[derive(Clone)]
pub struct App {
    pub store: Store,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub secrets: Arc<dyn SecretSource>,
    pub hooks: Arc<dyn Hooks>,
    pub outbound: Arc<dyn Outbound>,
    pub(crate) sealing: Option<Arc<SealingKey>>,
    pub node: NodeId,
    pub(crate) passwords: Passwords,
    pub(crate) known: Known,
    pub(crate) plugins: Arc<Plugins>,
    pub(crate) turns: Turns,
    /// Conversations whose bot is to be called back, as timers of this process say.
    pub(crate) calls: Arc<Wakes<(TenantId, ConversationId)>>,
    /// Installations there is something to tell: what came in by a webhook, or what an
    /// admin wants told again.
    pub(crate) wakes: Arc<Wakes<(TenantId, InstallationId, Hook)>>,
}

impl App {
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        Self {
            store: parts.store,
            bell: parts.bell,
            clock: parts.clock,
            ids: parts.ids,
            secrets: parts.secrets,
            hooks: Recording::around(parts.hooks),
            outbound: parts.outbound,
            sealing: parts.sealing,
            node: parts.node,
            passwords: Passwords::default(),
            known: Known::default(),
            plugins: Arc::default(),
            turns: Turns::default(),
            calls: Arc::default(),
            wakes: Arc::default(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The tenant with its settings; a suspended one does nothing.
    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Tenant, Error> {
        let now = self.now();
        let turn = self.known.turn().await;
        let tenant = match self.known.tenant(id, now) {
            Some(tenant) => tenant,
            None => {
                let tenant = self.store.system_snapshot().await?.tenant(id).await?;
                let tenant = found(tenant, "tenant")?;
                self.known.set_tenant(&tenant, now);
                tenant
            }
        };
        drop(turn);
        match tenant.state {
            TenantState::Active => Ok(tenant),
            TenantState::Suspended => Err(AuthError::Suspended.into()),
        }
    }

    /// One moment's surroundings for the pure functions. Made anew for every run
    /// of a closure, since a closure may be run again.
    pub(crate) fn surroundings(&self, tenant: &Tenant) -> Surroundings {
        Surroundings {
            now: self.now(),
            ids: self.ids.clone(),
            tenant: Arc::new(tenant.clone()),
        }
    }

    pub(crate) fn ring(&self) {
        self.bell.ring();
    }
}

/// An owned `Context`.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub now: Timestamp,
    pub ids: Arc<dyn IdSource>,
    pub tenant: Arc<Tenant>,
}

impl Surroundings {
    pub(crate) fn cx(&self) -> Context<'_> {
        Context {
            now: self.now,
            ids: self.ids.as_ref(),
            settings: &self.tenant.settings,
        }
    }

    pub(crate) fn event(
        &self,
        actor: &Actor,
        body: deskbell_domain::EventBody,
        changes: deskbell_domain::event::Changes,
        audience: deskbell_domain::Audience,
    ) -> Event {
        Event::new(
            &self.cx(),
            self.tenant.id,
            actor.to_ref(),
            body,
            changes,
            audience,
        )
    }
}

/// Refuses an actor without the permission. Handlers name it in their signature
/// too; this is for the doors that have none (sockets, timers, the CLI).
pub(crate) fn require(actor: &Actor, permission: Permission) -> Result<(), Error> {
    if actor.allows(permission) {
        Ok(())
    } else {
        Err(Refusal::Forbidden.into())
    }
}

/// `Option` → 404, for the many look-ups.
pub(crate) fn found<T>(value: Option<T>, noun: &'static str) -> Result<T, Error> {
    value.ok_or(Error::Refused(Refusal::NotFound(noun)))
}

/// For closures whose every failure is the database's.
pub(crate) fn stored<T>(value: Result<T, StoreError>) -> Result<T, Error> {
    value.map_err(Error::Store)
}
