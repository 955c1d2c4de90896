//! What an installation is to be, worked out before anything of it is stored: from
//! what an admin wants, and what the file has.

use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Capability, Hook, Installation, OnFailure, Plugin, PluginVersion};
use deskbell_domain::refusal::FieldError;
use deskbell_domain::{InstallationId, Refusal};
use deskbell_store::Tx;

use crate::admin::installations::{InstallationPatch, NewInstallation};
use crate::app::Surroundings;
use crate::error::Error;
use crate::plugins::config;

/// Places that can be asked for.
const POSITION_MAX: i64 = 1_000;

pub(super) async fn planned(
    tx: &Tx,
    near: &Surroundings,
    id: InstallationId,
    plugin: Option<Plugin>,
    new: NewInstallation,
) -> Result<(Installation, PluginVersion), Error> {
    let unknown = |field: &str, detail: &str| Refusal::field(field, "unknown", detail);
    let Some(plugin) = plugin else {
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
        plugin_version: file.plugin_version.clone(),
        digest: file.digest,
        enabled: new.enabled,
        hooks,
        capabilities,
        config,
        limits: CallLimits::default(),
        position: last.map_or(1, |last| last + 1),
        on_failure: file.manifest.on_failure(),
        created_at: near.now,
        version: 1,
        previous: None,
    };
    Ok((installation, file))
}

/// What a patch makes of an installation, but for its version.
pub(super) fn changed(
    before: &Installation,
    file: &PluginVersion,
    patch: InstallationPatch,
    most: &[(Hook, CallLimits)],
) -> Result<Installation, Refusal> {
    if patch
        .if_version
        .is_some_and(|version| version != before.version)
    {
        return Err(Refusal::Stale);
    }
    let mut after = before.clone();
    if patch.hooks.is_some() || patch.capabilities.is_some() {
        let hooks = patch.hooks.unwrap_or_else(|| before.hooks.clone());
        let capabilities = patch.capabilities.unwrap_or(after.capabilities);
        (after.hooks, after.capabilities) = grants(file, hooks, capabilities)?;
    }
    if let Some(limits) = patch.limits {
        after.limits = lowered(&after.hooks, limits, most)?;
    }
    if let Some(config) = patch.config {
        after.config = config::checked(&file.manifest, config).map_err(Refusal::Invalid)?;
    }
    if let Some(position) = patch.position {
        if !(0..=POSITION_MAX).contains(&position) {
            let detail = format!("Between 0 and {POSITION_MAX}.");
            return Err(Refusal::field("/position", "out_of_range", detail));
        }
        after.position = position;
    }
    if let Some(on_failure) = patch.on_failure {
        after.on_failure = chosen(&after, on_failure)?;
    }
    after.enabled = patch.enabled.unwrap_or(after.enabled);
    Ok(after)
}

/// A tenant lowers limits; only an operator could raise one.
fn lowered(
    hooks: &[Hook],
    limits: CallLimits,
    most: &[(Hook, CallLimits)],
) -> Result<CallLimits, Refusal> {
    let own = most.iter().filter(|(hook, _)| hooks.contains(hook));
    let most = own.fold(CallLimits::default(), |all, (_, one)| all.or_higher(*one));
    let wrong: Vec<_> = limits
        .each()
        .into_iter()
        .zip(most.each())
        .filter_map(|((name, wanted, least), (_, most, _))| {
            let most = most.unwrap_or(0);
            let fits = wanted.is_none_or(|wanted| (least..=most).contains(&wanted));
            let detail = format!("From {least} to {most}: a limit can be lowered, not raised.");
            (!fits).then(|| FieldError::new(&format!("/limits/{name}"), "out_of_range", detail))
        })
        .collect();
    if wrong.is_empty() {
        Ok(limits)
    } else {
        Err(Refusal::Invalid(wrong))
    }
}

/// What the plugin was asked about is what is stored, or nothing is.
pub(super) fn same_as_checked(
    planned: &Installation,
    stored: &Installation,
) -> Result<(), Refusal> {
    let same = planned.digest == stored.digest && planned.config == stored.config;
    if same { Ok(()) } else { Err(Refusal::Stale) }
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
/// cannot start without must be granted. What is asked of its own installation needs
/// no grant.
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
    let own = file.hooks.contains(&Hook::Lifecycle);
    let hooks = hooks.into_iter().chain(own.then_some(Hook::Lifecycle));
    Ok((once_each(hooks.collect()), once_each(capabilities)))
}

fn once_each<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable();
    all.dedup();
    all
}
