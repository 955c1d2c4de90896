//! Installations: a plugin at work in a tenant, with grants and configuration.
//!
//! A change holds on this node when it is answered, and on the others when their
//! tail has read of it.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::{
    Capability, Hook, Installation, OnFailure, PluginFailure, PluginVersion,
};
use deskbell_domain::reach::MOST_KEYS;
use deskbell_domain::refusal::FieldError;
use deskbell_domain::{Actor, EventBody, InstallationId, Permission, PluginId, Refusal, TenantId};
use deskbell_store::{KeyFacts, Tx};
use serde_json::{Map, Value};

use crate::admin::tell;
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;
use crate::plugins::config;

/// Places that can be asked for.
const POSITION_MAX: i64 = 1_000;

#[derive(Debug, Clone)]
pub struct NewInstallation {
    pub plugin_id: PluginId,
    /// None is the latest.
    pub plugin_version: Option<String>,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    pub config: Map<String, Value>,
    pub enabled: bool,
}

/// None leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct InstallationPatch {
    pub hooks: Option<Vec<Hook>>,
    pub capabilities: Option<Vec<Capability>>,
    pub config: Option<Map<String, Value>>,
    pub position: Option<i64>,
    pub on_failure: Option<OnFailure>,
    pub enabled: Option<bool>,
    pub if_version: Option<i64>,
}

impl App {
    pub async fn list_installations(&self, actor: &Actor) -> Result<Vec<Installation>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        Ok(tx.installations().await?)
    }

    pub async fn installation(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")
    }

    /// What went wrong with it, the latest first.
    pub async fn plugin_failures(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<PluginFailure>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        Ok(tx.plugin_failures(id).await?)
    }

    /// What it keeps: keys that begin so, without their values.
    pub async fn plugin_keys(
        &self,
        actor: &Actor,
        id: InstallationId,
        prefix: &str,
    ) -> Result<Vec<KeyFacts>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        let all = u64::try_from(MOST_KEYS).unwrap_or(u64::MAX);
        Ok(tx.plugin_keys(id, prefix.as_bytes(), None, all).await?)
    }

    pub async fn install_plugin(
        &self,
        actor: &Actor,
        new: NewInstallation,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let id = InstallationId(self.ids.uuid());
        let installed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, new) = (near.clone(), by.clone(), new.clone());
                Box::pin(async move { install(tx, &near, &by, id, new).await })
            })
            .await?;
        self.put_to_work(actor.tenant).await?;
        Ok(installed)
    }

    pub async fn update_installation(
        &self,
        actor: &Actor,
        id: InstallationId,
        patch: InstallationPatch,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let changed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                Box::pin(async move { change(tx, &near, &by, id, patch).await })
            })
            .await?;
        self.put_to_work(actor.tenant).await?;
        Ok(changed)
    }

    /// Takes it out of work, with its configuration and its failures.
    pub async fn delete_installation(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    found(tx.hold_installation(id).await?, "installation")?;
                    no_bot_of_inboxes(tx, &near, &by, id).await?;
                    tx.delete_installation(id).await?;
                    let body = EventBody::InstallationDeleted {
                        installation_id: id,
                    };
                    tell(tx, &near, &by, body, Changes::default())
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await
    }

    /// From now on this node asks what is enabled, and nothing else.
    pub(super) async fn put_to_work(&self, tenant: TenantId) -> Result<(), Error> {
        self.ring();
        self.refresh_plugins(tenant).await?;
        self.prepare_plugins(Some(tenant)).await.map(|_| ())
    }
}

/// Where it answered first, people do from now on.
async fn no_bot_of_inboxes(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    id: InstallationId,
) -> Result<(), Error> {
    for before in tx.inboxes().await? {
        if before.bot != Some(id) {
            continue;
        }
        let mut inbox = before.clone();
        inbox.bot = None;
        inbox.version += 1;
        tx.save_inbox(&inbox).await?;
        let changes = Changes::between(&before, &inbox);
        tell(tx, near, by, EventBody::InboxUpdated { inbox }, changes)?;
    }
    Ok(())
}

async fn install(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    id: InstallationId,
    new: NewInstallation,
) -> Result<Installation, Error> {
    let unknown = |field: &str, detail: &str| Refusal::field(field, "unknown", detail);
    let Some(plugin) = tx.hold_plugin(new.plugin_id).await? else {
        return Err(unknown("/plugin_id", "There is no such plugin.").into());
    };
    let version = new.plugin_version.unwrap_or(plugin.latest_version);
    let Some(file) = tx.plugin_version(plugin.id, &version).await? else {
        let detail = "The plugin has no such version.";
        return Err(unknown("/plugin_version", detail).into());
    };
    let (hooks, capabilities) = grants(&file, new.hooks, new.capabilities)?;
    let config = config::checked(&file.manifest, new.config).map_err(Refusal::Invalid)?;
    let all = tx.installations().await?;
    let last = all.iter().map(|one| one.position).max();
    let installation = Installation {
        id,
        plugin_id: plugin.id,
        plugin_key: plugin.key,
        plugin_name: plugin.name,
        plugin_version: file.plugin_version,
        digest: file.digest,
        enabled: new.enabled,
        hooks,
        capabilities,
        config,
        position: last.map_or(1, |last| last + 1),
        on_failure: file.manifest.on_failure(),
        created_at: near.now,
        version: 1,
        previous: None,
    };
    if !tx.insert_installation(&installation).await? {
        return Err(Refusal::Taken("The plugin's one installation").into());
    }
    let body = EventBody::PluginInstalled {
        installation: installation.view(),
    };
    tell(tx, near, by, body, Changes::default())?;
    Ok(installation)
}

async fn change(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    id: InstallationId,
    patch: InstallationPatch,
) -> Result<Installation, Error> {
    let before = found(tx.hold_installation(id).await?, "installation")?;
    if patch
        .if_version
        .is_some_and(|version| version != before.version)
    {
        return Err(Refusal::Stale.into());
    }
    let file = tx
        .plugin_version(before.plugin_id, &before.plugin_version)
        .await?;
    let file = found(file, "plugin version")?;
    let mut after = before.clone();
    if patch.hooks.is_some() || patch.capabilities.is_some() {
        let hooks = patch.hooks.unwrap_or_else(|| before.hooks.clone());
        let capabilities = patch.capabilities.unwrap_or(after.capabilities);
        (after.hooks, after.capabilities) = grants(&file, hooks, capabilities)?;
    }
    if let Some(config) = patch.config {
        after.config = config::checked(&file.manifest, config).map_err(Refusal::Invalid)?;
    }
    if let Some(position) = patch.position {
        if !(0..=POSITION_MAX).contains(&position) {
            let detail = format!("Between 0 and {POSITION_MAX}.");
            return Err(Refusal::field("/position", "out_of_range", detail).into());
        }
        after.position = position;
    }
    if let Some(on_failure) = patch.on_failure {
        after.on_failure = chosen(&after, on_failure)?;
    }
    after.enabled = patch.enabled.unwrap_or(after.enabled);
    if after == before {
        return Ok(after);
    }
    after.version += 1;
    tx.save_installation(&after).await?;
    tell_of_change(tx, near, by, &before, &after)?;
    Ok(after)
}

/// Switching is an event of its own; each changed field is told of in one.
fn tell_of_change(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    before: &Installation,
    after: &Installation,
) -> Result<(), Error> {
    let installation = after.view();
    let mut changes = Changes::between(&before.view(), &installation);
    let switched = Installation {
        enabled: after.enabled,
        version: after.version,
        ..before.clone()
    };
    if switched != *after {
        let mut switch = Changes::default();
        if let Some(enabled) = changes.0.remove("enabled") {
            switch.0.insert("enabled".to_owned(), enabled);
        }
        let body = EventBody::InstallationUpdated {
            installation: installation.clone(),
        };
        tell(tx, near, by, body, changes)?;
        changes = switch;
    }
    if before.enabled == after.enabled {
        return Ok(());
    }
    let body = if after.enabled {
        EventBody::PluginEnabled { installation }
    } else {
        EventBody::PluginDisabled {
            installation,
            reason: None,
        }
    };
    tell(tx, near, by, body, changes)
}

/// Only a filter has the choice.
fn chosen(installation: &Installation, on_failure: OnFailure) -> Result<OnFailure, Refusal> {
    if installation.hooks.contains(&Hook::Filter) {
        return Ok(on_failure);
    }
    let detail = "Only an installation with the hook `filter` has this choice.";
    Err(Refusal::field("/on_failure", "not_a_filter", detail))
}

/// What is granted must be something the plugin has or wants, and everything it
/// cannot start without must be granted.
pub(super) fn grants(
    file: &PluginVersion,
    hooks: Vec<Hook>,
    capabilities: Vec<Capability>,
) -> Result<(Vec<Hook>, Vec<Capability>), Refusal> {
    let mut wrong = Vec::new();
    for (index, hook) in hooks.iter().enumerate() {
        if !file.hooks.contains(hook) {
            let detail = format!("This plugin has no hook `{}`.", hook.as_str());
            let at = format!("/hooks/{index}");
            wrong.push(FieldError::new(&at, "unknown", detail));
        }
    }
    if hooks.is_empty() {
        let detail = "Grant at least one of the plugin's hooks, or leave it disabled.";
        wrong.push(FieldError::new("/hooks", "required", detail));
    }
    for (index, capability) in capabilities.iter().enumerate() {
        if !file.capabilities.contains(capability) {
            let detail = format!("This plugin does not ask for `{}`.", capability.as_str());
            let at = format!("/capabilities/{index}");
            wrong.push(FieldError::new(&at, "unknown", detail));
        }
    }
    if !wrong.is_empty() {
        return Err(Refusal::Invalid(wrong));
    }
    let missing = file
        .capabilities
        .iter()
        .filter(|c| !capabilities.contains(c));
    let missing: Vec<_> = missing
        .map(|capability| {
            let name = capability.as_str();
            let detail = format!(
                "The plugin imports the capability `{name}` and does not start without it. \
                 Grant it, or do not install the plugin."
            );
            FieldError::new("/capabilities", "grant_missing", detail)
        })
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::GrantMissing(missing));
    }
    Ok((once_each(hooks), once_each(capabilities)))
}

fn once_each<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}
