//! Which sockets there are, found by tenant, contact and session.
//!
//! Routing an event looks at its own tenant's agents and its own contact's
//! visitors, and at nobody else.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use deskbell_app::{FeedEvent, Plane, Signal, SignalName};
use deskbell_domain::{ContactId, EventBody, SessionId, TenantId, Who};

use super::closing::Closing;
use super::frame;
use super::hub::Seat;

#[derive(Default)]
pub(super) struct Rooms {
    /// Everything up to here was given to the sockets that were there.
    pub position: i64,
    /// The node goes away: who comes now is told at once.
    pub leaving: bool,
    agents: HashMap<TenantId, Vec<Arc<Seat>>>,
    visitors: HashMap<(TenantId, ContactId), Vec<Arc<Seat>>>,
    sessions: HashMap<SessionId, Vec<Arc<Seat>>>,
}

impl Rooms {
    pub(super) fn add(&mut self, seat: &Arc<Seat>) {
        let actor = seat.actor();
        match &actor.who {
            Who::Visitor { contact, .. } => {
                let room = self.visitors.entry((actor.tenant, *contact)).or_default();
                room.push(seat.clone());
            }
            _ => self
                .agents
                .entry(actor.tenant)
                .or_default()
                .push(seat.clone()),
        }
        if let Some(session) = actor.session() {
            self.sessions.entry(session).or_default().push(seat.clone());
        }
    }

    pub(super) fn remove(&mut self, seat: &Seat) {
        let actor = seat.actor();
        match &actor.who {
            Who::Visitor { contact, .. } => {
                leave(self.visitors.entry((actor.tenant, *contact)), seat);
            }
            _ => leave(self.agents.entry(actor.tenant), seat),
        }
        if let Some(session) = actor.session() {
            leave(self.sessions.entry(session), seat);
        }
    }

    /// Sockets of agents and of visitors.
    pub(super) fn count(&self) -> (usize, usize) {
        let sum = |rooms: usize, room: &Vec<Arc<Seat>>| rooms + room.len();
        let agents = self.agents.values().fold(0, sum);
        (agents, self.visitors.values().fold(0, sum))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Seat>> {
        let visitors = self.visitors.values().flatten();
        self.agents.values().flatten().chain(visitors)
    }

    /// Gives an event to whoever may see it; each plane's text is made once, and
    /// only if somebody gets it.
    pub(super) fn deliver(&self, event: &FeedEvent) -> u64 {
        if let EventBody::SessionRevoked { session_id } = &event.event.body {
            for seat in self.sessions.get(session_id).into_iter().flatten() {
                seat.outbox.close(Closing::revoked());
            }
            return 0;
        }
        self.rename(event);
        self.to_agents(event) + self.to_visitors(event)
    }

    fn to_agents(&self, event: &FeedEvent) -> u64 {
        let mut text: Option<Utf8Bytes> = None;
        let mut receivers = 0;
        for seat in self
            .agents
            .get(&event.event.tenant_id)
            .into_iter()
            .flatten()
        {
            let actor = seat.actor();
            if event.changes_sight_of(&actor) {
                seat.outbox.close(changed_sight(event));
            } else if event.is_for(&actor) {
                if text.is_none() {
                    text = frame::event(event, Plane::Agent);
                }
                if let Some(text) = &text {
                    seat.outbox.push(text.clone());
                    receivers += 1;
                }
            }
        }
        receivers
    }

    fn to_visitors(&self, event: &FeedEvent) -> u64 {
        let Some(contact) = event.event.audience.contact else {
            return 0;
        };
        let Some(room) = self.visitors.get(&(event.event.tenant_id, contact)) else {
            return 0;
        };
        let Some(text) = frame::event(event, Plane::Widget) else {
            return 0;
        };
        for seat in room {
            seat.outbox.push(text.clone());
        }
        room.len() as u64
    }

    /// A name somebody got since they logged in is theirs from now on.
    fn rename(&self, event: &FeedEvent) {
        let tenant = event.event.tenant_id;
        match &event.event.body {
            EventBody::AgentUpdated { agent } => {
                let room = self.agents.get(&tenant).into_iter().flatten();
                for seat in room.filter(|seat| seat.actor().agent_id() == Some(agent.id)) {
                    seat.rename(Some(&agent.name));
                }
            }
            EventBody::ContactUpdated { contact } => {
                for seat in self
                    .visitors
                    .get(&(tenant, contact.id))
                    .into_iter()
                    .flatten()
                {
                    seat.rename(contact.name.as_deref());
                }
            }
            _ => {}
        }
    }

    /// Gives a signal to its audience, except to whoever sent it. A visitor's
    /// place in the queue is nobody else's news.
    pub(super) fn signal(&self, signal: &Signal) {
        let text = frame::signal(signal);
        if signal.name != SignalName::QueuePosition {
            for seat in self.agents.get(&signal.tenant).into_iter().flatten() {
                if let Who::Agent {
                    id, role, teams, ..
                } = &seat.actor().who
                    && signal.audience.reaches_agent(*id, teams, role.sees_all())
                    && signal.actor.id != Some(id.to_string())
                {
                    seat.outbox.push(text.clone());
                }
            }
        }
        let Some(contact) = signal.audience.contact else {
            return;
        };
        for seat in self
            .visitors
            .get(&(signal.tenant, contact))
            .into_iter()
            .flatten()
        {
            if signal.actor.id.is_none() || seat.actor().to_ref().id != signal.actor.id {
                seat.outbox.push(text.clone());
            }
        }
    }
}

fn changed_sight(event: &FeedEvent) -> Closing {
    match &event.event.body {
        EventBody::AgentUpdated { agent } if agent.deactivated_at.is_some() => Closing::revoked(),
        _ => Closing::other_sight(),
    }
}

fn leave<K: Eq + Hash>(room: Entry<'_, K, Vec<Arc<Seat>>>, seat: &Seat) {
    if let Entry::Occupied(mut room) = room {
        let seats = room.get_mut();
        seats.retain(|other| other.connection != seat.connection);
        if seats.is_empty() {
            room.remove();
        }
    }
}

#[cfg(test)]
mod tests;
