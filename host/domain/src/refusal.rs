//! Every way the desk says no, in its own words.
//!
//! A refusal answers `kind()` (what sort of no, mapped to a status once, at the
//! edge) and `code()` (the stable word clients switch on).

use crate::conversation::Status;
use crate::id::{ConversationId, MessageId};

/// What sort of no. The edge alone knows which HTTP status each one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Invalid,
    Unauthenticated,
    Forbidden,
    NotFound,
    Conflict,
    Precondition,
    TooLarge,
    RateLimited,
    /// Not no, but not yet: it was taken, and is not done.
    Held,
    Unavailable,
    Internal,
}

/// One wrong field: where (JSON pointer), a stable code, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub code: &'static str,
    pub detail: String,
}

impl FieldError {
    #[must_use]
    pub fn new(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.to_owned(),
            code,
            detail: detail.into(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{}", .0.first().map_or("The input is not valid.", |e| e.detail.as_str()))]
    Invalid(Vec<FieldError>),
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("Your role does not allow this.")]
    Forbidden,
    #[error("This message belongs to somebody else.")]
    NotYours,
    #[error("This cannot be done while the conversation is {}.", .0.as_str())]
    WrongStatus(Status),
    #[error("The conversation is closed. A new message starts a new one.")]
    Closed,
    #[error("Another conversation of this contact is open: {0}.")]
    OtherOpen(ConversationId),
    #[error("The agent is at capacity.")]
    AtCapacity,
    #[error("The agent is not online.")]
    NotOnline,
    #[error("The agent is deactivated.")]
    Deactivated,
    #[error("The agent already has this conversation.")]
    AlreadyAssigned,
    #[error("Nobody has this conversation.")]
    NotAssigned,
    #[error("The conversation was rated already.")]
    AlreadyRated,
    #[error("Somebody changed this first. Load it again.")]
    Stale,
    #[error("This client_msg_id was used in another conversation, for message {0}.")]
    ClientMsgIdReused(MessageId),
    #[error("The same key came with another request.")]
    KeyReused,
    #[error("A request with this key is under way or was interrupted. Look before you repeat it.")]
    KeyInUse,
    #[error("{0} is taken already.")]
    Taken(&'static str),
    #[error("{0} is still in use.")]
    InUse(&'static str),
    #[error("These variables have no value: {}.", .0.join(", "))]
    MissingVariables(Vec<String>),
    #[error("The canned response is switched off.")]
    Disabled,
    #[error("{}", .0.first().map_or("The plugin is refused.", |e| e.detail.as_str()))]
    PluginRefused(Vec<FieldError>),
    #[error("{}", .0.first().map_or("A grant is missing.", |e| e.detail.as_str()))]
    GrantMissing(Vec<FieldError>),
    #[error(
        "Version {0} of this plugin is there already, with other content. \
         Give the new file a higher version."
    )]
    VersionExists(String),
    #[error("The plugin cannot be checked right now: {0}.")]
    CannotCheck(String),
    #[error("This server has no key for secrets. Its operator sets secrets.key_file.")]
    NoSealingKey,
    #[error("There is no version before this one to return to.")]
    NoPreviousVersion,
    /// What the new version said, and what was done about it.
    #[error("{0}")]
    UpgradeFailed(String),
    #[error("The router lost its lease.")]
    LeaseLost,
    /// In the filter's words.
    #[error("{0}")]
    Rejected(String),
    #[error(
        "The message is held: it could not be checked yet. It is delivered as soon as it was; \
         you hear of it if it cannot be."
    )]
    MessageHeld,
    #[error("This cannot be checked right now, so nothing was stored. Try again in a moment.")]
    FilterUnavailable,
    #[error("This question is not open any more.")]
    NotAsked,
    /// Whoever sent it reads no more than that; the plugin's author reads why.
    #[error("This request does not prove where it is from.")]
    WebhookTurnedAway,
    #[error("This webhook has no secret yet. An admin enters it beside the plugin.")]
    WebhookNotSetUp,
    #[error("Too much that came before this is still to be dealt with. Try again later.")]
    WebhookBusy,
}

impl Refusal {
    /// A single wrong field.
    #[must_use]
    pub fn field(pointer: &str, code: &'static str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code, detail)])
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_)
            | Self::MissingVariables(_)
            | Self::KeyReused
            | Self::PluginRefused(_)
            | Self::GrantMissing(_)
            | Self::UpgradeFailed(_)
            | Self::Rejected(_) => Kind::Invalid,
            Self::MessageHeld => Kind::Held,
            Self::CannotCheck(_)
            | Self::FilterUnavailable
            | Self::NoSealingKey
            | Self::WebhookNotSetUp
            | Self::WebhookBusy => Kind::Unavailable,
            Self::WebhookTurnedAway => Kind::Unauthenticated,
            Self::NotFound(_) => Kind::NotFound,
            Self::Forbidden | Self::NotYours => Kind::Forbidden,
            Self::Stale => Kind::Precondition,
            Self::WrongStatus(_)
            | Self::Closed
            | Self::OtherOpen(_)
            | Self::AtCapacity
            | Self::NotOnline
            | Self::Deactivated
            | Self::AlreadyAssigned
            | Self::NotAssigned
            | Self::AlreadyRated
            | Self::ClientMsgIdReused(_)
            | Self::Taken(_)
            | Self::InUse(_)
            | Self::KeyInUse
            | Self::Disabled
            | Self::VersionExists(_)
            | Self::NoPreviousVersion
            | Self::LeaseLost
            | Self::NotAsked => Kind::Conflict,
        }
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid_input",
            Self::NotFound(_) => "not_found",
            Self::Forbidden => "forbidden",
            Self::NotYours => "not_yours",
            Self::WrongStatus(_) => "wrong_status",
            Self::Closed => "conversation_closed",
            Self::OtherOpen(_) => "other_conversation_open",
            Self::AtCapacity => "at_capacity",
            Self::NotOnline => "agent_not_online",
            Self::Deactivated => "agent_deactivated",
            Self::AlreadyAssigned => "already_assigned",
            Self::NotAssigned => "not_assigned",
            Self::AlreadyRated => "already_rated",
            Self::Stale => "stale_version",
            Self::ClientMsgIdReused(_) => "client_msg_id_reused",
            Self::KeyReused => "idempotency_key_reused",
            Self::KeyInUse => "idempotency_key_in_use",
            Self::Taken(_) => "taken",
            Self::InUse(_) => "in_use",
            Self::MissingVariables(_) => "missing_variables",
            Self::Disabled => "canned_response_disabled",
            Self::PluginRefused(_) => "plugin_refused",
            Self::GrantMissing(_) => "grant_missing",
            Self::VersionExists(_) => "plugin_version_exists",
            Self::CannotCheck(_) => "unavailable",
            Self::NoSealingKey => "no_sealing_key",
            Self::NoPreviousVersion => "no_previous_version",
            Self::UpgradeFailed(_) => "upgrade_failed",
            Self::LeaseLost => "lease_lost",
            Self::Rejected(_) => "message_rejected",
            Self::MessageHeld => "message_held",
            Self::FilterUnavailable => "filter_unavailable",
            Self::NotAsked => "question_not_open",
            Self::WebhookTurnedAway => "webhook_turned_away",
            Self::WebhookNotSetUp => "webhook_not_set_up",
            Self::WebhookBusy => "webhook_busy",
        }
    }
}
