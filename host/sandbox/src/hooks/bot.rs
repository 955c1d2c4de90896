//! The hook `bot`: one event of a conversation in, actions and a state out. Ids and
//! JSON are checked for form here, for sense by the app.

use deskbell_app::hooks::{BotEvent, BotReply, BotRequest, HookError};
use deskbell_domain::actor::ActorKind;
use deskbell_domain::bot::{Action, Choice, Field, FieldKind, HandOff, Question as Asked};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ConversationId, Message, Timestamp};
use serde_json::Value;

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::bot as wit;
use crate::bindings::types::Attribute;
use crate::call::Asking;
use crate::words::{self, ContactWords, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Bot,
    interface: "deskbell:bot/bot@0.1.0",
    find: |component, exports| {
        exports.bot = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match bot(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn bot(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.bot.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for BotRequest {
    type Answer = BotReply;
    const HOOK: Hook = Hook::Bot;

    fn conversation(&self) -> Option<ConversationId> {
        Some(self.conversation.id)
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<BotReply, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let bot = bot(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| bot.call_on_event(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        reply(said)
    }
}

fn request(from: BotRequest) -> wit::Request {
    let conversation = from.conversation;
    let contact = ContactWords::from(from.contact);
    wit::Request {
        event: match from.event {
            BotEvent::Started => wit::Event::Started,
            BotEvent::Message(it) => wit::Event::Message(message(*it)),
            BotEvent::Woke(token) => wit::Event::Woke(token),
        },
        conversation: wit::Conversation {
            id: conversation.id.to_string(),
            inbox_id: conversation.inbox_id.to_string(),
            team_id: conversation.team_id.map(|id| id.to_string()),
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
        said: from.said.into_iter().map(line).collect(),
        state: from.state,
        attributes: Vec::new(),
    }
}

fn message(from: Message) -> wit::Message {
    let mut attributes = from.attributes;
    let answer = attributes.remove("answer").and_then(|answer| {
        Some(wit::Answer {
            message_id: answer.get("message_id")?.as_str()?.to_owned(),
            values: words::attributes(answer.get("values")?.as_object()?),
        })
    });
    wit::Message {
        message_id: from.id.to_string(),
        text: from.text,
        answer,
        attributes: words::attributes(&attributes),
    }
}

fn line(from: Message) -> wit::Line {
    let Timestamp(at) = from.created_at;
    wit::Line {
        message_id: from.id.to_string(),
        speaker: match from.sender.kind {
            ActorKind::Visitor => wit::Speaker::Visitor,
            ActorKind::Agent => wit::Speaker::Agent,
            ActorKind::Bot => wit::Speaker::Bot,
            ActorKind::System | ActorKind::Plugin => wit::Speaker::System,
        },
        text: from.text,
        at_ms: u64::try_from(at).unwrap_or(0),
    }
}

fn reply(said: wit::Reply) -> Result<BotReply, HookError> {
    let actions = said.actions.into_iter().map(action);
    Ok(BotReply {
        actions: actions.collect::<Result<_, _>>()?,
        state: said.state,
    })
}

fn action(said: wit::Action) -> Result<Action, HookError> {
    Ok(match said {
        wit::Action::Say(text) => Action::Say(text),
        wit::Action::Ask(question) => Action::Ask {
            text: question.text,
            question: Asked {
                choices: choices(question.choices),
                form: question.form.into_iter().map(field).collect(),
            },
        },
        wit::Action::Typing(ms) => Action::Typing(i64::from(ms)),
        wit::Action::SetAttribute(attribute) => Action::SetAttribute {
            value: value(&attribute)?,
            name: attribute.name,
        },
        wit::Action::HandOff(to) => Action::HandOff(HandOff {
            team: match to.team_id {
                Some(id) => Some(id.parse().map_err(|_| {
                    let id = words::sentence(&id);
                    HookError::BadAnswer(format!("`{id}` is not a team's id"))
                })?),
                None => None,
            },
            summary: to.summary,
            reason: to.reason,
        }),
        wit::Action::Close(reason) => Action::Close { reason },
        wit::Action::CallBack(call) => Action::CallBack {
            after: i64::try_from(call.after_ms).unwrap_or(i64::MAX),
            token: call.token,
        },
    })
}

fn value(attribute: &Attribute) -> Result<Value, HookError> {
    serde_json::from_str(&attribute.json).map_err(|_| {
        let name = words::sentence(&attribute.name);
        HookError::BadAnswer(format!("the value of `{name}` is not JSON"))
    })
}

fn field(said: wit::Field) -> Field {
    Field {
        name: said.name,
        label: said.label,
        kind: match said.kind {
            wit::FieldKind::Text => FieldKind::Text,
            wit::FieldKind::Email => FieldKind::Email,
            wit::FieldKind::Number => FieldKind::Number,
            wit::FieldKind::Choice => FieldKind::Choice,
        },
        required: said.required,
        choices: choices(said.choices),
    }
}

fn choices(said: Vec<wit::Choice>) -> Vec<Choice> {
    let choice = |it: wit::Choice| Choice {
        id: it.id,
        label: it.label,
    };
    said.into_iter().map(choice).collect()
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        let (conversation, contact) = (&self.conversation, &self.contact);
        let event = match &self.event {
            wit::Event::Started => 0,
            wit::Event::Message(it) => {
                let answer = it.answer.as_ref();
                let answer = answer.map_or(0, |it| it.message_id.weight() + it.values.weight());
                it.message_id.weight() + it.text.weight() + it.attributes.weight() + answer
            }
            wit::Event::Woke(token) => token.weight(),
        };
        let said: usize = self
            .said
            .iter()
            .map(|line| line.message_id.weight() + line.text.weight() + 16)
            .sum();
        event
            + said
            + conversation.id.weight()
            + conversation.inbox_id.weight()
            + conversation.team_id.weight()
            + conversation.subject.weight()
            + conversation.category.weight()
            + conversation.attributes.weight()
            + contact.id.weight()
            + contact.name.weight()
            + contact.email.weight()
            + contact.attributes.weight()
            + self.state.as_ref().map_or(0, Vec::len)
    }
}

impl Weight for wit::Choice {
    fn weight(&self) -> usize {
        self.id.weight() + self.label.weight()
    }
}

impl Weight for wit::Field {
    fn weight(&self) -> usize {
        self.name.weight() + self.label.weight() + self.choices.weight()
    }
}

impl Weight for wit::Action {
    fn weight(&self) -> usize {
        match self {
            Self::Say(text) => text.weight(),
            Self::Ask(it) => it.text.weight() + it.choices.weight() + it.form.weight(),
            Self::Typing(_) => 8,
            Self::SetAttribute(it) => it.weight(),
            Self::HandOff(it) => it.team_id.weight() + it.summary.weight() + it.reason.weight(),
            Self::Close(reason) => reason.weight(),
            Self::CallBack(it) => it.token.weight() + 8,
        }
    }
}

impl Weight for wit::Reply {
    fn weight(&self) -> usize {
        self.actions.weight() + self.state.as_ref().map_or(0, Vec::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    #[test]
    fn values_of_a_form_come_as_they_were_given() {
        let values = serde_json::json!({ "message_id": "msg_1", "values": { "choice": "late" } });
        let from = Message {
            id: deskbell_domain::MessageId(uuid::Uuid::nil()),
            conversation_id: deskbell_domain::ConversationId(uuid::Uuid::nil()),
            seq: 1,
            kind: deskbell_domain::message::MessageKind::Text,
            sender: deskbell_domain::ActorRef::system(),
            client_msg_id: None,
            text: "It is late".to_owned(),
            private: false,
            attributes: Map::from_iter([
                ("answer".to_owned(), values),
                ("order_id".to_owned(), "A-1".into()),
            ]),
            created_at: Timestamp(0),
        };
        let told = message(from.clone());
        let answer = told.answer.expect("an answer");
        assert_eq!(answer.message_id, "msg_1");
        assert_eq!(answer.values[0].json, "\"late\"");
        assert_eq!(told.attributes.len(), 1);
        // What a page calls an answer is none.
        let made_up = Map::from_iter([("answer".to_owned(), "late".into())]);
        let told = message(Message {
            attributes: made_up,
            ..from
        });
        assert!(told.answer.is_none());
    }
}
