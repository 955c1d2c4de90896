//! Plugins a tenant has: uploaded, listed, removed. A file is admitted by the
//! sandbox before a row is written, and kept with its bytes.

use std::cmp::Ordering;
use std::collections::HashSet;

use bytes::Bytes;
use deskbell_domain::event::Changes;
use deskbell_domain::plugin::{Digest, Manifest, Plugin, PluginVersion, Source};
use deskbell_domain::refusal::FieldError;
use deskbell_domain::text::{Check, NAME_MAX_CHARS};
use deskbell_domain::{Actor, EventBody, Permission, PluginId, Refusal};
use deskbell_store::Tx;
use serde_json::{Map, Value};

use crate::admin::tell;
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;
use crate::hooks::{Admitted, NotAdmitted};
use crate::plugins::config;

/// Nobody needs more, and the database holds them all.
const PLUGINS_MAX: usize = 100;
const VERSIONS_MAX: usize = 50;
const DESCRIPTION_MAX_CHARS: usize = 1_000;

/// `new` is false when this very file was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Uploaded {
    pub plugin: Plugin,
    pub plugin_version: PluginVersion,
    pub new: bool,
}

impl App {
    pub async fn list_plugins(&self, actor: &Actor) -> Result<Vec<Plugin>, Error> {
        require(actor, Permission::Administer)?;
        Ok(self.store.snapshot(actor.tenant).await?.plugins().await?)
    }

    pub async fn plugin(&self, actor: &Actor, id: PluginId) -> Result<Plugin, Error> {
        require(actor, Permission::Administer)?;
        let plugin = self.store.snapshot(actor.tenant).await?.plugin(id).await?;
        found(plugin, "plugin")
    }

    /// Which files the tenant has, to compare a catalogue with.
    pub async fn plugin_digests(&self, actor: &Actor) -> Result<HashSet<Digest>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        Ok(tx.plugin_digests().await?.into_iter().collect())
    }

    /// Checks a file from end to end and keeps it: a new plugin, or a new version
    /// of one that is there. The same file again changes nothing.
    pub async fn upload_plugin(
        &self,
        actor: &Actor,
        file: Bytes,
        source: Source,
    ) -> Result<Uploaded, Error> {
        require(actor, Permission::Administer)?;
        if let Some(there) = self.uploaded(actor, digest_of(&file)).await? {
            return Ok(there);
        }
        let admitted = match self.hooks.admit(file.clone()).await {
            Ok(admitted) => admitted,
            Err(NotAdmitted::Refused(wrong)) => return Err(Refusal::PluginRefused(wrong).into()),
            Err(NotAdmitted::Unavailable(why)) => return Err(Refusal::CannotCheck(why).into()),
        };
        check(&admitted)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let id = PluginId(self.ids.uuid());
        let uploaded = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                let (file, admitted) = (file.clone(), admitted.clone());
                Box::pin(async move { keep(tx, &near, &by, id, file, admitted, source).await })
            })
            .await?;
        self.ring();
        Ok(uploaded)
    }

    async fn uploaded(&self, actor: &Actor, digest: Digest) -> Result<Option<Uploaded>, Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        let Some(plugin_version) = tx.plugin_version_with(digest).await? else {
            return Ok(None);
        };
        let plugin = found(tx.plugin(plugin_version.plugin_id).await?, "plugin")?;
        Ok(Some(Uploaded {
            plugin,
            plugin_version,
            new: false,
        }))
    }

    /// With all its versions; not while it is installed.
    pub async fn delete_plugin(&self, actor: &Actor, id: PluginId) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    found(tx.hold_plugin(id).await?, "plugin")?;
                    if tx.installation_of(id).await?.is_some() {
                        return Err(Refusal::InUse("The plugin").into());
                    }
                    tx.delete_plugin(id).await?;
                    let body = EventBody::PluginDeleted { plugin_id: id };
                    tell(tx, &near, &by, body, Default::default())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

async fn keep(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    fresh: PluginId,
    file: Bytes,
    admitted: Admitted,
    source: Source,
) -> Result<Uploaded, Error> {
    let manifest = &admitted.manifest;
    let held = match tx.plugin_by_key(&manifest.id).await? {
        Some(there) => tx.hold_plugin(there.id).await?,
        None => None,
    };
    let id = held.as_ref().map_or(fresh, |plugin| plugin.id);
    let plugin_version = PluginVersion {
        plugin_id: id,
        plugin_version: manifest.version.clone(),
        digest: admitted.digest,
        size: i64::try_from(admitted.size).unwrap_or(i64::MAX),
        manifest: manifest.clone(),
        hooks: admitted.hooks,
        capabilities: admitted.capabilities,
        variables: admitted.variables,
        created_at: near.now,
    };
    let newest = Plugin {
        id,
        key: manifest.id.clone(),
        name: manifest.name.clone(),
        publisher: manifest.publisher.clone(),
        description: manifest.description.clone(),
        source,
        latest_version: manifest.version.clone(),
        created_at: near.now,
        version: 1,
    };
    let plugin = match held {
        None => {
            if tx.plugins().await?.len() >= PLUGINS_MAX {
                return Err(too_many(format!(
                    "A tenant has at most {PLUGINS_MAX} plugins."
                )));
            }
            if !tx.insert_plugin(&newest).await? {
                return Err(Refusal::Taken("The plugin's id").into());
            }
            let plugin = newest.clone();
            tell(
                tx,
                near,
                by,
                EventBody::PluginCreated { plugin },
                Changes::default(),
            )?;
            newest
        }
        Some(before) => {
            if tx.plugin_versions(id).await?.len() >= VERSIONS_MAX {
                return Err(too_many(format!(
                    "A plugin has at most {VERSIONS_MAX} versions."
                )));
            }
            let newer = order(&newest.latest_version, &before.latest_version);
            if newer == Ordering::Greater {
                let after = Plugin {
                    created_at: before.created_at,
                    version: before.version + 1,
                    ..newest
                };
                tx.save_plugin(&after).await?;
                let changes = Changes::between(&before, &after);
                let plugin = after.clone();
                tell(tx, near, by, EventBody::PluginUpdated { plugin }, changes)?;
                after
            } else {
                before
            }
        }
    };
    if !tx.insert_plugin_version(&plugin_version, &file).await? {
        return Err(Refusal::VersionExists(plugin_version.plugin_version).into());
    }
    Ok(Uploaded {
        plugin,
        plugin_version,
        new: true,
    })
}

fn too_many(detail: String) -> Error {
    Refusal::PluginRefused(vec![FieldError::new("/component", "too_many", detail)]).into()
}

/// A configuration with the schema's defaults filled in, as an installation would
/// have it.
pub fn configured(
    manifest: &Manifest,
    config: Map<String, Value>,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    config::checked(manifest, config)
}

/// What the sandbox could not know: whether a desk can live with it.
pub fn check(admitted: &Admitted) -> Result<(), Refusal> {
    let manifest = &admitted.manifest;
    let mut check = Check::new();
    check.required("/manifest/name", &manifest.name, NAME_MAX_CHARS, false);
    check.required(
        "/manifest/publisher",
        &manifest.publisher,
        NAME_MAX_CHARS,
        false,
    );
    check.optional(
        "/manifest/description",
        &manifest.description,
        DESCRIPTION_MAX_CHARS,
        true,
    );
    let mut wrong = match check.done() {
        Err(Refusal::Invalid(wrong)) => wrong,
        _ => Vec::new(),
    };
    wrong.extend(config::check_schema(manifest));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Refusal::PluginRefused(wrong))
    }
}

fn digest_of(file: &[u8]) -> Digest {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, file);
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.as_ref());
    Digest(bytes)
}

/// Versions are three numbers; whatever is none sorts first.
fn order(a: &str, b: &str) -> Ordering {
    let numbers = |text: &str| -> Vec<u64> {
        text.split('.')
            .map(|part| part.parse().unwrap_or(0))
            .collect()
    };
    numbers(a).cmp(&numbers(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert_eq!(order("1.10.0", "1.9.9"), Ordering::Greater);
        assert_eq!(order("1.0.0", "1.0.0"), Ordering::Equal);
        assert_eq!(order("0.9.0", "1.0.0"), Ordering::Less);
    }
}
