//! The four fixed roles and what each may do.
//!
//! A handler names the permission it needs in its signature; this table is the
//! only place that says who has it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Agent,
    Supervisor,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Agent, Self::Supervisor, Self::Admin, Self::Owner];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Roles are a ladder: each has all that the one below has.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }

    /// Sees every conversation of the tenant, not only the own teams'.
    #[must_use]
    pub fn sees_all(self) -> bool {
        self >= Self::Supervisor
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Read and answer the conversations one can see.
    Converse,
    /// Read agents, teams, inboxes, canned responses.
    ReadDesk,
    /// Set another agent's availability, assign over capacity.
    Supervise,
    /// Create and change agents, teams, inboxes, shared canned responses.
    Administer,
    /// Make or unmake an owner.
    Own,
}

impl Permission {
    #[must_use]
    pub fn least_role(self) -> Role {
        match self {
            Self::Converse | Self::ReadDesk => Role::Agent,
            Self::Supervise => Role::Supervisor,
            Self::Administer => Role::Admin,
            Self::Own => Role::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder() {
        use Permission::*;
        let rows = [
            (Role::Agent, [true, true, false, false, false]),
            (Role::Supervisor, [true, true, true, false, false]),
            (Role::Admin, [true, true, true, true, false]),
            (Role::Owner, [true, true, true, true, true]),
        ];
        for (role, expected) in rows {
            let got = [Converse, ReadDesk, Supervise, Administer, Own].map(|p| role.allows(p));
            assert_eq!(got, expected, "{role:?}");
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }
}
