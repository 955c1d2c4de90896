//! A sandbox as the app has one, with plugins in it, and calls as the app makes
//! them: by a tenant, for an installation, with nothing outside to ask.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{
    Call, Directory, DirectoryFailed, Hooks as _, NoKeys, NoOutgoing, NoSigning, NoSink,
};
use deskbell_domain::plugin::Digest;
use deskbell_domain::{Agent, InstallationId, TeamId, TenantId};
use deskbell_sandbox::{Compiler, Faults, Sandbox, SandboxConfig};
use serde_json::{Map, Value};
use tempfile::TempDir;
use uuid::Uuid;

use super::samples::NOW;
use crate::Settings;
use crate::error::Outcome;

pub(super) struct Desk {
    pub(super) sandbox: Sandbox,
    installed: RefCell<HashSet<Digest>>,
    /// Compiled code, as a server keeps it.
    _cache: TempDir,
}

/// What it took to make a file callable.
pub(super) struct Installed {
    /// Of the tenant that was named.
    pub(super) call: Call,
    pub(super) kib: usize,
    /// All checks, compiling in a child process, a trial start.
    pub(super) admission: Duration,
    /// From the cache, as after a restart.
    pub(super) loading: Duration,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Outcome<Self> {
        let cache = TempDir::new()?;
        let sandbox = Sandbox::new(SandboxConfig {
            compiler: Compiler::Program(settings.deskbell.clone()),
            cache_dir: Some(cache.path().to_owned()),
            cache_key: [7; 32],
            guest_threads: std::thread::available_parallelism()?.get(),
            faults: Faults::default(),
        })?;
        Ok(Self {
            sandbox,
            installed: RefCell::default(),
            _cache: cache,
        })
    }

    pub(super) async fn install(
        &self,
        tenant: u128,
        file: Bytes,
        config: Map<String, Value>,
    ) -> Outcome<Installed> {
        let began = Instant::now();
        let admitted = self.sandbox.admit(file.clone()).await;
        let admitted = admitted.map_err(|no| format!("{no:?}"))?;
        let admission = began.elapsed();
        let kib = file.len() / 1024;
        // Admission leaves it in memory, where a restart would not find it.
        self.sandbox.keep_only(&self.installed.borrow());
        let began = Instant::now();
        self.sandbox.prepare(admitted.digest, file).await?;
        let loading = began.elapsed();
        self.installed.borrow_mut().insert(admitted.digest);
        let call = Call {
            id: Uuid::from_u128(1),
            tenant: TenantId(Uuid::from_u128(tenant)),
            installation: InstallationId(Uuid::from_u128(tenant)),
            digest: admitted.digest,
            capabilities: admitted.capabilities.into(),
            config: Arc::new(config),
            timeout_ms: None,
            limits: Default::default(),
            now: NOW,
            directory: Arc::new(NoDirectory),
            outgoing: Arc::new(NoOutgoing),
            sink: Arc::new(NoSink),
            keys: Arc::new(NoKeys),
            signing: Arc::new(NoSigning),
        };
        Ok(Installed {
            call,
            kib,
            admission,
            loading,
        })
    }
}

struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn find_agent(&self, _: &str) -> Result<Option<Agent>, DirectoryFailed> {
        Err(DirectoryFailed)
    }

    async fn find_team(&self, _: &str) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        Err(DirectoryFailed)
    }
}
