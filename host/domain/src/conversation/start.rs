//! How a conversation begins.

use serde_json::{Map, Value};

use crate::actor::ActorRef;
use crate::bot::BotRef;
use crate::case::{Case, Context};
use crate::contact::Contact;
use crate::conversation::{Conversation, Priority, Status, bot, flow, talk};
use crate::event::{Audience, Changes, Event, EventBody};
use crate::id::{ConversationId, InboxId, TeamId, TenantId, VisitorId};
use crate::message::{Draft, MessageAck};
use crate::refusal::Refusal;
use crate::time::Timestamp;

/// What the visitor brings along. Already checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    pub inbox_id: InboxId,
    pub team_id: TeamId,
    pub visitor_id: VisitorId,
    pub subject: Option<String>,
    pub category: Option<String>,
    pub attributes: Map<String, Value>,
    pub previous_id: Option<ConversationId>,
    pub message: Option<Draft>,
    /// Who answers first, if a bot does.
    pub bot: Option<BotRef>,
}

/// A new conversation in the queue, or with a bot, and with its first message if
/// there is one.
/// A VIP's priority starts at high.
pub fn start(
    cx: &Context<'_>,
    tenant: TenantId,
    actor: &ActorRef,
    contact: &Contact,
    opening: Opening,
) -> Result<(Case, Option<MessageAck>), Refusal> {
    let priority = if contact.vip {
        Priority::High
    } else {
        Priority::default()
    };
    let mut case = Case::new(
        tenant,
        blank(cx.now, ConversationId(cx.ids.uuid()), contact, &opening),
    );
    case.conversation.priority = priority;
    let conversation = case.conversation.clone();
    let mut created = Event::new(
        cx,
        tenant,
        actor.clone(),
        EventBody::ConversationCreated {
            conversation: conversation.clone(),
        },
        Changes::default(),
        Audience::of_conversation(&conversation),
    );
    created.conversation_id = Some(conversation.id);
    case.effects.conversation_changed = true;
    case.effects.events.push(created);
    match opening.bot {
        Some(bot) => bot::begin(&mut case, cx, bot),
        None => {
            let now = cx.now;
            case.change(
                cx,
                actor,
                |c| c.queued_at = Some(now),
                |c| EventBody::ConversationQueued {
                    conversation: c.clone(),
                    reason: None,
                },
            );
            flow::enter_queue(&mut case, cx);
        }
    }
    let ack = match opening.message {
        Some(draft) => Some(talk::append(&mut case, cx, actor, draft)?),
        None => None,
    };
    Ok((case, ack))
}

fn blank(now: Timestamp, id: ConversationId, contact: &Contact, opening: &Opening) -> Conversation {
    Conversation {
        id,
        inbox_id: opening.inbox_id,
        contact: contact.to_ref(),
        visitor_id: opening.visitor_id,
        team_id: Some(opening.team_id),
        assignee: None,
        status: match opening.bot {
            Some(_) => Status::Bot,
            None => Status::Queued,
        },
        priority: Priority::default(),
        subject: opening.subject.clone(),
        category: opening.category.clone(),
        attributes: opening.attributes.clone(),
        last_seq: 0,
        public_seq: 0,
        visitor_delivered_seq: 0,
        visitor_read_seq: 0,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 0,
        visitor_unread_count: 0,
        last_message: None,
        last_message_at: None,
        previous_id: opening.previous_id,
        rating: None,
        reason: None,
        created_at: now,
        queued_at: None,
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 1,
    }
}
