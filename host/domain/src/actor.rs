//! Who does something: an agent, a visitor, or the system itself.

use serde::{Deserialize, Serialize};

use crate::id::{
    AgentId, ContactId, InboxId, InstallationId, SessionId, TeamId, TenantId, VisitorId,
};
use crate::permission::{Permission, Role};

/// An authenticated party inside one tenant. Made by the edge from a token, by
/// a timer, or by the router; never from a request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub tenant: TenantId,
    pub who: Who,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Who {
    Agent {
        id: AgentId,
        name: String,
        role: Role,
        teams: Vec<TeamId>,
        session: SessionId,
        /// Where the request came from, for the audit log and nothing else.
        #[serde(skip)]
        address: Option<String>,
    },
    Visitor {
        id: VisitorId,
        contact: ContactId,
        inbox: InboxId,
        name: Option<String>,
        session: SessionId,
    },
    /// A plugin that was told of an event, in its own tenant.
    Plugin {
        id: InstallationId,
        name: String,
    },
    System,
}

impl Actor {
    #[must_use]
    pub fn system(tenant: TenantId) -> Self {
        Self {
            tenant,
            who: Who::System,
        }
    }

    #[must_use]
    pub fn allows(&self, permission: Permission) -> bool {
        match &self.who {
            Who::Agent { role, .. } => role.allows(permission),
            Who::Visitor { .. } | Who::Plugin { .. } => false,
            Who::System => true,
        }
    }

    #[must_use]
    pub fn agent_id(&self) -> Option<AgentId> {
        match &self.who {
            Who::Agent { id, .. } => Some(*id),
            _ => None,
        }
    }

    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        match &self.who {
            Who::Agent { session, .. } | Who::Visitor { session, .. } => Some(*session),
            Who::Plugin { .. } | Who::System => None,
        }
    }

    /// With the address the request came from.
    #[must_use]
    pub fn seen_at(mut self, from: Option<String>) -> Self {
        if let Who::Agent { address, .. } = &mut self.who {
            *address = from;
        }
        self
    }

    #[must_use]
    pub fn address(&self) -> Option<&str> {
        match &self.who {
            Who::Agent { address, .. } => address.as_deref(),
            _ => None,
        }
    }

    /// The form in which events and messages name this actor.
    #[must_use]
    pub fn to_ref(&self) -> ActorRef {
        match &self.who {
            Who::Agent { id, name, .. } => ActorRef {
                kind: ActorKind::Agent,
                id: Some(id.to_string()),
                name: Some(name.clone()),
            },
            Who::Visitor { id, name, .. } => ActorRef {
                kind: ActorKind::Visitor,
                id: Some(id.to_string()),
                name: name.clone(),
            },
            Who::Plugin { id, name } => ActorRef::plugin(*id, name),
            Who::System => ActorRef::system(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    Visitor,
    Agent,
    Bot,
    System,
    Plugin,
}

impl ActorKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Agent => "agent",
            Self::Bot => "bot",
            Self::System => "system",
            Self::Plugin => "plugin",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Visitor,
            Self::Agent,
            Self::Bot,
            Self::System,
            Self::Plugin,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// The actor as events show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorRef {
    #[serde(rename = "type")]
    pub kind: ActorKind,
    pub id: Option<String>,
    pub name: Option<String>,
}

impl ActorRef {
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: None,
            name: None,
        }
    }

    /// A bot in a conversation: a plugin by its installation, under its own name.
    #[must_use]
    pub fn bot(id: InstallationId, name: &str) -> Self {
        Self {
            kind: ActorKind::Bot,
            ..Self::plugin(id, name)
        }
    }

    /// A plugin at work, by its installation.
    #[must_use]
    pub fn plugin(id: InstallationId, name: &str) -> Self {
        Self {
            kind: ActorKind::Plugin,
            id: Some(id.to_string()),
            name: Some(name.to_owned()),
        }
    }
}
