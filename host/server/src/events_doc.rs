//! Writes `docs/events.md`: every event, from the same types as the OpenAPI file.
//!
//! Kinds, descriptions and fields come from the schemas of `wire/event.rs`; who
//! gets an event is asked of the domain, with one sample of each kind
//! (`events_doc/sample.rs`). A test holds the committed file against `text`.

mod sample;

use std::fmt::Write as _;

use deskbell_domain::{Event, visitor_view};
use serde_json::Value;

use crate::openapi;

/// The whole document.
#[must_use]
pub fn text() -> String {
    let document = openapi::document();
    let schemas = &document["components"]["schemas"];
    let samples = sample::events();
    let mut text = INTRODUCTION.to_owned();
    envelope(&mut text, schemas);
    index(&mut text, schemas, &samples);
    for variant in variants(schemas) {
        section(&mut text, variant, &samples);
    }
    examples(&mut text, &samples);
    text.push_str(SIGNALS);
    text
}

const INTRODUCTION: &str = "\
# Events

<!-- Made by `make gen` from the code; do not edit. -->

What happened, in one shape for sockets, webhooks, plugins and exports. A socket \
sends an event inside a frame with its cursor: \
`{\"type\":\"event\",\"cursor\":\"…\",\"event\":{…}}`. A snapshot at cursor a, and the \
events after a, are the state now: an event carries whole entities with a `version`, \
and an older version than the one a client has is to be ignored.

Who gets an event is decided when it is written: supervisors and up get all of the \
desk's, agents those of their teams, of conversations without a team and of those \
they have, and a visitor those of their own conversations, without notes, teams, \
routing, e-mail addresses and reasons. The schemas are in \
`/api/v1/openapi.json`: `Event` for the desk, `VisitorEvent` for visitors.

## Every event
";

const SIGNALS: &str = "
## Signals

What is true only now is a signal: sent on sockets, never stored, gone on restart. \
It has the form `{\"type\":\"signal\",\"name\":\"typing\",\"conversation_id\":\"conv_…\",\
\"actor\":{…},\"occurred_at\":\"…\",\"data\":{…}}`.

| name | data | sent to |
| --- | --- | --- |
| `typing` | `{\"on\": true}` | the other side |
| `queue.position` | `{\"position\": 3, \"expected_wait_ms\": 90000}`; the wait is null while it is not known | the waiting visitor |
";

fn envelope(text: &mut String, schemas: &Value) {
    text.push_str("\n| field | | |\n| --- | --- | --- |\n");
    text.push_str("| `type` | string | `noun.past_verb`, see below |\n");
    text.push_str("| `data` | object | by type, see below |\n");
    fields(text, &schemas["Envelope"], "");
}

fn index(text: &mut String, schemas: &Value, samples: &[Event]) {
    text.push_str("\n## Types\n\n| type | visitors | when |\n| --- | --- | --- |\n");
    for variant in variants(schemas) {
        let name = name(variant);
        let visitors = if for_visitors(name, samples) {
            "yes"
        } else {
            ""
        };
        let when = described(variant);
        let anchor = name.replace(['.'], "");
        let _ = writeln!(text, "| [`{name}`](#{anchor}) | {visitors} | {when} |");
    }
}

fn section(text: &mut String, variant: &Value, samples: &[Event]) {
    let name = name(variant);
    let _ = write!(text, "\n### {name}\n\n{}\n\n", described(variant));
    text.push_str("| `data` | | |\n| --- | --- | --- |\n");
    fields(text, &variant["properties"]["data"], "");
    let shown = samples.iter().find(|event| event.body.name() == name);
    if let Some(Value::Object(event)) = shown.and_then(visitor_view::event) {
        let names = event["data"].as_object().into_iter().flatten();
        let names: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
        let _ = writeln!(
            text,
            "\nVisitors get {}, in the visitor's form.",
            names.join(", ")
        );
    }
}

fn examples(text: &mut String, samples: &[Event]) {
    text.push_str("\n## An example\n\nAn agent's message, as the desk gets it:\n");
    let Some(event) = samples.iter().find(|e| e.body.name() == "message.created") else {
        return;
    };
    json(text, &visitor_view::desk_event(event));
    text.push_str("\nThe same, as the visitor gets it:\n");
    json(text, &visitor_view::event(event).unwrap_or_default());
}

fn json(text: &mut String, value: &Value) {
    let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
    let _ = write!(text, "\n```json\n{pretty}\n```\n");
}

fn fields(text: &mut String, schema: &Value, prefix: &str) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (name, field) in properties {
        // Of a field that may be null, the description stands with its type.
        let about = &field["description"];
        let about = about.as_str().or(field["oneOf"][0]["description"].as_str());
        let about = about.unwrap_or_default();
        let about = about.replace('\n', " ").replace('|', "\\|");
        let _ = writeln!(text, "| `{prefix}{name}` | {} | {about} |", type_of(field));
    }
}

/// A schema's type in a few words.
fn type_of(schema: &Value) -> String {
    if let Some(target) = schema["$ref"].as_str() {
        let name = target.rsplit('/').next().unwrap_or_default();
        return format!("`{name}`");
    }
    if let Some(either) = schema["oneOf"].as_array() {
        let words: Vec<String> = either.iter().map(type_of).collect();
        return words.join(" or ");
    }
    match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            words.join(" or ")
        }
        _ => "any".to_owned(),
    }
}

/// The kinds of events, in the order of `wire/event.rs`.
fn variants(schemas: &Value) -> impl Iterator<Item = &Value> {
    schemas["EventBody"]["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
}

fn name(variant: &Value) -> &str {
    variant["properties"]["type"]["enum"][0]
        .as_str()
        .unwrap_or_default()
}

fn described(variant: &Value) -> String {
    let text = variant["description"].as_str().unwrap_or_default();
    text.replace('\n', " ")
}

fn for_visitors(name: &str, samples: &[Event]) -> bool {
    let mut of_kind = samples.iter().filter(|event| event.body.name() == name);
    of_kind.any(|event| visitor_view::event(event).is_some())
}

#[cfg(test)]
mod tests;
