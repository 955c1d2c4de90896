//! The hook `events`: something that happened in, effects out. JSON is checked for
//! form here, effects for sense by the app.

use deskbell_app::hooks::{EventRequest, HookError};
use deskbell_domain::actor::ActorKind;
use deskbell_domain::integration::Effect;
use deskbell_domain::plugin::Hook;
use deskbell_domain::{Conversation, ConversationId, Message, Timestamp};

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::events as wit;
use crate::call::Asking;
use crate::words::{self, ContactWords, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Events,
    interface: "deskbell:integration/events@0.1.0",
    find: |component, exports| {
        exports.events = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match events(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn events(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.events.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for EventRequest {
    type Answer = Vec<Effect>;
    const HOOK: Hook = Hook::Events;

    fn conversation(&self) -> Option<ConversationId> {
        self.conversation.as_ref().map(|it| it.id)
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<Vec<Effect>, HookError> {
        let event = event(self);
        asking.takes(event.weight())?;
        let events = events(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| events.call_on_event(store, cx, &event))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        said.into_iter().map(effect).collect()
    }
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.0).unwrap_or(0)
}

fn event(from: EventRequest) -> wit::Event {
    wit::Event {
        id: from.id.to_string(),
        kind: from.kind,
        occurred_at_ms: millis(from.occurred_at),
        attempt: from.attempt,
        conversation: from.conversation.map(conversation),
        contact: from.contact.map(|contact| {
            let contact = ContactWords::from(contact);
            wit::Contact {
                id: contact.id,
                name: contact.name,
                email: contact.email,
                verified: contact.verified,
                vip: contact.vip,
                attributes: contact.attributes,
            }
        }),
        message: from.message.map(message),
        attributes: words::attributes(&from.attributes),
    }
}

fn conversation(from: Conversation) -> wit::Conversation {
    wit::Conversation {
        id: from.id.to_string(),
        inbox_id: from.inbox_id.to_string(),
        team_id: from.team_id.map(|id| id.to_string()),
        status: from.status.as_str().to_owned(),
        priority: from.priority.as_str().to_owned(),
        subject: from.subject,
        category: from.category,
        assignee: from.assignee.map(|agent| wit::Agent {
            id: agent.id.to_string(),
            name: agent.name,
        }),
        created_at_ms: millis(from.created_at),
        attributes: words::attributes(&from.attributes),
    }
}

fn message(from: Message) -> wit::Message {
    wit::Message {
        id: from.id.to_string(),
        seq: u64::try_from(from.seq).unwrap_or(0),
        sender_kind: match from.sender.kind {
            ActorKind::Visitor => wit::SenderKind::Visitor,
            ActorKind::Agent => wit::SenderKind::Agent,
            ActorKind::Bot => wit::SenderKind::Bot,
            ActorKind::Plugin => wit::SenderKind::Plugin,
            ActorKind::System => wit::SenderKind::System,
        },
        sender_name: from.sender.name,
        text: from.text,
        private: from.private,
        created_at_ms: millis(from.created_at),
        attributes: words::attributes(&from.attributes),
    }
}

fn effect(said: wit::Effect) -> Result<Effect, HookError> {
    Ok(match said {
        wit::Effect::SetAttribute(attribute) => Effect::SetAttribute {
            value: serde_json::from_str(&attribute.json).map_err(|_| {
                let name = words::sentence(&attribute.name);
                HookError::BadAnswer(format!("the value of `{name}` is not JSON"))
            })?,
            name: attribute.name,
        },
        wit::Effect::AddNote(text) => Effect::AddNote(text),
    })
}

impl Weight for wit::Conversation {
    fn weight(&self) -> usize {
        let assignee = self.assignee.as_ref();
        self.id.weight()
            + self.inbox_id.weight()
            + self.team_id.weight()
            + self.status.weight()
            + self.priority.weight()
            + self.subject.weight()
            + self.category.weight()
            + assignee.map_or(0, |it| it.id.weight() + it.name.weight())
            + self.attributes.weight()
    }
}

impl Weight for wit::Contact {
    fn weight(&self) -> usize {
        self.id.weight() + self.name.weight() + self.email.weight() + self.attributes.weight()
    }
}

impl Weight for wit::Message {
    fn weight(&self) -> usize {
        self.id.weight() + self.sender_name.weight() + self.text.weight() + self.attributes.weight()
    }
}

impl Weight for wit::Event {
    fn weight(&self) -> usize {
        self.id.weight()
            + self.kind.weight()
            + self.conversation.weight()
            + self.contact.weight()
            + self.message.weight()
            + self.attributes.weight()
    }
}

impl Weight for wit::Effect {
    fn weight(&self) -> usize {
        match self {
            Self::SetAttribute(attribute) => attribute.weight(),
            Self::AddNote(text) => text.weight(),
        }
    }
}
