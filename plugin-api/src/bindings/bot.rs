//! The hook `bot`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::bot as api;
use crate::{Attributes, Bot, Call, HookError};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-bot;
        world bot {
            export deskbell:bot/bot@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/bot"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::bot::bot as wire;

pub struct Exported<B>(PhantomData<B>);

impl<B: Bot> wire::Guest for Exported<B> {
    fn on_event(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<wire::Reply, wire::HookError> {
        super::log_panics();
        match B::on_event(&call(cx), read(request)) {
            Ok(reply) => Ok(write(reply)),
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

fn read(request: wire::Request) -> api::Request {
    let (conversation, contact) = (request.conversation, request.contact);
    api::Request {
        event: match request.event {
            wire::Event::Started => api::Event::Started,
            wire::Event::Message(it) => api::Event::Message(message(it)),
            wire::Event::Woke(token) => api::Event::Woke(token),
        },
        conversation: api::Conversation {
            id: conversation.id,
            inbox_id: conversation.inbox_id,
            team_id: conversation.team_id,
            subject: conversation.subject,
            category: conversation.category,
            attributes: attributes(conversation.attributes),
        },
        contact: api::Contact {
            id: contact.id,
            name: contact.name,
            email: contact.email,
            verified: contact.verified,
            vip: contact.vip,
            attributes: attributes(contact.attributes),
        },
        said: request.said.into_iter().map(line).collect(),
        state: request.state,
        attributes: attributes(request.attributes),
    }
}

fn message(message: wire::Message) -> api::Message {
    api::Message {
        id: message.message_id,
        text: message.text,
        answer: message.answer.map(|answer| api::Answer {
            message_id: answer.message_id,
            values: attributes(answer.values),
        }),
        attributes: attributes(message.attributes),
    }
}

fn line(line: wire::Line) -> api::Line {
    api::Line {
        message_id: line.message_id,
        speaker: match line.speaker {
            wire::Speaker::Visitor => api::Speaker::Visitor,
            wire::Speaker::Bot => api::Speaker::Bot,
            wire::Speaker::Agent => api::Speaker::Agent,
            wire::Speaker::System => api::Speaker::System,
        },
        text: line.text,
        at_ms: line.at_ms,
    }
}

fn write(reply: api::Reply) -> wire::Reply {
    wire::Reply {
        actions: reply.actions.into_iter().map(action).collect(),
        state: reply.state,
    }
}

fn action(action: api::Action) -> wire::Action {
    match action {
        api::Action::Say(text) => wire::Action::Say(text),
        api::Action::Ask(question) => wire::Action::Ask(wire::Question {
            text: question.text,
            choices: choices(question.choices),
            form: question.form.into_iter().map(field).collect(),
        }),
        api::Action::Typing(ms) => wire::Action::Typing(ms),
        api::Action::SetAttribute { name, json } => {
            wire::Action::SetAttribute(shared::Attribute { name, json })
        }
        api::Action::HandOff(to) => wire::Action::HandOff(wire::HandOff {
            team_id: to.team_id,
            summary: to.summary,
            reason: to.reason,
        }),
        api::Action::Close(reason) => wire::Action::Close(reason),
        api::Action::CallBack { after_ms, token } => {
            wire::Action::CallBack(wire::CallBack { after_ms, token })
        }
    }
}

fn field(field: api::Field) -> wire::Field {
    wire::Field {
        name: field.name,
        label: field.label,
        kind: match field.kind {
            api::FieldKind::Text => wire::FieldKind::Text,
            api::FieldKind::Email => wire::FieldKind::Email,
            api::FieldKind::Number => wire::FieldKind::Number,
            api::FieldKind::Choice => wire::FieldKind::Choice,
        },
        required: field.required,
        choices: choices(field.choices),
    }
}

fn choices(choices: Vec<api::Choice>) -> Vec<wire::Choice> {
    let choice = |it: api::Choice| wire::Choice {
        id: it.id,
        label: it.label,
    };
    choices.into_iter().map(choice).collect()
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
