//! The audit log: who changed what about a desk, and from where. One entry a change,
//! in the words of the event that tells of it, where there is one.
//!
//! What is kept of a change is its target, the names of the fields, and old and new
//! of those few that are settings in plain sight. No secret, no password, no
//! configuration and no text that somebody wrote for visitors ever is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::actor::ActorRef;
use crate::event::{Changes, EventBody};
use crate::id::{AgentId, AuditEntryId, SessionId};
use crate::plugin::InstallationView;
use crate::time::Timestamp;

/// Log-ins tell nobody, so their words stand here.
pub const LOGGED_IN: &str = "agent.logged_in";
pub const LOG_IN_FAILED: &str = "agent.log_in_failed";
pub const LOGGED_OUT: &str = "agent.logged_out";
pub const PASSWORD_SET: &str = "agent.password_set";
/// What the event of a changed installation does not show.
pub const CONFIGURED: &str = "installation.configured";
pub const LIMITED: &str = "installation.limited";
pub const WEBHOOK_KEY_RENEWED: &str = "installation.webhook_key_renewed";

/// Fields whose old and new values are kept; of others only that they changed.
const IN_PLAIN_SIGHT: [&str; 18] = [
    "agent_ids",
    "allowed_origins",
    "bot",
    "capabilities",
    "capacity",
    "deactivated_at",
    "default_team_id",
    "enabled",
    "hooks",
    "latest_version",
    "name",
    "on_failure",
    "plugin_version",
    "position",
    "recorded_until",
    "role",
    "strategy",
    "team_ids",
];

/// What changes with every change, and says nothing.
const ALWAYS: [&str; 2] = ["version", "digest"];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: Timestamp,
    pub actor: ActorRef,
    /// `noun.past_verb`.
    pub action: String,
    pub target: Target,
    pub details: Map<String, Value>,
    /// Where the request came from; none for what the desk does itself.
    pub address: Option<String>,
}

/// What was changed, by its id; an attempt may have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub kind: String,
    pub id: Option<String>,
    /// As whoever reads it knows it. It is looked up then and not kept.
    pub name: Option<String>,
}

impl AuditEntry {
    /// What its target was called when this was noted, if it says so.
    #[must_use]
    pub fn called(&self) -> Option<String> {
        let word = |name: &str| match self.details.get(name)? {
            Value::Array(changed) => changed.last()?.as_str(),
            value => value.as_str(),
        };
        let shortcut = || word("shortcut").map(|it| format!("/{it}"));
        let name = word("name").or_else(|| word("key")).map(str::to_owned);
        name.or_else(shortcut)
    }
}

/// An entry's own part, before it is known who and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Noted {
    pub action: &'static str,
    pub kind: &'static str,
    pub id: Option<String>,
    pub details: Map<String, Value>,
}

impl Noted {
    #[must_use]
    pub fn new(action: &'static str, kind: &'static str, id: impl ToString) -> Self {
        Self {
            action,
            kind,
            id: Some(id.to_string()),
            details: Map::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        if !value.is_null() {
            self.details.insert(name.to_owned(), value);
        }
        self
    }

    /// Of what an agent did about themselves.
    #[must_use]
    pub fn session(action: &'static str, agent: AgentId, session: SessionId) -> Self {
        Self::new(action, "agent", agent).with("session_id", session.to_string())
    }

    fn changed(mut self, changes: &Changes) -> Self {
        let mut names = Vec::new();
        for (name, values) in &changes.0 {
            if IN_PLAIN_SIGHT.contains(&name.as_str()) {
                self.details.insert(name.clone(), values.clone());
            } else if !ALWAYS.contains(&name.as_str()) {
                names.push(Value::from(name.as_str()));
            }
        }
        if names.is_empty() {
            self
        } else {
            self.with("changed", names)
        }
    }
}

/// What an event's change is to the audit log; none is nothing to it: what happens
/// in conversations has their own history, and what plugins do their own records.
#[must_use]
pub fn of(body: &EventBody, changes: &Changes) -> Option<Noted> {
    let action = body.name();
    Some(match body {
        EventBody::AgentCreated { agent } => Noted::new(action, "agent", agent.id)
            .with("name", agent.name.as_str())
            .with("role", agent.role.as_str()),
        EventBody::AgentUpdated { agent } => Noted::new(action, "agent", agent.id).changed(changes),
        EventBody::TeamCreated { team } => {
            Noted::new(action, "team", team.id).with("name", team.name.as_str())
        }
        EventBody::TeamUpdated { team } => Noted::new(action, "team", team.id).changed(changes),
        EventBody::TeamDeleted { team_id } => Noted::new(action, "team", team_id),
        EventBody::InboxCreated { inbox } => {
            Noted::new(action, "inbox", inbox.id).with("name", inbox.name.as_str())
        }
        EventBody::InboxUpdated { inbox } => Noted::new(action, "inbox", inbox.id).changed(changes),
        EventBody::CannedResponseCreated { canned_response } => {
            Noted::new(action, "canned_response", canned_response.id)
                .with("shortcut", canned_response.shortcut.as_str())
        }
        // Using one is no change of it.
        EventBody::CannedResponseUpdated { .. } if changes.0.contains_key("used_count") => {
            return None;
        }
        EventBody::CannedResponseUpdated { canned_response } => {
            Noted::new(action, "canned_response", canned_response.id)
                .with("shortcut", canned_response.shortcut.as_str())
                .changed(changes)
        }
        EventBody::CannedResponseDeleted { canned_response_id } => {
            Noted::new(action, "canned_response", canned_response_id)
        }
        EventBody::PluginCreated { plugin } => Noted::new(action, "plugin", plugin.id)
            .with("key", plugin.key.as_str())
            .with("latest_version", plugin.latest_version.as_str())
            .with("source", plugin.source.as_str()),
        EventBody::PluginUpdated { plugin } => Noted::new(action, "plugin", plugin.id)
            .with("key", plugin.key.as_str())
            .changed(changes),
        EventBody::PluginDeleted { plugin_id } => Noted::new(action, "plugin", plugin_id),
        EventBody::PluginInstalled { installation } => installed(action, installation)
            .with("hooks", json!(installation.hooks))
            .with("capabilities", json!(installation.capabilities)),
        EventBody::PluginEnabled { installation } => installed(action, installation),
        EventBody::PluginDisabled {
            installation,
            reason,
        } => installed(action, installation).with("reason", reason.clone()),
        EventBody::PluginUpgraded {
            installation,
            from_version,
        } => installed(action, installation)
            .changed(changes)
            .with("from_version", from_version.as_str()),
        EventBody::PluginRolledBack {
            installation,
            from_version,
            reason,
        } => installed(action, installation)
            .changed(changes)
            .with("from_version", from_version.as_str())
            .with("reason", reason.clone()),
        EventBody::InstallationUpdated { installation } => {
            // Its configuration and its limits have entries of their own.
            let own = |name: &String| !ALWAYS.contains(&name.as_str());
            if !changes.0.keys().any(own) {
                return None;
            }
            installed(action, installation).changed(changes)
        }
        EventBody::InstallationDeleted { installation_id } => {
            Noted::new(action, "installation", installation_id)
        }
        EventBody::InstallationSecretChanged {
            installation_id,
            secret,
            set,
        } => Noted::new(action, "installation", installation_id)
            .with("secret", secret.as_str())
            .with("set", *set),
        EventBody::SessionRevoked { session_id } => Noted::new(action, "session", session_id),
        EventBody::ConversationCreated { .. }
        | EventBody::ConversationUpdated { .. }
        | EventBody::ConversationQueued { .. }
        | EventBody::ConversationAssigned { .. }
        | EventBody::ConversationUnassigned { .. }
        | EventBody::ConversationTransferred { .. }
        | EventBody::ConversationReopened { .. }
        | EventBody::ConversationResolved { .. }
        | EventBody::ConversationClosed { .. }
        | EventBody::ConversationMissed { .. }
        | EventBody::ConversationRated { .. }
        | EventBody::MessageCreated { .. }
        | EventBody::MessageDelivered { .. }
        | EventBody::MessageRead { .. }
        | EventBody::MessageFailed { .. }
        | EventBody::RoutingDecided { .. }
        | EventBody::ContactCreated { .. }
        | EventBody::ContactUpdated { .. }
        | EventBody::AgentAvailabilityChanged { .. }
        | EventBody::PluginBreakerOpened { .. }
        | EventBody::PluginBreakerClosed { .. }
        | EventBody::PluginTrapped { .. } => return None,
    })
}

fn installed(action: &'static str, installation: &InstallationView) -> Noted {
    Noted::new(action, "installation", installation.id)
        .with("key", installation.plugin_key.as_str())
        .with("plugin_version", installation.plugin_version.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::InstallationId;
    use uuid::Uuid;

    #[test]
    fn of_what_is_not_in_plain_sight_only_the_name_is_kept() {
        let changes = json!({
            "name": ["a", "b"], "look": [{}, { "welcome_text": "secret" }], "version": [1, 2],
        });
        let Value::Object(changes) = changes else {
            panic!("it is an object")
        };
        let noted = Noted::new("inbox.updated", "inbox", "inb_1").changed(&Changes(changes));
        let kept = Value::Object(noted.details);
        assert_eq!(kept, json!({ "name": ["a", "b"], "changed": ["look"] }));
    }

    #[test]
    fn a_secret_is_told_of_by_its_name() {
        let body = EventBody::InstallationSecretChanged {
            installation_id: InstallationId(Uuid::nil()),
            secret: "api_key".to_owned(),
            set: true,
        };
        let noted = of(&body, &Changes::default()).unwrap();
        assert_eq!(
            (noted.action, noted.kind),
            ("installation.secret_changed", "installation")
        );
        assert_eq!(
            Value::Object(noted.details),
            json!({ "secret": "api_key", "set": true })
        );
    }
}
