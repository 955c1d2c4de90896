//! Whether a file may become a plugin here, in order: its structure, its
//! manifest, what it imports and exports, compiling, linking, a trial start.
//!
//! What can be said without running anything is said all at once; the rest only
//! of a file that got so far. Start at `admit`.

mod surface;

use std::sync::Arc;

use bytes::Bytes;
use deskbell_app::hooks::{Admitted, HookError, NotAdmitted};
use deskbell_domain::plugin::{Capability, Hook, Manifest};
use deskbell_domain::refusal::FieldError;

use crate::call::Asking;
use crate::code;
use crate::compile::NotCompiled;
use crate::guest::Caller;
use crate::hooks::{ADAPTERS, Adapter, Probed, Unsuited};
use crate::limits::Class;
use crate::prepared::Prepared;
use crate::queue::Lane;
use crate::sandbox::Inner;
use crate::words::sentence;
use surface::Surface;

/// What the file says of itself, before anything of it runs.
struct Read {
    manifest: Manifest,
    hooks: Vec<Hook>,
}

pub(crate) async fn admit(inner: &Arc<Inner>, file: Bytes) -> Result<Admitted, NotAdmitted> {
    let reading = file.clone();
    let read = tokio::task::spawn_blocking(move || read(&reading)).await;
    let read = read.map_err(|error| NotAdmitted::Unavailable(error.to_string()))?;
    let Read { manifest, hooks } = read.map_err(NotAdmitted::Refused)?;
    let digest = code::digest(&file);
    let size = file.len();
    let prepared = match inner.load(digest, file).await {
        Ok(prepared) => prepared,
        Err(NotCompiled::Failed(why)) => return Err(NotAdmitted::Unavailable(why)),
        Err(NotCompiled::Invalid(why)) => {
            let detail = format!("This component is not valid here: {why}.");
            return Err(refused("/component", "invalid_component", detail));
        }
        Err(NotCompiled::TooMuch) => {
            let detail = "This component did not compile within 20 seconds of CPU time and 2 GiB \
                          of memory. Make it smaller, or split its largest functions.";
            return Err(refused("/component", "compile_limit", detail));
        }
    };
    let variables = match inner.faults.no_trial {
        false => try_out(inner, &prepared, &hooks).await?,
        true => Vec::new(),
    };
    let capabilities = prepared.wants().to_vec();
    if capabilities.contains(&Capability::Http) && manifest.capabilities.http.is_empty() {
        let detail = "It asks outside, and the manifest names nobody. Name the hosts under \
                      [capabilities.http]: `hosts`, or `hosts_from_config`.";
        let at = "/manifest/capabilities/http";
        return Err(refused(at, "required", detail));
    }
    inner.registry.add(digest, prepared);
    Ok(Admitted {
        digest,
        size,
        manifest,
        hooks,
        capabilities,
        variables,
    })
}

fn refused(pointer: &str, code: &'static str, detail: impl Into<String>) -> NotAdmitted {
    NotAdmitted::Refused(vec![FieldError::new(pointer, code, detail)])
}

/// Structure, manifest, imports and exports by name.
fn read(file: &[u8]) -> Result<Read, Vec<FieldError>> {
    deskbell_package::check_structure(file)?;
    let surface = Surface(deskbell_package::surface(file)?);
    let mut findings = surface.unknown_imports();
    let hooks = match surface.hooks() {
        Ok(hooks) => hooks,
        Err(wrong) => {
            findings.extend(wrong);
            Vec::new()
        }
    };
    match deskbell_package::read_manifest(file) {
        Ok(manifest) => {
            findings.extend(webhooks_without(&manifest, &hooks));
            match findings.is_empty() {
                true => Ok(Read { manifest, hooks }),
                false => Err(findings),
            }
        }
        Err(wrong) => {
            findings.extend(wrong);
            Err(findings)
        }
    }
}

/// Somebody must listen where others may post, and be reachable where it listens.
fn webhooks_without(manifest: &Manifest, hooks: &[Hook]) -> Option<FieldError> {
    let detail = match (hooks.contains(&Hook::Webhook), manifest.webhooks.is_empty()) {
        (true, true) => {
            "It has the hook `webhook`, and the manifest names no address. Write [webhooks.NAME]: \
             `path`, and `verify` with how the desk knows who posts."
        }
        (false, false) => {
            "The manifest has webhooks, and the component does not export \
             deskbell:integration/webhook. Export it, or leave [webhooks] out."
        }
        _ => return None,
    };
    Some(FieldError::new("/manifest/webhooks", "required", detail))
}

/// Links it with everything that may be granted, starts it once on a guest
/// thread, and loads each hook.
async fn try_out(
    inner: &Arc<Inner>,
    prepared: &Arc<Prepared>,
    hooks: &[Hook],
) -> Result<Vec<deskbell_domain::plugin::VariableDefinition>, NotAdmitted> {
    let ready = match prepared.with(prepared.wants()) {
        Ok(ready) => ready,
        Err(error) => return Err(NotAdmitted::Refused(vec![surface::misfit(&error)])),
    };
    let adapters: Vec<&'static Adapter> = ADAPTERS
        .iter()
        .filter(|adapter| hooks.contains(&adapter.hook))
        .collect();
    let mut probed = Probed::default();
    let mut findings = Vec::new();
    for adapter in adapters {
        let limits = Class::Interactive.limits();
        let probe = move |asking: &mut Asking<'_>| {
            let mut probed = Probed::default();
            Ok((adapter.probe)(asking, &mut probed).map(|()| probed))
        };
        let asked = inner.ask(
            Lane::Admission,
            ready.clone(),
            Caller::nobody(),
            limits,
            probe,
        );
        match asked.await.0 {
            Ok(Ok(found)) => probed.variables.extend(found.variables),
            Ok(Err(unsuited)) => findings.push(unsuited_finding(adapter, unsuited)?),
            Err(error) => findings.push(did_not_start(error)?),
        }
    }
    // The same trouble at the start would be told once for each hook.
    findings.dedup();
    if findings.is_empty() {
        Ok(probed.variables)
    } else {
        Err(NotAdmitted::Refused(findings))
    }
}

/// Trouble of ours is no finding about the file.
fn ours(error: &HookError) -> Option<NotAdmitted> {
    let ours = matches!(
        error,
        HookError::Busy | HookError::Sandbox(_) | HookError::NotReady
    );
    ours.then(|| NotAdmitted::Unavailable(error.to_string()))
}

fn did_not_start(error: HookError) -> Result<FieldError, NotAdmitted> {
    if let Some(unavailable) = ours(&error) {
        return Err(unavailable);
    }
    let detail = format!(
        "It did not start: {error}. What runs at the start of a component must be short and need nothing."
    );
    Ok(FieldError::new("/component", "trial_failed", detail))
}

fn unsuited_finding(adapter: &Adapter, unsuited: Unsuited) -> Result<FieldError, NotAdmitted> {
    let pointer = surface::pointer("/exports", adapter.interface);
    let interface = adapter.interface;
    match unsuited {
        Unsuited::Signature(why) => {
            let detail = format!(
                "It exports {interface} with other functions or types than this server's: {}. \
                 Build it against the WIT files of this server; `deskbell plugin new` writes them.",
                sentence(&why)
            );
            Ok(FieldError::new(&pointer, "wrong_signature", detail))
        }
        Unsuited::Answer(error) => {
            if let Some(unavailable) = ours(&error) {
                return Err(unavailable);
            }
            let detail = format!("It was asked once with an empty configuration: {error}.");
            Ok(FieldError::new(&pointer, "trial_failed", detail))
        }
    }
}
