//! A plugin file from disk, and what a server would say to it.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use deskbell_app::Hooks as _;
use deskbell_app::hooks::{Admitted, NotAdmitted};
use deskbell_domain::Refusal;
use deskbell_domain::plugin::Digest;
use deskbell_domain::refusal::FieldError;
use deskbell_package::COMPONENT_BYTES;
use deskbell_sandbox::{Compiler, Faults, Sandbox, SandboxConfig, SandboxError};

use super::super::Failure;

/// No more than a byte above the limit is read, whatever lies there.
pub(super) fn read(path: &Path) -> Result<Bytes, Failure> {
    let name = path.display();
    let cannot = |error| Failure(format!("{name} cannot be read: {error}"));
    let mut bytes = Vec::new();
    let most = COMPONENT_BYTES as u64 + 1;
    let file = File::open(path).map_err(cannot)?;
    file.take(most).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes.into())
}

pub(super) fn digest_of(file: &[u8]) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, file).as_ref());
    Digest(bytes)
}

/// A sandbox like a server's, with nothing kept.
pub(super) fn sandbox(
    start: fn(SandboxConfig) -> Result<Sandbox, SandboxError>,
) -> Result<Sandbox, Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure(format!("where this program lies: {error}")))?;
    Ok(start(SandboxConfig {
        compiler: Compiler::Program(program),
        cache_dir: None,
        cache_key: [0; 32],
        guest_threads: 1,
        faults: Faults::default(),
    })?)
}

/// The whole admission, as a server does it.
pub(super) async fn admission(file: Bytes) -> Result<Result<Admitted, Vec<FieldError>>, Failure> {
    admitted(&sandbox(Sandbox::new)?, file).await
}

pub(super) async fn admitted(
    sandbox: &Sandbox,
    file: Bytes,
) -> Result<Result<Admitted, Vec<FieldError>>, Failure> {
    match sandbox.admit(file).await {
        // What an upload has to pass behind the sandbox.
        Ok(admitted) => Ok(match deskbell_app::admin::plugins::check(&admitted) {
            Ok(()) => Ok(admitted),
            Err(Refusal::PluginRefused(findings)) => Err(findings),
            Err(refusal) => return Err(Failure::from(refusal)),
        }),
        Err(NotAdmitted::Refused(findings)) => Ok(Err(findings)),
        Err(NotAdmitted::Unavailable(why)) => {
            Err(Failure(format!("it could not be judged: {why}")))
        }
    }
}
