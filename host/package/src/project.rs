//! A plugin's project: compiling it with cargo, and packing what came of it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

use deskbell_domain::plugin::Manifest;
use deskbell_domain::refusal::FieldError;
use serde_json::Value;

use crate::{NotPacked, pack, parse_manifest};

/// A project's manifest.
pub const SOURCE_FILE: &str = "deskbell.toml";
/// What plugins are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A plugin file, not yet written anywhere.
pub struct Built {
    pub file: Vec<u8>,
    pub manifest: Manifest,
}

/// Why a project has no plugin file.
#[derive(Debug, thiserror::Error)]
pub enum NotBuilt {
    #[error("{path} cannot be read: {1}", path = .0.display())]
    Unreadable(PathBuf, io::Error),
    #[error("{} has mistakes", .0.display())]
    Manifest(PathBuf, Vec<FieldError>),
    #[error("cargo cannot be started ({0}): install Rust from https://rustup.rs")]
    NoCargo(io::Error),
    #[error("the target {TARGET} is missing: rustup target add {TARGET}")]
    NoTarget,
    #[error("cargo could not compile it")]
    Compiling,
    #[error(
        "cargo made no .wasm file: Cargo.toml needs crate-type = [\"cdylib\"] under [lib], and [package] in {}",
        .0.display()
    )]
    NoModule(PathBuf),
    #[error(transparent)]
    NotPacked(#[from] NotPacked),
}

/// Compiles and packs the project in this folder. Cargo's own words go to
/// standard error. `arguments` are for cargo, such as `--locked`.
///
/// # Errors
///
/// Whatever kept it from becoming a plugin.
pub fn build(folder: &Path, arguments: &[&str]) -> Result<Built, NotBuilt> {
    let source = folder.join(SOURCE_FILE);
    let text = match fs::read_to_string(&source) {
        Ok(text) => text,
        Err(error) => return Err(NotBuilt::Unreadable(source, error)),
    };
    // Before the compiler, which takes longer to say no.
    if let Err(findings) = parse_manifest(&text) {
        return Err(NotBuilt::Manifest(source, findings));
    }
    let cargo_toml = folder.join("Cargo.toml");
    let cargo_toml = match fs::canonicalize(&cargo_toml) {
        Ok(path) => path,
        Err(error) => return Err(NotBuilt::Unreadable(cargo_toml, error)),
    };
    if !has_target(folder) {
        return Err(NotBuilt::NoTarget);
    }
    let module = compile(folder, &cargo_toml, arguments)?;
    let wasm = fs::read(&module).map_err(|error| NotBuilt::Unreadable(module, error))?;
    let (file, manifest) = pack(&wasm, &text)?;
    Ok(Built { file, manifest })
}

/// Whether the compiler for this folder has the target. A compiler that cannot be
/// asked is left to complain by itself.
fn has_target(folder: &Path) -> bool {
    let asked = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(folder)
        .stderr(Stdio::null())
        .output();
    asked.map_or(true, |answer| {
        let path = String::from_utf8_lossy(&answer.stdout);
        !answer.status.success() || Path::new(path.trim()).is_dir()
    })
}

/// Runs cargo and finds the module it made for this very package.
fn compile(folder: &Path, cargo_toml: &Path, arguments: &[&str]) -> Result<PathBuf, NotBuilt> {
    let answer = Command::new("cargo")
        .args(["build", "--release", "--lib", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(NotBuilt::NoCargo)?;
    if !answer.status.success() {
        return Err(NotBuilt::Compiling);
    }
    let said = String::from_utf8_lossy(&answer.stdout);
    said.lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["manifest_path"].as_str().map(Path::new) == Some(cargo_toml))
        .filter_map(|message| message["filenames"].as_array().cloned())
        .flatten()
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .find(|path| path.extension() == Some(OsStr::new("wasm")))
        .ok_or_else(|| NotBuilt::NoModule(cargo_toml.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_manifest_is_no_project() {
        let folder = tempfile::tempdir().unwrap();
        let refused = build(folder.path(), &[]);
        assert!(
            matches!(refused, Err(NotBuilt::Unreadable(path, _)) if path.ends_with(SOURCE_FILE))
        );
    }

    #[test]
    fn a_wrong_manifest_is_found_before_anything_is_compiled() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SOURCE_FILE), "id = 3").unwrap();
        let refused = build(folder.path(), &[]);
        assert!(matches!(refused, Err(NotBuilt::Manifest(_, findings)) if findings.len() == 4));
    }
}
