//! The sandbox as a server starts it: where compiled code is kept, what vouches
//! for it, and who compiles (this very program, as a child).

use std::sync::Arc;

use deskbell_app::{Error, Hooks};
use deskbell_sandbox::{Compiler, Faults, Sandbox, SandboxConfig};

use crate::config::{Config, Wrong};
use crate::serve::{Parts, StartError, app};

/// Names the secret that seals compiled code.
const SECRET: &str = "compiled_code";

/// The parts, with plugins that run.
pub async fn with_plugins(config: &Config, mut parts: Parts) -> Result<Parts, StartError> {
    parts.hooks = sandbox(config, &parts).await?;
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
