//! The hook `variables`: names in, values out. What was not asked for is ignored,
//! and definitions are checked once, at admission.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_app::hooks::{HookError, VariablesRequest};
use deskbell_domain::ConversationId;
use deskbell_domain::plugin::{Hook, VariableDefinition};

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::variables as wit;
use crate::call::Asking;
use crate::words::{self, ContactWords, Weight};

/// Of one plugin.
const MOST_DEFINITIONS: usize = 64;
const LONGEST_NAME: usize = 64;
/// Of one value, in bytes.
const LONGEST_VALUE: usize = 4 * 1024;

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Variables,
    interface: "deskbell:variables/variables@0.1.0",
    find: |component, exports| {
        exports.variables = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, probed| {
        let variables = match variables(asking) {
            Ok(variables) => variables,
            Err(error) => return Err(Unsuited::Signature(format!("{error:#}"))),
        };
        let said = asking
            .enter(|store, _| variables.call_list_definitions(store))
            .map_err(Unsuited::Answer)?;
        probed.variables = definitions(said).map_err(Unsuited::Answer)?;
        Ok(())
    },
};

fn variables(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.variables.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for VariablesRequest {
    type Answer = BTreeMap<String, String>;
    const HOOK: Hook = Hook::Variables;

    fn conversation(&self) -> Option<ConversationId> {
        Some(self.conversation.id)
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<Self::Answer, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let variables = variables(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| variables.call_resolve(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        values(said, &request.names)
    }
}

fn request(from: VariablesRequest) -> wit::Request {
    let conversation = from.conversation;
    let contact = ContactWords::from(from.contact);
    wit::Request {
        names: from.names,
        conversation: wit::Conversation {
            id: conversation.id.to_string(),
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
        agent: wit::Agent {
            id: from.agent.id.to_string(),
            name: from.agent.name,
        },
        attributes: Vec::new(),
    }
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        let conversation = &self.conversation;
        let contact = &self.contact;
        self.names.weight()
            + conversation.id.weight()
            + conversation.subject.weight()
            + conversation.category.weight()
            + conversation.attributes.weight()
            + contact.id.weight()
            + contact.name.weight()
            + contact.email.weight()
            + contact.attributes.weight()
            + self.agent.id.weight()
            + self.agent.name.weight()
    }
}

impl Weight for wit::Value {
    fn weight(&self) -> usize {
        self.name.weight() + self.text.weight()
    }
}

/// Line breaks are for the agent's text to have; other control characters go.
fn values(said: Vec<wit::Value>, asked: &[String]) -> Result<BTreeMap<String, String>, HookError> {
    let mut values = BTreeMap::new();
    for value in said {
        if !asked.contains(&value.name) {
            continue;
        }
        if value.text.len() > LONGEST_VALUE {
            let name = words::sentence(&value.name);
            let detail = format!("the value of `{name}` is longer than {LONGEST_VALUE} bytes");
            return Err(HookError::BadAnswer(detail));
        }
        let plain = |c: &char| !c.is_control() || *c == '\n' || *c == '\t';
        let text = value.text.chars().filter(plain).collect();
        values.insert(value.name, text);
    }
    Ok(values)
}

fn definitions(said: Vec<wit::Definition>) -> Result<Vec<VariableDefinition>, HookError> {
    if said.len() > MOST_DEFINITIONS {
        let detail = format!(
            "it defines {} variables; {MOST_DEFINITIONS} is the most",
            said.len()
        );
        return Err(HookError::BadAnswer(detail));
    }
    let mut seen = BTreeSet::new();
    let mut definitions = Vec::new();
    for definition in said {
        let name = definition.name;
        if !is_name(&name) {
            let detail = format!(
                "`{}` is no name of a variable: lower-case words joined by dots, such as \
                 `order.status`, at most {LONGEST_NAME} characters",
                words::sentence(&name)
            );
            return Err(HookError::BadAnswer(detail));
        }
        if !seen.insert(name.clone()) {
            return Err(HookError::BadAnswer(format!("`{name}` is defined twice")));
        }
        definitions.push(VariableDefinition {
            name,
            description: words::sentence(&definition.description),
        });
    }
    Ok(definitions)
}

/// Words of lower-case letters, digits and `_`, each beginning with a letter.
fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    name.len() <= LONGEST_NAME && name.split('.').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, text: &str) -> wit::Value {
        wit::Value {
            name: name.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn only_what_was_asked_for_comes_back() {
        let asked = ["order.eta".to_owned()];
        let said = vec![value("order.eta", "to\u{7}morrow\n"), value("other", "x")];
        let values = values(said, &asked).unwrap();
        assert_eq!(values.len(), 1);
        assert_eq!(values["order.eta"], "tomorrow\n");
        let long = vec![value("order.eta", &"x".repeat(LONGEST_VALUE + 1))];
        assert!(super::values(long, &asked).is_err());
    }

    #[test]
    fn definitions_have_names_of_one_form() {
        for good in ["order.status", "eta", "a1.b_2"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", ".", "a.", "Order", "a b", "1a", "a.1", "a-b", "ä"] {
            assert!(!is_name(bad), "{bad}");
        }
        let twice = ["a", "a"].map(|name| wit::Definition {
            name: name.to_owned(),
            description: String::new(),
        });
        assert!(definitions(twice.into()).is_err());
    }
}
