//! A plugin's configuration: is its schema one we can live with, and does a
//! configuration keep to it.
//!
//! The schema comes out of a stranger's file. So it may not refer to anything but
//! its own `$defs`, and these to nothing: no network, no loops. Patterns are
//! matched in linear time.

use deskbell_domain::plugin::Manifest;
use deskbell_domain::refusal::FieldError;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

/// Errors that one answer names.
const NAMED: usize = 20;

/// Words of JSON Schema that give a place a name or lead away to one.
const NAMING: [&str; 7] = [
    "$id",
    "$anchor",
    "$dynamicAnchor",
    "$dynamicRef",
    "$recursiveRef",
    "$recursiveAnchor",
    "$vocabulary",
];

fn validator(schema: &Value) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .offline()
        .with_pattern_options(PatternOptions::regex())
        .build(schema)
}

/// What is wrong with the schema itself, by its place in the manifest.
pub(crate) fn check_schema(manifest: &Manifest) -> Vec<FieldError> {
    if manifest.config.is_empty() {
        return Vec::new();
    }
    let schema = Value::Object(manifest.config.clone());
    let mut wrong = Vec::new();
    references(&schema, "/manifest/config", false, &mut wrong);
    if !wrong.is_empty() {
        return wrong;
    }
    if let Err(error) = validator(&schema) {
        let detail = format!("The configuration's JSON Schema is wrong: {error}.");
        wrong.push(FieldError::new("/manifest/config", "bad_schema", detail));
    } else if manifest.config.get("type") != Some(&Value::from("object")) {
        let detail = "The configuration is an object: say `type = \"object\"` under [config].";
        wrong.push(FieldError::new(
            "/manifest/config/type",
            "bad_schema",
            detail,
        ));
    }
    wrong
}

fn references(value: &Value, at: &str, in_defs: bool, wrong: &mut Vec<FieldError>) {
    let mut refuse = |detail: &str| wrong.push(FieldError::new(at, "bad_reference", detail));
    match value {
        Value::Object(fields) => {
            if NAMING.iter().any(|word| fields.contains_key(*word)) {
                refuse("Only `$ref` to a name under `$defs` is taken, and no other references.");
            }
            if let Some(target) = fields.get("$ref") {
                let own = target
                    .as_str()
                    .and_then(|text| text.strip_prefix("#/$defs/"))
                    .is_some_and(|name| !name.is_empty() && !name.contains('/'));
                if !own {
                    refuse("A `$ref` may only lead to `#/$defs/…` in the same schema.");
                } else if in_defs {
                    refuse("What stands under `$defs` may not refer on.");
                }
            }
            for (name, inner) in fields {
                let step = name.replace('~', "~0").replace('/', "~1");
                let in_defs = in_defs || name == "$defs" || name == "definitions";
                references(inner, &format!("{at}/{step}"), in_defs, wrong);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                references(inner, &format!("{at}/{index}"), in_defs, wrong);
            }
        }
        _ => {}
    }
}

/// The configuration with the schema's top-level defaults filled in, if it keeps
/// to the schema. A plugin without one takes an empty configuration only.
pub(crate) fn checked(
    manifest: &Manifest,
    mut config: Map<String, Value>,
) -> Result<Map<String, Value>, Vec<FieldError>> {
    if manifest.config.is_empty() {
        let unknown = config.keys().take(NAMED).map(|name| {
            let detail = "This plugin has nothing to configure.";
            FieldError::new(&format!("/config/{}", step(name)), "unknown_field", detail)
        });
        let wrong: Vec<_> = unknown.collect();
        return if wrong.is_empty() {
            Ok(config)
        } else {
            Err(wrong)
        };
    }
    let properties = manifest.config.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        if let Some(default) = property.get("default")
            && !config.contains_key(name)
        {
            config.insert(name.clone(), default.clone());
        }
    }
    let schema = Value::Object(manifest.config.clone());
    let validator = validator(&schema).map_err(|error| {
        let detail = format!("The plugin's own JSON Schema is wrong: {error}.");
        vec![FieldError::new("/config", "bad_schema", detail)]
    })?;
    let config = Value::Object(config);
    let wrong: Vec<_> = validator
        .iter_errors(&config)
        .flat_map(|error| said(&error))
        .take(NAMED)
        .collect();
    match (wrong.is_empty(), config) {
        (true, Value::Object(config)) => Ok(config),
        _ => Err(wrong),
    }
}

fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn said(error: &ValidationError<'_>) -> Vec<FieldError> {
    let at = format!("/config{}", error.instance_path().as_str());
    let below = |name: &str| format!("{at}/{}", step(name));
    let one = |code| {
        let mut detail = error.masked_with("This").to_string();
        detail.push('.');
        vec![FieldError::new(&at, code, detail)]
    };
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![FieldError::new(&below(name), "required", "This is needed.")]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let unknown = unexpected.iter().map(|name| {
                let detail = "There is no such setting.";
                FieldError::new(&below(name), "unknown_field", detail)
            });
            unknown.collect()
        }
        Kind::Type { .. } => one("wrong_type"),
        Kind::Enum { .. } | Kind::Constant { .. } => one("not_allowed"),
        Kind::Minimum { .. }
        | Kind::Maximum { .. }
        | Kind::ExclusiveMinimum { .. }
        | Kind::ExclusiveMaximum { .. } => one("out_of_range"),
        Kind::MaxLength { .. } | Kind::MaxItems { .. } | Kind::MaxProperties { .. } => {
            one("too_long")
        }
        Kind::MinLength { .. } | Kind::MinItems { .. } | Kind::MinProperties { .. } => {
            one("too_short")
        }
        Kind::Pattern { .. } | Kind::Format { .. } => one("bad_format"),
        _ => one("invalid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(config: Value) -> Manifest {
        let manifest = json!({
            "id": "p", "name": "P", "version": "1.0.0", "publisher": "us", "config": config,
        });
        serde_json::from_value(manifest).unwrap()
    }

    fn pointers(wrong: &[FieldError]) -> Vec<(&str, &str)> {
        let all = wrong.iter().map(|one| (one.pointer.as_str(), one.code));
        all.collect()
    }

    #[test]
    fn a_configuration_is_checked_and_its_defaults_are_filled_in() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["rules"],
            "properties": {
                "rules": { "type": "array", "items": { "$ref": "#/$defs/rule" } },
                "loud": { "type": "boolean", "default": true },
            },
            "$defs": { "rule": {
                "type": "object", "required": ["name"],
                "properties": { "name": { "type": "string", "maxLength": 3 },
                                "priority": { "enum": ["low", "high"] } },
            } },
        });
        let manifest = manifest(schema);
        assert_eq!(check_schema(&manifest), []);
        let given = |value: Value| checked(&manifest, value.as_object().unwrap().clone());
        let filled = given(json!({ "rules": [{ "name": "vip" }] })).unwrap();
        assert_eq!(filled["loud"], json!(true));
        let wrong = given(json!({
            "rules": [{ "name": "long" }, {}, { "name": 7 }, { "name": "a", "priority": "x" }],
            "a/b": 1, "loud": "yes",
        }));
        let wrong = wrong.unwrap_err();
        let mut pointers = pointers(&wrong);
        pointers.sort_unstable();
        assert_eq!(
            pointers,
            [
                ("/config/a~1b", "unknown_field"),
                ("/config/loud", "wrong_type"),
                ("/config/rules/0/name", "too_long"),
                ("/config/rules/1/name", "required"),
                ("/config/rules/2/name", "wrong_type"),
                ("/config/rules/3/priority", "not_allowed"),
            ],
            "{wrong:?}"
        );
        assert!(given(json!({})).unwrap_err()[0].pointer == "/config/rules");
    }

    #[test]
    fn a_plugin_without_a_schema_takes_nothing() {
        let manifest = manifest(json!({}));
        assert_eq!(checked(&manifest, Map::new()), Ok(Map::new()));
        let some = json!({ "a": 1 }).as_object().unwrap().clone();
        assert_eq!(
            pointers(&checked(&manifest, some).unwrap_err()),
            [("/config/a", "unknown_field")]
        );
    }

    #[test]
    fn schemas_that_lead_away_or_in_circles_are_refused() {
        let bad = [
            json!({ "$ref": "#" }),
            json!({ "$ref": "http://127.0.0.1:1/schema.json" }),
            json!({ "$ref": "file:///etc/passwd" }),
            json!({ "type": "object", "properties": { "a": { "$ref": "#/properties/a" } } }),
            json!({ "type": "object", "$defs": { "a": { "$ref": "#/$defs/a" } },
                    "properties": { "x": { "$ref": "#/$defs/a" } } }),
            json!({ "type": "object", "$id": "http://127.0.0.1:1/" }),
            json!({ "type": "object", "properties": { "a": { "$dynamicRef": "#a" } } }),
            json!({ "type": "object", "$defs": {}, "properties": { "x": { "$ref": "#/$defs/b" } } }),
            json!({ "type": "array" }),
            json!({ "type": "object", "properties": { "a": { "type": "wrong" } } }),
            json!({ "type": "object", "properties": { "a": { "pattern": "(" } } }),
        ];
        for schema in bad {
            let wrong = check_schema(&manifest(schema.clone()));
            assert!(!wrong.is_empty(), "{schema}");
            assert!(wrong[0].pointer.starts_with("/manifest/config"), "{schema}");
        }
    }
}
