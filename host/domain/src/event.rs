//! Events: what happened, in one shape for sockets, webhooks, plugins, export.
//!
//! Adding one: a variant of `EventBody` with its fixture; the compiler then lists
//! every place that must know it (`is_for_visitors`, `visitor_view`, reducers'
//! fixtures). Who may see an event is decided here, when it is written.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::actor::ActorRef;
use crate::agent::{Agent, AgentView};
use crate::availability::Availability;
use crate::canned::CannedResponse;
use crate::case::Context;
use crate::contact::Contact;
use crate::conversation::Conversation;
use crate::id::{
    AgentId, CannedResponseId, ContactId, ConversationId, EventId, InstallationId, PluginId,
    SessionId, TeamId, TenantId,
};
use crate::inbox::Inbox;
use crate::message::Message;
use crate::plugin::{BreakerOpening, Hook, InstallationView, Plugin, PluginFailure};
use crate::routing::RoutingDecision;
use crate::team::Team;
use crate::time::Timestamp;

pub const API_VERSION: &str = "1";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    #[serde(flatten)]
    pub body: EventBody,
    pub tenant_id: TenantId,
    pub occurred_at: Timestamp,
    pub actor: ActorRef,
    pub conversation_id: Option<ConversationId>,
    pub seq: Option<i64>,
    pub changes: Changes,
    /// Kept in a column of its own, never sent.
    #[serde(skip)]
    pub audience: Audience,
    /// How many plugins in a row answered an event for this one to happen; 0 is
    /// somebody's own doing. Kept beside the audience, never sent.
    #[serde(skip)]
    pub depth: u8,
}

/// The type (`noun.past_verb`) and data of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum EventBody {
    #[serde(rename = "conversation.created")]
    ConversationCreated { conversation: Conversation },
    #[serde(rename = "conversation.updated")]
    ConversationUpdated { conversation: Conversation },
    #[serde(rename = "conversation.queued")]
    ConversationQueued {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.assigned")]
    ConversationAssigned {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.unassigned")]
    ConversationUnassigned {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.transferred")]
    ConversationTransferred {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.reopened")]
    ConversationReopened {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.resolved")]
    ConversationResolved {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.closed")]
    ConversationClosed {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.missed")]
    ConversationMissed {
        conversation: Conversation,
        reason: Option<String>,
    },
    #[serde(rename = "conversation.rated")]
    ConversationRated { conversation: Conversation },
    #[serde(rename = "message.created")]
    MessageCreated { message: Message },
    #[serde(rename = "message.delivered")]
    MessageDelivered { up_to_seq: i64 },
    #[serde(rename = "message.read")]
    MessageRead { up_to_seq: i64 },
    #[serde(rename = "message.failed")]
    MessageFailed { client_msg_id: String, code: String },
    #[serde(rename = "routing.decided")]
    RoutingDecided { decision: RoutingDecision },
    #[serde(rename = "contact.created")]
    ContactCreated { contact: Contact },
    #[serde(rename = "contact.updated")]
    ContactUpdated { contact: Contact },
    #[serde(rename = "agent.created")]
    AgentCreated { agent: AgentView },
    #[serde(rename = "agent.updated")]
    AgentUpdated { agent: AgentView },
    #[serde(rename = "agent.availability_changed")]
    AgentAvailabilityChanged { agent: AgentView },
    #[serde(rename = "team.created")]
    TeamCreated { team: Team },
    #[serde(rename = "team.updated")]
    TeamUpdated { team: Team },
    #[serde(rename = "team.deleted")]
    TeamDeleted { team_id: TeamId },
    #[serde(rename = "inbox.created")]
    InboxCreated { inbox: Inbox },
    #[serde(rename = "inbox.updated")]
    InboxUpdated { inbox: Inbox },
    #[serde(rename = "canned_response.created")]
    CannedResponseCreated { canned_response: CannedResponse },
    #[serde(rename = "canned_response.updated")]
    CannedResponseUpdated { canned_response: CannedResponse },
    #[serde(rename = "canned_response.deleted")]
    CannedResponseDeleted {
        canned_response_id: CannedResponseId,
    },
    #[serde(rename = "plugin.created")]
    PluginCreated { plugin: Plugin },
    #[serde(rename = "plugin.updated")]
    PluginUpdated { plugin: Plugin },
    #[serde(rename = "plugin.deleted")]
    PluginDeleted { plugin_id: PluginId },
    #[serde(rename = "plugin.installed")]
    PluginInstalled { installation: InstallationView },
    #[serde(rename = "plugin.enabled")]
    PluginEnabled { installation: InstallationView },
    #[serde(rename = "plugin.disabled")]
    PluginDisabled {
        installation: InstallationView,
        /// Why, if the desk did it.
        #[serde(default)]
        reason: Option<String>,
    },
    #[serde(rename = "plugin.upgraded")]
    PluginUpgraded {
        installation: InstallationView,
        from_version: String,
    },
    #[serde(rename = "plugin.rolled_back")]
    PluginRolledBack {
        installation: InstallationView,
        from_version: String,
        /// Why, if the desk did it.
        reason: Option<String>,
    },
    #[serde(rename = "plugin.breaker_opened")]
    PluginBreakerOpened { opening: BreakerOpening },
    #[serde(rename = "plugin.breaker_closed")]
    PluginBreakerClosed {
        installation_id: InstallationId,
        hook: Hook,
    },
    #[serde(rename = "plugin.trapped")]
    PluginTrapped { failure: PluginFailure },
    #[serde(rename = "installation.updated")]
    InstallationUpdated { installation: InstallationView },
    #[serde(rename = "installation.deleted")]
    InstallationDeleted { installation_id: InstallationId },
    #[serde(rename = "installation.secret_changed")]
    InstallationSecretChanged {
        installation_id: InstallationId,
        secret: String,
        set: bool,
    },
    #[serde(rename = "session.revoked")]
    SessionRevoked { session_id: SessionId },
}

impl EventBody {
    /// The wire type, also the feed row's `type` column.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConversationCreated { .. } => "conversation.created",
            Self::ConversationUpdated { .. } => "conversation.updated",
            Self::ConversationQueued { .. } => "conversation.queued",
            Self::ConversationAssigned { .. } => "conversation.assigned",
            Self::ConversationUnassigned { .. } => "conversation.unassigned",
            Self::ConversationTransferred { .. } => "conversation.transferred",
            Self::ConversationReopened { .. } => "conversation.reopened",
            Self::ConversationResolved { .. } => "conversation.resolved",
            Self::ConversationClosed { .. } => "conversation.closed",
            Self::ConversationMissed { .. } => "conversation.missed",
            Self::ConversationRated { .. } => "conversation.rated",
            Self::MessageCreated { .. } => "message.created",
            Self::MessageDelivered { .. } => "message.delivered",
            Self::MessageRead { .. } => "message.read",
            Self::MessageFailed { .. } => "message.failed",
            Self::RoutingDecided { .. } => "routing.decided",
            Self::ContactCreated { .. } => "contact.created",
            Self::ContactUpdated { .. } => "contact.updated",
            Self::AgentCreated { .. } => "agent.created",
            Self::AgentUpdated { .. } => "agent.updated",
            Self::AgentAvailabilityChanged { .. } => "agent.availability_changed",
            Self::TeamCreated { .. } => "team.created",
            Self::TeamUpdated { .. } => "team.updated",
            Self::TeamDeleted { .. } => "team.deleted",
            Self::InboxCreated { .. } => "inbox.created",
            Self::InboxUpdated { .. } => "inbox.updated",
            Self::CannedResponseCreated { .. } => "canned_response.created",
            Self::CannedResponseUpdated { .. } => "canned_response.updated",
            Self::CannedResponseDeleted { .. } => "canned_response.deleted",
            Self::PluginCreated { .. } => "plugin.created",
            Self::PluginUpdated { .. } => "plugin.updated",
            Self::PluginDeleted { .. } => "plugin.deleted",
            Self::PluginInstalled { .. } => "plugin.installed",
            Self::PluginEnabled { .. } => "plugin.enabled",
            Self::PluginDisabled { .. } => "plugin.disabled",
            Self::PluginUpgraded { .. } => "plugin.upgraded",
            Self::PluginRolledBack { .. } => "plugin.rolled_back",
            Self::PluginBreakerOpened { .. } => "plugin.breaker_opened",
            Self::PluginBreakerClosed { .. } => "plugin.breaker_closed",
            Self::PluginTrapped { .. } => "plugin.trapped",
            Self::InstallationUpdated { .. } => "installation.updated",
            Self::InstallationDeleted { .. } => "installation.deleted",
            Self::InstallationSecretChanged { .. } => "installation.secret_changed",
            Self::SessionRevoked { .. } => "session.revoked",
        }
    }

    /// The message an event concerns, by its number.
    #[must_use]
    pub fn seq(&self) -> Option<i64> {
        match self {
            Self::MessageCreated { message } => Some(message.seq),
            Self::MessageDelivered { up_to_seq } | Self::MessageRead { up_to_seq } => {
                Some(*up_to_seq)
            }
            _ => None,
        }
    }

    /// The conversation it carries whole, if it does.
    #[must_use]
    pub fn conversation(&self) -> Option<&Conversation> {
        match self {
            Self::ConversationCreated { conversation }
            | Self::ConversationUpdated { conversation }
            | Self::ConversationQueued { conversation, .. }
            | Self::ConversationAssigned { conversation, .. }
            | Self::ConversationUnassigned { conversation, .. }
            | Self::ConversationTransferred { conversation, .. }
            | Self::ConversationReopened { conversation, .. }
            | Self::ConversationResolved { conversation, .. }
            | Self::ConversationClosed { conversation, .. }
            | Self::ConversationMissed { conversation, .. }
            | Self::ConversationRated { conversation } => Some(conversation),
            _ => None,
        }
    }

    /// Whether a visitor may hear of this kind of event at all. What they then
    /// see of it is `visitor_view`'s business.
    #[must_use]
    pub fn is_for_visitors(&self) -> bool {
        self.conversation().is_some()
            || matches!(
                self,
                Self::MessageCreated { .. }
                    | Self::MessageDelivered { .. }
                    | Self::MessageRead { .. }
                    | Self::MessageFailed { .. }
                    | Self::SessionRevoked { .. }
            )
    }
}

/// Field name → [old, new].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Map<String, Value>);

impl Changes {
    /// The top-level fields in which two states of one entity differ.
    #[must_use]
    pub fn between<T: Serialize>(before: &T, after: &T) -> Self {
        let fields = |entity: &T| match serde_json::to_value(entity) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let old = fields(before);
        let changed = fields(after)
            .into_iter()
            .filter_map(|(name, new)| {
                let was = old.get(&name).cloned().unwrap_or(Value::Null);
                (was != new).then(|| (name, Value::Array(vec![was, new])))
            })
            .collect();
        Self(changed)
    }
}

/// Who may see an event; stored beside it. Supervisors and up see all that the
/// desk may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Audience {
    /// Every agent of the tenant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub desk: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentId>,
    /// The visitors of this contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
}

impl Audience {
    #[must_use]
    pub fn desk() -> Self {
        Self {
            desk: true,
            ..Self::default()
        }
    }

    /// A conversation without a team is everybody's.
    #[must_use]
    pub fn of_conversation(conversation: &Conversation) -> Self {
        Self {
            desk: conversation.team_id.is_none(),
            teams: conversation.team_id.into_iter().collect(),
            agents: conversation.assignee.iter().map(|agent| agent.id).collect(),
            contact: Some(conversation.contact.id),
        }
    }

    /// Both audiences: a transfer reaches the old and the new one.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.desk |= other.desk;
        for team in other.teams {
            if !self.teams.contains(&team) {
                self.teams.push(team);
            }
        }
        for agent in other.agents {
            if !self.agents.contains(&agent) {
                self.agents.push(agent);
            }
        }
        self.contact = self.contact.or(other.contact);
        self
    }

    #[must_use]
    pub fn reaches_agent(&self, id: AgentId, teams: &[TeamId], sees_all: bool) -> bool {
        sees_all
            || self.desk
            || self.agents.contains(&id)
            || self.teams.iter().any(|team| teams.contains(team))
    }
}

impl Event {
    /// An event about something other than a conversation.
    #[must_use]
    pub fn new(
        cx: &Context<'_>,
        tenant_id: TenantId,
        actor: ActorRef,
        body: EventBody,
        changes: Changes,
        audience: Audience,
    ) -> Self {
        Self {
            id: EventId(cx.ids.uuid()),
            seq: body.seq(),
            body,
            tenant_id,
            occurred_at: cx.now,
            actor,
            conversation_id: None,
            changes,
            audience,
            depth: 0,
        }
    }

    #[must_use]
    pub fn availability_changed(
        cx: &Context<'_>,
        tenant_id: TenantId,
        actor: ActorRef,
        agent: &Agent,
        before: Availability,
    ) -> Self {
        let mut changes = Map::new();
        let pair = Value::Array(vec![
            before.as_str().into(),
            agent.availability.as_str().into(),
        ]);
        changes.insert("availability".to_owned(), pair);
        Self::new(
            cx,
            tenant_id,
            actor,
            EventBody::AgentAvailabilityChanged {
                agent: agent.view(),
            },
            Changes(changes),
            Audience::desk(),
        )
    }
}
