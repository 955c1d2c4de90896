//! `deskbell plugin inspect`: all that a file says of itself, admitted or not.

use std::path::Path;

use deskbell_app::hooks::Admitted;
use deskbell_domain::plugin::Manifest;
use deskbell_domain::refusal::FieldError;
use deskbell_package::{Surface, read_manifest, surface};
use serde_json::{Value, json};

use super::super::{Outcome, say};
use super::{file, list};

/// What was found, as far as it could be read.
struct Found {
    size: usize,
    digest: String,
    manifest: Option<Manifest>,
    surface: Surface,
    admission: Result<Admitted, Vec<FieldError>>,
}

pub(super) async fn run(path: &Path, as_json: bool) -> Outcome {
    let bytes = file::read(path)?;
    let found = Found {
        size: bytes.len(),
        digest: file::digest_of(&bytes).to_string(),
        manifest: read_manifest(&bytes).ok(),
        surface: surface(&bytes).unwrap_or_default(),
        admission: file::admission(bytes).await?,
    };
    if as_json {
        let text = serde_json::to_string_pretty(&found.json())?;
        say(&text);
    } else {
        found.print();
    }
    Ok(())
}

impl Found {
    fn json(&self) -> Value {
        let findings = self.admission.as_ref().err().into_iter().flatten();
        let findings: Vec<Value> = findings
            .map(|one| json!({"pointer": one.pointer, "code": one.code, "detail": one.detail}))
            .collect();
        let admitted = self.admission.as_ref().ok();
        json!({
            "digest": self.digest,
            "size": self.size,
            "manifest": self.manifest,
            "admitted": admitted.is_some(),
            "findings": findings,
            "hooks": admitted.map(|found| &found.hooks),
            "capabilities": admitted.map(|found| &found.capabilities),
            "variables": admitted.map(|found| &found.variables),
            "imports": self.surface.imports,
            "exports": self.surface.exports,
        })
    }

    fn print(&self) {
        if let Some(manifest) = &self.manifest {
            row("id", &manifest.id);
            row("name", &manifest.name);
            row("version", &manifest.version);
            row("publisher", &manifest.publisher);
            row("license", manifest.license.as_deref().unwrap_or("not said"));
            row("about", &manifest.description);
        }
        row("size", &format!("{} bytes", self.size));
        row("digest", &self.digest);
        for name in &self.surface.exports {
            row("exports", name);
        }
        for name in &self.surface.imports {
            row("imports", name);
        }
        match &self.admission {
            Ok(admitted) => {
                let hooks: Vec<&str> = admitted.hooks.iter().map(|hook| hook.as_str()).collect();
                row("hooks", &hooks.join(", "));
                let wants: Vec<&str> = admitted.capabilities.iter().map(|c| c.as_str()).collect();
                let nothing = wants.is_empty().then_some("nothing");
                row("wants", nothing.unwrap_or(&wants.join(", ")));
                for variable in &admitted.variables {
                    row(
                        "variable",
                        &format!("{}: {}", variable.name, variable.description),
                    );
                }
                if let Some(manifest) = &self.manifest {
                    for (name, schema) in manifest
                        .config
                        .get("properties")
                        .and_then(Value::as_object)
                        .into_iter()
                        .flatten()
                    {
                        let kind = schema.get("type").and_then(Value::as_str).unwrap_or("any");
                        row("setting", &format!("{name}: {kind}"));
                    }
                }
            }
            Err(findings) => {
                say("");
                say("A server would refuse it:");
                list(findings);
            }
        }
    }
}

fn row(name: &str, value: &str) {
    if !value.is_empty() {
        say(&format!("{name:<11}{value}"));
    }
}
