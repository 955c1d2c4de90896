//! Canned responses on the wire.

use deskbell_domain::command::{CannedRef, Command, UseCannedResponse as Use};
use deskbell_domain::{CannedResponseId, ConversationId, Refusal, Timestamp, canned};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id;
use super::message::MessageAck;
use super::mirror::mirror;

mirror! {
    /// A saved reply.
    CannedResponse of canned::CannedResponse {
        #[schema(value_type = id::CannedResponseId)]
        id: CannedResponseId,
        /// What an agent types after `/`.
        shortcut: String,
        title: String,
        /// With variables: `{{contact.name}}`, `{{agent.name}}`, `{{order_id}}`, …
        text: String,
        enabled: bool,
        used_count: i64,
        #[schema(value_type = Option<id::Timestamp>)]
        last_used_at: Option<Timestamp>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        /// For `If-Match`.
        version: i64,
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCannedResponse {
    #[schema(min_length = 1, max_length = 32)]
    pub shortcut: String,
    #[schema(min_length = 1, max_length = 100)]
    pub title: String,
    #[schema(min_length = 1, max_length = 4000)]
    pub text: String,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedResponsePatch {
    #[schema(min_length = 1, max_length = 32)]
    pub shortcut: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    pub title: Option<String>,
    #[schema(min_length = 1, max_length = 4000)]
    pub text: Option<String>,
    pub enabled: Option<bool>,
}

/// Renders a canned response, named by id or by shortcut, and sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UseCannedResponse {
    #[schema(value_type = id::ConversationId)]
    pub conversation_id: ConversationId,
    #[schema(value_type = Option<id::CannedResponseId>)]
    pub canned_response_id: Option<CannedResponseId>,
    pub shortcut: Option<String>,
    #[schema(min_length = 1, max_length = 64)]
    pub client_msg_id: String,
    /// Show the filled text, and what is missing, without sending it.
    #[serde(default)]
    pub preview: bool,
}

impl UseCannedResponse {
    pub fn into_command(self) -> Result<Command, Refusal> {
        let which = match (self.canned_response_id, self.shortcut) {
            (Some(id), None) => CannedRef::Id(id),
            (None, Some(shortcut)) => CannedRef::Shortcut(shortcut),
            (None, None) => {
                return Err(Refusal::field(
                    "/shortcut",
                    "required",
                    "Name the canned response by shortcut or by canned_response_id.",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(Refusal::field(
                    "/shortcut",
                    "only_one",
                    "Either shortcut or canned_response_id, not both.",
                ));
            }
        };
        Ok(Command::UseCannedResponse(Use {
            conversation: self.conversation_id,
            which,
            client_msg_id: self.client_msg_id,
            preview: self.preview,
        }))
    }
}

/// What became of using a canned response.
#[derive(Debug, Serialize, ToSchema)]
pub struct CannedResponseUsed {
    pub text: String,
    /// Variables without a value; only a preview has any.
    pub missing: Vec<String>,
    /// Null for a preview.
    pub ack: Option<MessageAck>,
}
