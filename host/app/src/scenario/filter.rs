//! The hook `filter` in writing.

use std::collections::BTreeMap;

use deskbell_domain::actor::ActorKind;
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ConversationId, InboxId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Ids, Written, filled_in, put_down};
use crate::hooks::{Direction, Field, FilterDecision, FilterRequest, FilterVerdict};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    direction: DirectionWord,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<ActorKind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inbox_id: Option<String>,
    fields: Fields,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum DirectionWord {
    #[default]
    Inbound,
    Outbound,
    Note,
}

/// By name; a list where the order matters, or a name is there twice.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Fields {
    ByName(BTreeMap<String, String>),
    InOrder(Vec<FieldForm>),
}

impl Default for Fields {
    fn default() -> Self {
        Self::InOrder(Vec::new())
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldForm {
    name: String,
    text: String,
}

impl Written for FilterRequest {
    const HOOK: Hook = Hook::Filter;
    type Answer = FilterDecision;

    fn read(input: Value, ids: &mut Ids, _: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let (direction, usual) = match form.direction {
            DirectionWord::Inbound => (Direction::Inbound, ActorKind::Visitor),
            DirectionWord::Outbound => (Direction::Outbound, ActorKind::Agent),
            DirectionWord::Note => (Direction::Note, ActorKind::Agent),
        };
        let conversation = form.conversation_id;
        Ok(Self {
            direction,
            sender: form.sender.unwrap_or(usual),
            conversation: conversation.map(|id| ids.read(&id, ConversationId)),
            inbox: form.inbox_id.map(|id| ids.read(&id, InboxId)),
            fields: match form.fields {
                Fields::ByName(fields) => {
                    let field = |(name, text)| Field { name, text };
                    fields.into_iter().map(field).collect()
                }
                Fields::InOrder(fields) => {
                    let field = |FieldForm { name, text }| Field { name, text };
                    fields.into_iter().map(field).collect()
                }
            },
        })
    }

    fn write(&self) -> Value {
        let field = |field: &Field| FieldForm {
            name: field.name.clone(),
            text: field.text.clone(),
        };
        put_down(Form {
            direction: match self.direction {
                Direction::Inbound => DirectionWord::Inbound,
                Direction::Outbound => DirectionWord::Outbound,
                Direction::Note => DirectionWord::Note,
            },
            sender: Some(self.sender),
            conversation_id: self.conversation.map(|id| id.to_string()),
            inbox_id: self.inbox.map(|id| id.to_string()),
            fields: Fields::InOrder(self.fields.iter().map(field).collect()),
        })
    }

    fn answer(decision: &FilterDecision, _: &Ids) -> Value {
        let mut out = match &decision.verdict {
            FilterVerdict::Allow => json!({ "verdict": "allow" }),
            FilterVerdict::Annotate(marks) => {
                json!({ "verdict": "annotate", "attributes": marks })
            }
            FilterVerdict::Rewrite(fields) => {
                let by_name = fields.iter().map(|it| (it.name.as_str(), it.text.as_str()));
                let by_name: BTreeMap<_, _> = by_name.collect();
                json!({ "verdict": "rewrite", "fields": by_name })
            }
            FilterVerdict::Hold(why) => json!({ "verdict": "hold", "text": why }),
            FilterVerdict::Reject(why) => json!({ "verdict": "reject", "text": why }),
        };
        if let (Some(reason), Some(fields)) = (&decision.reason, out.as_object_mut()) {
            fields.insert("reason".to_owned(), reason.clone().into());
        }
        out
    }

    fn unfit(&self, decision: &FilterDecision, _: Timestamp) -> Option<String> {
        let FilterVerdict::Rewrite(fields) = &decision.verdict else {
            return None;
        };
        let shown = |new: &&Field| self.fields.iter().any(|old| old.name == new.name);
        let unknown = fields.iter().find(|field| !shown(field))?;
        Some(format!(
            "it rewrote the field `{}`, which it was not shown",
            unknown.name
        ))
    }
}
