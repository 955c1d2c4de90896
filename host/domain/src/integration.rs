//! What plugins that tie the desk to other systems hear of, may ask for, and show.
//!
//! Of everything that happens they hear what concerns conversations and contacts.
//! What they answer is checked here, for sense; whole or not at all.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::refusal::Refusal;
use crate::text::{Check, MESSAGE_MAX_CHARS};

/// The types of events that the hook `events` is told of.
pub const EVENT_TYPES: [&str; 14] = [
    "conversation.created",
    "conversation.updated",
    "conversation.queued",
    "conversation.assigned",
    "conversation.unassigned",
    "conversation.transferred",
    "conversation.reopened",
    "conversation.resolved",
    "conversation.closed",
    "conversation.missed",
    "conversation.rated",
    "message.created",
    "contact.created",
    "contact.updated",
];

/// Plugins that answer each other's effects: what came of so many in a row is told
/// to none.
pub const CAUSES_MAX: u8 = 3;

/// Of one answer.
pub const EFFECTS_MAX: usize = 16;
/// Of one plugin, for one conversation.
pub const CARDS_MAX: usize = 5;
/// Of one card.
pub const FIELDS_MAX: usize = 20;
/// Of each text of a card.
pub const CARD_TEXT_MAX_CHARS: usize = 500;

/// Something a plugin wants done in the conversation it was told of.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Null removes it.
    SetAttribute { name: String, value: Value },
    /// For the desk's eyes.
    AddNote(String),
}

/// Checks an answer; the error says what is wrong, for the plugin's author.
pub fn check_effects(effects: &[Effect]) -> Result<(), String> {
    if effects.len() > EFFECTS_MAX {
        return Err(format!("more than {EFFECTS_MAX} effects"));
    }
    for (index, effect) in effects.iter().enumerate() {
        let mut check = Check::new();
        match effect {
            Effect::SetAttribute { name, value } => {
                let value = match value {
                    Value::Null => Value::Bool(false),
                    other => other.clone(),
                };
                check.attributes("attribute", &Map::from_iter([(name.clone(), value)]));
            }
            Effect::AddNote(text) => check.required("text", text, MESSAGE_MAX_CHARS, true),
        }
        check
            .done()
            .map_err(|refusal| format!("effect {index}: {}", words(refusal)))?;
    }
    Ok(())
}

fn words(refusal: Refusal) -> String {
    match refusal {
        Refusal::Invalid(errors) => {
            let all = errors
                .iter()
                .map(|error| format!("{}: {}", error.pointer, error.detail));
            all.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// What another system knows, beside a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    pub link: Option<String>,
    pub fields: Vec<CardField>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardField {
    pub label: String,
    pub value: String,
    pub link: Option<String>,
}

/// Checks cards; the error says what is wrong, for the plugin's author. `plain`:
/// links to this very machine may be `http`.
pub fn check_cards(cards: &[Card], plain: bool) -> Result<(), String> {
    if cards.len() > CARDS_MAX {
        return Err(format!("{} cards; {CARDS_MAX} is the most", cards.len()));
    }
    for (index, card) in cards.iter().enumerate() {
        one_card(card, plain).map_err(|why| format!("card {index}: {why}"))?;
    }
    Ok(())
}

fn one_card(card: &Card, plain: bool) -> Result<(), String> {
    text("title", &card.title, true)?;
    link(card.link.as_deref(), plain)?;
    if card.fields.len() > FIELDS_MAX {
        let count = card.fields.len();
        return Err(format!("{count} fields; {FIELDS_MAX} is the most"));
    }
    for (index, field) in card.fields.iter().enumerate() {
        let within = || {
            text("label", &field.label, true)?;
            text("value", &field.value, false)?;
            link(field.link.as_deref(), plain)
        };
        within().map_err(|why| format!("field {index}: {why}"))?;
    }
    Ok(())
}

fn text(what: &str, text: &str, required: bool) -> Result<(), String> {
    if required && text.trim().is_empty() {
        return Err(format!("its {what} is empty"));
    }
    if text.chars().count() > CARD_TEXT_MAX_CHARS {
        return Err(format!(
            "its {what} is longer than {CARD_TEXT_MAX_CHARS} characters"
        ));
    }
    Ok(())
}

/// A link that a browser opens as it reads: no other scheme, nobody's name before
/// the host, nothing a browser would read differently.
fn link(link: Option<&str>, plain: bool) -> Result<(), String> {
    let Some(link) = link else {
        return Ok(());
    };
    text("link", link, true)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if link.chars().any(odd) {
        return Err("a link has a character that has no place there".to_owned());
    }
    let (rest, secure) = match (link.strip_prefix("https://"), link.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return Err("a link does not begin with https://".to_owned()),
    };
    let ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..ends).unwrap_or_default();
    if authority.is_empty() || authority.contains('@') {
        return Err("a link has no plain host".to_owned());
    }
    if secure || (plain && is_here(authority)) {
        return Ok(());
    }
    Err("a link does not begin with https://".to_owned())
}

/// Whether it is the machine itself, with or without a port.
fn is_here(authority: &str) -> bool {
    ["127.0.0.1", "localhost", "[::1]"].into_iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|port| {
            let digits = port.strip_prefix(':');
            port.is_empty() || digits.is_some_and(|it| it.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> Card {
        Card {
            title: "Ana".to_owned(),
            link: Some("https://crm.example/people/1?tab=2#top".to_owned()),
            fields: vec![CardField {
                label: "Plan".to_owned(),
                value: String::new(),
                link: None,
            }],
        }
    }

    #[test]
    fn links_are_plain_and_secure() {
        let linked = |link: &str, plain| {
            let link = Some(link.to_owned());
            check_cards(&[Card { link, ..card() }], plain)
        };
        assert_eq!(check_cards(&[card()], false), Ok(()));
        for good in ["https://crm.example", "https://crm.example:8443/a"] {
            assert_eq!(linked(good, false), Ok(()), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            " https://crm.example",
            "https://crm.example\u{0}",
            "https://crm.example/\\evil.example",
            "https://bank.example@evil.example/",
            "https:///path",
            "https:crm.example",
            "//crm.example",
            "/people/1",
            "data:text/html,x",
            "http://crm.example",
            "http://127.0.0.1.evil.example/",
            "",
        ] {
            assert!(linked(bad, false).is_err(), "{bad}");
            assert!(linked(bad, true).is_err(), "{bad}");
        }
        let here = "http://127.0.0.1:8099/people/1";
        assert!(linked(here, false).is_err());
        assert_eq!(linked(here, true), Ok(()));
    }

    #[test]
    fn there_is_a_most_of_everything() {
        let many = |n| vec![card(); n];
        assert_eq!(check_cards(&many(CARDS_MAX), false), Ok(()));
        assert!(check_cards(&many(CARDS_MAX + 1), false).is_err());
        let field = card().fields[0].clone();
        let full = |n| Card {
            fields: vec![field.clone(); n],
            ..card()
        };
        assert_eq!(check_cards(&[full(FIELDS_MAX)], false), Ok(()));
        assert!(check_cards(&[full(FIELDS_MAX + 1)], false).is_err());
        let titled = |title: String| Card { title, ..card() };
        let longest = "\u{e4}".repeat(CARD_TEXT_MAX_CHARS);
        assert_eq!(check_cards(&[titled(longest.clone())], false), Ok(()));
        assert!(check_cards(&[titled(longest + "x")], false).is_err());
        assert!(check_cards(&[titled(" ".to_owned())], false).is_err());
    }

    #[test]
    fn effects_keep_to_the_limits_of_what_people_type() {
        let set = |name: &str, value| Effect::SetAttribute {
            name: name.to_owned(),
            value,
        };
        let note = |text: &str| Effect::AddNote(text.to_owned());
        let good = [
            set("crm_id", "C-1".into()),
            set("old", Value::Null),
            note("Hi"),
        ];
        assert_eq!(check_effects(&good), Ok(()));
        for bad in [
            set("", "x".into()),
            set("crm", Value::Array(Vec::new())),
            note(" "),
            note(&"x".repeat(MESSAGE_MAX_CHARS + 1)),
        ] {
            assert!(
                check_effects(std::slice::from_ref(&bad)).is_err(),
                "{bad:?}"
            );
        }
        assert!(check_effects(&vec![note("x"); EFFECTS_MAX + 1]).is_err());
    }
}
