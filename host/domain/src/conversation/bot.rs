//! What a bot does in a conversation, and how it comes to people.
//!
//! A bot's answer is applied whole or not at all, and only while the status is
//! `bot` and the turn is the one it was asked in. Whoever takes the conversation
//! over changes the status in their own commit, so from there on whatever the bot
//! still says is refused: it can never talk over a person.

use serde_json::{Map, Value};

use crate::actor::ActorRef;
use crate::bot::{Action, BotRef, Engagement, HandOff, Question};
use crate::case::{Case, Context};
use crate::conversation::flow::{self, expect};
use crate::conversation::talk::{self, Details};
use crate::conversation::{Conversation, Status};
use crate::event::EventBody;
use crate::id::MessageId;
use crate::message::{Message, MessageKind};
use crate::plugin::Digest;
use crate::refusal::Refusal;
use crate::routing::{Advice, RoutingDecision};
use crate::text::ATTRIBUTES_MAX;
use crate::timer::{TimerKey, TimerKind};

/// Why a conversation is with people, where the bot gave no reason of its own.
pub const HANDED_OFF: &str = "handed_off_by_bot";
pub const FAILED: &str = "bot_failed";
pub const ASKED_FOR: &str = "asked_for_a_person";
pub const IDLE: &str = "idle";

/// What a bot said, of which event, in which turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub turn: i64,
    /// The visitor's message it answers; None is that the conversation began, or
    /// that it was called back.
    pub handled_seq: Option<i64>,
    pub actions: Vec<Action>,
    /// None leaves it without a memory.
    pub state: Option<Vec<u8>>,
    pub digest: Digest,
}

/// It goes to a bot: a new conversation, or by a router's word one that waits. A
/// conversation goes to a bot once.
pub fn engage(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    bot: BotRef,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued])?;
    if case.bot.is_some() {
        return Err(Refusal::Stale);
    }
    case.change(
        cx,
        actor,
        |c| {
            c.status = Status::Bot;
            c.queued_at = None;
        },
        |c| EventBody::ConversationUpdated {
            conversation: c.clone(),
        },
    );
    flow::leave_queue(case);
    begin(case, cx, bot);
    Ok(())
}

/// By a routing plugin's word, with the record of why.
pub fn route_to_bot(
    case: &mut Case,
    cx: &Context<'_>,
    bot: BotRef,
    decision: RoutingDecision,
    advice: &Advice,
) -> Result<(), Refusal> {
    expect(case, &[Status::Queued])?;
    if case.conversation.team_id != Some(decision.team_id) {
        return Err(Refusal::Stale);
    }
    let actor = advice.actor();
    engage(case, cx, &actor, bot)?;
    flow::record(case, cx, &actor, decision);
    Ok(())
}

/// Its row, and the end of its patience.
pub(super) fn begin(case: &mut Case, cx: &Context<'_>, bot: BotRef) {
    let id = case.conversation.id;
    case.bot = Some(Engagement::new(id, bot));
    case.effects.bot_changed = true;
    case.set_timer(
        TimerKey::conversation(TimerKind::BotIdle, id),
        cx.now.plus(cx.settings.bot_idle_ms),
    );
}

/// What it asked for after it has gone is for nobody.
pub(super) fn leave(case: &mut Case) {
    if case.conversation.status == Status::Bot {
        let id = case.conversation.id;
        case.cancel_timer(TimerKey::conversation(TimerKind::BotWake, id));
        case.cancel_timer(TimerKey::conversation(TimerKind::BotIdle, id));
    }
}

/// Its row, if it is still its turn.
fn engaged(case: &Case, turn: i64) -> Result<Engagement, Refusal> {
    expect(case, &[Status::Bot])?;
    let engaged = case.bot.as_ref().filter(|bot| bot.turn == turn);
    engaged.cloned().ok_or(Refusal::Stale)
}

/// Does what the bot said, all of it. The actions were checked before.
pub fn answer(case: &mut Case, cx: &Context<'_>, reply: Reply) -> Result<(), Refusal> {
    let mut row = engaged(case, reply.turn)?;
    let by = row.actor();
    row.turn += 1;
    row.handled_seq = reply.handled_seq.max(row.handled_seq).or(Some(0));
    row.state = reply.state;
    row.digest = Some(reply.digest);
    // It was told of the call it had asked for, unless that came meanwhile.
    if reply.handled_seq.is_none() && row.woken {
        row.woken = false;
        row.wake_token = None;
    }
    for action in reply.actions {
        match action {
            Action::Say(text) => say(case, cx, &by, text, None),
            Action::Ask { text, question } => say(case, cx, &by, text, Some(question)),
            // Only true now: whoever asked has shown it.
            Action::Typing(_) => {}
            Action::SetAttribute { name, value } => {
                let known = &case.conversation.attributes;
                if known.len() >= ATTRIBUTES_MAX && !known.contains_key(&name) {
                    let detail = format!("At most {ATTRIBUTES_MAX} attributes.");
                    return Err(Refusal::field("/attributes", "too_many", detail));
                }
                let details = Details {
                    attributes: Map::from_iter([(name, value)]),
                    ..Details::default()
                };
                talk::update(case, cx, &by, details)?;
            }
            Action::CallBack { after, token } => {
                row.wake_token = Some(token);
                row.woken = false;
                let key = TimerKey::conversation(TimerKind::BotWake, case.conversation.id);
                case.set_timer(key, cx.now.plus(after));
            }
            Action::HandOff(to) => hand_off(case, cx, &by, to),
            Action::Close { reason } => flow::finish(case, cx, &by, reason),
        }
    }
    case.bot = Some(row);
    case.effects.bot_changed = true;
    Ok(())
}

/// It has no usable answer: to people, with the transcript and why.
pub fn fail(case: &mut Case, cx: &Context<'_>, turn: i64, code: &str) -> Result<(), Refusal> {
    let mut row = engaged(case, turn)?;
    let by = ActorRef::system();
    row.turn += 1;
    note(
        case,
        cx,
        &by,
        format!("{} could not go on: {code}.", row.bot.name),
    );
    to_queue(case, cx, &by, Some(FAILED.to_owned()), None);
    case.bot = Some(row);
    case.effects.bot_changed = true;
    Ok(())
}

/// The visitor wants a person. Always works: whoever waits for one, or has one,
/// has asked before.
pub fn request_agent(case: &mut Case, cx: &Context<'_>, actor: &ActorRef) -> Result<(), Refusal> {
    expect(case, &[Status::Bot, Status::Queued, Status::Active])?;
    if case.conversation.status == Status::Bot {
        to_queue(case, cx, actor, Some(ASKED_FOR.to_owned()), None);
    }
    Ok(())
}

/// The time to call it back has come; true if it is to be told.
pub fn wake(case: &mut Case) -> bool {
    match &mut case.bot {
        Some(row) if case.conversation.status == Status::Bot && row.wake_token.is_some() => {
            row.woken = true;
            case.effects.bot_changed = true;
            true
        }
        _ => false,
    }
}

/// Nobody wrote for too long, or somebody did meanwhile.
pub fn idle(case: &mut Case, cx: &Context<'_>) {
    let c = &case.conversation;
    if c.status != Status::Bot {
        return;
    }
    let ends = c
        .last_message_at
        .unwrap_or(c.created_at)
        .plus(cx.settings.bot_idle_ms);
    if ends > cx.now {
        let key = TimerKey::conversation(TimerKind::BotIdle, c.id);
        case.set_timer(key, ends);
    } else {
        flow::finish(case, cx, &ActorRef::system(), Some(IDLE.to_owned()));
    }
}

fn hand_off(case: &mut Case, cx: &Context<'_>, by: &ActorRef, to: HandOff) {
    if !to.summary.trim().is_empty() {
        note(case, cx, by, to.summary);
    }
    let reason = to.reason.unwrap_or_else(|| HANDED_OFF.to_owned());
    to_queue(case, cx, by, Some(reason), to.team);
}

fn to_queue(
    case: &mut Case,
    cx: &Context<'_>,
    by: &ActorRef,
    reason: Option<String>,
    team: Option<crate::id::TeamId>,
) {
    leave(case);
    let (now, why) = (cx.now, reason.clone());
    case.change(
        cx,
        by,
        |c| {
            flow::queue(c, now, false);
            c.team_id = team.or(c.team_id);
            c.reason = why;
        },
        |c| EventBody::ConversationQueued {
            conversation: c.clone(),
            reason,
        },
    );
    flow::enter_queue(case, cx);
}

fn say(case: &mut Case, cx: &Context<'_>, by: &ActorRef, text: String, question: Option<Question>) {
    let mut message = blank(&case.conversation, cx, by, text);
    if let Some(question) = question {
        let value = serde_json::to_value(question).unwrap_or(Value::Null);
        message.attributes.insert("question".to_owned(), value);
    }
    talk::add(case, cx, message);
}

/// For the desk's eyes.
fn note(case: &mut Case, cx: &Context<'_>, by: &ActorRef, text: String) {
    let message = Message {
        kind: MessageKind::System,
        private: true,
        ..blank(&case.conversation, cx, by, text)
    };
    talk::add(case, cx, message);
}

fn blank(c: &Conversation, cx: &Context<'_>, by: &ActorRef, text: String) -> Message {
    Message {
        id: MessageId(cx.ids.uuid()),
        conversation_id: c.id,
        seq: c.last_seq + 1,
        kind: MessageKind::Text,
        sender: by.clone(),
        client_msg_id: None,
        text,
        private: false,
        attributes: Map::new(),
        created_at: cx.now,
    }
}

#[cfg(test)]
mod tests;
