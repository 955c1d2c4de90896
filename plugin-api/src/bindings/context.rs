//! The hook `context`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::context as api;
use crate::{Attributes, Call, Context, HookError};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-context;
        world context {
            export deskbell:integration/context@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/integration"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::integration::context as wire;

pub struct Exported<C>(PhantomData<C>);

impl<C: Context> wire::Guest for Exported<C> {
    fn lookup(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<Vec<wire::Card>, wire::HookError> {
        super::log_panics();
        match C::lookup(&call(cx), read(request)) {
            Ok(cards) => Ok(cards.into_iter().map(card).collect()),
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
        conversation: api::Conversation {
            id: conversation.id,
            inbox_id: conversation.inbox_id,
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
        attributes: attributes(request.attributes),
    }
}

fn card(card: api::Card) -> wire::Card {
    let field = |field: api::Field| wire::Field {
        label: field.label,
        value: field.value,
        link: field.link,
    };
    let told = card.attributes.into_json();
    wire::Card {
        title: card.title,
        link: card.link,
        fields: card.fields.into_iter().map(field).collect(),
        attributes: told
            .map(|(name, json)| shared::Attribute { name, json })
            .collect(),
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
