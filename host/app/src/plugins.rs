//! Which plugins a tenant has at work, as this node knows it.
//!
//! The enabled installations are kept in memory, so that asking a plugin costs no
//! query. `keeper.rs` brings them up to date from the feed and makes their code
//! callable, never in a message's path; `noted.rs` and `failures.rs` gather what went
//! wrong, `records.rs` the calls, `breakers.rs` leaves out who fails too often;
//! `write_down.rs` and `turns.rs` are what follows from these in the database;
//! `directory.rs` is what a plugin may read, `outgoing.rs` whom it may ask,
//! `tokens.rs` what some of those want to see, `keys.rs` what it keeps, `signing.rs`
//! what it signs with; `lifecycle.rs` asks it about its own configuration and tells it
//! of an upgrade; `recording.rs` records calls for a plugin's author, `recorder.rs`
//! keeps them;
//! `addresses.rs` knows where other systems reach one; `config.rs` checks a
//! configuration;
//! `variables.rs` asks for the values of canned responses, `cards.rs` for what
//! other systems know; `going_on.rs` ends calls whose asker is gone.
//! How a plugin runs is unknown here (see `hooks.rs`).

mod addresses;
pub(crate) mod breaker;
mod breakers;
mod cards;
pub(crate) mod config;
mod directory;
mod failures;
mod going_on;
mod hearing;
pub(crate) mod in_use;
pub(crate) mod keeper;
mod keys;
mod lifecycle;
mod noted;
mod outgoing;
mod reading;
mod recorder;
pub(crate) mod recording;
mod records;
mod signing;
mod tokens;
mod turns;
mod variables;
mod write_down;

pub use breaker::BreakerState;
pub use cards::{NotShown, Shown};
pub(crate) use failures::plain;
pub(crate) use outgoing::seal as seal_secret;
pub use reading::LogRange;
pub use records::Figures;
pub use variables::Variable;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use deskbell_domain::bot::BotRef;
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{
    Capability, Digest, Hook, Installation, Manifest, OnFailure, VariableDefinition,
};
use deskbell_domain::webhook::WebhookSettings;
use deskbell_domain::{InstallationId, PluginId, TenantId, Timestamp};
use deskbell_store::SealedSecret;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, watch};

use crate::app::App;
use crate::hooks::Call;
use crate::plugins::breakers::{Breakers, Key};
use crate::plugins::cards::Cards;
use crate::plugins::directory::DeskDirectory;
use crate::plugins::failures::Failures;
use crate::plugins::going_on::GoingOn;
use crate::plugins::hearing::Hearing;
use crate::plugins::in_use::InUse;
use crate::plugins::keys::InstalledKeys;
use crate::plugins::outgoing::{InstalledOutgoing, Reach};
use crate::plugins::recorder::{InstallationRecorder, Pending, Terms};
use crate::plugins::recording::Recorder;
use crate::plugins::records::Records;
use crate::plugins::signing::InstalledSigning;

/// An enabled installation, ready to be called.
#[derive(Debug, Clone, PartialEq)]
pub struct Installed {
    pub id: InstallationId,
    pub tenant: TenantId,
    pub plugin: PluginId,
    pub key: String,
    pub name: String,
    pub digest: Digest,
    pub plugin_version: String,
    pub hooks: Vec<Hook>,
    /// What it can fill in, if it may.
    pub variables: Vec<VariableDefinition>,
    capabilities: Arc<[Capability]>,
    config: Arc<Map<String, Value>>,
    timeouts: Vec<(Hook, u32)>,
    limits: CallLimits,
    pub(crate) on_failure: OnFailure,
    /// Whom it may ask outside, and with what.
    reach: Arc<Reach>,
    /// Where other systems tell it something, and the key of these addresses.
    pub(crate) webhooks: Arc<BTreeMap<String, WebhookSettings>>,
    pub(crate) webhook_key: Option<String>,
    /// Until when its calls are recorded, if an admin asked for it.
    recording: Option<Arc<Terms>>,
}

impl Installed {
    pub(crate) fn new(
        tenant: TenantId,
        installation: Installation,
        manifest: &Manifest,
        variables: Vec<VariableDefinition>,
        secrets: Vec<SealedSecret>,
        recorded_until: Option<Timestamp>,
    ) -> Self {
        let timeouts = manifest.hooks.iter();
        let reach = Reach::new(manifest, &installation.config, secrets);
        let config = &installation.config;
        let recording = recorded_until.map(|until| Terms::new(until, manifest, config).into());
        Self {
            id: installation.id,
            tenant,
            plugin: installation.plugin_id,
            key: installation.plugin_key,
            name: installation.plugin_name,
            digest: installation.digest,
            plugin_version: installation.plugin_version,
            hooks: installation.hooks,
            variables,
            capabilities: installation.capabilities.into(),
            config: Arc::new(installation.config),
            timeouts: timeouts
                .filter_map(|(hook, settings)| Some((*hook, settings.timeout_ms?)))
                .collect(),
            limits: installation.limits,
            on_failure: installation.on_failure,
            reach: Arc::new(reach),
            webhooks: Arc::new(manifest.webhooks.clone()),
            webhook_key: None,
            recording,
        }
    }

    /// Goes on with what it had in memory for reaching the same: a change of another
    /// plugin costs nobody a token.
    pub(crate) fn keeping(mut self, before: &[Arc<Self>]) -> Self {
        let same = before.iter().find(|old| old.id == self.id);
        if let Some(old) = same.filter(|old| old.reach == self.reach) {
            self.reach = old.reach.clone();
        }
        self
    }

    /// The same code, reaching the same, set up in the same way: what it did before
    /// says what it will do.
    fn behaves_like(&self, other: &Self) -> bool {
        self.id == other.id
            && self.digest == other.digest
            && self.hooks == other.hooks
            && self.capabilities == other.capabilities
            && self.config == other.config
            && self.limits == other.limits
            && self.reach == other.reach
    }

    /// As the bot of a conversation.
    #[must_use]
    pub fn bot(&self) -> BotRef {
        BotRef {
            installation_id: self.id,
            name: self.name.clone(),
        }
    }

    /// One call of it, on behalf of its own tenant.
    #[must_use]
    pub fn call(&self, app: &App, hook: Hook) -> Call {
        let timeout = self.timeouts.iter().find(|(one, _)| *one == hook);
        Call {
            id: app.ids.uuid(),
            tenant: self.tenant,
            installation: self.id,
            digest: self.digest,
            capabilities: self.capabilities.clone(),
            config: self.config.clone(),
            timeout_ms: timeout.map(|(_, ms)| *ms),
            limits: self.limits,
            now: app.now(),
            directory: Arc::new(DeskDirectory::new(app.clone(), self.tenant)),
            outgoing: Arc::new(self.outgoing(app)),
            keys: Arc::new(InstalledKeys::new(app, self.tenant, self.id)),
            signing: Arc::new(InstalledSigning::new(
                app,
                self.tenant,
                self.id,
                self.reach.clone(),
            )),
            sink: Arc::new(Hearing {
                plugins: app.plugins.clone(),
                clock: app.clock.clone(),
                key: self.key(hook),
                digest: self.digest,
                plugin_version: self.plugin_version.clone(),
                recorder: self.recorder(app),
                outgoing: self.outgoing(app),
            }),
        }
    }

    fn outgoing(&self, app: &App) -> InstalledOutgoing {
        InstalledOutgoing::new(app, self.tenant, self.id, self.reach.clone())
    }

    /// While it is recorded.
    fn recorder(&self, app: &App) -> Option<Arc<dyn Recorder>> {
        let terms = self.recording.as_ref()?;
        if app.now() >= terms.until {
            return None;
        }
        Some(Arc::new(InstallationRecorder {
            app: app.clone(),
            tenant: self.tenant,
            installation: self.id,
            plugin: self.key.clone(),
            version: self.plugin_version.clone(),
            digest: self.digest,
            capabilities: self.capabilities.clone(),
            terms: terms.clone(),
            outgoing: self.outgoing(app),
        }))
    }

    fn key(&self, hook: Hook) -> Key {
        Key {
            tenant: self.tenant,
            installation: self.id,
            hook,
        }
    }
}

/// A tenant's filters, in the order they are asked.
pub(crate) type Filters = Arc<[Arc<Installed>]>;

/// The node's memory of plugins; shared by all clones of the app.
pub(crate) struct Plugins {
    installed: RwLock<HashMap<TenantId, Vec<Arc<Installed>>>>,
    /// Until when calls are recorded, of those that are or were, enabled or not.
    recorded: RwLock<HashMap<TenantId, Vec<(InstallationId, Timestamp)>>>,
    /// Those of them that filter; most tenants have none, and are not in here.
    filters: RwLock<HashMap<TenantId, Filters>>,
    /// Those of them that other systems may tell something, by the key of their address.
    addresses: RwLock<HashMap<String, Arc<Installed>>>,
    /// Whether all that is at work was read once. Before, nobody knows who filters.
    read: AtomicBool,
    failures: Failures,
    breakers: Breakers,
    records: Records,
    pending: Pending,
    cards: Cards,
    going_on: GoingOn,
    in_use: InUse,
    /// Held while a tenant is read again, so that no older state comes last.
    refreshing: Mutex<()>,
    /// Held while code is made callable: what could not be, and when.
    preparing: Mutex<HashMap<Digest, Timestamp>>,
    /// Rings when the feed told of a change.
    changed: watch::Sender<u64>,
    /// Rings when something was added to the logs.
    logged: watch::Sender<u64>,
}

impl Default for Plugins {
    fn default() -> Self {
        Self {
            installed: RwLock::default(),
            recorded: RwLock::default(),
            filters: RwLock::default(),
            addresses: RwLock::default(),
            read: AtomicBool::new(false),
            failures: Failures::default(),
            breakers: Breakers::default(),
            records: Records::default(),
            pending: Pending::default(),
            cards: Cards::default(),
            going_on: GoingOn::default(),
            in_use: InUse::default(),
            refreshing: Mutex::default(),
            preparing: Mutex::default(),
            changed: watch::channel(0).0,
            logged: watch::channel(0).0,
        }
    }
}

impl Plugins {
    fn of(&self, tenant: TenantId) -> Vec<Arc<Installed>> {
        let all = self
            .installed
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.get(&tenant).cloned().unwrap_or_default()
    }

    /// Asked from now on. What is replaced stays callable for those who hold it.
    fn set(&self, tenant: TenantId, installed: Vec<Arc<Installed>>) {
        self.set_filters(tenant, &installed);
        self.set_addresses(tenant, &installed);
        let there: Vec<_> = installed.iter().map(|one| one.id).collect();
        let mut all = self
            .installed
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let before = all.remove(&tenant).unwrap_or_default();
        for old in &before {
            self.in_use.until_dropped(old.digest, &old.config);
            let same = installed.iter().any(|new| old.behaves_like(new));
            if !same {
                self.breakers.forget(old.id);
            }
        }
        if !installed.is_empty() {
            all.insert(tenant, installed);
        }
        drop(all);
        self.records.keep_only(tenant, |id| {
            there.contains(&id) || before.iter().any(|old| old.id == id)
        });
    }

    pub(crate) fn recorded_until(&self, tenant: TenantId, id: InstallationId) -> Option<Timestamp> {
        let all = self.recorded.read().unwrap_or_else(PoisonError::into_inner);
        let mut its = all.get(&tenant)?.iter();
        its.find(|(one, _)| *one == id).map(|(_, until)| *until)
    }

    fn set_recorded(&self, tenant: TenantId, recorded: Vec<(InstallationId, Timestamp)>) {
        let mut all = self
            .recorded
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        match recorded.is_empty() {
            true => all.remove(&tenant),
            false => all.insert(tenant, recorded),
        };
    }

    /// Whether this file is what is asked for this hook now.
    fn is_at_work(&self, key: &Key, digest: Digest) -> bool {
        let all = self
            .installed
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut its = all.get(&key.tenant).into_iter().flatten();
        its.any(|one| one.id == key.installation && one.digest == digest)
    }

    fn logged(&self) {
        self.logged
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// There is something to do for the keeper.
    fn ring(&self) {
        self.changed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn digest_of(&self, key: &Key) -> Option<Digest> {
        let its = self.of(key.tenant).into_iter();
        let mut its = its.filter(|one| one.id == key.installation);
        its.next().map(|one| one.digest)
    }

    fn set_filters(&self, tenant: TenantId, installed: &[Arc<Installed>]) {
        let filtering = |one: &&Arc<Installed>| one.hooks.contains(&Hook::Filter);
        let filters: Filters = installed.iter().filter(filtering).cloned().collect();
        let mut all = self.filters.write().unwrap_or_else(PoisonError::into_inner);
        if filters.is_empty() {
            all.remove(&tenant);
        } else {
            all.insert(tenant, filters);
        }
    }

    /// Each file in use, with those who use it.
    fn digests(&self) -> HashMap<Digest, Vec<Arc<Installed>>> {
        let all = self
            .installed
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let mut users: HashMap<_, Vec<_>> = HashMap::new();
        for one in all.values().flatten() {
            users.entry(one.digest).or_default().push(one.clone());
        }
        users
    }
}

impl App {
    /// The enabled installations that may be called for this hook, in the order
    /// they are asked: without those that failed too often of late. From memory:
    /// no query, no wait.
    #[must_use]
    pub fn installed(&self, tenant: TenantId, hook: Hook) -> Vec<Arc<Installed>> {
        let mut all = self.installed_for(tenant, hook);
        all.retain(|one| self.plugin_may_be_called(one, hook));
        all
    }

    /// With those that are not asked for a while, for whoever records why not.
    #[must_use]
    pub fn installed_for(&self, tenant: TenantId, hook: Hook) -> Vec<Arc<Installed>> {
        let mut all = self.plugins.of(tenant);
        all.retain(|one| one.hooks.contains(&hook));
        all
    }

    /// The tenant's filters, if it has any: a look into memory, and nothing else.
    /// Unlike `installed` it leaves out nobody who may not be called just now:
    /// what a filter has not seen must say so.
    pub(crate) fn filters(&self, tenant: TenantId) -> Option<Filters> {
        let all = self
            .plugins
            .filters
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.get(&tenant).cloned()
    }

    /// Until no call is out any more that somebody asked for and may not wait for.
    pub async fn plugin_calls_ended(&self) {
        self.plugins.going_on.ended().await;
    }

    /// False until the node has read once what is at work.
    pub(crate) fn plugins_known(&self) -> bool {
        self.plugins.read.load(Ordering::Acquire)
    }

    /// Whether its breaker lets a call through.
    #[must_use]
    pub fn plugin_may_be_called(&self, installed: &Installed, hook: Hook) -> bool {
        let breakers = &self.plugins.breakers;
        breakers.lets_through(&installed.key(hook), self.now())
    }

    /// Its breaker, on this node.
    pub(crate) fn breaker_of(&self, installed: &Installed, hook: Hook) -> BreakerState {
        let breakers = &self.plugins.breakers;
        breakers.state(&installed.key(hook), self.now())
    }

    /// The breakers of an installation's hooks, on this node.
    #[must_use]
    pub fn breakers_of(
        &self,
        tenant: TenantId,
        installation: &deskbell_domain::plugin::Installation,
    ) -> BTreeMap<Hook, BreakerState> {
        let now = self.now();
        let state = |hook: &Hook| {
            let key = Key {
                tenant,
                installation: installation.id,
                hook: *hook,
            };
            (*hook, self.plugins.breakers.state(&key, now))
        };
        installation.hooks.iter().map(state).collect()
    }

    /// Whether none of its hooks is left out on this node.
    pub(crate) fn is_healthy(&self, installation: InstallationId) -> bool {
        self.plugins.breakers.all_closed(installation, self.now())
    }
}
