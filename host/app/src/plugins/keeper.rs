//! Keeps the node's memory of plugins true, beside everything else.
//!
//! A step reads again what the feed said has changed, makes code callable that is
//! not yet, lets go of what nobody uses, and has written down what happened. The use
//! cases that change an installation do the first two themselves, so that on their node
//! the change holds when it is answered.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{EventBody, TenantId, Timestamp};
use tokio::sync::watch;

use crate::app::{App, stored};
use crate::error::Error;
use crate::hooks::HookError;
use crate::plugins::Installed;
use crate::plugins::in_use::Hold;
use crate::tail::{FeedEvent, Listener};

/// Code that could not be made callable is tried again after this.
const TRY_AGAIN: Millis = 30 * SECOND;
/// Code that is not callable on this node yet is waited for so long.
const READY_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct Keeper {
    app: App,
    stale: Mutex<Stale>,
    /// One step at a time: whoever comes second finds the work done.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Stale {
    /// Nothing was read yet.
    all: bool,
    tenants: HashSet<TenantId>,
}

impl Listener for Keeper {
    fn deliver(&self, batch: &[Arc<FeedEvent>]) {
        let changed = batch.iter().filter(|one| matters(&one.event.body));
        let tenants: HashSet<_> = changed.map(|one| one.event.tenant_id).collect();
        if tenants.is_empty() {
            return;
        }
        self.stale().tenants.extend(tenants);
        self.app.plugins.ring();
    }
}

/// Whether this changes what is at work.
fn matters(body: &EventBody) -> bool {
    matches!(
        body,
        EventBody::PluginInstalled { .. }
            | EventBody::PluginEnabled { .. }
            | EventBody::PluginDisabled { .. }
            | EventBody::PluginUpgraded { .. }
            | EventBody::PluginRolledBack { .. }
            | EventBody::PluginUpdated { .. }
            | EventBody::InstallationUpdated { .. }
            | EventBody::InstallationDeleted { .. }
            | EventBody::InstallationSecretChanged { .. }
    )
}

impl Keeper {
    pub(crate) fn new(app: App) -> Self {
        let stale = Stale {
            all: true,
            tenants: HashSet::new(),
        };
        Self {
            app,
            stale: Mutex::new(stale),
            turn: tokio::sync::Mutex::default(),
        }
    }

    fn stale(&self) -> std::sync::MutexGuard<'_, Stale> {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings when there is something to read again.
    pub(crate) fn news(&self) -> watch::Receiver<u64> {
        self.app.plugins.changed.subscribe()
    }

    /// True if it did anything.
    pub(crate) async fn step(&self) -> Result<bool, Error> {
        let _turn = self.turn.lock().await;
        let stale = std::mem::take(&mut *self.stale());
        let read = self.read_again(&stale).await;
        if read.is_err() {
            let mut now = self.stale();
            now.all |= stale.all;
            now.tenants.extend(stale.tenants.iter().copied());
        }
        let busy = read?;
        let busy = self.app.prepare_plugins(None).await? || busy;
        let busy = self.app.follow_breakers().await? || busy;
        let busy = self.app.write_failures_down().await? || busy;
        let busy = self.app.write_recordings_down().await? || busy;
        Ok(self.app.write_records_down().await? || busy)
    }

    async fn read_again(&self, stale: &Stale) -> Result<bool, Error> {
        let mut tenants = stale.tenants.clone();
        if stale.all {
            let sys = self.app.store.system_snapshot().await?;
            tenants.extend(sys.tenants_with_plugins().await?);
        }
        for tenant in &tenants {
            self.app.refresh_plugins(*tenant).await?;
        }
        if stale.all {
            self.app.plugins.read.store(true, Ordering::Release);
        }
        Ok(!tenants.is_empty())
    }
}

impl App {
    /// Reads what is at work in a tenant. Whoever asks later reads later. A new
    /// version is made callable before it is asked: until then the old one is.
    pub(crate) async fn refresh_plugins(&self, tenant: TenantId) -> Result<(), Error> {
        let _holds = self.prepare_successors(tenant).await?;
        let _turn = self.plugins.refreshing.lock().await;
        let before = self.plugins.of(tenant);
        let tx = self.store.snapshot(tenant).await?;
        let mut installed = Vec::new();
        let recorded = tx.recorded_installations().await?;
        for one in tx.installations().await? {
            if !one.enabled {
                continue;
            }
            let file = tx.plugin_version(one.plugin_id, &one.plugin_version);
            if let Some(file) = file.await? {
                let secrets = tx.plugin_secrets(one.id).await?;
                let until = recorded.iter().find(|(id, _)| *id == one.id);
                let until = until.map(|(_, until)| *until);
                let generation = match one.hooks.contains(&Hook::Webhook) {
                    true => Some(tx.webhook_generation(one.id).await?),
                    false => None,
                };
                let one =
                    Installed::new(tenant, one, &file.manifest, file.variables, secrets, until);
                installed.push((one.keeping(&before), generation));
            }
        }
        drop(tx);
        let mut known = Vec::new();
        for (mut one, generation) in installed {
            if let Some(generation) = generation {
                let key = self.webhook_key(tenant, one.id, generation);
                one.webhook_key = Some(key.await?);
            }
            known.push(Arc::new(one));
        }
        let installed = known;
        self.plugins.set_recorded(tenant, recorded);
        self.plugins.set(tenant, installed);
        Ok(())
    }

    /// The versions that are to follow others which are asked now. One that cannot be
    /// made callable is noted when it is at work.
    async fn prepare_successors(&self, tenant: TenantId) -> Result<Vec<Hold>, Error> {
        let there = self.plugins.of(tenant);
        if there.is_empty() {
            return Ok(Vec::new());
        }
        let tx = self.store.snapshot(tenant).await?;
        let mut next = tx.installations().await?;
        drop(tx);
        next.retain(|next| {
            let follows = |old: &Arc<Installed>| old.id == next.id && old.digest != next.digest;
            next.enabled && there.iter().any(follows)
        });
        let mut holds = Vec::new();
        for next in next {
            holds.extend(self.prepare_ahead(tenant, next.digest).await?);
        }
        Ok(holds)
    }

    /// Makes code callable that is not at work yet, and keeps it from being let go of.
    pub(crate) async fn prepare_ahead(
        &self,
        tenant: TenantId,
        digest: Digest,
    ) -> Result<Result<Hold, HookError>, Error> {
        // Nobody is about to let go of anything while this is held.
        let turn = self.plugins.preparing.lock().await;
        let hold = self.plugins.in_use.hold(digest);
        drop(turn);
        if self.hooks.is_ready(digest) {
            return Ok(Ok(hold));
        }
        Ok(self.prepare(tenant, digest).await?.map(|()| hold))
    }

    /// For those who can wait a little: makes its code callable on this node, if it
    /// is not. Whether it is then, the call itself tells.
    pub(crate) async fn make_callable(&self, installed: &Installed) {
        if self.hooks.is_ready(installed.digest) {
            return;
        }
        let made = self.prepare_plugins(Some(installed.tenant));
        if let Ok(Err(error)) = tokio::time::timeout(READY_WITHIN, made).await {
            tracing::warn!(%error, "a plugin's code is not ready");
        }
    }

    /// Makes callable on this node what is at work (of one tenant, or of all) and is
    /// not yet; true if it tried. One that cannot be is noted and tried again later.
    pub(crate) async fn prepare_plugins(&self, only: Option<TenantId>) -> Result<bool, Error> {
        let mut failed = self.plugins.preparing.lock().await;
        let used = self.plugins.digests();
        failed.retain(|digest, _| used.contains_key(digest));
        let now = self.now();
        let mut tried = false;
        for (digest, users) in &used {
            let resting = failed
                .get(digest)
                .is_some_and(|at: &Timestamp| now.since(*at) < TRY_AGAIN);
            let wanted = only.is_none_or(|only| users.iter().any(|user| user.tenant == only));
            if resting || !wanted || self.hooks.is_ready(*digest) {
                continue;
            }
            tried = true;
            let Some(user) = users.first() else { continue };
            match self.prepare(user.tenant, *digest).await? {
                Ok(()) => {
                    failed.remove(digest);
                }
                Err(error) => {
                    failed.insert(*digest, now);
                    tracing::error!(%digest, %error, "a plugin cannot be run on this node");
                    for user in users {
                        let hook = user.hooks.first().copied().unwrap_or(Hook::Routing);
                        self.note_plugin_failure(user.tenant, user.id, hook, &error, None);
                    }
                }
            }
        }
        // First what is held: what is at work by then need not be held any more.
        let mut used: HashSet<_> = self.plugins.in_use.digests().into_iter().collect();
        used.extend(self.plugins.digests().into_keys());
        self.hooks.keep_only(&used);
        Ok(tried)
    }

    async fn prepare(
        &self,
        tenant: TenantId,
        digest: Digest,
    ) -> Result<Result<(), HookError>, Error> {
        let tx = self.store.snapshot(tenant).await?;
        let file = tx.component(digest).await?;
        drop(tx);
        Ok(match file {
            Some(file) => self.hooks.prepare(digest, Bytes::from(file)).await,
            // Deleted meanwhile; the next refresh forgets it.
            None => Err(HookError::NotReady),
        })
    }

    /// A secret of the installation, the same on every node.
    pub async fn installation_secret(&self, name: &'static str) -> Result<[u8; 32], Error> {
        self.known_secret(name, self.secrets.bytes()).await
    }

    /// The same; `fresh` becomes it if there was none.
    pub async fn known_secret(
        &self,
        name: &'static str,
        fresh: [u8; 32],
    ) -> Result<[u8; 32], Error> {
        let secret = self
            .store
            .system(move |sys| Box::pin(async move { sys.secret(name, fresh).await }));
        stored(secret.await)
    }
}
