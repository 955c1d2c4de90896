//! A visitor's session and conversations on the wire.

use deskbell_app::auth::visitor as app;
use deskbell_domain::visitor::{self, Whereabouts};
use deskbell_domain::{Conversation, MessageAck as Ack, Timestamp, VisitorId, visitor_view};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conversation::VisitorConversation;
use super::id;
use super::inbox::PublicInbox;
use super::message::MessageAck;

/// The page the visitor is on, as they say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// An address of the web.
    #[schema(max_length = 2000)]
    pub url: String,
    #[schema(max_length = 300)]
    pub title: Option<String>,
    /// May be empty.
    #[schema(max_length = 2000)]
    pub referrer: Option<String>,
}

impl From<Page> for visitor::Page {
    fn from(value: Page) -> Self {
        let Page {
            url,
            title,
            referrer,
        } = value;
        Self {
            url,
            title,
            referrer,
        }
    }
}

impl From<visitor::Page> for Page {
    fn from(value: visitor::Page) -> Self {
        let visitor::Page {
            url,
            title,
            referrer,
        } = value;
        Self {
            url,
            title,
            referrer,
        }
    }
}

/// The browser a visitor rings from, as the desk sees it. All of it is what the
/// browser said last.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Visitor {
    #[schema(value_type = id::VisitorId)]
    pub id: VisitorId,
    pub page: Option<Page>,
    /// A language tag.
    pub locale: Option<String>,
    /// A name of the IANA time zone database.
    pub time_zone: Option<String>,
    /// Width and height in CSS pixels.
    pub screen: Option<String>,
    /// The first time it was seen.
    #[schema(value_type = id::Timestamp)]
    pub created_at: Timestamp,
    #[schema(value_type = id::Timestamp)]
    pub last_seen_at: Timestamp,
}

impl From<visitor::Visitor> for Visitor {
    fn from(value: visitor::Visitor) -> Self {
        let visitor::Visitor {
            id,
            contact_id: _,
            inbox_id: _,
            whereabouts,
            created_at,
            last_seen_at,
        } = value;
        let Whereabouts {
            page,
            locale,
            time_zone,
            screen,
        } = whereabouts;
        Self {
            id,
            page: page.map(Into::into),
            locale,
            time_zone,
            screen,
            created_at,
            last_seen_at,
        }
    }
}

/// What surrounds a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ConversationContext {
    pub visitor: Visitor,
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

impl From<OpenVisitorSession> for app::OpenVisitorSession {
    fn from(value: OpenVisitorSession) -> Self {
        let OpenVisitorSession {
            inbox,
            secret,
            page,
            locale,
            time_zone,
            screen,
        } = value;
        let whereabouts = Whereabouts {
            page: page.map(Into::into),
            locale,
            time_zone,
            screen,
        };
        Self {
            inbox_key: inbox,
            secret,
            whereabouts,
        }
    }
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
