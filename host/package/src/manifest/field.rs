//! The fields of a manifest, taken one by one; what is left at the end nobody
//! knows.

use deskbell_domain::refusal::FieldError;
use serde_json::{Map, Value};

const KNOWN: &str = "id, name, version, publisher, license, description, hooks, config, capabilities, secrets, webhooks";

pub(super) struct Fields {
    left: Map<String, Value>,
    findings: Vec<FieldError>,
}

impl Fields {
    pub(super) fn of(table: toml::Table) -> Self {
        let mut findings = Vec::new();
        let left = table
            .into_iter()
            .map(|(name, value)| {
                let at = format!("/manifest/{}", escaped(&name));
                (name, json(value, &at, &mut findings))
            })
            .collect();
        Self { left, findings }
    }

    /// An empty text is as good as none.
    pub(super) fn required(&mut self, name: &str) -> String {
        let there = self.left.contains_key(name);
        let text = self.text(name);
        if text.as_deref().is_some_and(|text| text.trim().is_empty()) || !there {
            let at = format!("/{name}");
            self.wrong(&at, "required", format!("The manifest needs `{name}`."));
        }
        text.unwrap_or_default()
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.left.remove(name)? {
            Value::String(text) => Some(text),
            _ => {
                let at = format!("/{name}");
                self.wrong(&at, "wrong_type", format!("`{name}` is a text in quotes."));
                None
            }
        }
    }

    pub(super) fn table(&mut self, name: &str) -> Option<Map<String, Value>> {
        match self.left.remove(name)? {
            Value::Object(table) => Some(table),
            _ => {
                let at = format!("/{name}");
                let detail = format!("`{name}` is a table, as in [{name}].");
                self.wrong(&at, "wrong_type", detail);
                None
            }
        }
    }

    pub(super) fn nothing_else(&mut self) {
        for name in std::mem::take(&mut self.left).keys() {
            self.unknown(&format!("/{}", escaped(name)), name);
        }
    }

    pub(super) fn unknown(&mut self, at: &str, name: &str) {
        let detail = if at.matches('/').count() == 1 {
            format!("A manifest has no `{name}`. It has: {KNOWN}.")
        } else {
            format!(
                "A hook has no setting `{name}`. It has: timeout_ms; `filter` also on_failure, `events` also types."
            )
        };
        self.wrong(at, "unknown_field", detail);
    }

    pub(super) fn length(&mut self, name: &str, text: &str, most: usize) {
        if text.chars().count() > most || text.chars().any(|c| c.is_control() && c != '\n') {
            let detail = format!("`{name}` has at most {most} characters, none of them invisible.");
            self.wrong(&format!("/{name}"), "bad_text", detail);
        }
    }

    /// `at` is the place inside the manifest.
    pub(super) fn wrong(&mut self, at: &str, code: &'static str, detail: impl Into<String>) {
        self.found(FieldError::new(&format!("/manifest{at}"), code, detail));
    }

    pub(super) fn found(&mut self, finding: FieldError) {
        self.findings.push(finding);
    }

    pub(super) fn findings(self) -> Vec<FieldError> {
        self.findings
    }
}

/// TOML as JSON. The one thing JSON has no word for is a date.
fn json(value: toml::Value, at: &str, findings: &mut Vec<FieldError>) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        // `inf` and `nan` are no JSON either.
        toml::Value::Float(number) if number.is_finite() => number.into(),
        toml::Value::Boolean(yes) => yes.into(),
        toml::Value::Array(items) => items
            .into_iter()
            .enumerate()
            .map(|(i, item)| json(item, &format!("{at}/{i}"), findings))
            .collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| {
                let at = format!("{at}/{}", escaped(&name));
                let value = json(value, &at, findings);
                (name, value)
            })
            .collect(),
        toml::Value::Float(_) | toml::Value::Datetime(_) => {
            let detail = "Dates, times, inf and nan are not used here. Write a text in quotes.";
            findings.push(FieldError::new(at, "wrong_type", detail));
            Value::Null
        }
    }
}

/// A name inside a JSON pointer.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
