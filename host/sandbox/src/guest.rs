//! What a store holds beside the guest: its meter, its log, and what host
//! functions need to answer it. One a call, gone with it.

use std::sync::Arc;

use deskbell_app::hooks::{Call, Directory, Keys, Outgoing, Signing};
use deskbell_domain::InstallationId;
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use uuid::Uuid;

use crate::meter::Meter;
use crate::trace::Trace;

pub(crate) struct Guest {
    pub(crate) meter: Meter,
    /// Takes its lines.
    pub(crate) log: Arc<Trace>,
    pub(crate) config: Arc<Map<String, Value>>,
    /// There when it was granted.
    pub(crate) directory: Option<Arc<dyn Directory>>,
    /// There when it was granted.
    pub(crate) outgoing: Option<Arc<dyn Outgoing>>,
    /// There when it was granted.
    pub(crate) keys: Option<Arc<dyn Keys>>,
    /// There when it was granted.
    pub(crate) signing: Option<Arc<dyn Signing>>,
    /// Where the answers to a guest's questions are worked out: guest threads
    /// are not the runtime's.
    pub(crate) runtime: Handle,
}

/// Whose call it is: what the app said, less what only threads need.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) call_id: Uuid,
    pub(crate) tenant_id: String,
    pub(crate) installation: Option<InstallationId>,
    pub(crate) now_ms: u64,
    pub(crate) config: Arc<Map<String, Value>>,
    pub(crate) directory: Option<Arc<dyn Directory>>,
    pub(crate) outgoing: Option<Arc<dyn Outgoing>>,
    pub(crate) keys: Option<Arc<dyn Keys>>,
    pub(crate) signing: Option<Arc<dyn Signing>>,
}

impl Caller {
    pub(crate) fn of(call: &Call) -> Self {
        Self {
            call_id: call.id,
            tenant_id: call.tenant.to_string(),
            installation: Some(call.installation),
            now_ms: u64::try_from(call.now.0).unwrap_or(0),
            config: call.config.clone(),
            directory: Some(call.directory.clone()),
            outgoing: Some(call.outgoing.clone()),
            keys: Some(call.keys.clone()),
            signing: Some(call.signing.clone()),
        }
    }

    /// The trial start of an upload: nobody's, with an empty configuration.
    pub(crate) fn nobody() -> Self {
        Self {
            call_id: Uuid::nil(),
            tenant_id: String::new(),
            installation: None,
            now_ms: 0,
            config: Arc::default(),
            directory: None,
            outgoing: None,
            keys: None,
            signing: None,
        }
    }
}
