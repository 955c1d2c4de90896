//! What moves a conversation between its statuses.
//!
//! The table of `docs/` is this file: each function names the statuses it may
//! leave, and refuses the others with the status it met. A seat is given back
//! before the status that holds it goes, and taken before the next one comes.

use crate::actor::ActorRef;
use crate::agent::AgentRef;
use crate::case::{Case, Context};
use crate::conversation::{Conversation, Status, bot};
use crate::event::EventBody;
use crate::id::{AgentId, TeamId};
use crate::refusal::Refusal;
use crate::routing::{Advice, RoutingDecision};
use crate::timer::{TimerKey, TimerKind};

pub(super) fn expect(case: &Case, allowed: &[Status]) -> Result<(), Refusal> {
    let status = case.conversation.status;
    if allowed.contains(&status) {
        Ok(())
    } else {
        Err(Refusal::WrongStatus(status))
    }
}

/// Who is to have it, and whether that may go over capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    pub agent: AgentId,
    pub over_capacity: bool,
}

/// Gives the conversation to an agent by hand, or by taking it oneself.
pub fn assign(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    seat: Seat,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Bot, Status::Queued, Status::Active])?;
    bot::leave(case);
    let to = take_seat(case, cx, actor, seat)?;
    let now = cx.now;
    case.change(
        cx,
        actor,
        |c| activate(c, to, now),
        |c| EventBody::ConversationAssigned {
            conversation: c.clone(),
            reason,
        },
    );
    leave_queue(case);
    Ok(())
}

/// The router's assignment: only of a queued one, only to an agent who takes
/// chats, with the record of why. A plugin whose advice is followed is the actor.
pub fn route(
    case: &mut Case,
    cx: &Context<'_>,
    agent: AgentId,
    decision: RoutingDecision,
    advice: Option<&Advice>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued])?;
    if case.conversation.team_id != Some(decision.team_id) {
        return Err(Refusal::Stale);
    }
    let target = case.agent(agent)?;
    if !target.has_room() {
        return Err(Refusal::AtCapacity);
    }
    if !target.takes_chats() || !target.team_ids.contains(&decision.team_id) {
        return Err(Refusal::NotOnline);
    }
    let (actor, reason) = match advice {
        Some(advice) => (advice.actor(), advice.reason()),
        None => (ActorRef::system(), decision.strategy.as_str().to_owned()),
    };
    assign(
        case,
        cx,
        &actor,
        Seat {
            agent,
            over_capacity: false,
        },
        Some(reason),
    )?;
    record(case, cx, &actor, decision);
    Ok(())
}

pub(super) fn record(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    decision: RoutingDecision,
) {
    let told = decision.clone();
    case.effects.decisions.push(decision);
    case.change(
        cx,
        actor,
        |_| (),
        |_| EventBody::RoutingDecided { decision: told },
    );
}

/// Back into its queue, keeping its place.
pub fn unassign(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Active])?;
    case.unseat(cx, actor);
    let now = cx.now;
    case.change(
        cx,
        actor,
        |c| queue(c, now, true),
        |c| EventBody::ConversationUnassigned {
            conversation: c.clone(),
            reason,
        },
    );
    enter_queue(case, cx);
    Ok(())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Agent(Seat),
    Team(TeamId),
}

/// To a colleague, who has it at once, or to a team, where it queues anew.
pub fn transfer(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    target: Target,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Bot, Status::Queued, Status::Active])?;
    bot::leave(case);
    let now = cx.now;
    let why = reason.clone();
    let body = |c: &Conversation| EventBody::ConversationTransferred {
        conversation: c.clone(),
        reason,
    };
    match target {
        Target::Agent(seat) => {
            let to = take_seat(case, cx, actor, seat)?;
            case.change(
                cx,
                actor,
                |c| {
                    activate(c, to, now);
                    c.reason = why;
                },
                body,
            );
            leave_queue(case);
        }
        Target::Team(team) => {
            case.unseat(cx, actor);
            case.change(
                cx,
                actor,
                |c| {
                    queue(c, now, false);
                    c.team_id = Some(team);
                    c.reason = why;
                },
                body,
            );
            enter_queue(case, cx);
        }
    }
    Ok(())
}

/// Done. From the queue (spam, a duplicate) only with a reason.
pub fn resolve(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued, Status::Active])?;
    if case.conversation.status == Status::Queued && reason.is_none() {
        return Err(Refusal::field(
            "/reason",
            "required",
            "Say why, as nobody answered it yet.",
        ));
    }
    finish(case, cx, actor, reason);
    Ok(())
}

/// Resolves it, whoever has it.
pub(super) fn finish(case: &mut Case, cx: &Context<'_>, actor: &ActorRef, reason: Option<String>) {
    bot::leave(case);
    case.unseat(cx, actor);
    let (now, why) = (cx.now, reason.clone());
    case.change(
        cx,
        actor,
        |c| {
            c.status = Status::Resolved;
            c.resolved_at = Some(now);
            c.reason = why;
        },
        |c| EventBody::ConversationResolved {
            conversation: c.clone(),
            reason,
        },
    );
    leave_queue(case);
    close_later(case, cx);
}

/// The visitor is done: one that somebody has, or a bot, is resolved; a queued one
/// is missed.
pub fn end(case: &mut Case, cx: &Context<'_>, actor: &ActorRef) -> Result<(), Refusal> {
    let reason = Some("ended_by_visitor".to_owned());
    match case.conversation.status {
        Status::Queued => miss(case, cx, actor, reason),
        Status::Bot => {
            finish(case, cx, actor, reason);
            Ok(())
        }
        _ => resolve(case, cx, actor, reason),
    }
}

/// Nobody came in time, or the visitor left the queue.
pub fn miss(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued])?;
    let (now, why) = (cx.now, reason.clone());
    case.change(
        cx,
        actor,
        |c| {
            c.status = Status::Missed;
            c.missed_at = Some(now);
            c.reason = why;
        },
        |c| EventBody::ConversationMissed {
            conversation: c.clone(),
            reason,
        },
    );
    leave_queue(case);
    close_later(case, cx);
    Ok(())
}

/// Final.
pub fn close(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Active, Status::Resolved, Status::Missed])?;
    case.unseat(cx, actor);
    let (now, why) = (cx.now, reason.clone());
    case.change(
        cx,
        actor,
        |c| {
            c.status = Status::Closed;
            c.closed_at = Some(now);
            c.reason = why;
        },
        |c| EventBody::ConversationClosed {
            conversation: c.clone(),
            reason,
        },
    );
    case.cancel_timer(TimerKey::conversation(
        TimerKind::Close,
        case.conversation.id,
    ));
    Ok(())
}

/// An agent takes a resolved one up again.
pub fn reopen(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    expect(case, &[Status::Resolved])?;
    come_back(case, cx, actor, reason)
}

/// The visitor wrote into a resolved or missed one.
pub(super) fn wake(case: &mut Case, cx: &Context<'_>, actor: &ActorRef) -> Result<(), Refusal> {
    expect(case, &[Status::Resolved, Status::Missed])?;
    come_back(case, cx, actor, Some("visitor_message".to_owned()))
}

/// To the same agent if online with room, else to the queue.
fn come_back(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    reason: Option<String>,
) -> Result<(), Refusal> {
    if let Some(other) = case.other_open {
        return Err(Refusal::OtherOpen(other));
    }
    let (now, why) = (cx.now, reason.clone());
    let same = case.conversation.assignee.clone().filter(|a| {
        case.conversation.status == Status::Resolved
            && case
                .agents
                .get(&a.id)
                .is_some_and(|agent| agent.takes_chats())
    });
    if let Some(agent) = &same {
        case.seat(cx, actor, agent.id, false)?;
    }
    let queued = same.is_none();
    case.change(
        cx,
        actor,
        |c| {
            match same {
                Some(agent) => activate(c, agent, now),
                None => queue(c, now, false),
            }
            c.resolved_at = None;
            c.missed_at = None;
            c.reason = why;
        },
        |c| EventBody::ConversationReopened {
            conversation: c.clone(),
            reason,
        },
    );
    case.cancel_timer(TimerKey::conversation(
        TimerKind::Close,
        case.conversation.id,
    ));
    if queued {
        enter_queue(case, cx);
    }
    Ok(())
}

/// The new assignee's seat; the old one's is given back.
fn take_seat(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    seat: Seat,
) -> Result<AgentRef, Refusal> {
    let to = case.agent(seat.agent)?.to_ref();
    let held = case.conversation.holds_seat();
    if held
        && case
            .conversation
            .assignee
            .as_ref()
            .is_some_and(|a| a.id == to.id)
    {
        return Err(Refusal::AlreadyAssigned);
    }
    case.seat(cx, actor, to.id, seat.over_capacity)?;
    case.unseat(cx, actor);
    Ok(to)
}

fn activate(c: &mut Conversation, to: AgentRef, now: crate::time::Timestamp) {
    c.status = Status::Active;
    c.assignee = Some(to);
    c.started_at = c.started_at.or(Some(now));
}

pub(super) fn queue(c: &mut Conversation, now: crate::time::Timestamp, keep_place: bool) {
    c.status = Status::Queued;
    c.assignee = None;
    c.queued_at = c.queued_at.filter(|_| keep_place).or(Some(now));
}

pub(super) fn enter_queue(case: &mut Case, cx: &Context<'_>) {
    let key = TimerKey::conversation(TimerKind::VisitorGone, case.conversation.id);
    case.set_timer(key, cx.now.plus(cx.settings.missed_after_ms));
}

pub(super) fn leave_queue(case: &mut Case) {
    case.cancel_timer(TimerKey::conversation(
        TimerKind::VisitorGone,
        case.conversation.id,
    ));
}

fn close_later(case: &mut Case, cx: &Context<'_>) {
    let key = TimerKey::conversation(TimerKind::Close, case.conversation.id);
    case.set_timer(key, cx.now.plus(cx.settings.close_after_ms));
}
