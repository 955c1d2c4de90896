//! The hook `context`: a conversation and its contact in, cards out. Texts lose
//! their control characters here; how much a card may have, and what a link may be,
//! the app knows.

use deskbell_app::hooks::{ContextRequest, HookError};
use deskbell_domain::ConversationId;
use deskbell_domain::integration::{Card, CardField};
use deskbell_domain::plugin::Hook;

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::context as wit;
use crate::call::Asking;
use crate::words::{self, ContactWords, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Context,
    interface: "deskbell:integration/context@0.1.0",
    find: |component, exports| {
        exports.context = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match context(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn context(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.context.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for ContextRequest {
    type Answer = Vec<Card>;
    const HOOK: Hook = Hook::Context;

    fn conversation(&self) -> Option<ConversationId> {
        Some(self.conversation.id)
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<Vec<Card>, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let context = context(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| context.call_lookup(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        Ok(said.into_iter().map(card).collect())
    }
}

fn request(from: ContextRequest) -> wit::Request {
    let conversation = from.conversation;
    let contact = ContactWords::from(from.contact);
    wit::Request {
        conversation: wit::Conversation {
            id: conversation.id.to_string(),
            inbox_id: conversation.inbox_id.to_string(),
            subject: conversation.subject,
            category: conversation.category,
            attributes: words::attributes(&conversation.attributes),
        },
        contact: wit::Contact {
            id: contact.id,
            name: contact.name,
            email: contact.email,
            verified: contact.verified,
            vip: contact.vip,
            attributes: contact.attributes,
        },
        attributes: Vec::new(),
    }
}

fn card(said: wit::Card) -> Card {
    let field = |field: wit::Field| CardField {
        label: words::clean(&field.label),
        value: words::clean(&field.value),
        link: field.link,
    };
    Card {
        title: words::clean(&said.title),
        link: said.link,
        fields: said.fields.into_iter().map(field).collect(),
    }
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        let (conversation, contact) = (&self.conversation, &self.contact);
        conversation.id.weight()
            + conversation.inbox_id.weight()
            + conversation.subject.weight()
            + conversation.category.weight()
            + conversation.attributes.weight()
            + contact.id.weight()
            + contact.name.weight()
            + contact.email.weight()
            + contact.attributes.weight()
    }
}

impl Weight for wit::Field {
    fn weight(&self) -> usize {
        self.label.weight() + self.value.weight() + self.link.weight()
    }
}

impl Weight for wit::Card {
    fn weight(&self) -> usize {
        self.title.weight() + self.link.weight() + self.fields.weight() + self.attributes.weight()
    }
}
