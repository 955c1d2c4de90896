//! Another version of what is installed: what would be different, going there,
//! and going back.
//!
//! The change is one row in one transaction. The code is made callable before,
//! so that nobody who asks meanwhile finds none; who asked before ends on the
//! version it began with (`plugins/in_use.rs`). The plugin is asked about the
//! configuration before and told of the upgrade after it; if that fails, everything
//! is as it was before.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::{Capability, Digest, Hook, Installation, PluginVersion, Previous};
use deskbell_domain::{Actor, EventBody, InstallationId, Permission, PluginId, Refusal};
use deskbell_store::Tx;
use serde_json::{Map, Value};

use crate::admin::difference::difference;
use crate::admin::plan::{grants, same_as_checked};
use crate::admin::tell;
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;
use crate::hooks::HookError;
use crate::plugins::in_use::Hold;
use crate::plugins::{config, plain};

#[derive(Debug, Clone)]
pub struct Upgrade {
    pub plugin_version: String,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    /// None: the one it has.
    pub config: Option<Map<String, Value>>,
    pub if_version: Option<i64>,
}

/// A version, and in plain words what is different from the one at work (none:
/// nothing is installed).
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    pub plugin_version: PluginVersion,
    pub difference: Option<Vec<String>>,
}

impl App {
    pub async fn plugin_versions(
        &self,
        actor: &Actor,
        id: PluginId,
    ) -> Result<Vec<Offered>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.plugin(id).await?, "plugin")?;
        let versions = tx.plugin_versions(id).await?;
        let installed = tx.installation_of(id).await?;
        let now = installed.and_then(|one| {
            let mut files = versions.iter();
            files
                .find(|file| file.plugin_version == one.plugin_version)
                .cloned()
        });
        let offered = versions.into_iter().map(|plugin_version| Offered {
            difference: now.as_ref().map(|now| difference(now, &plugin_version)),
            plugin_version,
        });
        Ok(offered.collect())
    }

    /// Puts another version to work, newer or older, with these grants.
    pub async fn upgrade_installation(
        &self,
        actor: &Actor,
        id: InstallationId,
        upgrade: Upgrade,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let before = found(tx.installation(id).await?, "installation")?;
        let file = file_of(&tx, &before, &upgrade.plugin_version).await?;
        drop(tx);
        // What is wrong with the request is said before anything is compiled.
        let planned = after_upgrade(&before, &file, upgrade.clone(), false)?;
        let _hold = self.callable(actor, file.digest).await?;
        self.check_with_plugin(actor.tenant, &planned, &file)
            .await?;
        // It may be needed again in a moment.
        let _old = self.prepare_ahead(actor.tenant, before.digest).await?;
        let worked = before.enabled && self.is_healthy(id);
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let changed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, upgrade) = (near.clone(), by.clone(), upgrade.clone());
                let planned = planned.clone();
                Box::pin(async move {
                    let before = held(tx, id, upgrade.if_version).await?;
                    let file = file_of(tx, &before, &upgrade.plugin_version).await?;
                    let after = after_upgrade(&before, &file, upgrade, worked)?;
                    same_as_checked(&planned, &after)?;
                    tx.save_installation(&after).await?;
                    let body = EventBody::PluginUpgraded {
                        installation: after.view(),
                        from_version: before.plugin_version.clone(),
                    };
                    let changes = Changes::between(&before.view(), &after.view());
                    tell(tx, &near, &by, body, changes)?;
                    Ok::<_, Error>(after)
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await?;
        let from = before.plugin_version.as_str();
        match self.tell_of_upgrade(actor.tenant, id, from).await? {
            Ok(()) => Ok(changed),
            Err(error) => Err(self.undo_upgrade(actor, &changed, &error).await?.into()),
        }
    }

    /// The new version failed when it was told of its upgrade: back to where it was,
    /// unless somebody has gone on from here.
    async fn undo_upgrade(
        &self,
        actor: &Actor,
        changed: &Installation,
        error: &HookError,
    ) -> Result<Refusal, Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let near = self.surroundings(&tenant);
        let why = plain(&error.to_string());
        let version = &changed.plugin_version;
        let said = format!("Version {version} failed when it was told of its upgrade: {why}.");
        let (id, digest) = (changed.id, changed.digest);
        let reason = said.clone();
        let undone = self.store.write(actor.tenant, move |tx| {
            let (near, reason) = (near.clone(), reason.clone());
            Box::pin(async move {
                let Some(there) = tx.hold_installation(id).await? else {
                    return Ok(None);
                };
                if there.digest != digest || there.previous.is_none() {
                    return Ok(None);
                }
                let by = Actor::system(near.tenant.id);
                let after = returned(tx, &near, &by, &there, Some(reason)).await?;
                Ok::<_, Error>(Some(after.plugin_version))
            })
        });
        let undone = undone.await?;
        self.put_to_work(actor.tenant).await?;
        let then = match undone {
            Some(back) => format!("The desk went back to {back}."),
            None => "It was changed meanwhile, so the desk left it as it is.".to_owned(),
        };
        Ok(Refusal::UpgradeFailed(format!("{said} {then}")))
    }

    /// Returns to the version, grants and configuration before the last upgrade.
    pub async fn roll_back_installation(
        &self,
        actor: &Actor,
        id: InstallationId,
        if_version: Option<i64>,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let before = found(tx.installation(id).await?, "installation")?;
        let previous = before.previous.as_ref().ok_or(Refusal::NoPreviousVersion)?;
        let file = file_of(&tx, &before, &previous.plugin_version).await?;
        drop(tx);
        let _hold = self.callable(actor, file.digest).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let changed = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let before = held(tx, id, if_version).await?;
                    returned(tx, &near, &by, &before, None).await
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await?;
        Ok(changed)
    }

    async fn callable(&self, actor: &Actor, digest: Digest) -> Result<Hold, Error> {
        let prepared = self.prepare_ahead(actor.tenant, digest).await?;
        prepared.map_err(|error| Refusal::CannotCheck(error.to_string()).into())
    }
}

async fn held(tx: &Tx, id: InstallationId, if_version: Option<i64>) -> Result<Installation, Error> {
    let before = found(tx.hold_installation(id).await?, "installation")?;
    if if_version.is_some_and(|version| version != before.version) {
        return Err(Refusal::Stale.into());
    }
    Ok(before)
}

async fn file_of(tx: &Tx, of: &Installation, version: &str) -> Result<PluginVersion, Error> {
    let file = tx.plugin_version(of.plugin_id, version).await?;
    file.ok_or_else(|| {
        let detail = "The plugin has no such version.";
        Refusal::field("/plugin_version", "unknown", detail).into()
    })
}

fn after_upgrade(
    before: &Installation,
    file: &PluginVersion,
    upgrade: Upgrade,
    worked: bool,
) -> Result<Installation, Refusal> {
    if file.plugin_version == before.plugin_version {
        let detail = "This version is installed. Change its grants or configuration instead.";
        return Err(Refusal::field("/plugin_version", "unchanged", detail));
    }
    let (hooks, capabilities) = grants(file, upgrade.hooks, upgrade.capabilities)?;
    let config = upgrade.config.unwrap_or_else(|| before.config.clone());
    let config = config::checked(&file.manifest, config).map_err(Refusal::Invalid)?;
    Ok(Installation {
        plugin_version: file.plugin_version.clone(),
        digest: file.digest,
        hooks,
        capabilities,
        config,
        version: before.version + 1,
        previous: Some(Previous {
            plugin_version: before.plugin_version.clone(),
            hooks: before.hooks.clone(),
            capabilities: before.capabilities.clone(),
            config: before.config.clone(),
            worked,
        }),
        ..before.clone()
    })
}

/// Back to what it was, and no further: the version that is left is not one to
/// return to.
pub(crate) async fn returned(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    before: &Installation,
    reason: Option<String>,
) -> Result<Installation, Error> {
    let previous = before.previous.clone().ok_or(Refusal::NoPreviousVersion)?;
    let file = file_of(tx, before, &previous.plugin_version).await?;
    let after = Installation {
        plugin_version: previous.plugin_version,
        digest: file.digest,
        hooks: previous.hooks,
        capabilities: previous.capabilities,
        config: previous.config,
        version: before.version + 1,
        previous: None,
        ..before.clone()
    };
    tx.save_installation(&after).await?;
    let body = EventBody::PluginRolledBack {
        installation: after.view(),
        from_version: before.plugin_version.clone(),
        reason,
    };
    let changes = Changes::between(&before.view(), &after.view());
    tell(tx, near, by, body, changes)?;
    Ok(after)
}

/// The desk switches it off, and says why.
pub(crate) async fn switched_off(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    before: &Installation,
    reason: String,
) -> Result<(), Error> {
    let after = Installation {
        enabled: false,
        version: before.version + 1,
        ..before.clone()
    };
    tx.save_installation(&after).await?;
    let body = EventBody::PluginDisabled {
        installation: after.view(),
        reason: Some(reason),
    };
    let changes = Changes::between(&before.view(), &after.view());
    tell(tx, near, by, body, changes)
}
