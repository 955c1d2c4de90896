//! The catalogue: the plugins that come with Deskbell, out of the binary.
//!
//! They are built from `plugins/` before the server; one that was not built is not
//! in it. Nothing of them is trusted more than an upload: taking one goes through
//! the same checks.

use std::sync::LazyLock;

use bytes::Bytes;
use deskbell_domain::plugin::{Capability, Digest, Hook, Manifest};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../plugins/dist"]
struct Built;

/// One plugin's file, and what it says of itself.
#[derive(Debug, Clone)]
pub struct Entry {
    pub manifest: Manifest,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    pub digest: Digest,
    pub file: Bytes,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let mut entries: Vec<_> = Built::iter()
        .filter(|name| name.ends_with(".wasm"))
        .filter_map(|name| entry(&name))
        .collect();
    entries.sort_by(|a, b| a.manifest.id.cmp(&b.manifest.id));
    entries
});

/// By key.
#[must_use]
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The one with this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.manifest.id == key)
}

/// How the name of a hook's interface begins.
fn interface(hook: Hook) -> String {
    match hook {
        Hook::Events | Hook::Context | Hook::Webhook => {
            format!("deskbell:integration/{}@", hook.as_str())
        }
        Hook::Routing | Hook::Variables | Hook::Filter | Hook::Bot | Hook::Lifecycle => {
            format!("deskbell:{}/", hook.as_str())
        }
    }
}

fn entry(name: &str) -> Option<Entry> {
    let file = Built::get(name)?;
    let broken = |wrong| tracing::error!(name, ?wrong, "a built-in plugin is broken");
    let manifest = deskbell_package::read_manifest(&file.data)
        .map_err(broken)
        .ok()?;
    let surface = deskbell_package::surface(&file.data).map_err(broken).ok()?;
    let offers = |names: &[String], start: &str| names.iter().any(|name| name.starts_with(start));
    let hooks = Hook::ALL
        .into_iter()
        .filter(|hook| offers(&surface.exports, &interface(*hook)));
    let capabilities = Capability::ALL.into_iter().filter(|capability| {
        let interface = format!("deskbell:host/{}@", capability.as_str());
        offers(&surface.imports, &interface)
    });
    Some(Entry {
        hooks: hooks.collect(),
        capabilities: capabilities.collect(),
        digest: Digest(file.metadata.sha256_hash()),
        manifest,
        file: Bytes::from(file.data.into_owned()),
    })
}
