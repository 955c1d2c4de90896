//! Who gets what: through the hub, with sockets that are only outboxes.

use std::sync::Arc;

use deskbell_app::{Clock, FeedEvent, Listener as _, Signal, SignalName};
use deskbell_domain::event::Changes;
use deskbell_domain::{
    Actor, ActorRef, AgentId, Audience, ConnectionId, ContactId, Event, EventBody, EventId,
    InboxId, Role, SessionId, TeamId, TenantId, Timestamp, VisitorId, Who,
};
use deskbell_store::Cursor;
use deskbell_store::feed::Epoch;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::config::Limits;
use crate::socket::closing::Closing;
use crate::socket::hub::{Hub, Joined};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000)
    }
}

fn hub() -> Hub {
    Hub::new(&Limits::default(), Arc::new(Noon))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn agent(tenant: u128, number: u128, role: Role, teams: &[u128]) -> Actor {
    Actor {
        tenant: TenantId(id(tenant)),
        who: Who::Agent {
            id: AgentId(id(number)),
            name: format!("agent {number}"),
            role,
            teams: teams.iter().map(|team| TeamId(id(*team))).collect(),
            session: SessionId(id(number)),
            address: None,
        },
    }
}

fn visitor(tenant: u128, number: u128) -> Actor {
    Actor {
        tenant: TenantId(id(tenant)),
        who: Who::Visitor {
            id: VisitorId(id(number)),
            contact: ContactId(id(number)),
            inbox: InboxId(id(1)),
            name: None,
            session: SessionId(id(number)),
        },
    }
}

/// Something that happened in tenant 1, with an audience.
fn event(position: i64, body: EventBody, audience: Audience) -> Arc<FeedEvent> {
    Arc::new(FeedEvent {
        position,
        cursor: Cursor {
            epoch: Epoch::default(),
            position,
        },
        event: Arc::new(Event {
            id: EventId(id(99)),
            body,
            tenant_id: TenantId(id(1)),
            occurred_at: Noon.now(),
            actor: ActorRef::system(),
            conversation_id: None,
            seq: None,
            changes: Changes::default(),
            audience,
            depth: 0,
        }),
    })
}

fn read(position: i64, audience: Audience) -> Arc<FeedEvent> {
    event(
        position,
        EventBody::MessageRead {
            up_to_seq: position,
        },
        audience,
    )
}

fn to_team(team: u128) -> Audience {
    Audience {
        teams: vec![TeamId(id(team))],
        contact: Some(ContactId(id(7))),
        ..Audience::default()
    }
}

fn frames(joined: &Joined) -> Vec<Value> {
    std::iter::from_fn(|| joined.seat.outbox.pop())
        .map(|text| serde_json::from_str(&text).expect("a frame is JSON"))
        .collect()
}

fn positions(joined: &Joined) -> Vec<Value> {
    let seq = |frame: &Value| frame["event"]["data"]["up_to_seq"].clone();
    frames(joined).iter().map(seq).collect()
}

#[test]
fn an_event_reaches_its_audience_and_nobody_else() {
    let hub = hub();
    let sit = |actor, number| hub.join(actor, ConnectionId(id(number))).0;
    let mate = sit(agent(1, 11, Role::Agent, &[5]), 1);
    let other_team = sit(agent(1, 12, Role::Agent, &[6]), 2);
    let supervisor = sit(agent(1, 13, Role::Supervisor, &[]), 3);
    let other_tenant = sit(agent(2, 14, Role::Owner, &[5]), 4);
    let theirs = sit(visitor(1, 7), 5);
    let not_theirs = sit(visitor(1, 8), 6);
    let namesake = sit(visitor(2, 7), 7);
    hub.deliver(&[read(1, to_team(5))]);
    let got = [&mate, &supervisor, &theirs].map(|joined| frames(joined).len());
    assert_eq!(got, [1, 1, 1]);
    let not = [&other_team, &other_tenant, &not_theirs, &namesake];
    assert_eq!(not.map(|joined| frames(joined).len()), [0; 4]);
}

#[test]
fn who_joins_at_a_position_gets_what_comes_after_it() {
    let hub = hub();
    hub.start_at(4);
    hub.deliver(&[read(5, to_team(5)), read(6, to_team(5))]);
    let (joined, position) = hub.join(agent(1, 11, Role::Agent, &[5]), ConnectionId(id(1)));
    assert_eq!(position, 6);
    // Six again, as a reader that starts anew might bring it: not twice.
    hub.deliver(&[
        read(6, to_team(5)),
        read(7, to_team(5)),
        read(9, to_team(5)),
    ]);
    assert_eq!(positions(&joined), [json!(7), json!(9)]);
}

#[test]
fn who_has_left_gets_nothing_and_costs_nothing() {
    let hub = hub();
    let (joined, _) = hub.join(visitor(1, 7), ConnectionId(id(1)));
    let seat = joined.seat.clone();
    assert_eq!(hub.count(), (0, 1));
    drop(joined);
    assert_eq!(hub.count(), (0, 0));
    hub.deliver(&[read(1, to_team(5))]);
    assert_eq!(seat.outbox.pop(), None);
}

#[test]
fn an_ended_session_closes_its_sockets_only() {
    let hub = hub();
    let (ended, _) = hub.join(visitor(1, 7), ConnectionId(id(1)));
    let (stays, _) = hub.join(visitor(1, 8), ConnectionId(id(2)));
    let session_id = SessionId(id(7));
    let body = EventBody::SessionRevoked { session_id };
    hub.deliver(&[event(1, body, Audience::default())]);
    assert_eq!(ended.seat.outbox.closing(), Some(Closing::revoked()));
    assert_eq!(stays.seat.outbox.closing(), None);
}

#[test]
fn signals_pass_by_whoever_sent_them() {
    let hub = hub();
    let typist = agent(1, 11, Role::Agent, &[5]);
    let (own, _) = hub.join(typist.clone(), ConnectionId(id(1)));
    let (mate, _) = hub.join(agent(1, 12, Role::Agent, &[5]), ConnectionId(id(2)));
    let (theirs, _) = hub.join(visitor(1, 7), ConnectionId(id(3)));
    let signal = |name, actor| Signal {
        tenant: TenantId(id(1)),
        name,
        actor,
        conversation_id: None,
        audience: to_team(5),
        occurred_at: Noon.now(),
        data: json!({}),
    };
    hub.signal(&signal(SignalName::Typing, typist.to_ref()));
    let got = [&own, &mate, &theirs].map(|joined| frames(joined).len());
    assert_eq!(got, [0, 1, 1]);
    hub.signal(&signal(SignalName::QueuePosition, ActorRef::system()));
    let got = [&own, &mate, &theirs].map(|joined| frames(joined).len());
    assert_eq!(got, [0, 0, 1], "a place in the queue is the visitor's news");
}

#[test]
fn going_away_spreads_the_return() {
    let hub = hub();
    let seats: Vec<_> = (0..4)
        .map(|number| hub.join(visitor(1, number), ConnectionId(id(number))).0)
        .collect();
    hub.send_away(std::time::Duration::from_secs(4));
    let mut reasons: Vec<_> = seats
        .iter()
        .filter_map(|joined| joined.seat.outbox.closing())
        .map(|closing| closing.reason)
        .collect();
    reasons.sort();
    reasons.dedup();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    let (late, _) = hub.join(visitor(1, 9), ConnectionId(id(9)));
    assert!(late.seat.outbox.closing().is_some(), "too late to stay");
}
