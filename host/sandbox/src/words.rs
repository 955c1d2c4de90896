//! Text across the border: attributes into a guest, a guest's sentences out of it.

use deskbell_domain::Contact;
use serde_json::{Map, Value};

use crate::bindings::types::Attribute;

/// A plugin's sentence, in a decision record or a failure row.
pub(crate) const SENTENCE: usize = 300;

pub(crate) fn attributes(values: &Map<String, Value>) -> Vec<Attribute> {
    values
        .iter()
        .map(|(name, value)| Attribute {
            name: name.clone(),
            json: value.to_string(),
        })
        .collect()
}

/// Without control characters: a line stays a line, and nothing steers a terminal.
pub(crate) fn clean(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars()
        .map(plain)
        .collect::<String>()
        .trim()
        .to_owned()
}

/// One sentence of a guest for people to read.
pub(crate) fn sentence(text: &str) -> String {
    let mut kept = clean(cut_bytes(text, 8 * SENTENCE));
    if let Some((at, _)) = kept.char_indices().nth(SENTENCE) {
        kept.truncate(at);
        kept.push('…');
    }
    kept
}

/// The longest beginning of at most so many bytes.
pub(crate) fn cut_bytes(text: &str, most: usize) -> &str {
    let mut at = most.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.get(..at).unwrap_or_default()
}

/// How much a value weighs when it is written into a guest's memory: its text,
/// and a little for each field.
pub(crate) trait Weight {
    fn weight(&self) -> usize;
}

const FIELD: usize = 8;

impl Weight for str {
    fn weight(&self) -> usize {
        FIELD + self.len()
    }
}

impl Weight for String {
    fn weight(&self) -> usize {
        self.as_str().weight()
    }
}

impl<T: Weight> Weight for Option<T> {
    fn weight(&self) -> usize {
        FIELD + self.as_ref().map_or(0, Weight::weight)
    }
}

impl<T: Weight> Weight for Vec<T> {
    fn weight(&self) -> usize {
        FIELD + self.iter().map(Weight::weight).sum::<usize>()
    }
}

impl Weight for Attribute {
    fn weight(&self) -> usize {
        self.name.weight() + self.json.weight()
    }
}

/// A domain contact, for hooks whose WIT has one: they are separate types there.
pub(crate) struct ContactWords {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) verified: bool,
    pub(crate) vip: bool,
    pub(crate) attributes: Vec<Attribute>,
}

impl From<Contact> for ContactWords {
    fn from(contact: Contact) -> Self {
        Self {
            id: contact.id.to_string(),
            name: contact.name,
            email: contact.email,
            verified: contact.verified,
            vip: contact.vip,
            attributes: attributes(&contact.attributes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_short_and_plain() {
        assert_eq!(sentence("\u{1b}[2Jhello\nthere "), "[2Jhello there");
        let long = sentence(&"ä".repeat(5_000));
        assert_eq!(long.chars().count(), SENTENCE + 1);
        assert_eq!(cut_bytes("aä", 2), "a");
    }
}
