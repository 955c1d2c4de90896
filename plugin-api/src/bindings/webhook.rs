//! The hook `webhook`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::webhook as api;
use crate::{Attributes, Call, HookError, Webhook};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-webhook;
        world webhook {
            export deskbell:integration/webhook@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/integration"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::integration::webhook as wire;

pub struct Exported<W>(PhantomData<W>);

impl<W: Webhook> wire::Guest for Exported<W> {
    fn handle(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<Vec<wire::Change>, wire::HookError> {
        super::log_panics();
        match W::handle(&call(cx), read(request)) {
            Ok(changes) => Ok(changes.into_iter().map(change).collect()),
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

fn read(request: wire::Request) -> api::Request {
    let attributes = request.attributes.into_iter();
    let attributes = attributes.map(|one| (one.name, one.json));
    let headers = request.headers.into_iter();
    let mut read = api::Request::new(request.id, request.name, request.body);
    read.headers = headers.map(|one| (one.name, one.value)).collect();
    read.received_at_ms = request.received_at_ms;
    read.attempt = request.attempt;
    read.attributes = Attributes::from_json(attributes);
    read
}

fn change(change: api::Change) -> wire::Change {
    wire::Change {
        conversation_id: change.conversation_id,
        effect: match change.effect {
            api::Effect::SetAttribute { name, json } => {
                wire::Effect::SetAttribute(shared::Attribute { name, json })
            }
            api::Effect::AddNote(text) => wire::Effect::AddNote(text),
        },
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
