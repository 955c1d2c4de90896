//! The sandbox of a test process: the real one, one for all apps of the process,
//! since admission and compiling are the same for each of them.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use deskbell_app::Hooks;
use deskbell_app::hooks::HookError;
use deskbell_domain::plugin::Digest;
use deskbell_sandbox::{Compiler, Sandbox, SandboxConfig};

pub use deskbell_sandbox::Faults;

/// `target/debug`, where the binaries are built before the tests.
fn folder() -> PathBuf {
    let here = std::env::current_exe().expect("our own path");
    let folder = here.ancestors().nth(2);
    folder.expect("deps lies in the profile's folder").into()
}

/// What compiles for the tests: the program that also does in a server.
fn compiler() -> Compiler {
    let program = format!("deskbell{}", std::env::consts::EXE_SUFFIX);
    Compiler::Program(folder().join(program))
}

/// All apps of the process have the same tenant, and the machine is busy: an honest
/// plugin must not be late here.
const UNHURRIED: Faults = Faults {
    no_wall_limit: true,
    slow_machine: true,
    ..Faults::NONE
};

fn sandbox(faults: Faults) -> Sandbox {
    let sandbox = Sandbox::new(SandboxConfig {
        compiler: compiler(),
        // Kept over runs: what did not change is not compiled again.
        cache_dir: Some(folder().join("test-plugins")),
        cache_key: [7; 32],
        guest_threads: 8,
        faults,
    });
    sandbox.expect("a sandbox")
}

/// The sandbox of this process.
#[must_use]
pub fn shared() -> Arc<dyn Hooks> {
    static SHARED: OnceLock<Arc<Shared>> = OnceLock::new();
    SHARED
        .get_or_init(|| Arc::new(Shared(sandbox(UNHURRIED))))
        .clone()
}

/// A sandbox of one app alone, which lets go of what that app does not use.
#[must_use]
pub fn own() -> Arc<dyn Hooks> {
    with(UNHURRIED)
}

/// A sandbox of one app alone, without these limits.
#[must_use]
pub fn with(faults: Faults) -> Arc<dyn Hooks> {
    Arc::new(sandbox(faults))
}

/// A file built by `scripts/plugins`: a plugin that comes with Deskbell.
#[must_use]
pub fn built_in(key: &str) -> Bytes {
    read(&root().join("plugins/dist").join(format!("{key}.wasm")))
}

/// One of the plugins that misbehave: compiled, or text in its folder.
#[must_use]
pub fn zoo(name: &str) -> Bytes {
    let text = root()
        .join("tests/zoo")
        .join(name)
        .join(format!("{name}.wat"));
    if text.exists() {
        return wat::parse_file(text).expect("a component").into();
    }
    read(&root().join("tests/zoo/dist").join(format!("{name}.wasm")))
}

/// One of the zoo as if it had been built at another version: where its code says
/// `version 0.1.0` it says the other, and these lines are added to its manifest.
#[must_use]
pub fn zoo_as(name: &str, version: &str, more: &str) -> Bytes {
    let (old, new) = (b"version 0.1.0".as_slice(), format!("version {version}"));
    assert_eq!(old.len(), new.len(), "a text of the same length");
    let mut file = zoo(name).to_vec();
    let mut at = 0;
    while let Some(found) = file[at..].windows(old.len()).position(|it| it == old) {
        at += found;
        file[at..at + old.len()].copy_from_slice(new.as_bytes());
    }
    let manifest = root().join("tests/zoo").join(name).join("deskbell.toml");
    let manifest = of_version(&manifest, version);
    let packed = deskbell_package::pack(&file, &format!("{manifest}\n{more}"));
    packed.expect("a plugin").0.into()
}

/// One of the zoo as another plugin, of this id.
#[must_use]
pub fn zoo_named(name: &str, id: &str) -> Bytes {
    zoo_with(name, id, "")
}

/// As `zoo_named`, with these lines added to its manifest.
#[must_use]
pub fn zoo_with(name: &str, id: &str, more: &str) -> Bytes {
    let manifest = root().join("tests/zoo").join(name).join("deskbell.toml");
    let manifest = std::fs::read_to_string(manifest).expect("its manifest");
    let old = format!("id = \"{name}\"");
    let manifest = manifest.replacen(&old, &format!("id = \"{id}\""), 1);
    let packed = deskbell_package::pack(&zoo(name), &format!("{manifest}\n{more}"));
    packed.expect("a plugin").0.into()
}

/// A file that no compiler of plugins would make: a fixture, or one of the zoo.
#[must_use]
pub fn fixture(name: &str) -> Bytes {
    let path = root()
        .join("tests/zoo/fixtures")
        .join(format!("{name}.wat"));
    if !path.exists() {
        return zoo(name);
    }
    wat::parse_file(path).expect("a fixture").into()
}

/// A plugin that comes with Deskbell, as if it were of this version.
#[must_use]
pub fn built_in_as(key: &str, version: &str) -> Bytes {
    let manifest = root().join("plugins").join(key).join("deskbell.toml");
    let packed = deskbell_package::pack(&built_in(key), &of_version(&manifest, version));
    packed.expect("a plugin").0.into()
}

fn of_version(manifest: &Path, version: &str) -> String {
    let source = std::fs::read_to_string(manifest).expect("its manifest");
    let lines = source
        .lines()
        .map(|line| match line.starts_with("version = ") {
            true => format!("version = \"{version}\""),
            false => line.to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

fn read(path: &Path) -> Bytes {
    match std::fs::read(path) {
        Ok(file) => file.into(),
        Err(error) => panic!("{}: {error}; run make plugins", path.display()),
    }
}

/// One app's letting go must not take a plugin from another.
struct Shared(Sandbox);

impl Hooks for Shared {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&self.0)
    }

    fn keep_only(&self, _: &HashSet<Digest>) {}
}
