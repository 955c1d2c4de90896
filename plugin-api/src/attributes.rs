//! Named values that came with a conversation, a contact or a request.

use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

/// Named values, in the order in which they were given. Each is JSON.
///
/// Much of it comes from the visitor's page, so a value may be missing or of
/// another type than you expect; reading answers `None` then, and never fails.
///
/// ```
/// use deskbell_plugin_api::Attributes;
///
/// let attributes = Attributes::from_json([("tier", "\"gold\""), ("visits", "12")]);
/// assert_eq!(attributes.get::<u32>("visits"), Some(12));
/// assert_eq!(attributes.get::<u32>("tier"), None);
/// assert_eq!(attributes.text("visits").as_deref(), Some("12"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// Attributes from names and JSON text. Text that is no JSON is kept, and
    /// read as missing.
    pub fn from_json<N, J>(pairs: impl IntoIterator<Item = (N, J)>) -> Self
    where
        N: Into<String>,
        J: Into<String>,
    {
        let owned = pairs.into_iter().map(|(n, j)| (n.into(), j.into()));
        Self(owned.collect())
    }

    /// The value of this name as a `T`; `None` if there is no such name, or if
    /// its value is no `T`.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.json(name)?).ok()
    }

    /// The value as a person would write it: a string without its quotes, a
    /// number or a truth value by its digits or letters. `None` for a missing
    /// name, for `null`, and for lists and objects.
    pub fn text(&self, name: &str) -> Option<String> {
        let json = self.json(name)?.trim();
        match json.bytes().next()? {
            b'"' => serde_json::from_str(json).ok(),
            // Digits and letters as they are written. Not through `Value`, which
            // would make a small plugin a tenth larger.
            b't' | b'f' | b'-' | b'0'..=b'9' => {
                let read = serde_json::from_str::<IgnoredAny>(json);
                read.is_ok().then(|| json.to_owned())
            }
            _ => None,
        }
    }

    /// The value as JSON text; `None` if there is no such name.
    pub fn json(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, json)| json.as_str())
    }

    /// Sets a value, in place of an earlier one of the same name. A value that
    /// cannot be written as JSON (a map whose keys are no text) becomes `null`.
    pub fn set(&mut self, name: impl Into<String>, value: impl Serialize) {
        let name = name.into();
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, json));
    }

    /// The pairs of name and JSON text, in order.
    pub fn into_json(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_type_is_missing() {
        let mut attributes = Attributes::default();
        attributes.set("order_id", "A-1001");
        attributes.set("visits", 12);
        attributes.set("tags", ["a", "b"]);
        assert_eq!(
            attributes.get::<String>("order_id").as_deref(),
            Some("A-1001")
        );
        assert_eq!(attributes.get::<u32>("order_id"), None);
        assert_eq!(
            attributes.get::<Vec<String>>("tags").map(|t| t.len()),
            Some(2)
        );
        assert_eq!(attributes.get::<u32>("absent"), None);
        assert_eq!(attributes.text("visits").as_deref(), Some("12"));
        assert_eq!(attributes.text("tags"), None);
    }

    #[test]
    fn text_is_what_a_person_would_write() {
        for (json, text) in [
            ("\"a \\u00e9\"", Some("a \u{e9}")),
            (" -1.5 ", Some("-1.5")),
            ("true", Some("true")),
            ("null", None),
            ("{}", None),
            ("truth", None),
            ("1x", None),
            ("", None),
        ] {
            let attributes = Attributes::from_json([("a", json)]);
            assert_eq!(attributes.text("a").as_deref(), text, "{json}");
        }
    }

    #[test]
    fn setting_again_replaces() {
        let mut attributes = Attributes::default();
        attributes.set("tier", "gold");
        attributes.set("tier", "silver");
        assert_eq!(attributes.names().collect::<Vec<_>>(), ["tier"]);
        assert_eq!(attributes.json("tier"), Some("\"silver\""));
    }
}
