//! Values for the schemas of the API description: what a request for a route is
//! filled in with, and the complaint when nothing fits.

use std::collections::BTreeMap;

use deskbell_tests::PASSWORD;
use deskbell_tests::http::quoted;
use deskbell_tests::reducer::{list, text};
use serde_json::{Map, Value, json};

use super::desk::{Desk, Ids, OTHER_VERSION, PLUGIN};
use super::routes::Route;

/// Makes values for schemas.
#[derive(Clone, Copy)]
pub(super) struct Fill<'a> {
    pub(super) schemas: &'a Value,
    pub(super) desk: &'a Desk,
    pub(super) ids: &'a Ids,
    pub(super) words: &'a str,
}

/// Fields that a body needs although its schema has a way without them: a visitor's
/// message has a text unless it answers a bot.
const MEANT: [(&str, &str); 1] = [("SendVisitorMessage", "text")];

impl Fill<'_> {
    /// Query strings, and whether each has an id in it.
    pub(super) fn queries(&self, route: &Route) -> Result<Vec<(String, bool)>, String> {
        let all = route.parameters.iter().filter(|p| p["in"] == "query");
        let (required, optional): (Vec<_>, Vec<_>) = all.partition(|p| p["required"] == true);
        let mut base = Vec::new();
        for parameter in required {
            base.push(self.pair(parameter)?);
        }
        let mut queries = vec![(joined(&base), false)];
        for parameter in optional {
            if self.holds_id(&parameter["schema"]) {
                let mut more = base.clone();
                more.push(self.pair(parameter)?);
                queries.push((joined(&more), true));
            }
        }
        Ok(queries)
    }

    fn pair(&self, parameter: &Value) -> Result<(String, String), String> {
        let name = text(parameter, "name");
        let value = self.value("", &name, &parameter["schema"])?;
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        Ok((name, quoted(&value)))
    }

    /// Bodies, and whether each has an id in it.
    pub(super) fn bodies(&self, route: &Route) -> Result<Vec<(Option<Value>, bool)>, String> {
        let Some(schema) = &route.body else {
            return Ok(vec![(None, false)]);
        };
        let (name, schema) = self.resolved(schema)?;
        let base = self.object(&name, schema, None)?;
        let required = required(schema);
        let properties = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        let base_has_ids = properties
            .iter()
            .any(|(key, inner)| required.contains(key) && self.holds_id(inner));
        let mut bodies = vec![(Some(base), base_has_ids)];
        for (key, inner) in &properties {
            if !required.contains(key) && self.holds_id(inner) {
                bodies.push((Some(self.object(&name, schema, Some(key))?), true));
            }
        }
        Ok(bodies)
    }

    fn object(&self, name: &str, schema: &Value, also: Option<&str>) -> Result<Value, String> {
        let required = required(schema);
        let mut fields = Map::new();
        for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
            let meant = MEANT.contains(&(name, key.as_str()));
            if required.contains(key) || meant || also == Some(key) {
                fields.insert(key.clone(), self.value(name, key, inner)?);
            }
        }
        Ok(Value::Object(fields))
    }

    /// Whether a value of this schema is an id or a list of ids.
    fn holds_id(&self, schema: &Value) -> bool {
        let schema = not_null(schema);
        let referred = text(schema, "$ref");
        referred.ends_with("Id")
            || (schema.get("items").is_some() && self.holds_id(&schema["items"]))
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> Result<(String, &'s Value), String> {
        let schema = not_null(schema);
        let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) else {
            return Ok((String::new(), schema));
        };
        let found = self.schemas.get(name).ok_or(format!("no schema {name}"))?;
        Ok((name.to_owned(), found))
    }

    pub(super) fn value(&self, within: &str, key: &str, schema: &Value) -> Result<Value, String> {
        let (name, schema) = self.resolved(schema)?;
        if name.ends_with("Id") {
            let id = self.ids.get(name.as_str());
            return id
                .map(|id| json!(id))
                .ok_or(format!("there is no {name} to fill in"));
        }
        if let Some(first) = schema["enum"].as_array().and_then(|all| all.first()) {
            return Ok(first.clone());
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds.first().cloned().unwrap_or_default(),
            kind => kind.clone(),
        };
        match kind.as_str() {
            Some("string") => self.text(within, key, schema),
            Some("integer" | "number") => Ok(json!(schema["minimum"].as_i64().unwrap_or(1))),
            Some("boolean") => Ok(json!(false)),
            Some("array") => Ok(json!([self.value(within, key, &schema["items"])?])),
            Some("object") => self.object(&name, schema, None),
            _ => Err(format!("{key}: no way to fill in {schema}")),
        }
    }

    /// Most texts may be any; some have to mean something.
    fn text(&self, within: &str, key: &str, schema: &Value) -> Result<Value, String> {
        let desk = self.desk;
        let known: BTreeMap<_, _> = [
            (("LogIn", "tenant"), desk.canary.to_owned()),
            (("LogIn", "email"), desk.email("agent")),
            (
                ("RefreshTokens", "refresh_token"),
                desk.refresh_token.clone(),
            ),
            (("OpenVisitorSession", "inbox"), desk.inbox_key()),
            (("TakePlugin", "catalogue"), PLUGIN.to_owned()),
            // In a path: the secret that plugin asks for.
            (("", "name"), "api_key".to_owned()),
            (("Upgrade", "plugin_version"), OTHER_VERSION.to_owned()),
            (("NewInbox", "key"), format!("{}-more", desk.inbox_key())),
        ]
        .into();
        if let Some(value) = known.get(&(within, key)) {
            return Ok(json!(value));
        }
        if schema.get("pattern").is_some() {
            return Err(format!(
                "{key}: no text known for the pattern {}",
                schema["pattern"]
            ));
        }
        Ok(match schema["format"].as_str() {
            Some("email") => json!(format!("more@{}.test", desk.canary)),
            Some("password") => json!(PASSWORD),
            _ => json!(self.words),
        })
    }
}

fn required(schema: &Value) -> Vec<String> {
    list(&schema["required"])
        .iter()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

fn not_null(schema: &Value) -> &Value {
    let one_of = schema["oneOf"].as_array();
    one_of
        .and_then(|all| all.iter().find(|one| one["type"] != "null"))
        .unwrap_or(schema)
}

fn joined(pairs: &[(String, String)]) -> String {
    let all: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if all.is_empty() {
        String::new()
    } else {
        format!("?{}", all.join("&"))
    }
}
