//! Log-in: agents by password and rotating refresh tokens, visitors by a secret
//! their browser keeps (`auth/visitor.rs`).
//!
//! A session is what can be ended. Access tokens are short and name it; a refresh
//! token works once, and seeing one twice ends the session, because one of the
//! two who had it stole it.

pub mod visitor;

use deskbell_domain::agent::AgentView;
use deskbell_domain::audit::{LOG_IN_FAILED, LOGGED_IN, LOGGED_OUT, Noted};
use deskbell_domain::event::Changes;
use deskbell_domain::session::Session;
use deskbell_domain::tenant::Tenant;
use deskbell_domain::time::{DAY, MINUTE, Millis};
use deskbell_domain::{
    Actor, Agent, AgentId, Audience, EventBody, Refusal, SessionId, TenantId, Timestamp, TokenId,
    VisitorId, Who,
};
use deskbell_store::session::RefreshToken;
use deskbell_store::{Attempt, Tx};

use crate::admin::{note, note_from};
use crate::app::{App, found};
use crate::error::{AuthError, Error};
use crate::token::{ACCESS_LIFE, secret_hash, secret_text, subject};

/// Failed attempts on one account from one address are one entry for so long.
const ATTEMPTS_TOGETHER: Millis = MINUTE;
/// A log-in lives this long without being used.
const SESSION_LIFE: Millis = 30 * DAY;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    Agent,
    Widget,
}

impl Plane {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Widget => "widget",
        }
    }
}

/// Where a request came from, as the session list shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    pub address: Option<String>,
    pub user_agent: Option<String>,
}

#[derive(Debug, Clone)]
pub struct LogIn {
    pub tenant: String,
    pub email: String,
    pub password: String,
}

#[derive(Debug, Clone)]
pub struct LoggedIn {
    pub access_token: String,
    /// Seconds.
    pub expires_in: i64,
    pub refresh_token: String,
    pub agent: AgentView,
}

impl App {
    /// A wrong tenant, address or password all look and take the same.
    pub async fn login(&self, log_in: LogIn, client: Client) -> Result<LoggedIn, Error> {
        let tenant = self.tenant_by_slug(&log_in.tenant).await?;
        let email = log_in.email.trim().to_lowercase();
        let account = match &tenant {
            Some(tenant) => {
                self.store
                    .snapshot(tenant.id)
                    .await?
                    .agent_login(&email)
                    .await?
            }
            None => None,
        };
        let hash = account.as_ref().map(|(_, hash)| hash.clone());
        let fits = self.passwords.verify(log_in.password, hash).await?;
        let account = account.map(|(agent, _)| agent);
        let (Some(tenant), Some(agent), true) = (&tenant, account, fits) else {
            if let Some(tenant) = &tenant {
                self.note_failed_log_in(tenant, account, &client).await?;
            }
            return Err(AuthError::BadCredentials.into());
        };
        let near = self.surroundings(&self.tenant(tenant.id).await?);
        let (now, address) = (near.now, client.address.clone());
        let session = Session {
            id: SessionId(self.ids.uuid()),
            agent_id: Some(agent),
            visitor_id: None,
            user_agent: client.user_agent,
            address: client.address,
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(SESSION_LIFE),
            revoked_at: None,
        };
        let (refresh_token, row) = self.new_refresh_token(session.id, now);
        let id = session.id;
        let agent = self
            .store
            .write(tenant.id, move |tx| {
                let (near, session, row) = (near.clone(), session.clone(), row.clone());
                let address = address.clone();
                Box::pin(async move {
                    let agent = tx
                        .agent(agent)
                        .await?
                        .filter(|a| a.deactivated_at.is_none());
                    let agent = agent.ok_or(AuthError::BadCredentials)?;
                    tx.insert_session(&session).await?;
                    tx.insert_refresh_token(&row).await?;
                    let who = who(&agent, session.id);
                    let by = Actor {
                        tenant: tx.tenant(),
                        who,
                    }
                    .seen_at(address);
                    note(
                        tx,
                        &near,
                        &by,
                        Noted::session(LOGGED_IN, agent.id, session.id),
                    );
                    Ok::<_, Error>(agent.view())
                })
            })
            .await?;
        self.logged_in(tenant.id, id, agent, refresh_token).await
    }

    /// An attempt on a tenant's door, known address or not. What was typed is not
    /// kept: it may be anything.
    async fn note_failed_log_in(
        &self,
        tenant: &Tenant,
        agent: Option<AgentId>,
        client: &Client,
    ) -> Result<(), Error> {
        let (near, address) = (self.surroundings(tenant), client.address.clone());
        self.store
            .write(tenant.id, move |tx| {
                let (near, address) = (near.clone(), address.clone());
                Box::pin(async move {
                    let id = agent.map(|id| id.to_string());
                    // Whoever tries on and on fills no log: one entry a minute.
                    if let Some(address) = &address {
                        let attempt = Attempt {
                            action: LOG_IN_FAILED,
                            target_id: id.clone(),
                            address: address.clone(),
                            since: Timestamp(near.now.0 - ATTEMPTS_TOGETHER),
                        };
                        if tx.count_attempt(&attempt).await? {
                            return Ok(());
                        }
                    }
                    let noted = Noted {
                        action: LOG_IN_FAILED,
                        kind: "agent",
                        id,
                        details: Default::default(),
                    };
                    note_from(tx, &near, &Actor::system(near.tenant.id), noted, address);
                    Ok(())
                })
            })
            .await
    }

    /// Trades a refresh token for the next pair.
    pub async fn refresh(&self, token: &str, client: Client) -> Result<LoggedIn, Error> {
        let hash = secret_hash(token);
        let row = self
            .store
            .system_snapshot()
            .await?
            .refresh_token(&hash)
            .await?;
        let (tenant, row) = row.ok_or(AuthError::TokenInvalid)?;
        self.tenant(tenant).await?;
        let now = self.now();
        if now >= row.expires_at {
            return Err(AuthError::TokenExpired.into());
        }
        let (next, next_row) = self.new_refresh_token(row.session_id, now);
        let (id, session) = (row.id, row.session_id);
        // A reuse must be committed as a revocation, so it is no error in here.
        let traded = self
            .store
            .write(tenant, move |tx| {
                let (next_row, client) = (next_row.clone(), client.clone());
                Box::pin(async move {
                    let live = tx.session(session).await?.filter(|s| s.is_live(now));
                    let Some(agent) = live.and_then(|s| s.agent_id) else {
                        return Err(AuthError::SessionRevoked.into());
                    };
                    if !tx.use_refresh_token(id, now).await? {
                        return Ok(None);
                    }
                    let agent = tx
                        .agent(agent)
                        .await?
                        .filter(|a| a.deactivated_at.is_none());
                    let agent = agent.ok_or(AuthError::SessionRevoked)?;
                    tx.insert_refresh_token(&next_row).await?;
                    tx.touch_session(session, now, now.plus(SESSION_LIFE))
                        .await?;
                    tracing::debug!(%session, address = ?client.address, "session refreshed");
                    Ok::<_, Error>(Some(agent.view()))
                })
            })
            .await?;
        match traded {
            Some(agent) => self.logged_in(tenant, session, agent, next).await,
            None => {
                tracing::warn!(%session, "a refresh token came twice; the session is ended");
                self.end_session(&Actor::system(tenant), session, None)
                    .await?;
                Err(AuthError::RefreshReused.into())
            }
        }
    }

    async fn logged_in(
        &self,
        tenant: TenantId,
        session: SessionId,
        agent: AgentView,
        refresh_token: String,
    ) -> Result<LoggedIn, Error> {
        let subject = agent.id.to_string();
        let (access_token, expires_in) = self
            .sign(Plane::Agent, tenant, subject, session, ACCESS_LIFE)
            .await?;
        Ok(LoggedIn {
            access_token,
            expires_in,
            refresh_token,
            agent,
        })
    }

    fn new_refresh_token(&self, session_id: SessionId, now: Timestamp) -> (String, RefreshToken) {
        let text = secret_text("dbr", self.secrets.bytes());
        let row = RefreshToken {
            id: TokenId(self.ids.uuid()),
            session_id,
            hash: secret_hash(&text),
            issued_at: now,
            expires_at: now.plus(SESSION_LIFE),
            used_at: None,
        };
        (text, row)
    }

    /// Who sends this token. Reads the session, so a revoked one is out at once.
    pub async fn authenticate(&self, token: &str, plane: Plane) -> Result<Actor, Error> {
        let claims = self.claims(token, plane).await?;
        self.tenant(claims.tid).await?;
        let (now, session) = (self.now(), claims.sid);
        let who = match plane {
            Plane::Agent => {
                let id: AgentId = subject(&claims)?;
                agent_behind(&self.store.snapshot(claims.tid).await?, session, id, now).await?
            }
            Plane::Widget => {
                let id: VisitorId = subject(&claims)?;
                visitor_behind(&self.store.snapshot(claims.tid).await?, session, id, now).await?
            }
        };
        Ok(Actor {
            tenant: claims.tid,
            who,
        })
    }

    pub async fn logout(&self, actor: &Actor) -> Result<(), Error> {
        let session = found(actor.session(), "session")?;
        self.end_session(actor, session, None).await
    }

    /// One's own live sessions, newest first.
    pub async fn sessions(&self, actor: &Actor) -> Result<Vec<Session>, Error> {
        let agent = found(actor.agent_id(), "session")?;
        let now = self.now();
        let all = self
            .store
            .snapshot(actor.tenant)
            .await?
            .agent_sessions(agent)
            .await?;
        Ok(all
            .into_iter()
            .filter(|session| session.is_live(now))
            .collect())
    }

    /// Ends one of one's own sessions.
    pub async fn revoke_session(&self, actor: &Actor, id: SessionId) -> Result<(), Error> {
        let agent = found(actor.agent_id(), "session")?;
        self.end_session(actor, id, Some(agent)).await
    }

    /// Ends a session and tells every node, whose sockets of it then close.
    async fn end_session(
        &self,
        actor: &Actor,
        id: SessionId,
        owner: Option<AgentId>,
    ) -> Result<(), Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let session = found(tx.session(id).await?, "session")?;
                    if owner.is_some() && session.agent_id != owner {
                        return Err(Refusal::NotFound("session").into());
                    }
                    if tx.revoke_session(id, near.now).await? {
                        // A visitor's session is nobody's account.
                        if let Some(agent) = session.agent_id {
                            let own = by.session() == Some(id);
                            let ended = EventBody::SessionRevoked { session_id: id }.name();
                            let action = if own { LOGGED_OUT } else { ended };
                            note(tx, &near, &by, Noted::session(action, agent, id));
                        }
                        tx.emit(near.event(
                            &by,
                            EventBody::SessionRevoked { session_id: id },
                            Changes::default(),
                            Audience {
                                agents: session.agent_id.into_iter().collect(),
                                ..Audience::default()
                            },
                        ))?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

async fn agent_behind(
    tx: &Tx,
    session: SessionId,
    id: AgentId,
    now: Timestamp,
) -> Result<Who, Error> {
    let live = tx
        .session(session)
        .await?
        .filter(|s| s.is_live(now) && s.agent_id == Some(id));
    let agent = match live {
        Some(_) => tx.agent(id).await?.filter(|a| a.deactivated_at.is_none()),
        None => None,
    };
    let agent = agent.ok_or(AuthError::SessionRevoked)?;
    Ok(who(&agent, session))
}

fn who(agent: &Agent, session: SessionId) -> Who {
    Who::Agent {
        id: agent.id,
        name: agent.name.clone(),
        role: agent.role,
        teams: agent.team_ids.clone(),
        session,
        address: None,
    }
}

async fn visitor_behind(
    tx: &Tx,
    session: SessionId,
    id: VisitorId,
    now: Timestamp,
) -> Result<Who, Error> {
    let live = tx
        .session(session)
        .await?
        .filter(|s| s.is_live(now) && s.visitor_id == Some(id));
    let visitor = match live {
        Some(_) => tx.visitor(id).await?,
        None => None,
    };
    let visitor = visitor.ok_or(AuthError::SessionRevoked)?;
    let contact = tx.contact(visitor.contact_id).await?;
    Ok(Who::Visitor {
        id,
        contact: visitor.contact_id,
        inbox: visitor.inbox_id,
        name: contact.and_then(|c| c.name),
        session,
    })
}
