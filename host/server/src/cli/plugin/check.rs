//! `deskbell plugin check`: the admission of a server, on the author's machine.

use std::path::Path;

use deskbell_app::hooks::Admitted;
use deskbell_domain::plugin::Capability;
use deskbell_domain::reach::Placement;

use super::super::{Failure, Outcome, say};
use super::{build, counted, file, list, what_it_does};

pub(super) async fn run(path: &Path) -> Outcome {
    let bytes = build::file_of(path)?;
    match file::admission(bytes).await? {
        Ok(admitted) => {
            explain(&admitted);
            Ok(())
        }
        Err(findings) => {
            list(&findings);
            let findings = counted(findings.len(), "finding", "findings");
            Err(Failure(format!("a server would refuse it: {findings}")))
        }
    }
}

pub(super) fn explain(admitted: &Admitted) {
    let manifest = &admitted.manifest;
    say(&format!(
        "{} {}: a server would take it.",
        manifest.id, manifest.version
    ));
    for hook in &admitted.hooks {
        say(&format!(
            "It {} (hook `{}`).",
            what_it_does(*hook),
            hook.as_str()
        ));
    }
    for variable in &admitted.variables {
        say(&format!(
            "  {{{{{}}}}} {}",
            variable.name, variable.description
        ));
    }
    for capability in &admitted.capabilities {
        let wish = match capability {
            Capability::Directory => "read agents and teams by id".to_owned(),
            Capability::Http => format!("ask {}", manifest.capabilities.http),
            Capability::Kv => "keep values of its own".to_owned(),
            Capability::Crypto => "draw random bytes and sign with its secrets".to_owned(),
        };
        say(&format!(
            "It wants to {wish} (capability `{}`).",
            capability.as_str()
        ));
    }
    for (name, secret) in &manifest.secrets {
        let only = match secret.placement {
            Placement::Signature => Some("to sign with"),
            Placement::Webhook => Some("to check webhooks with"),
            Placement::Header { .. } | Placement::Query { .. } => None,
        };
        if let Some(only) = only {
            say(&format!(
                "It wants a secret, {} (`{name}`), {only}.",
                secret.title
            ));
            continue;
        }
        let to = &secret.to;
        let how = match secret.oauth2 {
            Some(_) => " to get tokens with",
            None => "",
        };
        say(&format!(
            "It wants a secret{how}, {} (`{name}`), for {to}.",
            secret.title
        ));
    }
    for (name, webhook) in &manifest.webhooks {
        say(&format!(
            "Other systems may tell it something (webhook `{name}`), {}.",
            webhook.words()
        ));
    }
    if admitted.capabilities.is_empty() {
        say("It reaches nothing but its log and its configuration.");
    }
    let properties = manifest
        .config
        .get("properties")
        .and_then(|all| all.as_object());
    let names: Vec<&str> = properties
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    if !names.is_empty() {
        say(&format!("It can be configured: {}.", names.join(", ")));
    }
    say(&format!("{} bytes, {}", admitted.size, admitted.digest));
}
