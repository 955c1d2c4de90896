//! The audit log on the wire.

use deskbell_app::admin::audit as app;
use deskbell_domain::{AuditEntryId, Refusal, Timestamp, audit};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use super::csv;
use super::id;
use super::list::{limit, limit_of};
use super::message::ActorRef;
use super::mirror::mirror;
use super::word::ActorKind;

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
        /// Its name today, or the last one it had; null where it has none, or where
        /// nothing here tells of it any more.
        name: Option<String>,
    }
}

/// A page and a file are asked for in the same words; only the file is longer.
macro_rules! query {
    ($name:ident, $limit:expr, $(#[$meta:meta])* limit, $(#[$cursor:meta])* cursor) => {
        #[derive(Debug, Default, Deserialize, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// Who did it.
            pub actor_id: Option<String>,
            /// What kind of actor did it: `system` is the desk itself, or somebody
            /// who was not logged in.
            pub actor_type: Option<ActorKind>,
            /// What was done: names such as `plugin.upgraded`, and `plugin.*` for all
            /// of a kind, with commas between them, 20 at most.
            pub action: Option<String>,
            /// What it was done to.
            pub target_id: Option<String>,
            /// Not before this time.
            #[param(value_type = Option<id::Timestamp>)]
            pub from: Option<Timestamp>,
            /// Before this time.
            #[param(value_type = Option<id::Timestamp>)]
            pub to: Option<Timestamp>,
            $(#[$meta])*
            pub limit: Option<u32>,
            $(#[$cursor])*
            pub cursor: Option<String>,
        }

        impl $name {
            pub fn into_app(self) -> Result<app::AuditQuery, Refusal> {
                let Self { actor_id, actor_type, action, target_id, from, to, limit, cursor } = self;
                let limit = u64::from($limit(limit)?);
                let actor_kind = actor_type.map(Into::into);
                Ok(app::AuditQuery { actor_id, actor_kind, action, target_id, from, to, cursor, limit })
            }
        }
    };
}

query! {
    AuditQuery, limit,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit,
    /// The `next_cursor` of the page before.
    cursor
}

pub const MOST_LINES: u32 = 50_000;

query! {
    AuditFileQuery, |wanted| limit_of(wanted, MOST_LINES, MOST_LINES),
    /// How many entries at most.
    #[param(minimum = 1, maximum = 50_000, default = 50_000)]
    limit,
    /// The `Next-Cursor` of the file before.
    cursor
}

/// The first line of a file. Spreadsheets know by the mark that it is UTF-8.
pub fn head() -> String {
    let names = [
        "at",
        "actor_type",
        "actor_id",
        "actor_name",
        "action",
        "target_type",
        "target_id",
        "target_name",
        "details",
        "address",
    ];
    format!("{}{}", csv::MARK, csv::line(&names))
}

pub fn line(entry: &audit::AuditEntry) -> String {
    let at = entry.at.to_string();
    // Not serialised is not possible: the keys are texts.
    let details = serde_json::to_string(&entry.details).unwrap_or_default();
    csv::line(&[
        &at,
        entry.actor.kind.as_str(),
        or_nothing(&entry.actor.id),
        or_nothing(&entry.actor.name),
        &entry.action,
        &entry.target.kind,
        or_nothing(&entry.target.id),
        or_nothing(&entry.target.name),
        &details,
        or_nothing(&entry.address),
    ])
}

fn or_nothing(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}
