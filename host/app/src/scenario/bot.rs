//! The hook `bot` in writing.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::bot::{Action, STATE_MAX_BYTES, check};
use deskbell_domain::message::MessageKind;
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ActorRef, ConversationId, Message, MessageId, TeamId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::people::{ContactForm, ConversationForm};
use super::{Blob, Ids, Written, filled_in, put_down};
use crate::hooks::{BotEvent, BotReply, BotRequest};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    event: EventForm,
    conversation: ConversationForm,
    contact: ContactForm,
    /// None: the message the bot is told of, and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<Vec<LineForm>>,
    /// As JSON, which is what the library for authors makes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Value>,
    /// Where JSON would not say it to the byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_bytes: Option<Blob>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EventForm {
    #[default]
    Started,
    Message(MessageForm),
    Woke(String),
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MessageForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    text: String,
    /// The button that was pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<String>,
    /// What was filled into a form.
    #[serde(skip_serializing_if = "Map::is_empty")]
    values: Map<String, Value>,
    /// The message that asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    answers: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineForm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    speaker: ActorKind,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl MessageForm {
    fn message(self, id: ConversationId, ids: &mut Ids, now: Timestamp) -> Message {
        let mut attributes = self.attributes;
        let mut values = self.values;
        if let Some(choice) = self.choice {
            values.insert("choice".to_owned(), choice.into());
        }
        if !values.is_empty() {
            let asked = self.answers.as_deref().unwrap_or("question");
            let asked = ids.read(asked, MessageId).to_string();
            let answer = json!({ "message_id": asked, "values": values });
            attributes.insert("answer".to_owned(), answer);
        }
        Message {
            id: ids.read(self.id.as_deref().unwrap_or("message"), MessageId),
            attributes,
            ..line(id, ActorKind::Visitor, self.text, now)
        }
    }
}

impl From<&Message> for MessageForm {
    fn from(message: &Message) -> Self {
        let mut attributes = message.attributes.clone();
        let answer = attributes.remove("answer");
        let answer = answer.as_ref();
        let asked = answer.and_then(|it| it.get("message_id")?.as_str().map(str::to_owned));
        let values = answer.and_then(|it| it.get("values")?.as_object().cloned());
        Self {
            id: Some(message.id.to_string()),
            text: message.text.clone(),
            choice: None,
            values: values.unwrap_or_default(),
            answers: asked,
            attributes,
        }
    }
}

fn line(id: ConversationId, kind: ActorKind, text: String, at: Timestamp) -> Message {
    Message {
        id: MessageId(uuid::Uuid::nil()),
        conversation_id: id,
        seq: 1,
        kind: MessageKind::Text,
        sender: ActorRef {
            kind,
            id: None,
            name: None,
        },
        client_msg_id: None,
        text,
        private: false,
        attributes: Map::new(),
        created_at: at,
    }
}

impl Written for BotRequest {
    const HOOK: Hook = Hook::Bot;
    type Answer = BotReply;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let contact = form.contact.contact(ids, now);
        let conversation = form.conversation.conversation(&contact, ids, now);
        let event = match form.event {
            EventForm::Started => BotEvent::Started,
            EventForm::Woke(token) => BotEvent::Woke(token),
            EventForm::Message(it) => {
                BotEvent::Message(Box::new(it.message(conversation.id, ids, now)))
            }
        };
        let said = match (form.said, &event) {
            (Some(lines), _) => lines
                .into_iter()
                .enumerate()
                .map(|(index, said)| {
                    let id = said.id.unwrap_or_else(|| format!("line {index}"));
                    Message {
                        id: ids.read(&id, MessageId),
                        ..line(
                            conversation.id,
                            said.speaker,
                            said.text,
                            said.at.unwrap_or(now),
                        )
                    }
                })
                .collect(),
            (None, BotEvent::Message(message)) => vec![(**message).clone()],
            (None, _) => Vec::new(),
        };
        let state = match (form.state_bytes, form.state) {
            (Some(bytes), _) => Some(bytes.0.to_vec()),
            (None, Some(value)) => Some(value.to_string().into_bytes()),
            (None, None) => None,
        };
        Ok(Self {
            event,
            conversation,
            contact,
            said,
            state,
        })
    }

    fn write(&self) -> Value {
        let (state, state_bytes) = match &self.state {
            None => (None, None),
            Some(bytes) => match serde_json::from_slice::<Value>(bytes) {
                Ok(value) if value.to_string().as_bytes() == bytes.as_slice() => {
                    (Some(value), None)
                }
                _ => (None, Some(Blob(bytes.clone().into()))),
            },
        };
        let said = self.said.iter().map(|said| LineForm {
            id: Some(said.id.to_string()),
            speaker: said.sender.kind,
            text: said.text.clone(),
            at: Some(said.created_at),
        });
        put_down(Form {
            event: match &self.event {
                BotEvent::Started => EventForm::Started,
                BotEvent::Message(message) => EventForm::Message((&**message).into()),
                BotEvent::Woke(token) => EventForm::Woke(token.clone()),
            },
            conversation: (&self.conversation).into(),
            contact: (&self.contact).into(),
            said: Some(said.collect()),
            state,
            state_bytes,
        })
    }

    fn answer(reply: &BotReply, ids: &Ids) -> Value {
        let actions = reply.actions.iter().map(|one| action(one, ids));
        let mut out = json!({ "actions": actions.collect::<Vec<_>>() });
        if let (Some(state), Some(fields)) = (&reply.state, out.as_object_mut()) {
            let state = serde_json::from_slice(state)
                .unwrap_or_else(|_| put_down(Blob(state.clone().into())));
            fields.insert("state".to_owned(), state);
        }
        out
    }

    fn unfit(&self, reply: &BotReply, _: Timestamp) -> Option<String> {
        if reply
            .state
            .as_ref()
            .is_some_and(|it| it.len() > STATE_MAX_BYTES)
        {
            return Some(format!("its state is larger than {STATE_MAX_BYTES} bytes"));
        }
        check(&reply.actions).err()
    }
}

fn action(action: &Action, ids: &Ids) -> Value {
    match action {
        Action::Say(text) => json!({ "say": text }),
        Action::Ask { text, question } => {
            let mut out = put_down(question);
            if let Some(fields) = out.as_object_mut() {
                fields.retain(|_, value| !value.as_array().is_some_and(Vec::is_empty));
                fields.insert("text".to_owned(), text.clone().into());
            }
            json!({ "ask": out })
        }
        Action::Typing(time) => json!({ "typing": time }),
        Action::SetAttribute { name, value } => {
            json!({ "set_attribute": { "name": name, "value": value } })
        }
        Action::HandOff(to) => {
            let mut out = Map::new();
            if let Some(team) = to.team {
                let team: TeamId = team;
                out.insert("team_id".to_owned(), ids.word(team.0, team).into());
            }
            out.insert("summary".to_owned(), to.summary.clone().into());
            if let Some(reason) = &to.reason {
                out.insert("reason".to_owned(), reason.clone().into());
            }
            json!({ "hand_off": out })
        }
        Action::Close { reason } => match reason {
            Some(reason) => json!({ "close": { "reason": reason } }),
            None => json!({ "close": {} }),
        },
        Action::CallBack { after, token } => {
            json!({ "call_back": { "after_ms": after, "token": token } })
        }
    }
}
