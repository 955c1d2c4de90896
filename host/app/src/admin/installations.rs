//! Installations: a plugin at work in a tenant, with grants and configuration.
//!
//! A change holds on this node when it is answered, and on the others when their
//! tail has read of it. What is to be stored is planned first, so that the plugin can
//! be asked about its configuration outside of any transaction, and planned again in
//! the one that stores it.

use deskbell_domain::audit::{CONFIGURED, LIMITED, Noted};
use deskbell_domain::event::Changes;
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Capability, Hook, Installation, OnFailure, PluginFailure};
use deskbell_domain::reach::MOST_KEYS;
use deskbell_domain::{Actor, EventBody, InstallationId, Permission, PluginId, Refusal, TenantId};
use deskbell_store::{KeyFacts, Tx};
use serde_json::{Map, Value, json};

use crate::admin::plan::{changed, planned, same_as_checked};
use crate::admin::{note as audited, tell};
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;

/// Of each plugin in a tenant.
const ONE_INSTALLATION: &str = "The plugin's one installation";

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
    /// All of them: what is not in here is the hooks' own again.
    pub limits: Option<CallLimits>,
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
        let tx = self.store.snapshot(actor.tenant).await?;
        let plugin = tx.plugin(new.plugin_id).await?;
        let (checked, file) = planned(&tx, &near, id, plugin, new.clone()).await?;
        // Nobody is asked in vain.
        if tx.installation_of(checked.plugin_id).await?.is_some() {
            return Err(Refusal::Taken(ONE_INSTALLATION).into());
        }
        drop(tx);
        self.check_with_plugin(actor.tenant, &checked, &file)
            .await?;
        let installed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, new) = (near.clone(), by.clone(), new.clone());
                let checked = checked.clone();
                Box::pin(async move { install(tx, &near, &by, id, new, &checked).await })
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
        let checked = match &patch.config {
            Some(_) => Some(self.checked_change(actor, id, &patch).await?),
            None => None,
        };
        let most = self.most_limits();
        let changed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                let (most, checked) = (most.clone(), checked.clone());
                Box::pin(
                    async move { change(tx, &near, &by, id, patch, &most, checked.as_ref()).await },
                )
            })
            .await?;
        self.put_to_work(actor.tenant).await?;
        Ok(changed)
    }

    /// What a change with another configuration comes to, after the plugin was asked.
    async fn checked_change(
        &self,
        actor: &Actor,
        id: InstallationId,
        patch: &InstallationPatch,
    ) -> Result<Installation, Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        let before = found(tx.installation(id).await?, "installation")?;
        let file = tx.plugin_version(before.plugin_id, &before.plugin_version);
        let file = found(file.await?, "plugin version")?;
        drop(tx);
        let after = changed(&before, &file, patch.clone(), &self.most_limits())?;
        if after.config != before.config {
            self.check_with_plugin(actor.tenant, &after, &file).await?;
        }
        Ok(after)
    }

    /// What a call may use at most, by hook.
    fn most_limits(&self) -> Vec<(Hook, CallLimits)> {
        let most = |hook| (hook, self.hooks.limits_of(hook));
        Hook::ALL.into_iter().map(most).collect()
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
    checked: &Installation,
) -> Result<Installation, Error> {
    let plugin = tx.hold_plugin(new.plugin_id).await?;
    let (installation, _) = planned(tx, near, id, plugin, new).await?;
    same_as_checked(checked, &installation)?;
    if !tx.insert_installation(&installation).await? {
        return Err(Refusal::Taken(ONE_INSTALLATION).into());
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
    most: &[(Hook, CallLimits)],
    checked: Option<&Installation>,
) -> Result<Installation, Error> {
    let before = found(tx.hold_installation(id).await?, "installation")?;
    let file = tx
        .plugin_version(before.plugin_id, &before.plugin_version)
        .await?;
    let file = found(file, "plugin version")?;
    let mut after = changed(&before, &file, patch, most)?;
    if let Some(checked) = checked {
        same_as_checked(checked, &after)?;
    }
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
    note_unseen(tx, near, by, before, after);
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

/// What events do not show of a change: which settings, and the limits.
fn note_unseen(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    before: &Installation,
    after: &Installation,
) {
    let note = |noted: Noted| {
        let noted = noted.with("key", after.plugin_key.as_str());
        audited(tx, near, by, noted);
    };
    if before.config != after.config {
        let names = before.config.keys().chain(after.config.keys());
        let differ = |name: &&String| before.config.get(*name) != after.config.get(*name);
        let mut names: Vec<_> = names.filter(differ).cloned().collect();
        names.sort_unstable();
        names.dedup();
        note(Noted::new(CONFIGURED, "installation", after.id).with("changed", names));
    }
    if before.limits != after.limits {
        let limits = json!([before.limits, after.limits]);
        note(Noted::new(LIMITED, "installation", after.id).with("limits", limits));
    }
}
