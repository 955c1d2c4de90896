//! The hook `events` in writing.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::integration::{Effect, check_effects};
use deskbell_domain::message::MessageKind;
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ActorRef, EventId, Message, MessageId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::people::{ContactForm, ConversationForm};
use super::{Ids, Written, filled_in, put_down};
use crate::hooks::EventRequest;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The public type, such as `conversation.resolved`.
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    occurred_at: Option<Timestamp>,
    #[serde(default = "first")]
    attempt: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation: Option<ConversationForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contact: Option<ContactForm>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<MessageForm>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
}

const fn first() -> u32 {
    1
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(default = "one")]
    seq: i64,
    #[serde(default = "visitor")]
    sender: ActorKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sender_name: Option<String>,
    text: String,
    #[serde(default)]
    private: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
}

const fn one() -> i64 {
    1
}

const fn visitor() -> ActorKind {
    ActorKind::Visitor
}

impl Written for EventRequest {
    const HOOK: Hook = Hook::Events;
    type Answer = Vec<Effect>;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let contact = form.contact.map(|contact| contact.contact(ids, now));
        let nobody = ContactForm::default().contact(ids, now);
        let of = contact.as_ref().unwrap_or(&nobody);
        let conversation = form.conversation;
        let conversation = conversation.map(|it| it.conversation(of, ids, now));
        let within = conversation.as_ref().map(|it| it.id);
        let within =
            within.unwrap_or_else(|| ids.read("conversation", deskbell_domain::ConversationId));
        let message = form.message.map(|message| Message {
            id: ids.read(message.id.as_deref().unwrap_or("message"), MessageId),
            conversation_id: within,
            seq: message.seq,
            kind: MessageKind::Text,
            sender: ActorRef {
                kind: message.sender,
                id: None,
                name: message.sender_name,
            },
            client_msg_id: None,
            text: message.text,
            private: message.private,
            attributes: message.attributes,
            created_at: message.at.unwrap_or(now),
        });
        Ok(Self {
            id: ids.read(form.id.as_deref().unwrap_or("event"), EventId),
            kind: form.kind,
            occurred_at: form.occurred_at.unwrap_or(now),
            attempt: form.attempt,
            conversation,
            contact,
            message,
            attributes: form.attributes,
        })
    }

    fn write(&self) -> Value {
        put_down(Form {
            id: Some(self.id.to_string()),
            kind: self.kind.clone(),
            occurred_at: Some(self.occurred_at),
            attempt: self.attempt,
            conversation: self.conversation.as_ref().map(ConversationForm::whole),
            contact: self.contact.as_ref().map(Into::into),
            message: self.message.as_ref().map(|message| MessageForm {
                id: Some(message.id.to_string()),
                seq: message.seq,
                sender: message.sender.kind,
                sender_name: message.sender.name.clone(),
                text: message.text.clone(),
                private: message.private,
                at: Some(message.created_at),
                attributes: message.attributes.clone(),
            }),
            attributes: self.attributes.clone(),
        })
    }

    fn answer(effects: &Vec<Effect>, _: &Ids) -> Value {
        let effects = effects.iter().map(|effect| match effect {
            Effect::SetAttribute { name, value } => {
                json!({ "set_attribute": { "name": name, "value": value } })
            }
            Effect::AddNote(text) => json!({ "add_note": text }),
        });
        json!({ "effects": effects.collect::<Vec<_>>() })
    }

    fn unfit(&self, effects: &Vec<Effect>, _: Timestamp) -> Option<String> {
        check_effects(effects).err()
    }
}
