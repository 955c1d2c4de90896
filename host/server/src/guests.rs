//! Plugins as a server starts them: the sandbox (where compiled code is kept, what
//! vouches for it, and who compiles: this very program, as a child), their way to
//! the outside, and the key their secrets are sealed with.

use std::sync::Arc;

use deskbell_app::{Error, Hooks};
use deskbell_sandbox::{Compiler, Faults, Sandbox, SandboxConfig};

use crate::config::{Config, Wrong};
use crate::outbound;
use crate::sealing;
use crate::serve::{Parts, StartError, app};

/// Names the secret that seals compiled code.
const SECRET: &str = "compiled_code";
/// Names the fingerprint of the key that this installation's secrets need.
const FINGERPRINT: &str = "sealing_key";

/// The parts, with plugins that run.
pub async fn with_plugins(config: &Config, mut parts: Parts) -> Result<Parts, StartError> {
    parts.hooks = sandbox(config, &parts).await?;
    parts.outbound = Arc::new(outbound::of(config)?);
    let key = sealing::key(config, parts.secrets.as_ref())?;
    let print = key.fingerprint();
    let ours = app(&parts).known_secret(FINGERPRINT, print).await?;
    parts.sealing = Some(Arc::new(key));
    if ours == print {
        return Ok(parts);
    }
    if !config.secrets.key_file.as_os_str().is_empty() {
        let reason = "this is not the key that the secrets in this database were sealed with; \
                      name the one of the other nodes, or of the back-up";
        return Err(Wrong::new("secrets.key_file", reason.to_owned()).into());
    }
    // Nobody named one: a second node works as it did, but for the secrets.
    tracing::warn!(
        "plugins' secrets cannot be used on this node: name the key file of the node that \
         started first in secrets.key_file"
    );
    parts.sealing = None;
    Ok(parts)
}

async fn sandbox(config: &Config, parts: &Parts) -> Result<Arc<dyn Hooks>, StartError> {
    let cache_key = app(parts).installation_secret(SECRET).await;
    let program = std::env::current_exe()
        .map_err(|error| Error::Internal(format!("where this program lies: {error}")))?;
    let sandbox = Sandbox::new(SandboxConfig {
        compiler: Compiler::Program(program),
        cache_dir: Some(config.plugins_dir()),
        cache_key: cache_key?,
        guest_threads: config.guest_threads(),
        faults: Faults::default(),
    });
    let wrong = |error| Wrong::new("plugins", format!("{error}"));
    Ok(Arc::new(sandbox.map_err(wrong)?))
}
