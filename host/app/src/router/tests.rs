//! The desk's memory by itself: who is asked about, what becomes of answers, and
//! what the feed may say while a commit is under way.

use deskbell_domain::agent::Agent;
use deskbell_domain::availability::{Availability, Presence};
use deskbell_domain::contact::ContactRef;
use deskbell_domain::conversation::redirect::Redirect;
use deskbell_domain::permission::Role;
use deskbell_domain::routing::{Advice, Consultation, Consulted};
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::{
    AgentId, AgentRef, ContactId, Conversation, ConversationId, InboxId, InstallationId, Priority,
    Refusal, Status, TeamId, Timestamp, VisitorId,
};
use serde_json::Map;
use uuid::Uuid;

use super::ask::{Answer, Ask, Followed};
use super::choose::{Choice, Served, What};
use super::desk::Desk;

const TEAM: TeamId = TeamId(Uuid::from_u128(1));
const OTHER: TeamId = TeamId(Uuid::from_u128(2));
const ANA: AgentId = AgentId(Uuid::from_u128(11));
const BEN: AgentId = AgentId(Uuid::from_u128(12));
const NOW: Timestamp = Timestamp(1_000_000);

fn agent(id: AgentId, name: &str, capacity: i64) -> Agent {
    Agent {
        id,
        email: format!("{name}@demo.test"),
        name: name.to_owned(),
        role: Role::Agent,
        team_ids: vec![TEAM],
        capacity,
        load: 0,
        presence: Presence {
            connected: true,
            disconnected_at: None,
            choice: Availability::Online,
            last_active_at: NOW,
        },
        availability: Availability::Online,
        last_assigned_at: None,
        deactivated_at: None,
        created_at: NOW,
        version: 1,
    }
}

fn team(id: TeamId) -> Team {
    Team {
        id,
        name: "Support".to_owned(),
        strategy: Strategy::LeastLoaded,
        agent_ids: vec![],
        created_at: NOW,
        version: 1,
    }
}

/// Waits since `n` milliseconds after the beginning.
fn queued(n: u32) -> Conversation {
    Conversation {
        id: ConversationId(Uuid::from_u128(u128::from(n) + 100)),
        inbox_id: InboxId(Uuid::from_u128(3)),
        contact: ContactRef {
            id: ContactId(Uuid::from_u128(u128::from(n) + 1_000)),
            name: None,
            email: None,
            verified: false,
            vip: false,
        },
        visitor_id: VisitorId(Uuid::from_u128(4)),
        team_id: Some(TEAM),
        assignee: None,
        status: Status::Queued,
        priority: Priority::Medium,
        subject: None,
        category: None,
        attributes: Map::new(),
        last_seq: 1,
        public_seq: 1,
        visitor_delivered_seq: 0,
        visitor_read_seq: 0,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 1,
        visitor_unread_count: 0,
        last_message: None,
        last_message_at: None,
        previous_id: None,
        rating: None,
        reason: None,
        created_at: NOW,
        queued_at: Some(Timestamp(i64::from(n))),
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 2,
    }
}

fn later(c: &Conversation, versions: i64, change: impl FnOnce(&mut Conversation)) -> Conversation {
    let mut later = c.clone();
    later.version += versions;
    change(&mut later);
    later
}

fn taken(c: &Conversation, by: AgentId) -> Conversation {
    later(c, 2, |c| {
        c.status = Status::Active;
        c.assignee = Some(AgentRef {
            id: by,
            name: "somebody".to_owned(),
        });
    })
}

/// Ana and Ben with this much room, and these who wait.
fn desk(room: i64, waiting: &[Conversation]) -> Desk {
    let agents = [agent(ANA, "ana", room), agent(BEN, "ben", room)];
    Desk::new(&agents, &[team(TEAM), team(OTHER)], &[], waiting)
}

fn serve(desk: &mut Desk) -> Served {
    desk.dirty = false;
    desk.serve(true, NOW)
}

fn said(outcome: Consultation) -> Consulted {
    Consulted {
        installation_id: InstallationId(Uuid::from_u128(5)),
        plugin_name: "scripted".to_owned(),
        outcome,
        reason: None,
        failure: None,
        duration_us: 1,
    }
}

fn answer(ask: &Ask, outcome: Consultation, followed: Option<Followed>) -> Answer {
    let advice = Advice {
        installation_id: InstallationId(Uuid::from_u128(5)),
        plugin_name: "scripted".to_owned(),
        reason: None,
    };
    Answer {
        conversation: ask.conversation,
        team: ask.team,
        read: None,
        consulted: vec![said(outcome)],
        followed: followed.map(|it| (advice, it)),
        duration_us: 1,
    }
}

fn take_in(desk: &mut Desk, answer: Answer) -> Served {
    desk.consulting.answers.push(answer);
    serve(desk)
}

fn outcomes(choice: &Choice) -> Vec<Consultation> {
    choice.consulted.iter().map(|it| it.outcome).collect()
}

fn only<T>(mut items: Vec<T>) -> T {
    assert_eq!(items.len(), 1);
    items.remove(0)
}

#[test]
fn what_the_feed_says_during_a_commit_waits_for_it() {
    let first = queued(1);
    let mut desk = desk(1, std::slice::from_ref(&first));
    let choice = only(desk.serve(false, NOW).choices);
    assert_eq!(choice.what, What::Seat(ANA));
    // Its subject changed just before the commit: it does not wait again.
    let renamed = later(&first, 1, |c| c.subject = Some("news".to_owned()));
    desk.see(&renamed);
    assert!(desk.serve(false, NOW).choices.is_empty());
    let done = taken(&renamed, ANA);
    desk.landed(first.id, Some(&done));
    assert_eq!(desk.agents[&ANA].seats.len(), 1);
    // An older event that comes late changes nothing.
    desk.see(&later(&first, 2, |_| ()));
    assert!(desk.serve(false, NOW).choices.is_empty());
}

#[test]
fn what_is_over_before_its_commit_is_heard_of_stays_over() {
    let first = queued(1);
    let mut desk = desk(1, std::slice::from_ref(&first));
    let _ = only(desk.serve(false, NOW).choices);
    let done = taken(&first, ANA);
    desk.see(&later(&done, 1, |c| c.status = Status::Resolved));
    desk.landed(first.id, Some(&done));
    assert!(desk.agents[&ANA].seats.is_empty());
    assert!(desk.conversations.is_empty());
    // Back in the queue by then: it is served once more.
    let second = queued(2);
    desk.see(&second);
    let _ = only(desk.serve(false, NOW).choices);
    let done = taken(&second, ANA);
    let back = later(&done, 2, |c| {
        c.status = Status::Queued;
        c.assignee = None;
    });
    desk.see(&back);
    desk.landed(second.id, Some(&done));
    assert_eq!(only(desk.serve(false, NOW).choices).conversation, second.id);
}

#[test]
fn a_stale_desk_chooses_nothing_until_it_is_read_again() {
    let (first, second) = (queued(1), queued(2));
    let mut old = desk(1, &[first.clone(), second.clone()]);
    assert_eq!(old.serve(false, NOW).choices.len(), 2);
    old.landed(first.id, None);
    assert!(
        old.stale && !old.is_open(NOW),
        "the other commit is under way"
    );
    old.landed(second.id, Some(&taken(&second, BEN)));
    assert!(old.is_open(NOW));
    let mut fresh = desk(1, std::slice::from_ref(&first));
    fresh.replace(&mut old);
    assert!(!fresh.stale && fresh.dirty);
    assert_eq!(only(fresh.serve(false, NOW).choices).conversation, first.id);
}

#[test]
fn without_room_each_is_asked_about_once_and_one_at_a_time() {
    let waiting = [queued(1), queued(2)];
    let mut desk = desk(0, &waiting);
    let ask = only(serve(&mut desk).asks);
    assert_eq!(
        (ask.conversation, ask.position, ask.waiting),
        (waiting[0].id, 1, 2)
    );
    assert!(ask.candidates.is_empty());
    assert!(serve(&mut desk).asks.is_empty(), "one at a time");
    let served = take_in(&mut desk, answer(&ask, Consultation::NoOpinion, None));
    let ask = only(served.asks);
    assert_eq!((ask.conversation, ask.position), (waiting[1].id, 2));
    let served = take_in(&mut desk, answer(&ask, Consultation::NoOpinion, None));
    assert!(served.asks.is_empty() && served.choices.is_empty());
    // Another subject is no other queue.
    desk.see(&later(&waiting[1], 1, |c| c.subject = Some("x".to_owned())));
    assert!(serve(&mut desk).asks.is_empty());
    desk.see(&later(&waiting[1], 2, |c| c.team_id = Some(OTHER)));
    assert_eq!(only(serve(&mut desk).asks).team, OTHER);
}

#[test]
fn a_plugins_choice_is_followed_and_told_as_its() {
    let mut desk = desk(1, &[queued(1), queued(2)]);
    let ask = only(serve(&mut desk).asks);
    let shown: Vec<_> = ask.candidates.iter().map(|it| it.candidate.id).collect();
    assert_eq!(shown, [ANA, BEN]);
    assert_eq!(ask.candidates[1].email, "ben@demo.test");
    let assign = Some(Followed::Assign(BEN));
    let served = take_in(&mut desk, answer(&ask, Consultation::Assigned, assign));
    let choice = only(served.choices);
    assert_eq!(choice.what, What::Seat(BEN));
    assert_eq!(choice.advice.as_ref().unwrap().plugin_name, "scripted");
    assert_eq!(outcomes(&choice), [Consultation::Assigned]);
    // The next is asked about at once, and sees Ben's seat taken.
    let ask = only(served.asks);
    assert_eq!(ask.candidates_total, 1);
    let served = take_in(&mut desk, answer(&ask, Consultation::NoOpinion, None));
    let choice = only(served.choices);
    assert_eq!((choice.what, choice.advice), (What::Seat(ANA), None));
}

#[test]
fn a_lost_race_is_asked_again_and_the_second_ends_it() {
    let first = queued(1);
    let mut desk = desk(1, std::slice::from_ref(&first));
    let ask = only(serve(&mut desk).asks);
    // Meanwhile Ben takes another one by hand.
    desk.see(&taken(&queued(9), BEN));
    let assign = Some(Followed::Assign(BEN));
    let served = take_in(&mut desk, answer(&ask, Consultation::Assigned, assign));
    assert!(served.choices.is_empty());
    let ask = only(served.asks);
    let why = ask.retry.as_ref().unwrap().why.clone();
    assert_eq!(why, "ben has no room any more");
    // The second time the database knows better.
    let assign = Some(Followed::Assign(ANA));
    let choice = only(take_in(&mut desk, answer(&ask, Consultation::Assigned, assign)).choices);
    assert_eq!(choice.what, What::Seat(ANA));
    desk.lost_seat(first.id, ANA, &Refusal::AtCapacity);
    desk.landed(first.id, None);
    let mut fresh = self::desk(1, std::slice::from_ref(&first));
    fresh.replace(&mut desk);
    let served = serve(&mut fresh);
    assert!(served.asks.is_empty());
    let choice = only(served.choices);
    assert!(choice.advice.is_none());
    assert_eq!(
        outcomes(&choice),
        [Consultation::Failed, Consultation::Failed]
    );
    let codes = choice.consulted.iter().map(|it| it.failure.as_ref());
    assert!(codes.into_iter().all(|it| it.unwrap().code == "lost_race"));
}

#[test]
fn a_hold_keeps_the_place_and_holds_up_nobody() {
    let (first, second) = (queued(1), queued(2));
    let mut desk = desk(1, &[first.clone(), second.clone()]);
    let ask = only(serve(&mut desk).asks);
    let hold = Some(Followed::Hold(NOW.plus(60_000)));
    let served = take_in(&mut desk, answer(&ask, Consultation::Held, hold));
    let ask = only(served.asks);
    assert_eq!((ask.conversation, ask.position), (second.id, 2));
    let served = take_in(&mut desk, answer(&ask, Consultation::NoOpinion, None));
    assert_eq!(only(served.choices).conversation, second.id);
    assert!(served.asks.is_empty());
    desk.dirty = false;
    assert!(!desk.is_open(NOW.plus(59_999)));
    assert!(desk.is_open(NOW.plus(60_000)), "time wakes it");
    let ask = only(desk.serve(true, NOW.plus(60_000)).asks);
    assert_eq!((ask.conversation, ask.position), (first.id, 1));
    let served = take_in(&mut desk, answer(&ask, Consultation::NoOpinion, None));
    let told = outcomes(&only(served.choices));
    assert_eq!(told, [Consultation::Held, Consultation::NoOpinion]);
}

#[test]
fn a_disabled_plugin_holds_nobody() {
    let mut desk = desk(1, &[queued(1)]);
    let ask = only(serve(&mut desk).asks);
    let hold = Some(Followed::Hold(NOW.plus(60_000)));
    assert!(
        take_in(&mut desk, answer(&ask, Consultation::Held, hold))
            .choices
            .is_empty()
    );
    assert_eq!(desk.serve(false, NOW).choices.len(), 1);
}

#[test]
fn moves_come_to_an_end() {
    let mut now = queued(1);
    let mut desk = desk(0, std::slice::from_ref(&now));
    for n in 0..4 {
        let ask = only(serve(&mut desk).asks);
        assert_eq!(ask.may_move, n < 3);
        if !ask.may_move {
            break;
        }
        let to = if n % 2 == 0 { OTHER } else { TEAM };
        let followed = Followed::Move(Redirect {
            team: Some(to),
            priority: None,
        });
        let served = take_in(
            &mut desk,
            answer(&ask, Consultation::Queued, Some(followed)),
        );
        let choice = only(served.choices);
        assert!(matches!(choice.what, What::Move(_)));
        assert!(served.asks.is_empty(), "not while it is on its way");
        now = later(&now, 2, |c| c.team_id = Some(to));
        desk.landed(now.id, Some(&now));
    }
}

#[test]
fn a_move_that_was_refused_is_told_as_such() {
    let first = queued(1);
    let mut desk = desk(0, std::slice::from_ref(&first));
    let ask = only(serve(&mut desk).asks);
    let up = Followed::Move(Redirect {
        team: None,
        priority: Some(Priority::Urgent),
    });
    let _ = take_in(&mut desk, answer(&ask, Consultation::Queued, Some(up)));
    desk.consulting.not_moved(first.id, &Refusal::Stale);
    desk.landed(first.id, None);
    let (told, _) = desk.consulting.record_of(first.id);
    assert_eq!(told[0].outcome, Consultation::Failed);
    assert_eq!(
        told[0].failure.as_ref().unwrap().code,
        Refusal::Stale.code()
    );
}

#[test]
fn an_answer_about_one_that_went_elsewhere_is_for_nothing() {
    let first = queued(1);
    let mut desk = desk(1, std::slice::from_ref(&first));
    let ask = only(serve(&mut desk).asks);
    desk.see(&taken(&first, BEN));
    let assign = Some(Followed::Assign(ANA));
    let served = take_in(&mut desk, answer(&ask, Consultation::Assigned, assign));
    assert!(served.choices.is_empty() && served.asks.is_empty());
    assert!(desk.agents[&ANA].seats.is_empty());
}
