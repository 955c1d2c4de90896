//! The hook `variables` in writing.

use std::collections::BTreeMap;

use deskbell_domain::plugin::Hook;
use deskbell_domain::{AgentId, AgentRef, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::people::{ContactForm, ConversationForm};
use super::{Ids, Written, filled_in, put_down};
use crate::hooks::VariablesRequest;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    names: Vec<String>,
    conversation: ConversationForm,
    contact: ContactForm,
    agent: AgentForm,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AgentForm {
    id: String,
    name: String,
}

impl Default for AgentForm {
    fn default() -> Self {
        Self {
            id: "ana".to_owned(),
            name: "Ana".to_owned(),
        }
    }
}

impl Written for VariablesRequest {
    const HOOK: Hook = Hook::Variables;
    type Answer = BTreeMap<String, String>;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let contact = form.contact.contact(ids, now);
        Ok(Self {
            names: form.names,
            conversation: form.conversation.conversation(&contact, ids, now),
            contact,
            agent: AgentRef {
                id: ids.read(&form.agent.id, AgentId),
                name: form.agent.name,
            },
        })
    }

    fn write(&self) -> Value {
        put_down(Form {
            names: self.names.clone(),
            conversation: (&self.conversation).into(),
            contact: (&self.contact).into(),
            agent: AgentForm {
                id: self.agent.id.to_string(),
                name: self.agent.name.clone(),
            },
        })
    }

    fn answer(values: &BTreeMap<String, String>, _: &Ids) -> Value {
        put_down(values)
    }
}
