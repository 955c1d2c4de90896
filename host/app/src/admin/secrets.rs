//! Secrets of an installation: entered by an admin, sealed at once, and shown to
//! nobody again. A change holds on this node when it is answered.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::{SECRET_BYTES, SecretView};
use deskbell_domain::{Actor, EventBody, InstallationId, Permission, Refusal};
use deskbell_store::{SealedSecret, Tx};

use crate::admin::tell;
use crate::app::{App, found, require};
use crate::error::Error;
use crate::plugins::seal_secret;

impl App {
    /// What the installed version asks for, and what of it is there.
    pub async fn list_secrets(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<SecretView>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let installation = found(tx.installation(id).await?, "installation")?;
        let manifest = manifest(&tx, id).await?;
        let stored = tx.plugin_secrets(id).await?;
        let views = manifest.secrets.into_iter().map(|(name, declared)| {
            let stored = stored.iter().find(|secret| secret.name == name);
            let hosts = declared.to.under(&installation.config);
            SecretView {
                name,
                title: declared.title,
                description: declared.description,
                hosts: hosts.iter().map(ToString::to_string).collect(),
                oauth2: declared.oauth2.is_some(),
                set: stored.is_some(),
                updated_at: stored.map(|secret| secret.updated_at),
            }
        });
        Ok(views.collect())
    }

    pub async fn set_secret(
        &self,
        actor: &Actor,
        id: InstallationId,
        name: String,
        value: &str,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let Some(key) = &self.sealing else {
            return Err(Refusal::NoSealingKey.into());
        };
        let sealed = seal_secret(key, actor.tenant, id, &name, value);
        let sealed = sealed.map_err(|error| Error::Internal(error.to_string()))?;
        let long = value.len() > SECRET_BYTES;
        let plain = value.chars().all(|c| !c.is_control());
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let secret = SealedSecret {
            name,
            sealed,
            updated_at: self.now(),
        };
        let empty = value.is_empty();
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, secret) = (near.clone(), by.clone(), secret.clone());
                Box::pin(async move {
                    found(tx.hold_installation(id).await?, "installation")?;
                    let manifest = manifest(tx, id).await?;
                    if !manifest.secrets.contains_key(&secret.name) {
                        return Err(Refusal::NotFound("secret").into());
                    }
                    if empty || long || !plain {
                        let detail =
                            format!("A secret has 1 to {SECRET_BYTES} bytes and no line breaks.");
                        return Err(Refusal::field("/value", "bad_text", detail).into());
                    }
                    tx.put_plugin_secret(id, &secret).await?;
                    let body = EventBody::InstallationSecretChanged {
                        installation_id: id,
                        secret: secret.name,
                        set: true,
                    };
                    tell(tx, &near, &by, body, Changes::default())
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await
    }

    pub async fn delete_secret(
        &self,
        actor: &Actor,
        id: InstallationId,
        name: String,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, name) = (near.clone(), by.clone(), name.clone());
                Box::pin(async move {
                    found(tx.hold_installation(id).await?, "installation")?;
                    if !tx.delete_plugin_secret(id, &name).await? {
                        return Err(Refusal::NotFound("secret").into());
                    }
                    let body = EventBody::InstallationSecretChanged {
                        installation_id: id,
                        secret: name,
                        set: false,
                    };
                    tell(tx, &near, &by, body, Changes::default())
                })
            })
            .await?;
        self.put_to_work(actor.tenant).await
    }
}

/// Of the version that is installed.
async fn manifest(tx: &Tx, id: InstallationId) -> Result<Manifest, Error> {
    let one = found(tx.installation(id).await?, "installation")?;
    let file = tx.plugin_version(one.plugin_id, &one.plugin_version);
    Ok(found(file.await?, "plugin version")?.manifest)
}
