//! The audit log on the wire.

use deskbell_app::admin::audit as app;
use deskbell_domain::{AuditEntryId, Refusal, Timestamp, audit};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::id;
use super::list::limit;
use super::message::ActorRef;
use super::mirror::mirror;

mirror! {
    /// One change of the desk, or one log-in.
    AuditEntry of audit::AuditEntry {
        #[schema(value_type = id::AuditEntryId)]
        id: AuditEntryId,
        #[schema(value_type = id::Timestamp)]
        at: Timestamp,
        /// Who did it; `system` is the desk itself, or somebody not logged in.
        actor: ActorRef = actor.into(),
        /// The type of the event that tells of it, or `agent.logged_in`,
        /// `agent.log_in_failed`, `agent.logged_out`, `agent.password_set`,
        /// `installation.configured`, `installation.limited`.
        #[schema(example = "plugin.upgraded")]
        action: String,
        target: AuditTarget = target.into(),
        /// What is worth knowing of it: `[old, new]` of settings in plain sight, and
        /// under `changed` the names of others. Never a secret, nor anything that was
        /// written to visitors.
        #[schema(value_type = std::collections::HashMap<String, Value>)]
        details: Map<String, Value>,
        /// Where the request came from; null is the desk itself.
        address: Option<String>,
    }
}

mirror! {
    /// What was changed.
    AuditTarget of audit::Target {
        #[schema(example = "installation")]
        kind: String,
        /// Null for an attempt on nobody's account.
        id: Option<String>,
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// Who did it.
    pub actor_id: Option<String>,
    /// What was done, such as `plugin.upgraded`.
    pub action: Option<String>,
    /// What it was done to.
    pub target_id: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl AuditQuery {
    pub fn into_app(self) -> Result<app::AuditQuery, Refusal> {
        let Self {
            actor_id,
            action,
            target_id,
            limit: wanted,
            cursor,
        } = self;
        Ok(app::AuditQuery {
            actor_id,
            action,
            target_id,
            cursor,
            limit: u64::from(limit(wanted)?),
        })
    }
}
