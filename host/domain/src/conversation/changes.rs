//! What differs between two states of a conversation.
//!
//! Every message asks this, so only the fields that differ become JSON; for other
//! entities `Changes::between` makes JSON of both and compares that. The two
//! answer alike, which the test holds them to.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Conversation;
use crate::event::Changes;

/// Compares field by field. A field of `Conversation` that is not listed does not
/// compile.
macro_rules! changes {
    ($before:expr, $after:expr, { $($field:ident),+ $(,)? }) => {{
        let Conversation { $($field),+ } = $before;
        let mut changed = Map::new();
        $(
            if *$field != $after.$field {
                let values = vec![value($field), value(&$after.$field)];
                changed.insert(stringify!($field).to_owned(), Value::Array(values));
            }
        )+
        Changes(changed)
    }};
}

#[must_use]
pub(crate) fn changes(before: &Conversation, after: &Conversation) -> Changes {
    changes!(before, after, {
        id,
        inbox_id,
        contact,
        visitor_id,
        team_id,
        assignee,
        status,
        priority,
        subject,
        category,
        attributes,
        last_seq,
        public_seq,
        visitor_delivered_seq,
        visitor_read_seq,
        desk_delivered_seq,
        desk_read_seq,
        unread_count,
        visitor_unread_count,
        last_message,
        last_message_at,
        previous_id,
        rating,
        reason,
        created_at,
        queued_at,
        started_at,
        first_response_at,
        resolved_at,
        closed_at,
        missed_at,
        version,
    })
}

/// Our own types have no map whose keys are no text.
fn value(field: &impl Serialize) -> Value {
    serde_json::to_value(field).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::AgentRef;
    use crate::contact::ContactRef;
    use crate::conversation::{Priority, Rating, Status};
    use crate::id::{AgentId, ContactId, ConversationId, InboxId, TeamId, VisitorId};
    use crate::time::Timestamp;
    use uuid::Uuid;

    /// A conversation in which every field says `n`.
    fn made_of(n: u128) -> Conversation {
        let (id, number) = (Uuid::from_u128(n), n as i64);
        let (text, at) = (n.to_string(), Timestamp(number));
        let odd = n % 2 == 1;
        Conversation {
            id: ConversationId(id),
            inbox_id: InboxId(id),
            contact: ContactRef {
                id: ContactId(id),
                name: Some(text.clone()),
                email: None,
                verified: odd,
                vip: odd,
            },
            visitor_id: VisitorId(id),
            team_id: Some(TeamId(id)),
            assignee: Some(AgentRef {
                id: AgentId(id),
                name: text.clone(),
            }),
            status: if odd { Status::Active } else { Status::Closed },
            priority: if odd { Priority::High } else { Priority::Low },
            subject: Some(text.clone()),
            category: Some(text.clone()),
            attributes: Map::from_iter([(text.clone(), Value::from(number))]),
            last_seq: number,
            public_seq: number,
            visitor_delivered_seq: number,
            visitor_read_seq: number,
            desk_delivered_seq: number,
            desk_read_seq: number,
            unread_count: number,
            visitor_unread_count: number,
            last_message: Some(text.clone()),
            last_message_at: Some(at),
            previous_id: Some(ConversationId(id)),
            rating: Some(Rating {
                score: number,
                comment: Some(text.clone()),
                rated_at: at,
            }),
            reason: Some(text),
            created_at: at,
            queued_at: Some(at),
            started_at: Some(at),
            first_response_at: Some(at),
            resolved_at: Some(at),
            closed_at: Some(at),
            missed_at: Some(at),
            version: number,
        }
    }

    #[test]
    fn it_answers_as_the_comparison_of_json_does() {
        let (one, two) = (made_of(1), made_of(2));
        let all = changes(&one, &two);
        assert_eq!(all, Changes::between(&one, &two));
        assert_eq!(
            all.0.len(),
            serde_json::to_value(&one)
                .unwrap()
                .as_object()
                .unwrap()
                .len(),
            "every field differs"
        );
        assert_eq!(changes(&one, &one), Changes::default());
        let mut after = one.clone();
        after.assignee = None;
        after.last_seq += 1;
        assert_eq!(changes(&one, &after), Changes::between(&one, &after));
        assert_eq!(changes(&one, &after).0.len(), 2);
    }
}
