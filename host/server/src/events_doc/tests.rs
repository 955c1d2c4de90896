//! The document covers every event, and the schemas tell the truth about the bytes.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::wire::event::EventBody;

fn names_of(schemas: &Value, body: &str) -> BTreeSet<String> {
    let variants = schemas[body]["oneOf"].as_array().unwrap();
    variants.iter().map(|v| name(v).to_owned()).collect()
}

#[test]
fn the_committed_document_is_this_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/events.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == text(),
        "docs/events.md is not what the code says: run `make gen`"
    );
}

#[test]
fn there_is_a_sample_of_every_kind() {
    let document = openapi::document();
    let described = names_of(&document["components"]["schemas"], "EventBody");
    let sampled: BTreeSet<String> = sample::events()
        .iter()
        .map(|event| event.body.name().to_owned())
        .collect();
    assert_eq!(described, sampled);
}

#[test]
fn visitors_events_are_described() {
    let document = openapi::document();
    let described = names_of(&document["components"]["schemas"], "VisitorEventBody");
    let sent: BTreeSet<String> = sample::events()
        .iter()
        .filter(|event| visitor_view::event(event).is_some())
        .map(|event| event.body.name().to_owned())
        .collect();
    assert_eq!(described, sent);
}

#[test]
fn the_wire_type_is_what_is_sent() {
    for event in sample::events() {
        let sent = visitor_view::desk_event(&event);
        let mirrored = serde_json::to_value(EventBody::from(event.body)).unwrap();
        assert_eq!(sent["type"], mirrored["type"]);
        assert_eq!(sent["data"], mirrored["data"]);
    }
}

/// Every field of `value` is a property of the schema, and the other way round.
fn same_fields(schemas: &Value, schema: &Value, value: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(target) => &schemas[target.rsplit('/').next().unwrap()],
        None => schema,
    };
    if let (Some(fields), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    {
        let have: BTreeSet<&String> = fields.keys().collect();
        let know: BTreeSet<&String> = properties.keys().collect();
        assert_eq!(have, know, "{at}");
        for (name, inner) in fields {
            same_fields(schemas, &properties[name], inner, &format!("{at}/{name}"));
        }
    }
}

#[test]
fn schemas_name_the_fields_that_are_sent() {
    let document = openapi::document();
    let schemas = &document["components"]["schemas"];
    for event in sample::events() {
        let sent = visitor_view::desk_event(&event);
        let variant = variants(schemas).find(|v| name(v) == event.body.name());
        let variant = variant.unwrap();
        same_fields(
            schemas,
            &variant["properties"]["data"],
            &sent["data"],
            event.body.name(),
        );
        let Some(sent) = visitor_view::event(&event) else {
            continue;
        };
        let all = schemas["VisitorEventBody"]["oneOf"].as_array().unwrap();
        let variant = all.iter().find(|v| name(v) == event.body.name()).unwrap();
        same_fields(
            schemas,
            &variant["properties"]["data"],
            &sent["data"],
            event.body.name(),
        );
        let outside: BTreeSet<&String> = sent.as_object().unwrap().keys().collect();
        let envelope = schemas["Envelope"]["properties"].as_object().unwrap();
        let mut known: BTreeSet<&String> = envelope.keys().collect();
        let (kind, data) = ("type".to_owned(), "data".to_owned());
        known.extend([&kind, &data]);
        assert_eq!(outside, known);
    }
}
