//! Canned responses: a saved text with variables filled at the time of use.
//!
//! A variable without a value is never sent as braces: `render` reports it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::conversation::Conversation;
use crate::id::CannedResponseId;
use crate::time::Timestamp;

pub const SHORTCUT_MAX: usize = 32;
pub const TITLE_MAX_CHARS: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CannedResponse {
    pub id: CannedResponseId,
    /// What an agent types after `/`.
    pub shortcut: String,
    pub title: String,
    pub text: String,
    pub enabled: bool,
    pub used_count: i64,
    pub last_used_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    /// Names without a value, in order of appearance; empty means ready to send.
    pub missing: Vec<String>,
}

/// Fills `{{ name }}` from `value_of`. A missing one stays as written in `text`,
/// so that the agent sees where it belongs.
#[must_use]
pub fn render(template: &str, value_of: impl Fn(&str) -> Option<String>) -> Rendered {
    let mut text = String::with_capacity(template.len());
    let mut missing: Vec<String> = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find("{{") {
        let Some(length) = rest[open..].find("}}") else {
            break;
        };
        let name = rest[open + 2..open + length].trim();
        text.push_str(&rest[..open]);
        match value_of(name).filter(|value| !value.is_empty()) {
            Some(value) => text.push_str(&value),
            None => {
                text.push_str(&rest[open..open + length + 2]);
                if !missing.iter().any(|known| known == name) {
                    missing.push(name.to_owned());
                }
            }
        }
        rest = &rest[open + length + 2..];
    }
    text.push_str(rest);
    Rendered { text, missing }
}

/// The core's own variables by name, beside the conversation's attributes.
pub const CORE_VARIABLES: [(&str, &str); 6] = [
    ("contact.name", "The visitor's name."),
    ("contact.email", "The visitor's e-mail address."),
    ("agent.name", "Your own name."),
    ("conversation.id", "The conversation's id."),
    ("conversation.subject", "What the conversation is about."),
    ("conversation.category", "The category the visitor chose."),
];

/// The variables the core knows. Plugins add others beside it.
#[must_use]
pub fn core_variable(name: &str, conversation: &Conversation, agent_name: &str) -> Option<String> {
    match name {
        "contact.name" | "customer_name" => conversation.contact.name.clone(),
        "contact.email" => conversation.contact.email.clone(),
        "agent.name" | "agent_name" => Some(agent_name.to_owned()),
        "conversation.id" => Some(conversation.id.to_string()),
        "conversation.subject" => conversation.subject.clone(),
        "conversation.category" => conversation.category.clone(),
        _ => {
            let key = name.strip_prefix("attributes.").unwrap_or(name);
            conversation
                .attributes
                .get(key)
                .and_then(|value| match value {
                    Value::String(text) => Some(text.clone()),
                    Value::Number(number) => Some(number.to_string()),
                    Value::Bool(flag) => Some(flag.to_string()),
                    _ => None,
                })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_what_it_knows_and_names_what_it_does_not() {
        let value = |name: &str| match name {
            "contact.name" => Some("Mia".to_owned()),
            "empty" => Some(String::new()),
            _ => None,
        };
        let rendered = render("Hi {{contact.name}}, {{ x.y }} {{empty}} {{x.y}} {{", value);
        assert_eq!(rendered.text, "Hi Mia, {{ x.y }} {{empty}} {{x.y}} {{");
        assert_eq!(rendered.missing, ["x.y", "empty"]);
        assert!(render("Hi {{contact.name}}", value).missing.is_empty());
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        let rendered = render("{{a}}", |_| Some("{{b}}".to_owned()));
        assert_eq!(
            (rendered.text.as_str(), rendered.missing.len()),
            ("{{b}}", 0)
        );
    }
}
