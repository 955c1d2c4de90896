//! An agent: a person who answers, with a seat count that no race exceeds.

use serde::{Deserialize, Serialize};

use crate::availability::{Availability, Presence, effective};
use crate::id::{AgentId, TeamId};
use crate::permission::Role;
use crate::tenant::TenantSettings;
use crate::time::Timestamp;

pub const DEFAULT_CAPACITY: i64 = 5;

/// The whole agent. What events and snapshots show is `AgentView`; the password
/// hash is not here at all, so it cannot leak from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub team_ids: Vec<TeamId>,
    pub capacity: i64,
    /// Active chats. Changed only while the agent's row is held.
    pub load: i64,
    pub presence: Presence,
    /// The effective availability, as last worked out.
    pub availability: Availability,
    pub last_assigned_at: Option<Timestamp>,
    pub deactivated_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i64,
}

impl Agent {
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.load < self.capacity
    }

    /// Online with room: the only agents the router gives chats to.
    #[must_use]
    pub fn takes_chats(&self) -> bool {
        self.deactivated_at.is_none()
            && self.availability == Availability::Online
            && self.has_room()
    }

    /// Works availability out again; true when it changed.
    pub fn refresh(&mut self, settings: &TenantSettings, now: Timestamp) -> bool {
        let value = effective(&self.presence, self.load, self.capacity, settings, now);
        let changed = value != self.availability;
        if changed {
            self.availability = value;
            self.version += 1;
        }
        changed
    }

    #[must_use]
    pub fn to_ref(&self) -> AgentRef {
        AgentRef {
            id: self.id,
            name: self.name.clone(),
        }
    }

    #[must_use]
    pub fn view(&self) -> AgentView {
        AgentView {
            id: self.id,
            email: self.email.clone(),
            name: self.name.clone(),
            role: self.role,
            team_ids: self.team_ids.clone(),
            capacity: self.capacity,
            availability: self.availability,
            choice: self.presence.choice,
            deactivated_at: self.deactivated_at,
            created_at: self.created_at,
            version: self.version,
        }
    }
}

/// The agent as a conversation names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentRef {
    pub id: AgentId,
    pub name: String,
}

/// The agent as colleagues see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentView {
    pub id: AgentId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub team_ids: Vec<TeamId>,
    pub capacity: i64,
    pub availability: Availability,
    pub choice: Availability,
    pub deactivated_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i64,
}
