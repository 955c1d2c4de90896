//! A bot's turn: what it leaves, what comes too late, who takes it over.

use serde_json::json;

use super::*;
use crate::actor::ActorKind;
use crate::bot::Choice;
use crate::conversation::flow::{Seat, assign};
use crate::conversation::tests::{TEAM, World, ana, draft, helper, visitor};
use crate::id::{DecisionId, InstallationId, TeamId};
use crate::routing::{Advice, RoutingDecision};
use crate::team::Strategy;
use crate::timer::TimerChange;
use crate::visitor_view;
use uuid::Uuid;

const OTHER: TeamId = TeamId(Uuid::from_u128(77));

fn reply(turn: i64, actions: Vec<Action>) -> Reply {
    Reply {
        turn,
        handled_seq: Some(1),
        actions,
        state: Some(b"state".to_vec()),
        digest: Digest([1; 32]),
    }
}

fn say_hello() -> Vec<Action> {
    vec![Action::Say("Hello".to_owned())]
}

fn names(case: &Case) -> Vec<&'static str> {
    case.effects.events.iter().map(|e| e.body.name()).collect()
}

#[test]
fn it_speaks_in_its_turn_and_keeps_its_state() {
    let world = World::new();
    let mut case = world.at(Status::Bot);
    let question = Question {
        choices: vec![Choice {
            id: "a".to_owned(),
            label: "A".to_owned(),
        }],
        form: vec![],
    };
    let actions = vec![
        Action::Say("Hello".to_owned()),
        Action::Ask {
            text: "Which?".to_owned(),
            question: question.clone(),
        },
        Action::SetAttribute {
            name: "topic".to_owned(),
            value: json!("late"),
        },
        Action::CallBack {
            after: 5_000,
            token: "later".to_owned(),
        },
    ];
    let unread = case.conversation.unread_count;
    answer(&mut case, &world.cx(), reply(1, actions)).unwrap();
    let c = &case.conversation;
    assert_eq!(
        (c.status, c.last_seq, c.visitor_unread_count),
        (Status::Bot, 3, 2)
    );
    assert_eq!(
        c.unread_count, unread,
        "nobody at the desk has read anything"
    );
    assert_eq!(c.attributes["topic"], "late");
    let row = case.bot.clone().unwrap();
    assert_eq!((row.turn, row.handled_seq), (2, Some(1)));
    assert_eq!(row.state.as_deref(), Some(b"state".as_slice()));
    assert_eq!(row.wake_token.as_deref(), Some("later"));
    let asked = &case.effects.messages[1];
    assert_eq!(asked.sender.kind, ActorKind::Bot);
    assert_eq!(asked.question(), Some(question));
    let seen = visitor_view::message(asked).unwrap();
    assert_eq!(seen.attributes["question"]["choices"][0]["id"], "a");
    assert!(wake(&mut case));
    assert!(case.bot.as_ref().unwrap().woken);
    let called = Reply {
        handled_seq: None,
        ..reply(2, vec![])
    };
    answer(&mut case, &world.cx(), called).unwrap();
    let row = case.bot.as_ref().unwrap();
    assert_eq!((row.woken, row.handled_seq), (false, Some(1)));
    assert!(!wake(&mut case), "it asked for one call");
}

#[test]
fn a_late_answer_changes_nothing() {
    let world = World::new();
    let ben = Seat {
        agent: crate::id::AgentId(Uuid::from_u128(3)),
        over_capacity: false,
    };
    let mut taken = world.at(Status::Bot);
    assign(&mut taken, &world.cx(), &ana(), ben, None).unwrap();
    let mut asked = world.at(Status::Bot);
    request_agent(&mut asked, &world.cx(), &visitor()).unwrap();
    let mut answered = world.at(Status::Bot);
    answer(&mut answered, &world.cx(), reply(1, say_hello())).unwrap();
    for (mut case, why) in [
        (taken, Refusal::WrongStatus(Status::Active)),
        (asked, Refusal::WrongStatus(Status::Queued)),
        (answered, Refusal::Stale),
    ] {
        let before = (case.conversation.clone(), case.bot.clone());
        let late = answer(&mut case, &world.cx(), reply(1, say_hello()));
        assert_eq!(late, Err(why.clone()));
        assert_eq!(fail(&mut case, &world.cx(), 1, "trapped"), Err(why));
        assert_eq!((case.conversation, case.bot), before);
    }
}

#[test]
fn it_hands_off_with_a_note_for_the_desk() {
    let world = World::new();
    let mut case = world.at(Status::Bot);
    let to = HandOff {
        team: Some(OTHER),
        summary: "Wants a refund".to_owned(),
        reason: None,
    };
    answer(&mut case, &world.cx(), reply(1, vec![Action::HandOff(to)])).unwrap();
    let c = &case.conversation;
    assert_eq!((c.status, c.team_id), (Status::Queued, Some(OTHER)));
    assert_eq!(c.queued_at, Some(world.now));
    assert_eq!(c.reason.as_deref(), Some(HANDED_OFF));
    let note = &case.effects.messages[0];
    assert!(note.private && visitor_view::message(note).is_none());
    assert_eq!(note.kind, MessageKind::System);
    assert_eq!(names(&case), ["message.created", "conversation.queued"]);
    let told = &case.effects.events[1];
    assert_eq!(told.audience.teams, [TEAM, OTHER]);
    // And it does not come back to it.
    assert_eq!(
        engage(&mut case, &world.cx(), &ana(), helper()),
        Err(Refusal::Stale)
    );
}

#[test]
fn a_routers_word_brings_it_there_with_the_record_of_why() {
    let world = World::new();
    let advice = Advice {
        installation_id: InstallationId(Uuid::from_u128(5)),
        plugin_name: "Skills router".to_owned(),
        reason: None,
    };
    let go = |case: &mut Case, from: TeamId| {
        let decision = RoutingDecision {
            id: DecisionId(Uuid::from_u128(4)),
            conversation_id: case.conversation.id,
            team_id: from,
            strategy: Strategy::LeastLoaded,
            candidates: vec![],
            winner_id: None,
            decided_at: world.now,
            duration_us: 0,
            consulted: vec![],
        };
        route_to_bot(case, &world.cx(), helper(), decision, &advice)
    };
    let mut case = world.queued();
    assert_eq!(
        go(&mut case, OTHER),
        Err(Refusal::Stale),
        "it waits elsewhere"
    );
    case.effects.events.clear();
    go(&mut case, TEAM).unwrap();
    assert_eq!(case.conversation.status, Status::Bot);
    assert_eq!(names(&case), ["conversation.updated", "routing.decided"]);
    assert_eq!(case.effects.events[0].actor, advice.actor());
    assert_eq!(case.effects.decisions.len(), 1);
    let refused = Refusal::WrongStatus(Status::Bot);
    assert_eq!(go(&mut case, TEAM), Err(refused));
}

#[test]
fn a_failure_comes_to_people_with_a_word_for_it() {
    let world = World::new();
    let mut case = world.at(Status::Bot);
    fail(&mut case, &world.cx(), 1, "trapped").unwrap();
    let c = &case.conversation;
    assert_eq!(
        (c.status, c.reason.as_deref()),
        (Status::Queued, Some(FAILED))
    );
    assert_eq!(
        case.effects.messages[0].text,
        "Helper could not go on: trapped."
    );
}

#[test]
fn nobody_who_writes_is_idle() {
    let mut world = World::new();
    let mut case = world.at(Status::Bot);
    let patience = world.cx().settings.bot_idle_ms;
    world.now = world.now.plus(patience - 1);
    talk::send(&mut case, &world.cx(), &visitor(), draft("still", false)).unwrap();
    world.now = world.now.plus(1);
    case.effects.timers.clear();
    idle(&mut case, &world.cx());
    assert_eq!(case.conversation.status, Status::Bot);
    assert!(matches!(case.effects.timers[..], [TimerChange::Set(..)]));
    world.now = world.now.plus(patience);
    idle(&mut case, &world.cx());
    assert_eq!(case.conversation.status, Status::Resolved);
    assert_eq!(case.conversation.reason.as_deref(), Some(IDLE));
}
