//! Taking secrets out of what is kept: their values wherever they stand, as they are
//! and in the spellings of JSON, URLs, hex and base64, alone or within something
//! longer that was encoded; and headers that carry them.

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
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
/// A piece of base64 that is shorter stands anywhere by chance.
const TELLING: usize = 4;

pub(in crate::plugins) struct Scrub {
    /// What must not be there, and what stands in its place. The longest first.
    spellings: Vec<(String, String)>,
}

impl Scrub {
    pub(in crate::plugins) fn of(secrets: Vec<(String, String)>) -> Self {
        let mut spellings = Vec::new();
        for (name, value) in secrets {
            if value.is_empty() {
                continue;
            }
            let stands = format!("[secret {name}]");
            let json = Value::from(value.as_str()).to_string();
            let json = json.trim_matches('"').to_owned();
            let mut its = vec![
                encoded(&value),
                encoded(&value).replace("%20", "+"),
                json,
                hex(&value),
                hex(&value).to_uppercase(),
                STANDARD.encode(&value),
            ];
            for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
                its.push(alphabet.encode(&value));
                its.extend(within(&alphabet, &value));
            }
            its.push(value);
            // Base64 stands in URLs and JSON too, whose writers differ in what they
            // escape and how.
            let again = its.iter().flat_map(|one| {
                let lower = encoded(one).replace("%2B", "%2b").replace("%2F", "%2f");
                [
                    encoded(one),
                    lower.replace("%3D", "%3d"),
                    one.replace('/', "\\/"),
                ]
            });
            let again: Vec<_> = again.collect();
            its.extend(again);
            its.sort_unstable();
            its.dedup();
            spellings.extend(its.into_iter().map(|one| (one, stands.clone())));
        }
        spellings.sort_by_key(|(spelling, _)| std::cmp::Reverse(spelling.len()));
        Self { spellings }
    }

    pub(in crate::plugins) fn clean(&self, text: String) -> String {
        self.text(&text).unwrap_or(text)
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

/// What base64 makes of a text that stands anywhere in what is encoded, such as the
/// password behind a name and a colon: there are three ways a text can lie across
/// its groups of three bytes. Characters that hold bits of a neighbour are left out
/// here, and stay where they are: they give away half a byte at either end.
fn within(alphabet: &GeneralPurpose, text: &str) -> impl Iterator<Item = String> {
    let pieces = [(0, 0), (1, 2), (2, 3)].map(|(before, shared)| {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(text.as_bytes());
        let whole = bytes.len() * 8 / 6;
        let all = alphabet.encode(bytes);
        all.get(shared..whole).unwrap_or_default().to_owned()
    });
    pieces.into_iter().filter(|piece| piece.len() >= TELLING)
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
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
        // With something around it, as HTTP's Basic has it: whatever the length of the
        // name, wherever the password lies in the groups of three.
        for name in ["", "u", "us", "use"] {
            for tail in ["", "!", "!!"] {
                let pair = format!("{name}:{secret}{tail}");
                for (how, text) in [
                    ("plain", STANDARD.encode(&pair)),
                    ("url", URL_SAFE_NO_PAD.encode(&pair)),
                    ("form", encoded(&STANDARD.encode(&pair))),
                    (
                        "lower",
                        encoded(&STANDARD.encode(&pair))
                            .replace("%2B", "%2b")
                            .replace("%2F", "%2f"),
                    ),
                    ("json", STANDARD.encode(&pair).replace('/', "\\/")),
                    ("hex", hex(&pair)),
                    ("HEX", hex(&pair).to_uppercase()),
                    ("words", encoded(&pair).replace("%20", "+")),
                ] {
                    let mut value = json!(text);
                    scrub.value(&mut value);
                    let told = value.as_str().unwrap_or_default();
                    let left = told.replace("[secret api_key]", "");
                    // What stays is the name, what follows, and half a byte of each end.
                    assert!(told.contains("[secret api_key]"), "{how} {pair}: {told}");
                    assert!(
                        left.len() <= 4 * (name.len() + tail.len()) + 12,
                        "{how} {pair}: {told}"
                    );
                }
            }
        }
        let digits = Scrub::of(vec![("pin".to_owned(), "4711".to_owned())]);
        let mut value = json!({ "pin": 4711 });
        digits.value(&mut value);
        assert_eq!(value, json!({ "pin": "[secret pin]" }));
    }
}
