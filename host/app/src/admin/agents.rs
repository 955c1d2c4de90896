//! Agents: made and changed by admins; owners only by owners.
//!
//! A change of teams or role changes what the agent may see, so their sockets
//! take a new snapshot; a deactivated agent is out at once and their chats queue.

use deskbell_domain::agent::{Agent, AgentView};
use deskbell_domain::audit::{Noted, PASSWORD_SET};
use deskbell_domain::availability::{Availability, Presence};
use deskbell_domain::conversation::{Status, flow};
use deskbell_domain::event::Changes;
use deskbell_domain::text::{Check, NAME_MAX_CHARS};
use deskbell_domain::{
    Actor, ActorRef, AgentId, Case, Context, EventBody, Permission, Refusal, Role, TeamId,
};
use deskbell_store::Tx;

use crate::admin::teams::members_changed;
use crate::admin::{note, tell};
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;
use crate::execute::Needs;

pub const PASSWORD_MIN: usize = 10;
pub const PASSWORD_MAX: usize = 256;
pub const CAPACITY_MAX: i64 = 100;

#[derive(Debug, Clone)]
pub struct NewAgent {
    pub email: String,
    pub name: String,
    pub role: Role,
    pub password: String,
    pub capacity: i64,
    pub team_ids: Vec<TeamId>,
}

/// None leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct AgentPatch {
    pub name: Option<String>,
    pub role: Option<Role>,
    pub capacity: Option<i64>,
    pub team_ids: Option<Vec<TeamId>>,
    pub deactivated: Option<bool>,
    pub if_version: Option<i64>,
}

impl NewAgent {
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        let mut check = Check::new();
        check.email("/email", &self.email);
        check.required("/name", &self.name, NAME_MAX_CHARS, false);
        check_capacity(&mut check, self.capacity);
        check_password(&mut check, &self.password);
        check.done()
    }
}

fn check_capacity(check: &mut Check, capacity: i64) {
    if !(0..=CAPACITY_MAX).contains(&capacity) {
        check.refuse(
            "/capacity",
            "out_of_range",
            format!("Between 0 and {CAPACITY_MAX}."),
        );
    }
}

fn check_password(check: &mut Check, password: &str) {
    let length = password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&length) {
        let detail = format!("{PASSWORD_MIN} to {PASSWORD_MAX} characters.");
        check.refuse("/password", "bad_length", detail);
    }
}

impl App {
    pub async fn list_agents(&self, actor: &Actor) -> Result<Vec<AgentView>, Error> {
        require(actor, Permission::ReadDesk)?;
        let agents = self.store.snapshot(actor.tenant).await?.agents().await?;
        Ok(agents.iter().map(Agent::view).collect())
    }

    pub async fn create_agent(&self, actor: &Actor, new: NewAgent) -> Result<AgentView, Error> {
        require(actor, Permission::Administer)?;
        if new.role == Role::Owner {
            require(actor, Permission::Own)?;
        }
        new.check()?;
        let hash = self
            .passwords
            .hash(new.password.clone(), self.secrets.bytes())
            .await?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let agent = Agent {
            id: AgentId(self.ids.uuid()),
            email: new.email.trim().to_lowercase(),
            name: new.name,
            role: new.role,
            team_ids: new.team_ids,
            capacity: new.capacity,
            load: 0,
            presence: Presence {
                connected: false,
                disconnected_at: None,
                choice: Availability::Online,
                last_active_at: near.now,
            },
            availability: Availability::Offline,
            last_assigned_at: None,
            deactivated_at: None,
            created_at: near.now,
            version: 1,
        };
        let view = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, agent, hash) =
                    (near.clone(), by.clone(), agent.clone(), hash.clone());
                Box::pin(async move {
                    teams_exist(tx, &agent.team_ids).await?;
                    if !tx.insert_agent(&agent, &hash).await? {
                        return Err(Refusal::Taken("The e-mail address").into());
                    }
                    let body = EventBody::AgentCreated {
                        agent: agent.view(),
                    };
                    tell(tx, &near, &by, body, Default::default())?;
                    members_changed(tx, &near, &by, agent.id, &[], &agent.team_ids).await?;
                    Ok::<_, Error>(agent.view())
                })
            })
            .await?;
        self.ring();
        Ok(view)
    }

    pub async fn update_agent(
        &self,
        actor: &Actor,
        id: AgentId,
        patch: AgentPatch,
    ) -> Result<AgentView, Error> {
        require(actor, Permission::Administer)?;
        let mut check = Check::new();
        if let Some(name) = &patch.name {
            check.required("/name", name, NAME_MAX_CHARS, false);
        }
        if let Some(capacity) = patch.capacity {
            check_capacity(&mut check, capacity);
        }
        check.done()?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let (view, out) = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                Box::pin(async move { change(tx, &near, &by, id, patch).await })
            })
            .await?;
        self.ring();
        if out {
            self.queue_chats_of(actor, id).await?;
        }
        Ok(view)
    }

    /// Sets a password and ends every session that the old one opened.
    pub async fn set_password(
        &self,
        actor: &Actor,
        id: AgentId,
        password: String,
    ) -> Result<(), Error> {
        let mut check = Check::new();
        check_password(&mut check, &password);
        check.done()?;
        let hash = self.passwords.hash(password, self.secrets.bytes()).await?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, hash) = (near.clone(), by.clone(), hash.clone());
                Box::pin(async move {
                    found(tx.agent(id).await?, "agent")?;
                    tx.set_password(id, &hash).await?;
                    note(tx, &near, &by, Noted::new(PASSWORD_SET, "agent", id));
                    end_sessions(tx, &near, &by, id).await
                })
            })
            .await?;
        self.ring();
        Ok(())
    }

    /// The agent of an address, for the operator's commands.
    pub async fn agent_by_email(&self, actor: &Actor, email: &str) -> Result<AgentId, Error> {
        let email = email.trim().to_lowercase();
        let tx = self.store.snapshot(actor.tenant).await?;
        Ok(found(tx.agent_login(&email).await?, "agent")?.0)
    }

    async fn queue_chats_of(&self, actor: &Actor, id: AgentId) -> Result<(), Error> {
        let active = self
            .store
            .snapshot(actor.tenant)
            .await?
            .active_of(id)
            .await?;
        let system = Actor::system(actor.tenant);
        for conversation in active {
            let decide = move |case: &mut Case, cx: &Context<'_>, by: &ActorRef| {
                let theirs = case
                    .conversation
                    .assignee
                    .as_ref()
                    .is_some_and(|a| a.id == id);
                if theirs && case.conversation.status == Status::Active {
                    flow::unassign(case, cx, by, Some("agent_deactivated".to_owned()))?;
                }
                Ok(())
            };
            let needs = Needs {
                assignee: true,
                ..Needs::default()
            };
            self.unit(&system, conversation, needs, Box::new(decide))
                .await?;
        }
        Ok(())
    }
}

/// Answers the agent, and whether they were put out.
async fn change(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    id: AgentId,
    patch: AgentPatch,
) -> Result<(AgentView, bool), Error> {
    let mut agent = found(tx.hold_agent(id).await?, "agent")?;
    let before = agent.clone();
    if patch
        .if_version
        .is_some_and(|version| version != agent.version)
    {
        return Err(Refusal::Stale.into());
    }
    let owner = agent.role == Role::Owner || patch.role == Some(Role::Owner);
    if owner && (patch.role.is_some() || patch.deactivated.is_some()) {
        require(by, Permission::Own)?;
    }
    agent.name = patch.name.unwrap_or(agent.name);
    agent.role = patch.role.unwrap_or(agent.role);
    agent.capacity = patch.capacity.unwrap_or(agent.capacity);
    if let Some(teams) = patch.team_ids {
        teams_exist(tx, &teams).await?;
        agent.team_ids = teams;
    }
    match patch.deactivated {
        Some(true) if by.agent_id() == Some(id) => {
            return Err(
                Refusal::field("/deactivated", "own_account", "Not your own account.").into(),
            );
        }
        Some(true) => agent.deactivated_at = agent.deactivated_at.or(Some(near.now)),
        Some(false) => agent.deactivated_at = None,
        None => {}
    }
    let last_owner =
        before.role == Role::Owner && (agent.role != Role::Owner || agent.deactivated_at.is_some());
    if last_owner && !another_owner(tx, id).await? {
        return Err(Refusal::InUse("The last owner").into());
    }
    let out = agent.deactivated_at.is_some() && before.deactivated_at.is_none();
    if out {
        agent.presence.connected = false;
        agent.presence.disconnected_at = None;
    }
    agent.refresh(&near.tenant.settings, near.now);
    if agent == before {
        return Ok((agent.view(), false));
    }
    agent.version = before.version + 1;
    tx.save_agent(&agent).await?;
    let changes = Changes::between(&before.view(), &agent.view());
    tell(
        tx,
        near,
        by,
        EventBody::AgentUpdated {
            agent: agent.view(),
        },
        changes,
    )?;
    members_changed(tx, near, by, id, &before.team_ids, &agent.team_ids).await?;
    if out {
        end_sessions(tx, near, by, id).await?;
    }
    Ok((agent.view(), out))
}

async fn another_owner(tx: &Tx, id: AgentId) -> Result<bool, Error> {
    let active = |a: &Agent| a.role == Role::Owner && a.deactivated_at.is_none() && a.id != id;
    Ok(tx.agents().await?.iter().any(active))
}

async fn end_sessions(tx: &Tx, near: &Surroundings, by: &Actor, id: AgentId) -> Result<(), Error> {
    for session in tx.agent_sessions(id).await? {
        if tx.revoke_session(session.id, near.now).await? {
            let body = EventBody::SessionRevoked {
                session_id: session.id,
            };
            let audience = deskbell_domain::Audience {
                agents: vec![id],
                ..Default::default()
            };
            let ended = body.name();
            note(tx, near, by, Noted::session(ended, id, session.id));
            tx.emit(near.event(by, body, Default::default(), audience))?;
        }
    }
    Ok(())
}

async fn teams_exist(tx: &Tx, teams: &[TeamId]) -> Result<(), Error> {
    for (at, team) in teams.iter().enumerate() {
        if teams[..at].contains(team) {
            return Err(Refusal::field("/team_ids", "duplicate", "A team is named twice.").into());
        }
        if tx.team(*team).await?.is_none() {
            return Err(Refusal::field("/team_ids", "unknown", "There is no such team.").into());
        }
    }
    Ok(())
}
