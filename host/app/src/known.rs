//! What this node remembers of the database, so as not to ask for each message.
//!
//! Nothing here is truth: signing keys are immutable, a tenant may be this old
//! and no older, and activity is only written down now and then.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbell_domain::tenant::Tenant;
use deskbell_domain::time::{MINUTE, Millis, SECOND};
use deskbell_domain::{AgentId, TenantId, Timestamp};
use deskbell_store::system::SigningKey;

/// A suspended tenant is out within this time on every node.
const TENANT_AGE: Millis = 2 * SECOND;
/// Activity is written at most this often; "away" is measured in quarters of an hour.
const ACTIVITY_STEP: Millis = MINUTE;

#[derive(Clone, Default)]
pub(crate) struct Known {
    inner: Arc<Mutex<Inner>>,
    /// Whoever asks for a tenant gets it in the order of asking, also when one of
    /// them has to read it: a socket's sends must not overtake each other here.
    turn: Arc<tokio::sync::Mutex<()>>,
    /// How far this node's tail has delivered the feed.
    tail: Arc<AtomicI64>,
}

#[derive(Default)]
struct Inner {
    keys: Vec<SigningKey>,
    tenants: HashMap<TenantId, (Timestamp, Tenant)>,
    active: HashMap<AgentId, Timestamp>,
}

impl Known {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Taken without a wait when it is free. (A wait counts against the task's
    /// budget, and would tear a burst of sends apart.) Nobody overtakes a waiter.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        match self.turn.try_lock() {
            Ok(turn) => turn,
            Err(_) => self.turn.lock().await,
        }
    }

    pub(crate) fn tail(&self) -> i64 {
        self.tail.load(Ordering::Acquire)
    }

    pub(crate) fn set_tail(&self, position: i64) {
        self.tail.store(position, Ordering::Release);
    }

    pub(crate) fn keys(&self) -> Vec<SigningKey> {
        self.lock().keys.clone()
    }

    pub(crate) fn set_keys(&self, keys: Vec<SigningKey>) {
        self.lock().keys = keys;
    }

    pub(crate) fn tenant(&self, id: TenantId, now: Timestamp) -> Option<Tenant> {
        let inner = self.lock();
        let (read_at, tenant) = inner.tenants.get(&id)?;
        (now.since(*read_at) < TENANT_AGE).then(|| tenant.clone())
    }

    pub(crate) fn set_tenant(&self, tenant: &Tenant, now: Timestamp) {
        self.lock().tenants.insert(tenant.id, (now, tenant.clone()));
    }

    /// Whether the agent's activity is due to be written down; says so once.
    pub(crate) fn activity_due(&self, agent: AgentId, now: Timestamp) -> bool {
        let mut inner = self.lock();
        let due = inner
            .active
            .get(&agent)
            .is_none_or(|at| now.since(*at) >= ACTIVITY_STEP);
        if due {
            inner.active.insert(agent, now);
        }
        due
    }
}
