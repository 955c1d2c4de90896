//! The hook `variables`: its exported functions, and both ways of its records.

use std::marker::PhantomData;

use crate::variables as api;
use crate::{Attributes, Call, HookError, Variables};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-variables;
        world variables {
            export deskbell:variables/variables@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/variables"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::variables::variables as wire;

pub struct Exported<V>(PhantomData<V>);

impl<V: Variables> wire::Guest for Exported<V> {
    fn list_definitions() -> Vec<wire::Definition> {
        super::log_panics();
        V::definitions()
            .into_iter()
            .map(|definition| wire::Definition {
                name: definition.name,
                description: definition.description,
            })
            .collect()
    }

    fn resolve(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<Vec<wire::Value>, wire::HookError> {
        super::log_panics();
        match V::resolve(&call(cx), read(request)) {
            Ok(values) => Ok(values
                .into_iter()
                .map(|(name, text)| wire::Value { name, text })
                .collect()),
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
        names: request.names,
        conversation: api::Conversation {
            id: conversation.id,
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
        agent: api::Agent {
            id: request.agent.id,
            name: request.agent.name,
        },
        attributes: attributes(request.attributes),
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
