//! An inbox: the entry point a visitor rings at.

use serde::{Deserialize, Serialize};

use crate::id::{InboxId, InstallationId, TeamId};
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    pub id: InboxId,
    /// The public key in the page's script tag, unique in the installation.
    pub key: String,
    pub name: String,
    pub channel: String,
    pub default_team_id: TeamId,
    /// Origins whose pages may talk to this inbox, besides the server's own.
    pub allowed_origins: Vec<String>,
    pub look: Look,
    /// The installation of the bot that answers first.
    pub bot: Option<InstallationId>,
    pub created_at: Timestamp,
    pub version: i64,
}

/// The corner of the page the launcher stands in. Left is left in every language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Left,
    Right,
}

/// What the widget shows before anybody has said anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Look {
    /// `#rrggbb`; none means the product's own accent.
    pub brand_color: Option<String>,
    /// None means right.
    pub position: Option<Side>,
    pub welcome_title: Option<String>,
    pub welcome_text: Option<String>,
}
