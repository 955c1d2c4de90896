//! What people ask of conversations: one struct for REST and socket alike.
//!
//! On a socket the parameters are these fields plus `conversation_id`; over REST
//! the id is in the path. Each turns itself into the command it means.

use deskbell_domain::bot;
use deskbell_domain::command::{Command, StartConversation, TransferTo};
use deskbell_domain::conversation::talk::Details;
use deskbell_domain::message::Draft;
use deskbell_domain::{AgentId, ConversationId, MessageId, Refusal, TeamId};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::id;
use super::word::Priority;

/// A request about one conversation.
pub trait OnConversation {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal>;
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendMessage {
    /// The sender's own key; a repeat with the same key changes nothing.
    #[schema(min_length = 1, max_length = 64)]
    pub client_msg_id: String,
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
    /// A note: for the desk only.
    #[serde(default)]
    pub private: bool,
    #[serde(default)]
    #[schema(value_type = id::Attributes)]
    pub attributes: Map<String, Value>,
}

impl OnConversation for SendMessage {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal> {
        let Self {
            client_msg_id,
            text,
            private,
            attributes,
        } = self;
        Ok(Command::SendMessage {
            conversation,
            draft: Draft {
                client_msg_id,
                text,
                private,
                attributes,
            },
        })
    }
}

/// A visitor's message; visitors write no notes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendVisitorMessage {
    /// The visitor's own key; a repeat with the same key changes nothing.
    #[schema(min_length = 1, max_length = 64)]
    pub client_msg_id: String,
    /// Needed without an `answer`; an answer is put into words by the server.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: Option<String>,
    /// To a bot's question.
    pub answer: Option<Answer>,
    /// The conversation takes them over: it is about this from now on.
    #[serde(default)]
    #[schema(value_type = id::Attributes)]
    pub attributes: Map<String, Value>,
}

/// What a visitor chose or filled in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The bot's message that asked.
    #[schema(value_type = id::MessageId)]
    pub message_id: MessageId,
    /// `{"choice": id}`, or a form's values by name.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub values: Map<String, Value>,
}

impl OnConversation for SendVisitorMessage {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal> {
        let Self {
            client_msg_id,
            text,
            answer,
            attributes,
        } = self;
        if let Some(Answer { message_id, values }) = answer {
            return Ok(Command::AnswerQuestion {
                conversation,
                client_msg_id,
                answer: bot::Answer { message_id, values },
                attributes,
            });
        }
        let Some(text) = text else {
            return Err(Refusal::field(
                "/text",
                "required",
                "This field is required.",
            ));
        };
        let private = false;
        SendMessage {
            client_msg_id,
            text,
            private,
            attributes,
        }
        .into_command(conversation)
    }
}

/// "Everything up to this."
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpTo {
    #[schema(minimum = 0)]
    pub seq: i64,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    #[schema(minimum = 1, maximum = 5)]
    pub score: i64,
    #[schema(max_length = 2000)]
    pub comment: Option<String>,
}

impl OnConversation for Rate {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal> {
        Ok(Command::RateConversation {
            conversation,
            score: self.score,
            comment: self.comment,
        })
    }
}

/// Why, where that may be said.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Because {
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// Left out: take it oneself.
    #[schema(value_type = Option<id::AgentId>)]
    pub agent_id: Option<AgentId>,
    /// Even when the agent is at capacity; for supervisors.
    #[serde(default)]
    pub over_capacity: bool,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

impl OnConversation for Assign {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal> {
        Ok(Command::Assign {
            conversation,
            agent: self.agent_id,
            over_capacity: self.over_capacity,
            reason: self.reason,
        })
    }
}

/// To an agent, who has it at once, or to a team, where it queues: one of the two.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    #[schema(value_type = Option<id::AgentId>)]
    pub agent_id: Option<AgentId>,
    #[schema(value_type = Option<id::TeamId>)]
    pub team_id: Option<TeamId>,
    /// Even when the agent is at capacity; for supervisors.
    #[serde(default)]
    pub over_capacity: bool,
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

impl OnConversation for Transfer {
    fn into_command(self, conversation: ConversationId) -> Result<Command, Refusal> {
        let to = match (self.agent_id, self.team_id) {
            (Some(agent), None) => TransferTo::Agent(agent),
            (None, Some(team)) => TransferTo::Team(team),
            (None, None) => {
                let detail = "Say to whom: agent_id or team_id.";
                return Err(Refusal::field("/agent_id", "required", detail));
            }
            (Some(_), Some(_)) => {
                let detail = "Either agent_id or team_id, not both.";
                return Err(Refusal::field("/team_id", "only_one", detail));
            }
        };
        Ok(Command::Transfer {
            conversation,
            to,
            over_capacity: self.over_capacity,
            reason: self.reason,
        })
    }
}

/// What is left out stays; a null empties a field or removes an attribute.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversationPatch {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub subject: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 64)]
    pub category: Option<Option<String>>,
    pub priority: Option<Priority>,
    /// Merged with what is there.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Map<String, Value>,
}

impl ConversationPatch {
    #[must_use]
    pub fn into_command(self, conversation: ConversationId, if_version: Option<i64>) -> Command {
        Command::UpdateConversation {
            conversation,
            details: Details {
                subject: self.subject,
                category: self.category,
                priority: self.priority.map(Into::into),
                attributes: self.attributes,
                if_version,
            },
        }
    }
}

/// A field that is there, even as null.
pub(super) fn given<'de, T, D>(d: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(d).map(Some)
}

/// Pre-chat answers: claims, shown as such.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreChat {
    #[schema(max_length = 100)]
    pub name: Option<String>,
    #[schema(format = "email", max_length = 254)]
    pub email: Option<String>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartConversationRequest {
    /// Needed with a `text`; a repeat with the same key changes nothing.
    #[schema(min_length = 1, max_length = 64)]
    pub client_msg_id: Option<String>,
    /// The first message.
    #[schema(min_length = 1, max_length = 4000)]
    pub text: Option<String>,
    #[schema(min_length = 1, max_length = 200)]
    pub subject: Option<String>,
    #[schema(min_length = 1, max_length = 64)]
    pub category: Option<String>,
    /// Of the conversation: the order it is about, for example.
    #[serde(default)]
    #[schema(value_type = id::Attributes)]
    pub attributes: Map<String, Value>,
    /// Left out: the inbox's own team.
    #[schema(value_type = Option<id::TeamId>)]
    pub team_id: Option<TeamId>,
    pub form: Option<PreChat>,
}

impl StartConversationRequest {
    pub fn into_command(self) -> Result<Command, Refusal> {
        let message = match (self.client_msg_id, self.text) {
            (Some(client_msg_id), Some(text)) => Some(Draft {
                client_msg_id,
                text,
                private: false,
                attributes: Map::new(),
            }),
            (None, None) => None,
            (None, Some(_)) => {
                let detail = "A text needs the sender's own key.";
                return Err(Refusal::field("/client_msg_id", "required", detail));
            }
            (Some(_), None) => {
                let detail = "A client_msg_id belongs to a text.";
                return Err(Refusal::field("/text", "required", detail));
            }
        };
        let PreChat { name, email } = self.form.unwrap_or_default();
        Ok(Command::StartConversation(StartConversation {
            message,
            subject: self.subject,
            category: self.category,
            attributes: self.attributes,
            team_id: self.team_id,
            name,
            email,
        }))
    }
}
