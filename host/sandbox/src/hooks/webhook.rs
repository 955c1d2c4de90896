//! The hook `webhook`: what another system sent in, changes out. Ids and JSON are
//! checked for form here, effects for sense by the app.

use deskbell_app::hooks::{HookError, WebhookRequest};
use deskbell_domain::integration::Effect;
use deskbell_domain::plugin::Hook;
use deskbell_domain::webhook::Change;
use deskbell_domain::{ConversationId, JobId};

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::webhook as wit;
use crate::call::Asking;
use crate::words::{self, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Webhook,
    interface: "deskbell:integration/webhook@0.1.0",
    find: |component, exports| {
        exports.webhook = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match webhook(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn webhook(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.webhook.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for WebhookRequest {
    type Answer = Vec<Change>;
    const HOOK: Hook = Hook::Webhook;

    fn ask(self, asking: &mut Asking<'_>) -> Result<Vec<Change>, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let webhook = webhook(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| webhook.call_handle(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        said.into_iter().map(change).collect()
    }
}

fn request(from: WebhookRequest) -> wit::Request {
    let headers = from.headers.into_iter();
    wit::Request {
        id: JobId(from.id).to_string(),
        name: from.name,
        headers: headers
            .map(|(name, value)| wit::Header { name, value })
            .collect(),
        body: from.body.to_vec(),
        received_at_ms: u64::try_from(from.received_at.0).unwrap_or(0),
        attempt: from.attempt,
        attributes: Vec::new(),
    }
}

fn change(said: wit::Change) -> Result<Change, HookError> {
    let id: Result<ConversationId, _> = said.conversation_id.parse();
    let conversation = id.map_err(|_| {
        let said = words::sentence(&said.conversation_id);
        HookError::BadAnswer(format!("`{said}` is no id of a conversation"))
    })?;
    let effect = match said.effect {
        wit::Effect::SetAttribute(attribute) => Effect::SetAttribute {
            value: serde_json::from_str(&attribute.json).map_err(|_| {
                let name = words::sentence(&attribute.name);
                HookError::BadAnswer(format!("the value of `{name}` is not JSON"))
            })?,
            name: attribute.name,
        },
        wit::Effect::AddNote(text) => Effect::AddNote(text),
    };
    Ok(Change {
        conversation,
        effect,
    })
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        let headers = self.headers.iter();
        let headers: usize = headers.map(|it| it.name.weight() + it.value.weight()).sum();
        self.id.weight() + self.name.weight() + headers + self.body.len() + self.attributes.weight()
    }
}

impl Weight for wit::Change {
    fn weight(&self) -> usize {
        let effect = match &self.effect {
            wit::Effect::SetAttribute(attribute) => attribute.weight(),
            wit::Effect::AddNote(text) => text.weight(),
        };
        self.conversation_id.weight() + effect
    }
}
