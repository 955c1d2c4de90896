//! The hook `events`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::events as api;
use crate::{Attributes, Call, Events, HookError};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-events;
        world events {
            export deskbell:integration/events@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/integration"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::integration::events as wire;

pub struct Exported<E>(PhantomData<E>);

impl<E: Events> wire::Guest for Exported<E> {
    fn on_event(
        cx: wire::CallContext,
        event: wire::Event,
    ) -> Result<Vec<wire::Effect>, wire::HookError> {
        super::log_panics();
        match E::on_event(&call(cx), read(event)) {
            Ok(effects) => Ok(effects.into_iter().map(effect).collect()),
            Err(error) => Err(refuse(error)),
        }
    }
}

fn call(cx: wire::CallContext) -> Call {
    Call {
        tenant_id: cx.tenant_id,
        installation_id: cx.installation_id,
        call_id: cx.call_id,
        now_ms: cx.now_ms,
        deadline_ms: cx.deadline_ms,
    }
}

fn attributes(list: Vec<shared::Attribute>) -> Attributes {
    Attributes::from_json(list.into_iter().map(|one| (one.name, one.json)))
}

fn read(event: wire::Event) -> api::Event {
    api::Event {
        id: event.id,
        kind: event.kind,
        occurred_at_ms: event.occurred_at_ms,
        attempt: event.attempt,
        conversation: event.conversation.map(conversation),
        contact: event.contact.map(|contact| api::Contact {
            id: contact.id,
            name: contact.name,
            email: contact.email,
            verified: contact.verified,
            vip: contact.vip,
            attributes: attributes(contact.attributes),
        }),
        message: event.message.map(message),
        attributes: attributes(event.attributes),
    }
}

fn conversation(conversation: wire::Conversation) -> api::Conversation {
    api::Conversation {
        id: conversation.id,
        inbox_id: conversation.inbox_id,
        team_id: conversation.team_id,
        status: conversation.status,
        priority: conversation.priority,
        subject: conversation.subject,
        category: conversation.category,
        assignee: conversation.assignee.map(|agent| api::Agent {
            id: agent.id,
            name: agent.name,
        }),
        created_at_ms: conversation.created_at_ms,
        attributes: attributes(conversation.attributes),
    }
}

fn message(message: wire::Message) -> api::Message {
    api::Message {
        id: message.id,
        seq: message.seq,
        sender: match message.sender_kind {
            wire::SenderKind::Visitor => api::SenderKind::Visitor,
            wire::SenderKind::Agent => api::SenderKind::Agent,
            wire::SenderKind::Bot => api::SenderKind::Bot,
            wire::SenderKind::Plugin => api::SenderKind::Plugin,
            wire::SenderKind::System => api::SenderKind::System,
        },
        sender_name: message.sender_name,
        text: message.text,
        private: message.private,
        created_at_ms: message.created_at_ms,
        attributes: attributes(message.attributes),
    }
}

fn effect(effect: api::Effect) -> wire::Effect {
    match effect {
        api::Effect::SetAttribute { name, json } => {
            wire::Effect::SetAttribute(shared::Attribute { name, json })
        }
        api::Effect::AddNote(text) => wire::Effect::AddNote(text),
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
