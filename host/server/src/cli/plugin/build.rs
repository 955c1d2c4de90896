//! `deskbell plugin build`: from a project to one file in its `dist`.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use deskbell_package::{NotBuilt, NotPacked};

use super::super::{Failure, Outcome, say};
use super::file::{self, digest_of};
use super::{counted, list};

pub(super) fn run(project: &Path) -> Outcome {
    let (path, file) = build(project)?;
    say(&format!("built   {}", path.display()));
    say(&format!("size    {} bytes", file.len()));
    say(&format!("digest  {}", digest_of(&file)));
    Ok(())
}

/// Builds, writes the file, says where it is.
pub(super) fn build(project: &Path) -> Result<(PathBuf, Vec<u8>), Failure> {
    let built = deskbell_package::build(project, &[]).map_err(|error| told(&error))?;
    // `./dist` says no more than `dist`.
    let folder = project.strip_prefix(".").unwrap_or(project).join("dist");
    let path = folder.join(format!("{}.wasm", built.manifest.id));
    let cannot = |error| Failure(format!("{} cannot be written: {error}", path.display()));
    fs::create_dir_all(&folder).map_err(cannot)?;
    fs::write(&path, &built.file).map_err(cannot)?;
    Ok((path, built.file))
}

/// A plugin's file as it is, or of a project, which is built first.
pub(super) fn file_of(path: &Path) -> Result<Bytes, Failure> {
    match path.is_dir() {
        true => Ok(build(path)?.1.into()),
        false => file::read(path),
    }
}

/// The findings in lines of their own, the rest as the failure.
fn told(error: &NotBuilt) -> Failure {
    match error {
        NotBuilt::Manifest(_, findings) | NotBuilt::NotPacked(NotPacked::Wrong(findings)) => {
            list(findings);
            let mistakes = counted(findings.len(), "mistake", "mistakes");
            Failure(format!(
                "not built: {mistakes} in the manifest or the component"
            ))
        }
        other => Failure::from(other),
    }
}
