//! Rules as the admin wrote them. The manifest's schema sees to their shape; what
//! a schema cannot say is checked here, and the error names the rule.

use deskbell_plugin_api::routing::{Candidate, Priority, Request};
use deskbell_plugin_api::{HookError, config};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    rules: Vec<Written>,
}

/// All of it may be missing, so that what is can be told by the rule's name.
#[derive(Deserialize)]
struct Written {
    name: Option<String>,
    #[serde(default)]
    when: When,
    #[serde(default)]
    agents: Vec<String>,
    priority: Option<String>,
}

pub struct Rule {
    pub name: String,
    pub when: When,
    /// E-mail addresses. Empty for a rule that only sets a priority.
    pub agents: Vec<String>,
    pub priority: Option<Priority>,
}

#[derive(Deserialize, Default)]
pub struct When {
    vip: Option<bool>,
    category: Option<String>,
    attribute: Option<Attribute>,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    equals: String,
}

/// The rules of this installation, in the admin's order.
pub fn all() -> Result<Vec<Rule>, HookError> {
    let config: Config = config::get()?;
    let rules = config.rules.into_iter().enumerate();
    rules.map(|(at, written)| check(at, written)).collect()
}

fn check(at: usize, rule: Written) -> Result<Rule, HookError> {
    let Some(name) = rule.name else {
        let place = at + 1;
        let text = format!("Rule {place}: it has no name.");
        return Err(HookError::InvalidConfig(text));
    };
    let wrong = |what: &str| HookError::InvalidConfig(format!("Rule \"{name}\": {what}"));

    let When {
        vip,
        category,
        attribute,
    } = &rule.when;
    if vip.is_none() && category.is_none() && attribute.is_none() {
        return Err(wrong("it says not when it applies; fill in a condition."));
    }
    if rule.agents.is_empty() && rule.priority.is_none() {
        return Err(wrong("it does nothing; name agents or a priority."));
    }
    if let Some(text) = rule.agents.iter().find(|text| !text.contains('@')) {
        return Err(wrong(&format!("\"{text}\" is no e-mail address.")));
    }
    let priority = match &rule.priority {
        Some(word) => Some(
            Priority::parse(word)
                .ok_or_else(|| wrong(&format!("there is no priority \"{word}\".")))?,
        ),
        None => None,
    };
    Ok(Rule {
        name,
        when: rule.when,
        agents: rule.agents,
        priority,
    })
}

impl Rule {
    pub fn lists(&self, candidate: &Candidate) -> bool {
        self.agents
            .iter()
            .any(|email| same(email, &candidate.email))
    }
}

impl When {
    /// Whether all that was filled in fits.
    pub fn fits(&self, request: &Request) -> bool {
        let vip = self.vip.is_none_or(|vip| vip == request.contact.vip);
        let category = self.category.as_ref().is_none_or(|wanted| {
            let has = request.conversation.category.as_ref();
            has.is_some_and(|has| same(wanted, has))
        });
        let attribute = self.attribute.as_ref().is_none_or(|wanted| {
            let of_conversation = request.conversation.attributes.text(&wanted.name);
            let has = of_conversation.or_else(|| request.contact.attributes.text(&wanted.name));
            has.is_some_and(|has| same(&wanted.equals, &has))
        });
        vip && category && attribute
    }

    /// The conversations it fits, in words: `VIP chats about billing`.
    pub fn chats(&self) -> String {
        let mut words = match self.vip {
            Some(true) => "VIP chats".to_owned(),
            Some(false) => "chats of other than VIPs".to_owned(),
            None => "chats".to_owned(),
        };
        if let Some(category) = &self.category {
            words += &format!(" about {category}");
        }
        if let Some(Attribute { name, equals }) = &self.attribute {
            words += &format!(" with {name} {equals}");
        }
        words
    }
}

/// People write words with and without capitals and mean the same.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}
