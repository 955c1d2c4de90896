//! Recordings of plugins' calls, on the wire.

use deskbell_domain::Timestamp;
use deskbell_store::RecordingFacts;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::id;
use super::plugin::Hook;

/// A recorded call, without what was recorded of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PluginRecording {
    pub id: String,
    #[schema(value_type = String)]
    pub call_id: Uuid,
    #[schema(value_type = id::Timestamp)]
    pub at: Timestamp,
    pub hook: Hook,
    pub plugin_version: String,
    /// `ok`, or a stable word such as `trapped`.
    #[schema(example = "ok")]
    pub outcome: String,
    /// In bytes.
    pub size: i64,
}

impl From<RecordingFacts> for PluginRecording {
    fn from(facts: RecordingFacts) -> Self {
        let RecordingFacts {
            n,
            call_id,
            at,
            hook,
            plugin_version,
            outcome,
            size,
        } = facts;
        Self {
            id: n.to_string(),
            call_id,
            at,
            hook: hook.into(),
            plugin_version,
            outcome,
            size,
        }
    }
}

/// Recording the next calls of an installation.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordingPatch {
    /// At most an hour from now, when it ends by itself; null ends it now.
    #[schema(value_type = Option<id::Timestamp>)]
    pub until: Option<Timestamp>,
}
