//! The shape of a configuration's JSON Schema: that it is one, describes an
//! object, and refers to nothing outside itself. Whether a configuration is valid
//! is judged elsewhere.

use deskbell_domain::refusal::FieldError;
use serde_json::{Map, Value};

const DEEPEST: usize = 16;
const TYPES: [&str; 7] = [
    "object", "array", "string", "number", "integer", "boolean", "null",
];

pub(crate) fn check(schema: &Map<String, Value>) -> Vec<FieldError> {
    let mut findings = Vec::new();
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        findings.push(FieldError::new(
            "/manifest/config/type",
            "not_an_object",
            "A configuration is an object: write type = \"object\" under [config].",
        ));
    }
    visit(schema, "/manifest/config", 0, &mut findings);
    findings
}

fn visit(schema: &Map<String, Value>, at: &str, depth: usize, findings: &mut Vec<FieldError>) {
    let mut wrong = |key: &str, detail: String| {
        findings.push(FieldError::new(
            &format!("{at}/{key}"),
            "bad_schema",
            detail,
        ));
    };
    if depth > DEEPEST {
        wrong(
            "",
            format!("The schema is more than {DEEPEST} levels deep."),
        );
        return;
    }
    for (key, value) in schema {
        if let Some(why) = complaint(key, value) {
            wrong(key, format!("`{key}` {why}."));
        }
    }
    for (place, child) in children(schema) {
        let at = format!("{at}/{place}");
        match child {
            Value::Object(child) => visit(child, &at, depth + 1, findings),
            Value::Bool(_) => {}
            _ => findings.push(FieldError::new(
                &at,
                "bad_schema",
                "A schema is a table, such as { type = \"string\" }.",
            )),
        }
    }
}

/// What is wrong with the value of a keyword.
fn complaint(key: &str, value: &Value) -> Option<&'static str> {
    let known = |name: &Value| name.as_str().is_some_and(|name| TYPES.contains(&name));
    let texts = |value: &Value| {
        value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string))
    };
    let (right, why) = match key {
        "type" => (
            known(value) || value.as_array().is_some_and(|all| all.iter().all(known)),
            "is object, array, string, number, integer, boolean or null",
        ),
        "title" | "description" | "format" | "pattern" => (value.is_string(), "is a text"),
        "required" => (texts(value), "is a list of names"),
        "enum" => (
            value.as_array().is_some_and(|items| !items.is_empty()),
            "is a list with at least one value",
        ),
        "properties" | "$defs" | "definitions" | "patternProperties" => {
            (value.is_object(), "is a table of schemas")
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            (value.is_number(), "is a number")
        }
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            (value.is_u64(), "is a whole number")
        }
        "anyOf" | "allOf" | "oneOf" => (
            value.as_array().is_some_and(|items| !items.is_empty()),
            "is a list of schemas",
        ),
        "$ref" | "$dynamicRef" => (
            value.as_str().is_some_and(|target| target.starts_with('#')),
            "points into the schema itself, as in #/$defs/rule: nothing is fetched",
        ),
        _ => (true, ""),
    };
    (!right).then_some(why)
}

/// The schemas inside a schema, with their places.
fn children(schema: &Map<String, Value>) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (key, value) in schema {
        match (key.as_str(), value) {
            ("properties" | "$defs" | "definitions" | "patternProperties", Value::Object(all)) => {
                found.extend(all.iter().map(|(name, child)| {
                    let name = name.replace('~', "~0").replace('/', "~1");
                    (format!("{key}/{name}"), child)
                }));
            }
            ("anyOf" | "allOf" | "oneOf" | "prefixItems", Value::Array(all)) => {
                found.extend(
                    all.iter()
                        .enumerate()
                        .map(|(i, c)| (format!("{key}/{i}"), c)),
                );
            }
            ("items" | "additionalProperties" | "not" | "contains" | "if" | "then" | "else", _) => {
                found.push((key.clone(), value));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(schema: &Value) -> Vec<String> {
        check(schema.as_object().unwrap())
            .into_iter()
            .map(|finding| finding.pointer)
            .collect()
    }

    #[test]
    fn a_form_of_every_kind_passes() {
        let schema = json!({
            "type": "object",
            "required": ["rules"],
            "properties": {
                "rules": { "type": "array", "items": {
                    "type": "object",
                    "properties": { "name": { "type": "string", "maxLength": 80 } }
                } },
                "priority": { "type": "string", "enum": ["low", "high"], "default": "low" },
                "seconds": { "type": "integer", "minimum": 1, "maximum": 60 }
            }
        });
        assert_eq!(pointers(&schema), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_schema_is_found_where_it_is() {
        let schema = json!({
            "properties": {
                "a": { "type": "text" },
                "b": 3,
                "c": { "type": "array", "items": { "$ref": "https://example.org/s" } }
            }
        });
        assert_eq!(
            pointers(&schema),
            [
                "/manifest/config/type",
                "/manifest/config/properties/a/type",
                "/manifest/config/properties/b",
                "/manifest/config/properties/c/items/$ref"
            ]
        );
    }

    #[test]
    fn a_bottomless_schema_is_refused() {
        let mut schema = json!({ "type": "string" });
        for _ in 0..20 {
            schema = json!({ "type": "object", "properties": { "p": schema } });
        }
        assert_eq!(pointers(&schema).len(), 1);
    }
}
