//! Who is here: sockets come and go, availability follows, signals pass through.
//!
//! A connection is a row, so that every node knows who has a socket anywhere and
//! a dead node's sockets can be swept. Going offline waits for a grace, which is a
//! timer (`timers.rs`). `presence/tell.rs` passes on what is only true now.

mod tell;

pub(crate) use tell::place_signal;

use deskbell_domain::agent::Agent;
use deskbell_domain::availability::Availability;
use deskbell_domain::event::Changes;
use deskbell_domain::timer::{TimerKey, TimerKind};
use deskbell_domain::{
    Actor, ActorRef, AgentId, Audience, ConnectionId, EventBody, Permission, Refusal, TenantId, Who,
};
use deskbell_store::Tx;
use deskbell_store::node::Connection;

use crate::app::{App, Surroundings, found, require};
use crate::error::{AuthError, Error};

impl App {
    /// A socket has logged in.
    pub async fn connect(&self, actor: &Actor, id: ConnectionId) -> Result<(), Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let near = self.surroundings(&tenant);
        let session_id = found(actor.session(), "session")?;
        let (node, who) = (self.node, actor.clone());
        let now = near.now;
        let (agent_id, visitor) = match &actor.who {
            Who::Agent { id, .. } => (Some(*id), None),
            Who::Visitor { id, contact, .. } => (None, Some((*id, *contact))),
            Who::Plugin { .. } | Who::System => return Err(Refusal::Forbidden.into()),
        };
        let visitor_id = visitor.map(|(id, _)| id);
        let connection = Connection {
            id,
            node,
            session_id,
            agent_id,
            visitor_id,
            connected_at: now,
        };
        self.store
            .write(actor.tenant, move |tx| {
                let (near, who, connection) = (near.clone(), who.clone(), connection.clone());
                Box::pin(async move {
                    still_so(tx, &near, &who).await?;
                    tx.insert_connection(&connection).await?;
                    if let Some(visitor) = visitor_id {
                        tx.touch_visitor(visitor, near.now).await?;
                    }
                    if let Some(agent) = agent_id {
                        agent_arrived(tx, &near, &who.to_ref(), agent).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
        self.ring();
        match (visitor, agent_id) {
            (Some((_, contact)), _) => {
                self.tell_place(actor.tenant, contact, now).await?;
                self.tell_presence(actor, contact).await
            }
            (_, Some(agent)) => self.tell_who_is_there(actor, agent).await,
            _ => Ok(()),
        }
    }

    /// A socket is gone.
    pub async fn disconnect(&self, actor: &Actor, id: ConnectionId) -> Result<(), Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let near = self.surroundings(&tenant);
        let agent = actor.agent_id();
        let contact = match &actor.who {
            Who::Visitor { id, contact, .. } => Some((*id, *contact)),
            _ => None,
        };
        let visitor = contact.map(|(id, _)| id);
        self.store
            .write(actor.tenant, move |tx| {
                let near = near.clone();
                Box::pin(async move {
                    tx.delete_connection(id).await?;
                    if let Some(visitor) = visitor {
                        tx.touch_visitor(visitor, near.now).await?;
                    }
                    if let Some(agent) = agent {
                        agent_left(tx, &near, agent).await?;
                    }
                    Ok::<_, Error>(())
                })
            })
            .await?;
        self.ring();
        match contact {
            Some((_, contact)) => self.tell_presence(actor, contact).await,
            None => Ok(()),
        }
    }

    /// What nodes that died have left behind: their sockets are gone.
    pub(crate) async fn sweep_connections(
        &self,
        gone: Vec<(TenantId, deskbell_store::node::GoneConnection)>,
    ) -> Result<(), Error> {
        for (tenant, connection) in gone {
            let Some(agent) = connection.agent_id else {
                continue;
            };
            let tenant = self.tenant(tenant).await?;
            let near = self.surroundings(&tenant);
            self.store
                .write(tenant.id, move |tx| {
                    let near = near.clone();
                    Box::pin(async move { agent_left(tx, &near, agent).await })
                })
                .await?;
        }
        self.ring();
        Ok(())
    }

    /// The agent's own choice, or a supervisor's for them.
    pub(crate) async fn set_availability(
        &self,
        actor: &Actor,
        agent: Option<AgentId>,
        choice: Availability,
    ) -> Result<Agent, Error> {
        let own = actor.agent_id();
        let id = found(agent.or(own), "agent")?;
        if own != Some(id) {
            require(actor, Permission::Supervise)?;
        }
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.to_ref());
        let agent = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let mut agent = found(tx.hold_agent(id).await?, "agent")?;
                    let before = agent.clone();
                    agent.presence.choice = choice;
                    if own == Some(id) {
                        agent.presence.last_active_at = near.now;
                    }
                    settle_agent(tx, &near, &by, &before, &mut agent).await?;
                    Ok::<_, Error>(agent)
                })
            })
            .await?;
        self.ring();
        Ok(agent)
    }

    /// An agent did something: keeps them from going away.
    pub(crate) async fn note_activity(&self, actor: &Actor) -> Result<(), Error> {
        let Some(id) = actor.agent_id() else {
            return Ok(());
        };
        if !self.known.activity_due(id, self.now()) {
            return Ok(());
        }
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.to_ref());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let mut agent = found(tx.hold_agent(id).await?, "agent")?;
                    let before = agent.clone();
                    agent.presence.last_active_at = near.now;
                    watch_idleness(tx, &near, &agent).await?;
                    settle_agent(tx, &near, &by, &before, &mut agent).await
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

/// The socket has its place in the hub by now and hears of every change from here
/// on; what changed between its log-in and that place is found here.
async fn still_so(tx: &Tx, near: &Surroundings, actor: &Actor) -> Result<(), Error> {
    let session = found(actor.session(), "session")?;
    let live = tx.session(session).await?.filter(|s| s.is_live(near.now));
    if live.is_none() {
        return Err(AuthError::SessionRevoked.into());
    }
    let Who::Agent {
        id, role, teams, ..
    } = &actor.who
    else {
        return Ok(());
    };
    let agent = found(tx.agent(*id).await?, "agent")?;
    if agent.deactivated_at.is_some() {
        return Err(AuthError::SessionRevoked.into());
    }
    if agent.role != *role || agent.team_ids != *teams {
        return Err(Refusal::Stale.into());
    }
    Ok(())
}

async fn agent_arrived(
    tx: &Tx,
    near: &Surroundings,
    by: &ActorRef,
    id: AgentId,
) -> Result<(), Error> {
    let mut agent = found(tx.hold_agent(id).await?, "agent")?;
    let before = agent.clone();
    agent.presence.connected = true;
    agent.presence.disconnected_at = None;
    agent.presence.last_active_at = near.now;
    tx.cancel_timer(TimerKey::agent(TimerKind::PresenceGrace, id))
        .await?;
    tx.cancel_timer(TimerKey::agent(TimerKind::RequeueGrace, id))
        .await?;
    watch_idleness(tx, near, &agent).await?;
    settle_agent(tx, near, by, &before, &mut agent).await
}

/// The last socket's end starts the grace; the others change nothing.
async fn agent_left(tx: &Tx, near: &Surroundings, id: AgentId) -> Result<(), Error> {
    let Some(mut agent) = tx.hold_agent(id).await? else {
        return Ok(());
    };
    if tx.agent_connected(id).await? || !agent.presence.connected {
        return Ok(());
    }
    let before = agent.clone();
    agent.presence.connected = false;
    agent.presence.disconnected_at = Some(near.now);
    let due = near.now.plus(near.tenant.settings.presence_grace_ms);
    tx.set_timer(TimerKey::agent(TimerKind::PresenceGrace, id), due)
        .await?;
    tx.cancel_timer(TimerKey::agent(TimerKind::Away, id))
        .await?;
    settle_agent(tx, near, &ActorRef::system(), &before, &mut agent).await
}

async fn watch_idleness(tx: &Tx, near: &Surroundings, agent: &Agent) -> Result<(), Error> {
    let due = agent
        .presence
        .last_active_at
        .plus(near.tenant.settings.away_after_ms);
    tx.set_timer(TimerKey::agent(TimerKind::Away, agent.id), due)
        .await?;
    Ok(())
}

/// Works the agent's availability out again, stores it, and tells of a change.
pub(crate) async fn settle_agent(
    tx: &Tx,
    near: &Surroundings,
    by: &ActorRef,
    before: &Agent,
    agent: &mut Agent,
) -> Result<(), Error> {
    let chose = before.presence.choice != agent.presence.choice;
    if !agent.refresh(&near.tenant.settings, near.now) && chose {
        agent.version += 1;
    }
    if agent == before {
        return Ok(());
    }
    tx.save_agent(agent).await?;
    if agent.version != before.version {
        let event = deskbell_domain::Event::new(
            &near.cx(),
            near.tenant.id,
            by.clone(),
            EventBody::AgentAvailabilityChanged {
                agent: agent.view(),
            },
            Changes::between(&before.view(), &agent.view()),
            Audience::desk(),
        );
        tx.emit(event)?;
    }
    Ok(())
}
