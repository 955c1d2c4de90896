//! A visitor's session and conversations on the wire.

use deskbell_app::auth::visitor as app;
use deskbell_domain::{Conversation, MessageAck as Ack, VisitorId, visitor_view};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::VisitorConversation;
use super::id;
use super::inbox::PublicInbox;
use super::message::MessageAck;

/// The page the visitor is on, as they say.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    pub url: String,
    pub title: Option<String>,
    /// May be empty.
    pub referrer: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenVisitorSession {
    /// The inbox's public key.
    #[schema(example = "demo-web")]
    pub inbox: String,
    /// From an earlier session: the same visitor again.
    pub secret: Option<String>,
    pub page: Option<Page>,
    #[schema(example = "de-AT")]
    pub locale: Option<String>,
    #[schema(example = "Europe/Vienna")]
    pub time_zone: Option<String>,
    #[schema(example = "1920x1080")]
    pub screen: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorRef {
    #[schema(value_type = id::VisitorId)]
    pub id: VisitorId,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct VisitorSession {
    /// For `Authorization: Bearer` on the widget's routes.
    pub token: String,
    /// Seconds the token lives.
    pub expires_in: i64,
    pub visitor: VisitorRef,
    /// To be kept by the browser, and shown to nobody else.
    pub secret: String,
    pub inbox: PublicInbox,
}

impl From<app::VisitorSession> for VisitorSession {
    fn from(value: app::VisitorSession) -> Self {
        let app::VisitorSession {
            token,
            expires_in,
            visitor_id,
            secret,
            inbox,
        } = value;
        Self {
            token,
            expires_in,
            visitor: VisitorRef { id: visitor_id },
            secret,
            inbox: inbox.into(),
        }
    }
}

/// The visitor's conversation, and the ack of the message that came with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct StartedConversation {
    #[serde(flatten)]
    pub conversation: VisitorConversation,
    /// Null when no message was sent.
    pub ack: Option<MessageAck>,
}

impl StartedConversation {
    #[must_use]
    pub fn new(conversation: &Conversation, ack: Option<Ack>) -> Self {
        Self {
            conversation: visitor_view::conversation(conversation).into(),
            ack: ack.map(Into::into),
        }
    }
}
