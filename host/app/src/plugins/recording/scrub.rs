//! Taking secrets out of what is kept: their values wherever they stand, as they are
//! and in the spellings of JSON, URLs and base64; and headers that carry them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use serde_json::Value;

use crate::scenario::{Blob, Exchange};

/// Headers whose values are nobody's business, whoever sent them.
const HEADERS: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
];
const LEFT_OUT: &str = "[left out]";

pub(super) struct Scrub {
    /// What must not be there, and what stands in its place. The longest first.
    spellings: Vec<(String, String)>,
}

impl Scrub {
    pub(super) fn of(secrets: Vec<(String, String)>) -> Self {
        let mut spellings = Vec::new();
        for (name, value) in secrets {
            if value.is_empty() {
                continue;
            }
            let stands = format!("[secret {name}]");
            let json = Value::from(value.as_str()).to_string();
            let json = json.trim_matches('"').to_owned();
            for spelling in [
                encoded(&value),
                json,
                STANDARD.encode(&value),
                STANDARD_NO_PAD.encode(&value),
                URL_SAFE_NO_PAD.encode(&value),
                value,
            ] {
                spellings.push((spelling, stands.clone()));
            }
        }
        spellings.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        Self { spellings }
    }

    fn text(&self, text: &str) -> Option<String> {
        let mut out: Option<String> = None;
        for (spelling, stands) in &self.spellings {
            let now = out.as_deref().unwrap_or(text);
            if now.contains(spelling.as_str()) {
                out = Some(now.replace(spelling.as_str(), stands));
            }
        }
        out
    }

    /// In every text of it, names of fields included.
    pub(super) fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(scrubbed) = self.text(text) {
                    *text = scrubbed;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                for (name, mut inner) in old {
                    self.value(&mut inner);
                    fields.insert(self.text(&name).unwrap_or(name), inner);
                }
            }
            Value::Number(number) => {
                if let Some(scrubbed) = self.text(&number.to_string()) {
                    *value = scrubbed.into();
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Headers, and bodies that are no texts: those are searched as bytes.
    pub(super) fn exchanges(&self, all: &mut [Exchange]) {
        for exchange in all {
            // What a scenario does not name is not compared.
            exchange.request.headers.retain(|name, _| !is_private(name));
            self.body(&mut exchange.request.body);
            if let Some(answer) = &mut exchange.answer {
                for (name, value) in &mut answer.headers {
                    if is_private(name) {
                        LEFT_OUT.clone_into(value);
                    }
                }
                self.body(&mut answer.body);
            }
        }
    }

    fn body(&self, body: &mut Option<Blob>) {
        let Some(Blob(bytes)) = body else { return };
        if std::str::from_utf8(bytes).is_ok() {
            return;
        }
        let holds = |(spelling, _): &(String, String)| {
            let wanted = spelling.as_bytes();
            bytes.windows(wanted.len()).any(|part| part == wanted)
        };
        if self.spellings.iter().any(holds) {
            *bytes = Bytes::from_static(LEFT_OUT.as_bytes());
        }
    }
}

fn is_private(name: &str) -> bool {
    HEADERS.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// As a URL has it.
fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => out += &format!("%{other:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_is_in_no_spelling() {
        let secret = "s3cr3t \"key\"/ä";
        let scrub = Scrub::of(vec![("api_key".to_owned(), secret.to_owned())]);
        let mut value = json!({
            "plain": format!("Bearer {secret}."),
            "json": json!({ "told": secret }).to_string(),
            "url": format!("https://a.test/?k={}&x=1", encoded(secret)),
            "basic": [STANDARD.encode(secret), URL_SAFE_NO_PAD.encode(secret)],
            secret: 1,
        });
        scrub.value(&mut value);
        let text = value.to_string();
        assert_eq!(text.matches("[secret api_key]").count(), 6, "{text}");
        for spelling in ["s3cr3t", &STANDARD.encode(secret)[..8]] {
            assert!(!text.contains(spelling), "{text}");
        }
        let digits = Scrub::of(vec![("pin".to_owned(), "4711".to_owned())]);
        let mut value = json!({ "pin": 4711 });
        digits.value(&mut value);
        assert_eq!(value, json!({ "pin": "[secret pin]" }));
    }
}
