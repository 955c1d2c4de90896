//! What people say in a conversation: messages, receipts, details, a rating.

use serde_json::{Map, Value};

use crate::actor::{ActorKind, ActorRef};
use crate::case::{Case, Context};
use crate::conversation::{Priority, Rating, Status, flow};
use crate::event::EventBody;
use crate::id::MessageId;
use crate::message::{Draft, Message, MessageAck, MessageKind};
use crate::refusal::Refusal;
use crate::text::{ATTRIBUTES_MAX, RESERVED_ATTRIBUTES, preview};

/// A message from either side.
///
/// A visitor who writes into a resolved or missed conversation wakes it first. An
/// agent's reply needs an active one; a note may be added at any time.
pub fn send(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    draft: Draft,
) -> Result<MessageAck, Refusal> {
    let status = case.conversation.status;
    if actor.kind == ActorKind::Visitor {
        match status {
            Status::Bot | Status::Queued | Status::Active => {}
            Status::Resolved | Status::Missed => flow::wake(case, cx, actor)?,
            Status::Closed => return Err(Refusal::Closed),
        }
    } else if !draft.private && status != Status::Active {
        return Err(Refusal::WrongStatus(status));
    }
    append(case, cx, actor, draft)
}

/// Appends without asking about the status.
pub(super) fn append(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    draft: Draft,
) -> Result<MessageAck, Refusal> {
    let message = Message {
        id: MessageId(cx.ids.uuid()),
        conversation_id: case.conversation.id,
        seq: case.conversation.last_seq + 1,
        kind: MessageKind::Text,
        sender: actor.clone(),
        client_msg_id: Some(draft.client_msg_id),
        text: draft.text,
        private: draft.private,
        attributes: draft.attributes,
        created_at: cx.now,
    };
    let ack = message.ack();
    add(case, cx, message);
    Ok(ack)
}

/// Adds a message that is already numbered, with what it does to the conversation.
pub(super) fn add(case: &mut Case, cx: &Context<'_>, message: Message) {
    case.effects.messages.push(message.clone());
    let told = message.clone();
    case.change(
        cx,
        &message.sender,
        |c| count(c, &message),
        |_| EventBody::MessageCreated { message: told },
    );
}

/// What a new message does to the conversation's numbers. Writing implies having
/// read: the writer's side has seen everything before its own message.
fn count(c: &mut crate::conversation::Conversation, message: &Message) {
    c.last_seq = message.seq;
    if message.private {
        return;
    }
    c.public_seq = message.seq;
    c.last_message = Some(preview(&message.text));
    c.last_message_at = Some(message.created_at);
    if message.from_visitor() {
        c.unread_count += 1;
        c.visitor_delivered_seq = message.seq;
        c.visitor_read_seq = message.seq;
        c.visitor_unread_count = 0;
        take_over(&mut c.attributes, &message.attributes);
    } else if message.sender.kind == ActorKind::Bot {
        // Nobody at the desk has read anything by it.
        c.visitor_unread_count += 1;
    } else {
        c.visitor_unread_count += 1;
        c.desk_delivered_seq = message.seq;
        c.desk_read_seq = message.seq;
        c.unread_count = 0;
        if message.sender.kind == ActorKind::Agent && c.first_response_at.is_none() {
            c.first_response_at = Some(message.created_at);
        }
    }
}

/// What a visitor's message is about is what the conversation is about from then
/// on: the page's "Need help" may name another order in the middle of a chat.
fn take_over(known: &mut Map<String, Value>, said: &Map<String, Value>) {
    let marks = |name: &String| RESERVED_ATTRIBUTES.contains(&name.as_str());
    for (name, value) in said.iter().filter(|(name, _)| !marks(name)) {
        // What is no plain value is of the message alone: an answer to a bot.
        if value.is_object() {
            continue;
        }
        if known.contains_key(name) || known.len() < ATTRIBUTES_MAX {
            known.insert(name.clone(), value.clone());
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    Delivered,
    Read,
}

/// "Everything up to `seq`", from one side. A receipt that says nothing new
/// leaves no event, so repeats and late ones cost nothing.
pub fn mark(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    receipt: Receipt,
    seq: i64,
) -> Result<(), Refusal> {
    let c = &case.conversation;
    let visitor = actor.kind == ActorKind::Visitor;
    let newest = if visitor { c.public_seq } else { c.last_seq };
    if seq < 0 || seq > newest {
        return Err(Refusal::field(
            "/seq",
            "out_of_range",
            format!("Between 0 and {newest}."),
        ));
    }
    let (delivered, read) = if visitor {
        (c.visitor_delivered_seq, c.visitor_read_seq)
    } else {
        (c.desk_delivered_seq, c.desk_read_seq)
    };
    let known = match receipt {
        Receipt::Delivered => delivered,
        Receipt::Read => read,
    };
    if seq <= known {
        return Ok(());
    }
    let unread_left = newest - seq;
    case.change(
        cx,
        actor,
        |c| {
            let (delivered, read, unread) = if visitor {
                (
                    &mut c.visitor_delivered_seq,
                    &mut c.visitor_read_seq,
                    &mut c.visitor_unread_count,
                )
            } else {
                (
                    &mut c.desk_delivered_seq,
                    &mut c.desk_read_seq,
                    &mut c.unread_count,
                )
            };
            *delivered = seq.max(*delivered);
            if receipt == Receipt::Read {
                *read = seq;
                // Exact once the reader has caught up; between, at most this many.
                *unread = (*unread).min(unread_left);
            }
        },
        |_| match receipt {
            Receipt::Delivered => EventBody::MessageDelivered { up_to_seq: seq },
            Receipt::Read => EventBody::MessageRead { up_to_seq: seq },
        },
    );
    Ok(())
}

/// The visitor's verdict, once, after the chat.
pub fn rate(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    score: i64,
    comment: Option<String>,
) -> Result<(), Refusal> {
    let status = case.conversation.status;
    if !(1..=5).contains(&score) {
        return Err(Refusal::field("/score", "out_of_range", "Between 1 and 5."));
    }
    if !matches!(status, Status::Resolved | Status::Closed) {
        return Err(Refusal::WrongStatus(status));
    }
    if case.conversation.rating.is_some() {
        return Err(Refusal::AlreadyRated);
    }
    let rating = Rating {
        score,
        comment,
        rated_at: cx.now,
    };
    case.change(
        cx,
        actor,
        |c| c.rating = Some(rating),
        |c| EventBody::ConversationRated {
            conversation: c.clone(),
        },
    );
    Ok(())
}

/// Fields an agent may correct. `None` leaves a field as it is; an inner `None`
/// empties it. Attributes are merged; a null removes one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Details {
    pub subject: Option<Option<String>>,
    pub category: Option<Option<String>>,
    pub priority: Option<Priority>,
    pub attributes: Map<String, Value>,
    /// Refuse unless the conversation is still at this version.
    pub if_version: Option<i64>,
}

pub fn update(
    case: &mut Case,
    cx: &Context<'_>,
    actor: &ActorRef,
    details: Details,
) -> Result<(), Refusal> {
    if details
        .if_version
        .is_some_and(|version| version != case.conversation.version)
    {
        return Err(Refusal::Stale);
    }
    let mut next = case.conversation.clone();
    if let Some(subject) = details.subject {
        next.subject = subject;
    }
    if let Some(category) = details.category {
        next.category = category;
    }
    if let Some(priority) = details.priority {
        next.priority = priority;
    }
    for (name, value) in details.attributes {
        if value.is_null() {
            next.attributes.remove(&name);
        } else {
            next.attributes.insert(name, value);
        }
    }
    if next == case.conversation {
        return Ok(());
    }
    case.change(
        cx,
        actor,
        |c| *c = next,
        |c| EventBody::ConversationUpdated {
            conversation: c.clone(),
        },
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::tests::{World, ana, draft, visitor};

    #[test]
    fn what_a_visitors_message_is_about_the_conversation_is_about() {
        let world = World::new();
        let mut case = world.at(Status::Active);
        let about = |order: &str, private| Draft {
            attributes: Map::from_iter([("order_id".to_owned(), order.into())]),
            ..draft(order, private)
        };
        send(&mut case, &world.cx(), &visitor(), about("A-1", false)).unwrap();
        assert_eq!(case.conversation.attributes["order_id"], "A-1");
        let told = case.effects.events.last().unwrap();
        let changes = serde_json::to_value(&told.changes).unwrap();
        assert_eq!(changes["attributes"][1]["order_id"], "A-1");
        assert!(
            !crate::visitor_view::event(told).unwrap()["changes"]
                .to_string()
                .contains("A-1")
        );
        send(&mut case, &world.cx(), &ana(), about("A-2", false)).unwrap();
        assert_eq!(case.conversation.attributes["order_id"], "A-1");
    }

    #[test]
    fn what_filters_said_is_the_messages_and_the_desks() {
        let world = World::new();
        let mut case = world.at(Status::Active);
        let marked = Draft {
            attributes: Map::from_iter([
                (
                    "filter".to_owned(),
                    serde_json::json!({ "pii": { "rewritten": ["text"] } }),
                ),
                ("order_id".to_owned(), "A-1".into()),
            ]),
            ..draft("masked", false)
        };
        send(&mut case, &world.cx(), &visitor(), marked).unwrap();
        assert!(!case.conversation.attributes.contains_key("filter"));
        let message = case.effects.messages.last().unwrap();
        assert!(message.attributes.contains_key("filter"));
        let shown = crate::visitor_view::message(message).unwrap().attributes;
        assert_eq!(shown.keys().collect::<Vec<_>>(), ["order_id"]);
        let told = crate::visitor_view::event(case.effects.events.last().unwrap()).unwrap();
        assert!(!told.to_string().contains("rewritten"));
    }
}
