//! Everything one can ask of a conversation, as already valid values.
//!
//! The edge turns JSON into a `Command`; sockets, REST, timers and plugins all hand
//! it to the same `App::execute`.

use serde_json::{Map, Value};

use crate::availability::Availability;
use crate::bot::Answer;
use crate::conversation::talk::Details;
use crate::id::{AgentId, CannedResponseId, ConversationId, EventId, TeamId};
use crate::integration::{Effect, check_effects};
use crate::message::Draft;
use crate::refusal::Refusal;
use crate::text::{
    CATEGORY_MAX_CHARS, COMMENT_MAX_CHARS, Check, MESSAGE_MAX_CHARS, NAME_MAX_CHARS,
    REASON_MAX_CHARS, SUBJECT_MAX_CHARS,
};

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    StartConversation(StartConversation),
    SendMessage {
        conversation: ConversationId,
        draft: Draft,
    },
    /// A message that answers a bot's question. Its text comes from the question.
    AnswerQuestion {
        conversation: ConversationId,
        client_msg_id: String,
        answer: Answer,
        attributes: Map<String, Value>,
    },
    /// The visitor wants a person, whatever the bot does.
    RequestAgent {
        conversation: ConversationId,
    },
    MarkDelivered {
        conversation: ConversationId,
        seq: i64,
    },
    MarkRead {
        conversation: ConversationId,
        seq: i64,
    },
    EndConversation {
        conversation: ConversationId,
    },
    RateConversation {
        conversation: ConversationId,
        score: i64,
        comment: Option<String>,
    },
    UpdateConversation {
        conversation: ConversationId,
        details: Details,
    },
    Assign {
        conversation: ConversationId,
        /// None takes it oneself.
        agent: Option<AgentId>,
        over_capacity: bool,
        reason: Option<String>,
    },
    Unassign {
        conversation: ConversationId,
        reason: Option<String>,
    },
    Transfer {
        conversation: ConversationId,
        to: TransferTo,
        over_capacity: bool,
        reason: Option<String>,
    },
    Resolve {
        conversation: ConversationId,
        reason: Option<String>,
    },
    Close {
        conversation: ConversationId,
        reason: Option<String>,
    },
    Reopen {
        conversation: ConversationId,
        reason: Option<String>,
    },
    UseCannedResponse(UseCannedResponse),
    /// What a plugin wants done about an event of the conversation.
    ApplyEffects {
        conversation: ConversationId,
        event: EventId,
        /// How many plugins in a row led to it.
        depth: u8,
        effects: Vec<Effect>,
    },
    SetAvailability {
        /// None sets one's own.
        agent: Option<AgentId>,
        availability: Availability,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferTo {
    Agent(AgentId),
    Team(TeamId),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct StartConversation {
    pub message: Option<Draft>,
    pub subject: Option<String>,
    pub category: Option<String>,
    pub attributes: Map<String, Value>,
    pub team_id: Option<TeamId>,
    /// Pre-chat answers: claims, not an identity.
    pub name: Option<String>,
    pub email: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseCannedResponse {
    pub conversation: ConversationId,
    pub which: CannedRef,
    pub client_msg_id: String,
    /// Show the filled text without sending it.
    pub preview: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannedRef {
    Id(CannedResponseId),
    Shortcut(String),
}

impl Command {
    /// The limits of what people type; the one place that checks a command.
    pub fn check(&self) -> Result<(), Refusal> {
        let mut check = Check::new();
        match self {
            Self::StartConversation(start) => start.check(&mut check),
            Self::SendMessage { draft, .. } => draft_limits(&mut check, draft),
            Self::AnswerQuestion {
                client_msg_id,
                attributes,
                ..
            } => {
                check.client_msg_id("/client_msg_id", client_msg_id);
                check.attributes("/attributes", attributes);
            }
            Self::RateConversation {
                comment: Some(comment),
                ..
            } => {
                check.optional("/comment", comment, COMMENT_MAX_CHARS, true);
            }
            Self::UpdateConversation { details, .. } => details_limits(&mut check, details),
            Self::Assign {
                reason: Some(reason),
                ..
            }
            | Self::Unassign {
                reason: Some(reason),
                ..
            }
            | Self::Transfer {
                reason: Some(reason),
                ..
            }
            | Self::Resolve {
                reason: Some(reason),
                ..
            }
            | Self::Close {
                reason: Some(reason),
                ..
            }
            | Self::Reopen {
                reason: Some(reason),
                ..
            } => {
                check.required("/reason", reason, REASON_MAX_CHARS, true);
            }
            Self::ApplyEffects { effects, .. } => {
                if let Err(why) = check_effects(effects) {
                    check.refuse("/effects", "bad_effects", why);
                }
            }
            Self::UseCannedResponse(used) => {
                check.client_msg_id("/client_msg_id", &used.client_msg_id);
            }
            _ => {}
        }
        check.done()
    }
}

impl StartConversation {
    fn check(&self, check: &mut Check) {
        if let Some(draft) = &self.message {
            draft_limits(check, draft);
        }
        if let Some(subject) = &self.subject {
            check.required("/subject", subject, SUBJECT_MAX_CHARS, false);
        }
        if let Some(category) = &self.category {
            check.required("/category", category, CATEGORY_MAX_CHARS, false);
        }
        check.attributes("/attributes", &self.attributes);
        if let Some(name) = &self.name {
            check.required("/form/name", name, NAME_MAX_CHARS, false);
        }
        if let Some(email) = &self.email {
            check.email("/form/email", email);
        }
    }
}

fn draft_limits(check: &mut Check, draft: &Draft) {
    check.client_msg_id("/client_msg_id", &draft.client_msg_id);
    check.required("/text", &draft.text, MESSAGE_MAX_CHARS, true);
    check.attributes("/attributes", &draft.attributes);
}

fn details_limits(check: &mut Check, details: &Details) {
    if let Some(Some(subject)) = &details.subject {
        check.required("/subject", subject, SUBJECT_MAX_CHARS, false);
    }
    if let Some(Some(category)) = &details.category {
        check.required("/category", category, CATEGORY_MAX_CHARS, false);
    }
    let set: Map<String, Value> = details
        .attributes
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    check.attributes("/attributes", &set);
}
