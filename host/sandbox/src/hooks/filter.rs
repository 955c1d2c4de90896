//! The hook `filter`: somebody's words in, a verdict out. Sizes are checked here,
//! what a verdict may do to the words by the app.

use deskbell_app::hooks::{
    Direction, Field, FilterDecision, FilterRequest, FilterVerdict, HookError,
};
use deskbell_domain::ConversationId;
use deskbell_domain::actor::ActorKind;
use deskbell_domain::plugin::Hook;
use serde_json::{Map, Value};

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::filter as wit;
use crate::bindings::types::Attribute;
use crate::call::Asking;
use crate::words::{self, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Filter,
    interface: "deskbell:filter/message-filter@0.1.0",
    find: |component, exports| {
        exports.filter = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match filter(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn filter(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.filter.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for FilterRequest {
    type Answer = FilterDecision;
    const HOOK: Hook = Hook::Filter;

    fn conversation(&self) -> Option<ConversationId> {
        self.conversation
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<FilterDecision, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let filter = filter(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| filter.call_filter(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        decision(said)
    }
}

fn request(from: FilterRequest) -> wit::Request {
    wit::Request {
        direction: match from.direction {
            Direction::Inbound => wit::Direction::Inbound,
            Direction::Outbound => wit::Direction::Outbound,
            Direction::Note => wit::Direction::Note,
        },
        sender_kind: match from.sender {
            ActorKind::Visitor => wit::SenderKind::Visitor,
            ActorKind::Agent => wit::SenderKind::Agent,
            ActorKind::Bot => wit::SenderKind::Bot,
            ActorKind::Plugin => wit::SenderKind::Plugin,
            ActorKind::System => wit::SenderKind::System,
        },
        conversation_id: from.conversation.map(|id| id.to_string()),
        inbox_id: from.inbox.map(|id| id.to_string()),
        fields: from
            .fields
            .into_iter()
            .map(|field| wit::Field {
                name: field.name,
                text: field.text,
            })
            .collect(),
        attributes: Vec::new(),
    }
}

impl Weight for wit::Field {
    fn weight(&self) -> usize {
        self.name.weight() + self.text.weight()
    }
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        self.conversation_id.weight() + self.inbox_id.weight() + self.fields.weight()
    }
}

impl Weight for wit::Decision {
    fn weight(&self) -> usize {
        let verdict = match &self.verdict {
            wit::Verdict::Allow => 0,
            wit::Verdict::Annotate(attributes) => attributes.weight(),
            wit::Verdict::Rewrite(fields) => fields.weight(),
            wit::Verdict::Hold(text) | wit::Verdict::Reject(text) => text.weight(),
        };
        verdict + self.reason.weight()
    }
}

fn decision(said: wit::Decision) -> Result<FilterDecision, HookError> {
    let verdict = match said.verdict {
        wit::Verdict::Allow => FilterVerdict::Allow,
        wit::Verdict::Annotate(said) => FilterVerdict::Annotate(annotation(said)?),
        wit::Verdict::Rewrite(fields) => FilterVerdict::Rewrite(
            fields
                .into_iter()
                .map(|field| Field {
                    name: field.name,
                    text: field.text,
                })
                .collect(),
        ),
        wit::Verdict::Hold(why) => FilterVerdict::Hold(words::sentence(&why)),
        wit::Verdict::Reject(why) => FilterVerdict::Reject(words::sentence(&why)),
    };
    let reason = said.reason.map(|reason| words::sentence(&reason));
    Ok(FilterDecision {
        verdict,
        reason: reason.filter(|reason| !reason.is_empty()),
    })
}

fn annotation(said: Vec<Attribute>) -> Result<Map<String, Value>, HookError> {
    let mut annotation = Map::new();
    for one in said {
        let Ok(value) = serde_json::from_str(&one.json) else {
            let detail = "the value of an attribute is no JSON".to_owned();
            return Err(HookError::BadAnswer(detail));
        };
        annotation.insert(one.name, value);
    }
    Ok(annotation)
}
