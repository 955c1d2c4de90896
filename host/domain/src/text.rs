//! Limits of what people type, checked once, before anything else sees it.
//!
//! Each check names the field it is about. U+0000 is refused everywhere because
//! PostgreSQL cannot hold it; other control characters because nobody means them.

use serde_json::{Map, Value};

use crate::refusal::{FieldError, Refusal};

pub const MESSAGE_MAX_CHARS: usize = 4_000;
pub const SUBJECT_MAX_CHARS: usize = 200;
pub const NAME_MAX_CHARS: usize = 100;
pub const CATEGORY_MAX_CHARS: usize = 64;
pub const REASON_MAX_CHARS: usize = 500;
pub const COMMENT_MAX_CHARS: usize = 2_000;
pub const EMAIL_MAX_CHARS: usize = 254;
pub const CLIENT_MSG_ID_MAX: usize = 64;
pub const ATTRIBUTES_MAX: usize = 50;
pub const ATTRIBUTES_MAX_BYTES: usize = 8 * 1024;
/// What the desk itself writes into attributes: what filters said of a message.
pub const FILTER_MARK: &str = "filter";
/// Names that nobody else may use.
pub const RESERVED_ATTRIBUTES: [&str; 1] = [FILTER_MARK];

/// Collects every wrong field, so that one answer names them all.
#[derive(Debug, Default)]
pub struct Check {
    errors: Vec<FieldError>,
}

impl Check {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn refuse(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.errors.push(FieldError::new(pointer, code, detail));
    }

    pub fn done(self) -> Result<(), Refusal> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(Refusal::Invalid(self.errors))
        }
    }

    /// Text on one or many lines, not blank.
    pub fn required(&mut self, pointer: &str, text: &str, max: usize, many_lines: bool) {
        if text.trim().is_empty() {
            self.refuse(pointer, "required", "This must not be empty.");
        }
        self.optional(pointer, text, max, many_lines);
    }

    pub fn optional(&mut self, pointer: &str, text: &str, max: usize, many_lines: bool) {
        if text.chars().count() > max {
            self.refuse(pointer, "too_long", format!("At most {max} characters."));
        }
        let allowed = |c: char| many_lines && matches!(c, '\n' | '\t' | '\r');
        if text.chars().any(|c| c.is_control() && !allowed(c)) {
            self.refuse(
                pointer,
                "control_character",
                "Control characters are not allowed.",
            );
        }
    }

    /// A client's own key: visible ASCII, so that it survives any transport.
    pub fn client_msg_id(&mut self, pointer: &str, key: &str) {
        let fits = (1..=CLIENT_MSG_ID_MAX).contains(&key.len());
        if !fits || !key.bytes().all(|b| b.is_ascii_graphic()) {
            self.refuse(
                pointer,
                "bad_key",
                format!("1 to {CLIENT_MSG_ID_MAX} visible ASCII characters."),
            );
        }
    }

    pub fn email(&mut self, pointer: &str, email: &str) {
        let plain = email.len() <= EMAIL_MAX_CHARS
            && !email.chars().any(|c| c.is_whitespace() || c.is_control());
        let parts = email.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        if !plain || !parts {
            self.refuse(pointer, "bad_email", "This is not an e-mail address.");
        }
    }

    pub fn attributes(&mut self, pointer: &str, attributes: &Map<String, Value>) {
        if attributes.len() > ATTRIBUTES_MAX {
            self.refuse(
                pointer,
                "too_many",
                format!("At most {ATTRIBUTES_MAX} attributes."),
            );
        }
        for (key, value) in attributes {
            let at = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            let named = !key.is_empty()
                && key.len() <= 64
                && key
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
            if !named {
                self.refuse(&at, "bad_name", "1 to 64 letters, digits, '_', '-' or '.'.");
            }
            if RESERVED_ATTRIBUTES.contains(&key.as_str()) {
                self.refuse(&at, "reserved", "This name is the desk's own.");
            }
            match value {
                Value::String(text) => self.optional(&at, text, 1_000, true),
                Value::Number(_) | Value::Bool(_) => {}
                _ => self.refuse(&at, "bad_type", "A text, a number, or true or false."),
            }
        }
        let bytes = serde_json::to_vec(attributes).map_or(usize::MAX, |json| json.len());
        if bytes > ATTRIBUTES_MAX_BYTES {
            self.refuse(pointer, "too_large", "At most 8 KiB in all.");
        }
    }
}

/// The first line of a message, for lists.
#[must_use]
pub fn preview(text: &str) -> String {
    const MAX: usize = 140;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(check: Check) -> Vec<&'static str> {
        match check.done() {
            Ok(()) => vec![],
            Err(Refusal::Invalid(errors)) => errors.iter().map(|e| e.code).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn all_wrong_fields_are_named_at_once() {
        let mut check = Check::new();
        check.required("/text", " \n", 10, true);
        check.optional("/subject", "a\u{0}b", 10, true);
        check.client_msg_id("/client_msg_id", "two words");
        check.email("/email", "ana@");
        check.attributes(
            "/attributes",
            serde_json::json!({"a b": 1, "ok": [1]})
                .as_object()
                .unwrap(),
        );
        assert_eq!(
            codes(check),
            [
                "required",
                "control_character",
                "bad_key",
                "bad_email",
                "bad_name",
                "bad_type"
            ]
        );
    }

    #[test]
    fn good_input_passes() {
        let mut check = Check::new();
        check.required("/text", "مرحبا\n👋", MESSAGE_MAX_CHARS, true);
        check.email("/email", "ana@demo.test");
        check.attributes(
            "/a",
            serde_json::json!({"order_id": "A-1001", "vip": true})
                .as_object()
                .unwrap(),
        );
        assert!(check.done().is_ok());
    }

    #[test]
    fn what_the_desk_writes_nobody_else_does() {
        for name in RESERVED_ATTRIBUTES {
            let mut check = Check::new();
            let attributes = Map::from_iter([(name.to_owned(), "x".into())]);
            check.attributes("/attributes", &attributes);
            assert_eq!(codes(check), ["reserved"], "{name}");
        }
    }

    #[test]
    fn a_preview_is_one_short_line() {
        assert_eq!(preview("a\n  b"), "a b");
        assert_eq!(preview(&"é".repeat(200)).chars().count(), 141);
    }
}
