//! The rules as tables: every status against every command, and what each leaves.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value};
use uuid::Uuid;

use super::*;
use crate::actor::{ActorKind, ActorRef};
use crate::agent::Agent;
use crate::availability::{Availability, Presence};
use crate::bot::BotRef;
use crate::case::{Case, Context, IdSource};
use crate::contact::Contact;
use crate::event::EventBody;
use crate::id::*;
use crate::message::Draft;
use crate::permission::Role;
use crate::refusal::Refusal;
use crate::tenant::TenantSettings;
use flow::{Seat, Target};
use talk::Receipt;

struct Counting(AtomicU64);

impl IdSource for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 1_000)
    }
}

pub(super) struct World {
    ids: Counting,
    settings: TenantSettings,
    pub(super) now: Timestamp,
}

pub(super) const TEAM: TeamId = TeamId(Uuid::from_u128(1));
const ANA: AgentId = AgentId(Uuid::from_u128(2));
const BEN: AgentId = AgentId(Uuid::from_u128(3));

impl World {
    pub(super) fn new() -> Self {
        Self {
            ids: Counting(AtomicU64::new(0)),
            settings: TenantSettings::default(),
            now: Timestamp(1_000_000),
        }
    }

    pub(super) fn cx(&self) -> Context<'_> {
        Context {
            now: self.now,
            ids: &self.ids,
            settings: &self.settings,
        }
    }

    fn agent(&self, id: AgentId, name: &str) -> Agent {
        Agent {
            id,
            email: format!("{name}@demo.test"),
            name: name.to_owned(),
            role: Role::Agent,
            team_ids: vec![TEAM],
            capacity: 2,
            load: 0,
            presence: Presence {
                connected: true,
                disconnected_at: None,
                choice: Availability::Online,
                last_active_at: self.now,
            },
            availability: Availability::Online,
            last_assigned_at: None,
            deactivated_at: None,
            created_at: self.now,
            version: 1,
        }
    }

    /// A fresh queued conversation with one message, and both agents at hand.
    pub(super) fn queued(&self) -> Case {
        let contact = Contact {
            id: ContactId(Uuid::from_u128(9)),
            name: Some("Mia".into()),
            email: None,
            verified: false,
            vip: false,
            attributes: Map::new(),
            created_at: self.now,
            version: 1,
        };
        let opening = start::Opening {
            inbox_id: InboxId(Uuid::from_u128(8)),
            team_id: TEAM,
            visitor_id: VisitorId(Uuid::from_u128(7)),
            subject: None,
            category: None,
            attributes: Map::new(),
            previous_id: None,
            message: Some(draft("hello", false)),
            bot: None,
        };
        let tenant = TenantId(Uuid::from_u128(6));
        let (mut case, _) =
            start::start(&self.cx(), tenant, &visitor(), &contact, opening).unwrap();
        for (id, name) in [(ANA, "Ana"), (BEN, "Ben")] {
            case.agents.insert(id, self.agent(id, name));
        }
        case
    }

    pub(super) fn at(&self, status: Status) -> Case {
        let mut case = self.queued();
        let cx = self.cx();
        let seat = Seat {
            agent: ANA,
            over_capacity: false,
        };
        match status {
            Status::Bot => bot::engage(&mut case, &cx, &ana(), helper()).unwrap(),
            Status::Queued => {}
            Status::Active => flow::assign(&mut case, &cx, &ana(), seat, None).unwrap(),
            Status::Missed => flow::miss(&mut case, &cx, &ana(), None).unwrap(),
            Status::Resolved | Status::Closed => {
                flow::assign(&mut case, &cx, &ana(), seat, None).unwrap();
                flow::resolve(&mut case, &cx, &ana(), None).unwrap();
                if status == Status::Closed {
                    flow::close(&mut case, &cx, &ana(), None).unwrap();
                }
            }
        }
        assert_eq!(case.conversation.status, status);
        case.effects = Default::default();
        case
    }
}

pub(super) fn helper() -> BotRef {
    BotRef {
        installation_id: InstallationId(Uuid::from_u128(5)),
        name: "Helper".to_owned(),
    }
}

pub(super) fn draft(text: &str, private: bool) -> Draft {
    Draft {
        client_msg_id: text.replace(' ', "-"),
        text: text.to_owned(),
        private,
        attributes: Map::new(),
    }
}

pub(super) fn visitor() -> ActorRef {
    ActorRef {
        kind: ActorKind::Visitor,
        id: Some("vis_1".into()),
        name: Some("Mia".into()),
    }
}

pub(super) fn ana() -> ActorRef {
    ActorRef {
        kind: ActorKind::Agent,
        id: Some(ANA.to_string()),
        name: Some("Ana".into()),
    }
}

type Run = fn(&mut Case, &Context<'_>) -> Result<(), Refusal>;

const BEN_SEAT: Seat = Seat {
    agent: BEN,
    over_capacity: false,
};
const COMMANDS: [(&str, Run); 14] = [
    ("visitor sends", |c, x| {
        talk::send(c, x, &visitor(), draft("more", false)).map(|_| ())
    }),
    ("agent sends", |c, x| {
        talk::send(c, x, &ana(), draft("reply", false)).map(|_| ())
    }),
    ("agent notes", |c, x| {
        talk::send(c, x, &ana(), draft("note", true)).map(|_| ())
    }),
    ("assign", |c, x| flow::assign(c, x, &ana(), BEN_SEAT, None)),
    ("unassign", |c, x| flow::unassign(c, x, &ana(), None)),
    ("transfer to agent", |c, x| {
        flow::transfer(c, x, &ana(), Target::Agent(BEN_SEAT), None)
    }),
    ("transfer to team", |c, x| {
        flow::transfer(c, x, &ana(), Target::Team(TEAM), None)
    }),
    ("resolve", |c, x| {
        flow::resolve(c, x, &ana(), Some("done".into()))
    }),
    ("close", |c, x| flow::close(c, x, &ana(), None)),
    ("reopen", |c, x| flow::reopen(c, x, &ana(), None)),
    ("end", |c, x| flow::end(c, x, &visitor())),
    ("miss", |c, x| flow::miss(c, x, &ActorRef::system(), None)),
    ("rate", |c, x| talk::rate(c, x, &visitor(), 5, None)),
    ("ask for a person", |c, x| {
        bot::request_agent(c, x, &visitor())
    }),
];

#[test]
fn every_command_in_every_status() {
    use Status::{Active, Bot, Closed, Missed, Queued, Resolved};
    // The status after; None where it is refused. In the order of COMMANDS.
    #[rustfmt::skip]
    let table = [
        (Bot, [
            Some(Bot), None, Some(Bot), Some(Active), None, Some(Active), Some(Queued),
            None, None, None, Some(Resolved), None, None, Some(Queued),
        ]),
        (Queued, [
            Some(Queued), None, Some(Queued), Some(Active), None, Some(Active), Some(Queued),
            Some(Resolved), None, None, Some(Missed), Some(Missed), None, Some(Queued),
        ]),
        (Active, [
            Some(Active), Some(Active), Some(Active), Some(Active), Some(Queued), Some(Active), Some(Queued),
            Some(Resolved), Some(Closed), None, Some(Resolved), None, None, Some(Active),
        ]),
        (Resolved, [
            Some(Active), None, Some(Resolved), None, None, None, None,
            None, Some(Closed), Some(Active), None, None, Some(Resolved), None,
        ]),
        (Missed, [
            Some(Queued), None, Some(Missed), None, None, None, None,
            None, Some(Closed), None, None, None, None, None,
        ]),
        (Closed, [
            None, None, Some(Closed), None, None, None, None,
            None, None, None, None, None, Some(Closed), None,
        ]),
    ];
    for (from, row) in table {
        for ((name, run), expected) in COMMANDS.iter().zip(row) {
            let world = World::new();
            let mut case = world.at(from);
            let before = case.conversation.clone();
            let outcome = run(&mut case, &world.cx());
            let got = outcome.is_ok().then_some(case.conversation.status);
            assert_eq!(got, expected, "{name} from {from:?}: {outcome:?}");
            if outcome.is_err() {
                assert_eq!(
                    case.conversation, before,
                    "{name} from {from:?} left something"
                );
                assert!(
                    case.effects.events.is_empty(),
                    "{name} from {from:?} told something"
                );
            }
            let seats: i64 = case.agents.values().map(|a| a.load).sum();
            assert_eq!(
                seats,
                i64::from(case.conversation.holds_seat()),
                "{name} from {from:?}"
            );
        }
    }
}

/// Each changed field is in the changes of exactly one event, with its final
/// value, so that whoever has the old state can follow.
#[test]
fn changes_add_up_to_the_new_state() {
    for from in Status::ALL {
        for (name, run) in COMMANDS {
            let world = World::new();
            let mut case = world.at(from);
            let Value::Object(mut state) = serde_json::to_value(&case.conversation).unwrap() else {
                panic!("an object")
            };
            if run(&mut case, &world.cx()).is_err() {
                continue;
            }
            for event in case
                .effects
                .events
                .iter()
                .filter(|e| e.conversation_id.is_some())
            {
                for (field, pair) in &event.changes.0 {
                    assert_eq!(
                        state.get(field),
                        pair.get(0),
                        "{name} from {from:?}: {field}"
                    );
                    state.insert(field.clone(), pair[1].clone());
                }
                if let Some(whole) = event.body.conversation() {
                    let whole = serde_json::to_value(whole).unwrap();
                    assert_eq!(Value::Object(state.clone()), whole, "{name} from {from:?}");
                }
            }
            let after = serde_json::to_value(&case.conversation).unwrap();
            assert_eq!(Value::Object(state), after, "{name} from {from:?}");
        }
    }
}

#[test]
fn capacity_is_refused_unless_insisted() {
    let world = World::new();
    let mut case = world.queued();
    case.agents.get_mut(&BEN).unwrap().load = 2;
    let refused = flow::assign(&mut case, &world.cx(), &ana(), BEN_SEAT, None);
    assert_eq!(refused, Err(Refusal::AtCapacity));
    let insist = Seat {
        over_capacity: true,
        ..BEN_SEAT
    };
    flow::assign(&mut case, &world.cx(), &ana(), insist, None).unwrap();
    assert_eq!(case.agents[&BEN].load, 3);
}

#[test]
fn the_last_seat_makes_busy_and_a_free_one_online_again() {
    let world = World::new();
    let mut case = world.queued();
    case.agents.get_mut(&ANA).unwrap().load = 1;
    let seat = Seat {
        agent: ANA,
        over_capacity: false,
    };
    flow::assign(&mut case, &world.cx(), &ana(), seat, None).unwrap();
    assert_eq!(case.agents[&ANA].availability, Availability::Busy);
    flow::resolve(&mut case, &world.cx(), &ana(), None).unwrap();
    assert_eq!(case.agents[&ANA].availability, Availability::Online);
    let told = case
        .effects
        .events
        .iter()
        .filter(|e| matches!(e.body, EventBody::AgentAvailabilityChanged { .. }));
    assert_eq!(told.count(), 2);
}

#[test]
fn a_note_is_for_the_desk_and_still_takes_a_number() {
    let world = World::new();
    let mut case = world.at(Status::Active);
    talk::send(&mut case, &world.cx(), &ana(), draft("psst", true)).unwrap();
    let note = case.effects.events.last().unwrap();
    assert_eq!((note.seq, note.audience.contact), (Some(2), None));
    assert!(crate::visitor_view::event(note).is_none());
    let c = &case.conversation;
    assert_eq!(
        (c.last_seq, c.public_seq, c.visitor_unread_count),
        (2, 1, 0)
    );
    assert_eq!(c.first_response_at, None);
}

#[test]
fn receipts_only_move_forward_and_say_nothing_twice() {
    let world = World::new();
    let mut case = world.at(Status::Active);
    let cx = world.cx();
    talk::mark(&mut case, &cx, &ana(), Receipt::Delivered, 1).unwrap();
    talk::mark(&mut case, &cx, &ana(), Receipt::Read, 1).unwrap();
    talk::mark(&mut case, &cx, &ana(), Receipt::Read, 1).unwrap();
    talk::mark(&mut case, &cx, &ana(), Receipt::Delivered, 0).unwrap();
    assert_eq!(case.effects.events.len(), 2);
    assert_eq!(case.conversation.unread_count, 0);
    let beyond = talk::mark(&mut case, &cx, &ana(), Receipt::Read, 2);
    assert!(matches!(beyond, Err(Refusal::Invalid(_))), "{beyond:?}");
}

#[test]
fn waking_while_another_is_open_names_it() {
    let world = World::new();
    for status in [Status::Resolved, Status::Missed] {
        let mut case = world.at(status);
        let other = ConversationId(Uuid::from_u128(77));
        case.other_open = Some(other);
        let refused = talk::send(&mut case, &world.cx(), &visitor(), draft("again", false));
        assert_eq!(refused, Err(Refusal::OtherOpen(other)));
    }
}

#[test]
fn a_visitor_wakes_the_same_agent_only_if_they_have_room() {
    let world = World::new();
    let mut case = world.at(Status::Resolved);
    talk::send(&mut case, &world.cx(), &visitor(), draft("again", false)).unwrap();
    assert_eq!(case.conversation.assignee.as_ref().map(|a| a.id), Some(ANA));
    let mut case = world.at(Status::Resolved);
    case.agents.get_mut(&ANA).unwrap().availability = Availability::Away;
    talk::send(&mut case, &world.cx(), &visitor(), draft("again", false)).unwrap();
    assert_eq!(case.conversation.status, Status::Queued);
    assert_eq!(case.conversation.assignee, None);
}

/// The visitor's JSON holds nothing of the desk's.
#[test]
fn nothing_of_the_desk_reaches_a_visitor() {
    let world = World::new();
    for (_, run) in COMMANDS {
        for status in Status::ALL {
            let mut case = world.at(status);
            case.conversation.contact.email = Some("canary-email".into());
            case.conversation
                .attributes
                .insert("canary".into(), Value::from("canary-attribute"));
            if run(&mut case, &world.cx()).is_err() {
                continue;
            }
            for event in &case.effects.events {
                let Some(seen) = crate::visitor_view::event(event) else {
                    continue;
                };
                let text = seen.to_string();
                for secret in [
                    "canary",
                    "note",
                    "capacity",
                    "unread_count\":[",
                    "@demo.test",
                ] {
                    let own_unread = text.replace("visitor_unread_count\":[", "");
                    assert!(!own_unread.contains(secret), "{secret} in {text}");
                }
            }
        }
    }
}
