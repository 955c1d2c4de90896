//! The description is complete, hangs together, and is the committed one.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

const COMMITTED: &str = "../../web/packages/protocol/openapi.json";

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push((path.clone(), method.clone(), operation));
        }
    }
    all
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(target)) = fields.get("$ref") {
                found.insert(target);
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_committed_description_is_this_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(COMMITTED);
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text(),
        "web/packages/protocol/openapi.json is not what the code says: run `make gen`"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 40, "{found:?}");
    for target in found {
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn every_operation_is_whole() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    let all = operations(&document);
    assert!(all.len() >= 45, "{}", all.len());
    for (path, method, operation) in all {
        let at = format!("{method} {path}");
        assert!(path.starts_with("/api/v1/"), "{at}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{at}: {id} twice");
        assert!(operation["summary"].is_string(), "{at}: no summary");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{at}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses.keys().any(|status| status.starts_with('2')),
            "{at}"
        );
        assert!(responses.contains_key("500"), "{at}");
        let holes = path.matches('{').count();
        let in_path = operation["parameters"].as_array().into_iter().flatten();
        let in_path = in_path.filter(|parameter| parameter["in"] == "path");
        assert_eq!(in_path.count(), holes, "{at}: path parameters");
        for (status, response) in responses {
            if status.as_str() >= "400" {
                let response = match response["$ref"].as_str() {
                    Some(target) => document.pointer(&target[1..]).unwrap(),
                    None => response,
                };
                let content = &response["content"]["application/problem+json"];
                assert!(content.is_object(), "{at}: {status}");
            }
        }
    }
}

#[test]
fn every_list_says_how_to_page_it() {
    let document = document();
    let mut lists = 0;
    for (path, method, operation) in operations(&document) {
        let answer = &operation["responses"]["200"]["content"]["application/json"];
        let shape = answer["schema"]["$ref"].as_str().unwrap_or_default();
        if shape.contains("/Listed_") || shape.ends_with("/SearchResults") {
            lists += 1;
            let parameters = operation["parameters"].as_array().unwrap();
            let limited = parameters
                .iter()
                .any(|parameter| parameter["name"] == "limit");
            assert!(limited, "{method} {path}");
        }
    }
    assert!(lists >= 12, "{lists}");
}

#[test]
fn who_may_is_said() {
    let open = [
        "login",
        "refresh",
        "open_visitor_session",
        "get_openapi",
        "get_docs",
        // By a signature or a token, as the plugin's manifest says.
        "post_webhook",
    ];
    for (path, method, operation) in operations(&document()) {
        let id = operation["operationId"].as_str().unwrap();
        let schemes = operation["security"].as_array();
        if open.contains(&id) {
            assert!(schemes.is_none(), "{method} {path}");
            continue;
        }
        let scheme = &schemes.unwrap()[0];
        if path.starts_with("/api/v1/widget/") {
            assert_eq!(scheme, &json!({"visitor": []}), "{method} {path}");
        } else {
            assert_eq!(
                scheme["agent"].as_array().unwrap().len(),
                1,
                "{method} {path}"
            );
        }
    }
}

#[test]
fn requests_are_closed_and_responses_whole() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["SendMessage"]["additionalProperties"], json!(false));
    let required = schemas["SendMessage"]["required"].as_array().unwrap();
    assert_eq!(required.len(), 2, "{required:?}");
    let conversation = &schemas["Conversation"];
    assert_eq!(
        conversation["required"].as_array().unwrap().len(),
        conversation["properties"].as_object().unwrap().len()
    );
    for (path, method, operation) in operations(&document) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut named = BTreeSet::new();
        references(body, &mut named);
        for target in named {
            let schema = document.pointer(target.strip_prefix('#').unwrap()).unwrap();
            assert_eq!(
                schema["additionalProperties"],
                json!(false),
                "{method} {path}"
            );
        }
    }
}
