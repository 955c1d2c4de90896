//! What a plugin is asked and told of its own installation, in the path of an
//! admin's request: a configuration before it is stored, and an upgrade after it.

use std::sync::Arc;

use deskbell_domain::plugin::{Hook, Installation, PluginVersion};
use deskbell_domain::refusal::FieldError;
use deskbell_domain::{InstallationId, Refusal, TenantId};

use crate::app::{App, found};
use crate::error::Error;
use crate::hooks::{
    Call, HookError, NoKeys, NoOutgoing, NoSigning, NoSink, UpgradeRequest, ValidateRequest,
};
use crate::plugins::Installed;
use crate::plugins::failures::plain;

impl App {
    /// Asks the plugin itself whether it can work so. Nothing of it is stored yet, so
    /// nothing can be kept, signed or asked outside, and no breaker hears of it.
    pub(crate) async fn check_with_plugin(
        &self,
        tenant: TenantId,
        planned: &Installation,
        file: &PluginVersion,
    ) -> Result<(), Error> {
        if !file.hooks.contains(&Hook::Lifecycle) {
            return Ok(());
        }
        let prepared = self.prepare_ahead(tenant, file.digest).await?;
        let _hold = prepared.map_err(|error| Refusal::CannotCheck(error.to_string()))?;
        let installed = Installed::new(
            tenant,
            planned.clone(),
            &file.manifest,
            Vec::new(),
            Vec::new(),
            None,
        );
        let call = Call {
            outgoing: Arc::new(NoOutgoing),
            keys: Arc::new(NoKeys),
            signing: Arc::new(NoSigning),
            sink: Arc::new(NoSink),
            ..installed.call(self, Hook::Lifecycle)
        };
        let config = call.config.clone();
        let asked = self.hooks.validate_config(call, ValidateRequest { config });
        let wrong = match asked.await {
            Ok(findings) if findings.is_empty() => return Ok(()),
            Ok(findings) => findings
                .into_iter()
                .map(|found| {
                    let at = format!("/config{}", found.pointer);
                    FieldError::new(&at, "refused_by_plugin", found.detail)
                })
                .collect(),
            Err(error) if error.is_the_plugins() => {
                let why = plain(&error.to_string());
                let detail = format!("The plugin could not check this configuration: {why}.");
                vec![FieldError::new("/config", "plugin_failed", detail)]
            }
            Err(error) => return Err(Refusal::CannotCheck(error.to_string()).into()),
        };
        Err(Refusal::Invalid(wrong).into())
    }

    /// Tells the version at work that it is. The error is what it made of that.
    pub(crate) async fn tell_of_upgrade(
        &self,
        tenant: TenantId,
        id: InstallationId,
        from_version: &str,
    ) -> Result<Result<(), HookError>, Error> {
        let tx = self.store.snapshot(tenant).await?;
        let one = found(tx.installation(id).await?, "installation")?;
        let file = tx.plugin_version(one.plugin_id, &one.plugin_version);
        let file = found(file.await?, "plugin version")?;
        let secrets = tx.plugin_secrets(id).await?;
        drop(tx);
        if !file.hooks.contains(&Hook::Lifecycle) {
            return Ok(Ok(()));
        }
        let installed = Installed::new(tenant, one, &file.manifest, Vec::new(), secrets, None);
        let request = UpgradeRequest {
            from_version: from_version.to_owned(),
        };
        let call = installed.call(self, Hook::Lifecycle);
        let told = self.hooks.upgraded(call, request).await;
        if let Err(error) = &told {
            self.note_plugin_failure(tenant, id, Hook::Lifecycle, error, None);
        }
        Ok(told)
    }
}
