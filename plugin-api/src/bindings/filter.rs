//! The hook `filter`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::filter as api;
use crate::{Attributes, Call, Filter, HookError};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-filter;
        world filter {
            export deskbell:filter/message-filter@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/filter"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::filter::message_filter as wire;

pub struct Exported<F>(PhantomData<F>);

impl<F: Filter> wire::Guest for Exported<F> {
    fn filter(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<wire::Decision, wire::HookError> {
        super::log_panics();
        match F::filter(&call(cx), read(request)) {
            Ok(decision) => Ok(write(decision)),
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
    api::Request {
        direction: match request.direction {
            wire::Direction::Inbound => api::Direction::Inbound,
            wire::Direction::Outbound => api::Direction::Outbound,
            wire::Direction::Note => api::Direction::Note,
        },
        sender: match request.sender_kind {
            wire::SenderKind::Visitor => api::SenderKind::Visitor,
            wire::SenderKind::Agent => api::SenderKind::Agent,
            wire::SenderKind::Bot => api::SenderKind::Bot,
            wire::SenderKind::Plugin => api::SenderKind::Plugin,
            wire::SenderKind::System => api::SenderKind::System,
        },
        conversation_id: request.conversation_id,
        inbox_id: request.inbox_id,
        fields: request
            .fields
            .into_iter()
            .map(|field| api::Field {
                name: field.name,
                text: field.text,
            })
            .collect(),
        attributes: Attributes::from_json(attributes.map(|one| (one.name, one.json))),
    }
}

fn write(decision: api::Decision) -> wire::Decision {
    let verdict = match decision.verdict {
        api::Verdict::Allow => wire::Verdict::Allow,
        api::Verdict::Annotate(attributes) => wire::Verdict::Annotate(
            attributes
                .into_json()
                .map(|(name, json)| shared::Attribute { name, json })
                .collect(),
        ),
        api::Verdict::Rewrite(fields) => wire::Verdict::Rewrite(
            fields
                .into_iter()
                .map(|field| wire::Field {
                    name: field.name,
                    text: field.text,
                })
                .collect(),
        ),
        api::Verdict::Hold(why) => wire::Verdict::Hold(why),
        api::Verdict::Reject(sentence) => wire::Verdict::Reject(sentence),
    };
    wire::Decision {
        verdict,
        reason: decision.reason,
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
