//! Inboxes on the wire: the whole for the desk, the shop window for visitors.

use deskbell_domain::{InboxId, InstallationId, TeamId, Timestamp, inbox};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::id;
use super::mirror::{mirror, mirror_words};
use super::request::given;

mirror! {
    /// An entry point a visitor rings at.
    Inbox of inbox::Inbox {
        #[schema(value_type = id::InboxId)]
        id: InboxId,
        /// The public key in the page's script tag, unique in the installation.
        key: String,
        name: String,
        channel: String,
        #[schema(value_type = id::TeamId)]
        default_team_id: TeamId,
        /// Origins whose pages may talk to this inbox, besides the server's own.
        allowed_origins: Vec<String>,
        look: Look = look.into(),
        /// The installation of the bot that answers first; null leaves it to people.
        #[schema(value_type = Option<id::InstallationId>)]
        bot: Option<InstallationId>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        /// For `If-Match`.
        version: i64,
    }
}

mirror_words! {
    /// The corner of the page the launcher stands in.
    Side of inbox::Side { Left, Right }
}

/// What the widget shows before anybody has said anything.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// Null means the product's own accent.
    #[schema(pattern = "^#[0-9a-fA-F]{6}$")]
    pub brand_color: Option<String>,
    /// Null means right.
    pub position: Option<Side>,
    #[schema(max_length = 200)]
    pub welcome_title: Option<String>,
    #[schema(max_length = 4000)]
    pub welcome_text: Option<String>,
}

impl From<inbox::Look> for Look {
    fn from(value: inbox::Look) -> Self {
        let inbox::Look {
            brand_color,
            position,
            welcome_title,
            welcome_text,
        } = value;
        Self {
            brand_color,
            position: position.map(Into::into),
            welcome_title,
            welcome_text,
        }
    }
}

impl From<Look> for inbox::Look {
    fn from(value: Look) -> Self {
        let Look {
            brand_color,
            position,
            welcome_title,
            welcome_text,
        } = value;
        Self {
            brand_color,
            position: position.map(Into::into),
            welcome_title,
            welcome_text,
        }
    }
}

/// What a visitor's page needs of an inbox.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PublicInbox {
    #[schema(value_type = id::InboxId)]
    pub id: InboxId,
    pub key: String,
    pub name: String,
    pub look: Look,
}

impl From<inbox::Inbox> for PublicInbox {
    fn from(inbox: inbox::Inbox) -> Self {
        Self {
            id: inbox.id,
            key: inbox.key,
            name: inbox.name,
            look: inbox.look.into(),
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInbox {
    /// Lower-case letters, digits and dashes; unique in the installation.
    #[schema(min_length = 1, max_length = 64)]
    pub key: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(value_type = id::TeamId)]
    pub default_team_id: TeamId,
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    #[serde(default)]
    pub look: Look,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxPatch {
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[schema(value_type = Option<id::TeamId>)]
    pub default_team_id: Option<TeamId>,
    pub allowed_origins: Option<Vec<String>>,
    /// Replaces the whole look.
    pub look: Option<Look>,
    /// An installation with the hook `bot`; null leaves it to people.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<id::InstallationId>)]
    pub bot: Option<Option<InstallationId>>,
}
