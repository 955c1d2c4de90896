//! What a component imports and exports by name, against what is offered here.

use deskbell_domain::plugin::{Capability, Hook};
use deskbell_domain::refusal::FieldError;

use crate::hooks::ADAPTERS;
use crate::host;
use crate::interface::{path, same};
use crate::words::sentence;

/// Packages whose exports must be hooks we know: somebody else's name for
/// something of their own is no business of ours.
const OURS: &str = "deskbell:";
const WASI: &str = "wasi:";

pub(super) struct Surface(pub(super) deskbell_package::Surface);

impl Surface {
    /// A finding for each import that nothing here stands for.
    pub(super) fn unknown_imports(&self) -> Vec<FieldError> {
        let capabilities = Capability::ALL.map(host::interface);
        let offered: Vec<&str> = host::ALWAYS.into_iter().chain(capabilities).collect();
        let unknown = |name: &&String| !offered.iter().any(|ours| same(name, ours));
        self.0
            .imports
            .iter()
            .filter(unknown)
            .map(|name| unknown_import(name, &offered))
            .collect()
    }

    /// The hooks it exports, or a finding for each that is none of ours.
    pub(super) fn hooks(&self) -> Result<Vec<Hook>, Vec<FieldError>> {
        let mut hooks = Vec::new();
        let mut findings = Vec::new();
        for name in &self.0.exports {
            match ADAPTERS
                .iter()
                .find(|adapter| same(name, adapter.interface))
            {
                Some(adapter) => hooks.push(adapter.hook),
                None if name.starts_with(OURS) => findings.push(unknown_export(name)),
                None => {}
            }
        }
        if hooks.is_empty() && findings.is_empty() {
            let detail = format!(
                "It exports no hook, so it would never be called. Offered: {}.",
                hooks_offered()
            );
            findings.push(FieldError::new("/exports", "no_hook", detail));
        }
        hooks.sort();
        hooks.dedup();
        if findings.is_empty() {
            Ok(hooks)
        } else {
            Err(findings)
        }
    }
}

fn unknown_import(name: &str, offered: &[&str]) -> FieldError {
    let pointer = pointer("/imports", name);
    let shown = sentence(name);
    if let Some(ours) = offered.iter().find(|ours| path(ours) == path(name)) {
        let detail = format!(
            "It imports {shown}; this server offers {ours}. Build it against the WIT files of \
             this server (`deskbell plugin new` writes them), or use a server of its version."
        );
        return FieldError::new(&pointer, "version_not_offered", detail);
    }
    if name.starts_with(WASI) {
        let detail = format!(
            "It imports {shown}. This server offers no WASI. Build it for wasm32-unknown-unknown, \
             as `deskbell plugin build` does, and use deskbell:host instead."
        );
        return FieldError::new(&pointer, "wasi_not_offered", detail);
    }
    let detail = format!(
        "It imports {shown}, which this server does not offer. Offered: {}. Remove the call or \
         use a newer server.",
        offered.join(", ")
    );
    FieldError::new(&pointer, "not_offered", detail)
}

fn unknown_export(name: &str) -> FieldError {
    let pointer = pointer("/exports", name);
    let shown = sentence(name);
    match ADAPTERS.iter().find(|a| path(a.interface) == path(name)) {
        Some(adapter) => {
            let detail = format!(
                "It exports {shown}; this server calls {}. Build it against the WIT files of \
                 this server (`deskbell plugin new` writes them), or use a server of its version.",
                adapter.interface
            );
            FieldError::new(&pointer, "version_not_offered", detail)
        }
        None => {
            let detail = format!(
                "It exports {shown}, which is no hook of this server. Offered: {}. Remove the \
                 export or use a newer server.",
                hooks_offered()
            );
            FieldError::new(&pointer, "not_offered", detail)
        }
    }
}

fn hooks_offered() -> String {
    ADAPTERS.map(|adapter| adapter.interface).join(", ")
}

/// Names of interfaces hold slashes; JSON pointers write those as `~1`.
pub(super) fn pointer(root: &str, name: &str) -> String {
    format!(
        "{root}/{}",
        sentence(name).replace('~', "~0").replace('/', "~1")
    )
}

/// The names fit and the types do not: the linker says where.
pub(super) fn misfit(error: &wasmtime::Error) -> FieldError {
    let why = sentence(&format!("{error:#}"));
    let detail = format!(
        "It imports something under a name of ours that is not ours: {why}. Build it against the \
         WIT files of this server; `deskbell plugin new` writes them."
    );
    FieldError::new("/imports", "wrong_signature", detail)
}
