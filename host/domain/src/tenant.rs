//! A tenant: the customer organisation every other row belongs to.

use serde::{Deserialize, Serialize};

use crate::id::TenantId;
use crate::time::{DAY, MINUTE, Millis, SECOND, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    /// The short name in log-ins: lower-case letters, digits, dashes.
    pub slug: String,
    pub name: String,
    pub state: TenantState,
    pub settings: TenantSettings,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    Active,
    Suspended,
}

impl TenantState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Suspended]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// The waiting times a tenant may change; a missing one keeps its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// Without a socket for this long an agent is offline.
    pub presence_grace_ms: Millis,
    /// Offline for this long after that, an agent's chats queue again.
    pub requeue_grace_ms: Millis,
    /// Without activity for this long an agent is away.
    pub away_after_ms: Millis,
    /// A queued chat whose visitor is gone for this long is missed.
    pub missed_after_ms: Millis,
    /// A resolved or missed conversation closes after this long.
    pub close_after_ms: Millis,
    /// A conversation with a bot in which nobody writes for this long is resolved.
    pub bot_idle_ms: Millis,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            presence_grace_ms: 35 * SECOND,
            requeue_grace_ms: 2 * MINUTE,
            away_after_ms: 15 * MINUTE,
            missed_after_ms: 5 * MINUTE,
            close_after_ms: DAY,
            bot_idle_ms: 30 * MINUTE,
        }
    }
}
