//! The event as sockets, webhooks and exports carry it: its schemas.
//!
//! The bytes on a socket are the domain's own (`visitor_view.rs` there); this
//! mirrors them so that clients get types, and so that a new kind of event does
//! not compile until it is described here. `docs/events.md` is made from these
//! doc comments.

use deskbell_domain::{
    CannedResponseId, ConversationId, EventId, InstallationId, PluginId, SessionId, TeamId,
    TenantId, Timestamp, event,
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::agent::Agent;
use super::canned::CannedResponse;
use super::contact::Contact;
use super::conversation::{Conversation, VisitorConversation};
use super::id;
use super::inbox::Inbox;
use super::message::{ActorRef, Message, VisitorMessage};
use super::plugin::{Hook, InstallationSummary, Plugin, PluginFailure};
use super::plugin_operation::BreakerOpening;
use super::routing::RoutingDecision;
use super::team::Team;

/// What happened, as the desk gets it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Event {
    #[serde(flatten)]
    pub body: EventBody,
    #[serde(flatten)]
    pub envelope: Envelope,
}

/// What happened, as a visitor gets it.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorEvent {
    #[serde(flatten)]
    pub body: VisitorEventBody,
    #[serde(flatten)]
    pub envelope: Envelope,
}

/// The fields every event has beside `type` and `data`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope {
    #[schema(value_type = id::EventId)]
    pub id: EventId,
    #[schema(value_type = id::TenantId)]
    pub tenant_id: TenantId,
    #[schema(value_type = id::Timestamp)]
    pub occurred_at: Timestamp,
    pub actor: ActorRef,
    #[schema(value_type = Option<id::ConversationId>)]
    pub conversation_id: Option<ConversationId>,
    /// The message it concerns.
    pub seq: Option<i64>,
    /// Field → [old, new], of the conversation for message events, otherwise of
    /// what `data` shows. Each change is in exactly one event.
    #[schema(value_type = std::collections::HashMap<String, Vec<Value>>)]
    pub changes: Map<String, Value>,
    #[schema(example = "1")]
    pub api_version: &'static str,
}

/// Declares the enum and the exhaustive way from the domain's. `as` names the
/// schema of a domain type, `=` says how a mirrored type is made.
macro_rules! events {
    ($(
        $(#[$doc:meta])*
        $variant:ident = $name:tt { $($field:ident: $type:ty $(as $hint:ty)? $(= $made:expr)?),+ };
    )+) => {
        /// The type of an event and its data.
        #[derive(Debug, Serialize, ToSchema)]
        #[serde(tag = "type", content = "data")]
        pub enum EventBody {
            $(
                $(#[$doc])*
                #[serde(rename = $name)]
                $variant { $($(#[schema(value_type = $hint)])? $field: $type),+ },
            )+
        }

        impl From<event::EventBody> for EventBody {
            fn from(body: event::EventBody) -> Self {
                match body {
                    $(event::EventBody::$variant { $($field),+ } => Self::$variant {
                        $($field: super::mirror::field!($field $(= $made)?)),+
                    },)+
                }
            }
        }
    };
}

events! {
    /// A visitor began a conversation.
    ConversationCreated = "conversation.created" { conversation: Conversation = conversation.into() };
    /// Its subject, category, priority or attributes changed.
    ConversationUpdated = "conversation.updated" { conversation: Conversation = conversation.into() };
    /// It waits in its team's queue.
    ConversationQueued = "conversation.queued" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// An agent has it, by the router or by hand.
    ConversationAssigned = "conversation.assigned" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// Its agent gave it back; it waits again, at its old place.
    ConversationUnassigned = "conversation.unassigned" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// It went to another agent, or to a team's queue.
    ConversationTransferred = "conversation.transferred" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// A resolved or missed one came back.
    ConversationReopened = "conversation.reopened" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// Done, by the agent or by the visitor ending it.
    ConversationResolved = "conversation.resolved" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// Final: a new message starts a new conversation.
    ConversationClosed = "conversation.closed" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// Nobody came in time, or the visitor left the queue.
    ConversationMissed = "conversation.missed" { conversation: Conversation = conversation.into(), reason: Option<String> };
    /// The visitor gave a verdict.
    ConversationRated = "conversation.rated" { conversation: Conversation = conversation.into() };
    /// Somebody said something. Visitors do not hear of notes.
    MessageCreated = "message.created" { message: Message = message.into() };
    /// The other side's messages arrived, up to this number. `actor` tells whose receipt it is.
    MessageDelivered = "message.delivered" { up_to_seq: i64 };
    /// The other side's messages were read, up to this number. `actor` tells whose receipt it is.
    MessageRead = "message.read" { up_to_seq: i64 };
    /// A message that was held will never come: `not_checked` in time, `message_rejected`, or what the conversation would not take. `actor` wrote it, under this `client_msg_id`.
    MessageFailed = "message.failed" { client_msg_id: String, code: String };
    /// Why the router chose whom it chose.
    RoutingDecided = "routing.decided" { decision: RoutingDecision = decision.into() };
    /// A visitor came for the first time. For supervisors and up.
    ContactCreated = "contact.created" { contact: Contact = contact.into() };
    /// What is known of a contact changed.
    ContactUpdated = "contact.updated" { contact: Contact = contact.into() };
    /// An admin made an agent.
    AgentCreated = "agent.created" { agent: Agent = agent.into() };
    /// An agent's name, role, teams, capacity or activation changed.
    AgentUpdated = "agent.updated" { agent: Agent = agent.into() };
    /// An agent's choice or effective availability changed.
    AgentAvailabilityChanged = "agent.availability_changed" { agent: Agent = agent.into() };
    /// An admin made a team.
    TeamCreated = "team.created" { team: Team = team.into() };
    /// A team's name, strategy or members changed.
    TeamUpdated = "team.updated" { team: Team = team.into() };
    /// A team is gone.
    TeamDeleted = "team.deleted" { team_id: TeamId as id::TeamId };
    /// An admin made an inbox.
    InboxCreated = "inbox.created" { inbox: Inbox = inbox.into() };
    /// An inbox's name, look, team or origins changed.
    InboxUpdated = "inbox.updated" { inbox: Inbox = inbox.into() };
    /// A saved reply was written.
    CannedResponseCreated = "canned_response.created" { canned_response: CannedResponse = canned_response.into() };
    /// A saved reply was changed.
    CannedResponseUpdated = "canned_response.updated" { canned_response: CannedResponse = canned_response.into() };
    /// A saved reply is gone.
    CannedResponseDeleted = "canned_response.deleted" { canned_response_id: CannedResponseId as id::CannedResponseId };
    /// A plugin was uploaded, or taken out of the catalogue.
    PluginCreated = "plugin.created" { plugin: Plugin = plugin.into() };
    /// A plugin has a newer version. What is installed stays as it is.
    PluginUpdated = "plugin.updated" { plugin: Plugin = plugin.into() };
    /// A plugin is gone, with all its versions.
    PluginDeleted = "plugin.deleted" { plugin_id: PluginId as id::PluginId };
    /// A plugin was put to work.
    PluginInstalled = "plugin.installed" { installation: InstallationSummary = installation.into() };
    /// An installation is asked again.
    PluginEnabled = "plugin.enabled" { installation: InstallationSummary = installation.into() };
    /// An installation is no longer asked. `reason` is there when the desk did it, as it failed too often.
    PluginDisabled = "plugin.disabled" { installation: InstallationSummary = installation.into(), reason: Option<String> };
    /// Another version of a plugin was put to work.
    PluginUpgraded = "plugin.upgraded" { installation: InstallationSummary = installation.into(), from_version: String };
    /// An installation returned to the version before its last upgrade. `reason` is there when the desk did it, as the new one failed too often.
    PluginRolledBack = "plugin.rolled_back" { installation: InstallationSummary = installation.into(), from_version: String, reason: Option<String> };
    /// A hook of a plugin failed too often and is not asked for a while.
    PluginBreakerOpened = "plugin.breaker_opened" { opening: BreakerOpening = opening.into() };
    /// A hook of a plugin is asked again.
    PluginBreakerClosed = "plugin.breaker_closed" { installation_id: InstallationId as id::InstallationId, hook: Hook = hook.into() };
    /// A plugin had no usable answer. For each kind of failure at most once a minute; `count` tells how often.
    PluginTrapped = "plugin.trapped" { failure: PluginFailure = failure.into() };
    /// An installation's grants, place or configuration changed. The configuration itself is not told.
    InstallationUpdated = "installation.updated" { installation: InstallationSummary = installation.into() };
    /// An installation is gone, with its configuration.
    InstallationDeleted = "installation.deleted" { installation_id: InstallationId as id::InstallationId };
    /// A secret of an installation was entered anew or taken away. Its value is told nowhere.
    InstallationSecretChanged = "installation.secret_changed" { installation_id: InstallationId as id::InstallationId, secret: String, set: bool };
    /// A log-in was ended. It closes that session's sockets and is not sent on them.
    SessionRevoked = "session.revoked" { session_id: SessionId as id::SessionId };
}

/// The type of a visitor's event and its data.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "data")]
pub enum VisitorEventBody {
    #[serde(rename = "conversation.created")]
    ConversationCreated { conversation: VisitorConversation },
    #[serde(rename = "conversation.updated")]
    ConversationUpdated { conversation: VisitorConversation },
    #[serde(rename = "conversation.queued")]
    ConversationQueued { conversation: VisitorConversation },
    #[serde(rename = "conversation.assigned")]
    ConversationAssigned { conversation: VisitorConversation },
    #[serde(rename = "conversation.unassigned")]
    ConversationUnassigned { conversation: VisitorConversation },
    #[serde(rename = "conversation.transferred")]
    ConversationTransferred { conversation: VisitorConversation },
    #[serde(rename = "conversation.reopened")]
    ConversationReopened { conversation: VisitorConversation },
    #[serde(rename = "conversation.resolved")]
    ConversationResolved { conversation: VisitorConversation },
    #[serde(rename = "conversation.closed")]
    ConversationClosed { conversation: VisitorConversation },
    #[serde(rename = "conversation.missed")]
    ConversationMissed { conversation: VisitorConversation },
    #[serde(rename = "conversation.rated")]
    ConversationRated { conversation: VisitorConversation },
    #[serde(rename = "message.created")]
    MessageCreated { message: VisitorMessage },
    #[serde(rename = "message.delivered")]
    MessageDelivered { up_to_seq: i64 },
    #[serde(rename = "message.read")]
    MessageRead { up_to_seq: i64 },
    #[serde(rename = "message.failed")]
    MessageFailed { client_msg_id: String, code: String },
}
