//! Log-in and sessions on the wire.

use deskbell_app as app;
use deskbell_domain::{AgentId, SessionId, Timestamp, VisitorId, session};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::agent::Agent;
use super::id;
use super::mirror::mirror;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The tenant's short name.
    #[schema(example = "demo")]
    pub tenant: String,
    #[schema(format = "email", example = "ana@demo.test")]
    pub email: String,
    #[schema(format = "password")]
    pub password: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshTokens {
    pub refresh_token: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedIn {
    /// For `Authorization: Bearer`.
    pub access_token: String,
    /// Seconds the access token lives.
    pub expires_in: i64,
    /// Good for one refresh; using it again ends its sessions.
    pub refresh_token: String,
    pub agent: Agent,
}

impl From<app::LoggedIn> for LoggedIn {
    fn from(value: app::LoggedIn) -> Self {
        let app::LoggedIn {
            access_token,
            expires_in,
            refresh_token,
            agent,
        } = value;
        Self {
            access_token,
            expires_in,
            refresh_token,
            agent: agent.into(),
        }
    }
}

mirror! {
    /// A log-in on one device.
    Session of session::Session {
        #[schema(value_type = id::SessionId)]
        id: SessionId,
        #[schema(value_type = Option<id::AgentId>)]
        agent_id: Option<AgentId>,
        #[schema(value_type = Option<id::VisitorId>)]
        visitor_id: Option<VisitorId>,
        user_agent: Option<String>,
        address: Option<String>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        #[schema(value_type = id::Timestamp)]
        last_used_at: Timestamp,
        #[schema(value_type = id::Timestamp)]
        expires_at: Timestamp,
        #[schema(value_type = Option<id::Timestamp>)]
        revoked_at: Option<Timestamp>,
    }
}
