//! The routes of the served API description, and requests made for them from
//! their schemas alone.

use std::collections::BTreeMap;

use deskbell_domain::Permission;
use deskbell_tests::http::quoted;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Answer, Http, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::desk::{Desk, Ids};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    ToAll,
    ToVisitors,
    ToAgents(Permission),
}

#[derive(Debug, Clone)]
pub(super) struct Route {
    pub method: Method,
    pub path: String,
    pub open: Open,
    parameters: Vec<Value>,
    body: Option<Value>,
}

/// A request for a route, in one of the ways its schema allows.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub method: Method,
    pub path: String,
    pub body: Option<Value>,
    /// Whose ids it has in it.
    pub path_has_ids: bool,
    pub rest_has_ids: bool,
}

pub(super) struct Routes {
    pub all: Vec<Route>,
    schemas: Value,
}

impl Routes {
    pub(super) async fn read(app: &TestApp) -> Self {
        let document = app.http.get("/api/v1/openapi.json").await.ok(200);
        let mut all = Vec::new();
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("a path's operations") {
                let method: Method = method.to_uppercase().parse().expect("a method");
                all.push(Route::of(method, path, operation));
            }
        }
        assert!(all.len() > 40, "only {} routes", all.len());
        // What takes something away goes last.
        all.sort_by_key(|route| (route.takes_away(), route.path.clone()));
        Self {
            all,
            schemas: document["components"]["schemas"].clone(),
        }
    }

    /// Requests for a route: its required fields, and those once more with each
    /// optional one that holds an id. `near` are the ids in the path, `far` those
    /// in body and query.
    pub(super) fn requests(
        &self,
        route: &Route,
        near: &Desk,
        far: &Ids,
        words: &str,
    ) -> Result<Vec<Request>, String> {
        let fill = Fill { schemas: &self.schemas, desk: near, ids: far, words };
        let mut path = route.path.clone();
        let mut path_has_ids = false;
        for parameter in route.parameters.iter().filter(|p| p["in"] == "path") {
            let own = Fill { ids: &near.ids, ..fill };
            let name = text(parameter, "name");
            let value = own.value("", &name, &parameter["schema"])?;
            let value = value.as_str().ok_or("a path parameter that is no text")?;
            path = path.replace(&format!("{{{name}}}"), value);
            path_has_ids = true;
        }
        let mut requests = Vec::new();
        for query in fill.queries(route)? {
            for (body, body_has_ids) in fill.bodies(route)? {
                requests.push(Request {
                    method: route.method.clone(),
                    path: format!("{path}{}", query.0),
                    body,
                    path_has_ids,
                    rest_has_ids: query.1 || body_has_ids,
                });
            }
        }
        Ok(requests)
    }

    /// Whether the generator can fill in every route: on a desk of one's own, and
    /// with the least role it asks for, at least one request of each is taken.
    pub(super) async fn fit(&self, app: &TestApp, desk: &Desk) -> Vec<String> {
        let mut complaints = Vec::new();
        for route in &self.all {
            let http = desk.least(app, route.open).await;
            let requests = match self.requests(route, desk, &desk.ids, desk.canary) {
                Ok(requests) => requests,
                Err(what) => {
                    complaints.push(format!("{} {}: {what}", route.method, route.path));
                    continue;
                }
            };
            let mut told = Vec::new();
            for request in requests {
                let answer = request.send(&http).await;
                // A conflict is an answer to a request that was understood.
                if answer.status < 300 || answer.status == 409 {
                    told.clear();
                    break;
                }
                told.push(format!("{} {}", answer.asked, answer.text));
            }
            complaints.extend(told);
        }
        complaints
    }
}

impl Route {
    fn of(method: Method, path: &str, operation: &Value) -> Self {
        let security = operation["security"].as_array().and_then(|all| all.first());
        let open = match security.and_then(Value::as_object) {
            None => Open::ToAll,
            Some(scheme) if scheme.contains_key("visitor") => Open::ToVisitors,
            Some(scheme) => {
                let names = list(scheme.get("agent").unwrap_or(&Value::Null));
                let [name] = names.as_slice() else {
                    panic!("{path}: an agents' route names one permission")
                };
                Open::ToAgents(permission(name.as_str().unwrap_or_default()))
            }
        };
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        Self {
            method,
            path: path.to_owned(),
            open,
            parameters: list(&operation["parameters"]),
            body: (!body.is_null()).then(|| body.clone()),
        }
    }

    fn takes_away(&self) -> u8 {
        match (&self.method, self.path.as_str()) {
            (_, "/api/v1/auth/logout") => 2,
            (&Method::DELETE, _) => 1,
            _ => 0,
        }
    }
}

fn permission(name: &str) -> Permission {
    match name {
        "converse" => Permission::Converse,
        "read_desk" => Permission::ReadDesk,
        "supervise" => Permission::Supervise,
        "administer" => Permission::Administer,
        "own" => Permission::Own,
        other => panic!("there is no permission {other}"),
    }
}

impl Request {
    pub(super) async fn send(&self, http: &Http) -> Answer {
        http.send(self.method.clone(), &self.path, self.body.clone(), &[]).await
    }
}

/// Makes values for schemas.
#[derive(Clone, Copy)]
struct Fill<'a> {
    schemas: &'a Value,
    desk: &'a Desk,
    ids: &'a Ids,
    words: &'a str,
}

impl Fill<'_> {
    /// Query strings, and whether each has an id in it.
    fn queries(&self, route: &Route) -> Result<Vec<(String, bool)>, String> {
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
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok((name, quoted(&value)))
    }

    /// Bodies, and whether each has an id in it.
    fn bodies(&self, route: &Route) -> Result<Vec<(Option<Value>, bool)>, String> {
        let Some(schema) = &route.body else {
            return Ok(vec![(None, false)]);
        };
        let (name, schema) = self.resolved(schema)?;
        let base = self.object(&name, schema, None)?;
        let required = required(schema);
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let base_has_ids =
            properties.iter().any(|(key, inner)| required.contains(key) && self.holds_id(inner));
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
            if required.contains(key) || also == Some(key) {
                fields.insert(key.clone(), self.value(name, key, inner)?);
            }
        }
        Ok(Value::Object(fields))
    }

    /// Whether a value of this schema is an id or a list of ids.
    fn holds_id(&self, schema: &Value) -> bool {
        let schema = not_null(schema);
        let referred = text(schema, "$ref");
        referred.ends_with("Id") || (schema.get("items").is_some() && self.holds_id(&schema["items"]))
    }

    fn resolved<'s>(&'s self, schema: &'s Value) -> Result<(String, &'s Value), String> {
        let schema = not_null(schema);
        let Some(name) = schema["$ref"].as_str().and_then(|r| r.rsplit('/').next()) else {
            return Ok((String::new(), schema));
        };
        let found = self.schemas.get(name).ok_or(format!("no schema {name}"))?;
        Ok((name.to_owned(), found))
    }

    fn value(&self, within: &str, key: &str, schema: &Value) -> Result<Value, String> {
        let (name, schema) = self.resolved(schema)?;
        if name.ends_with("Id") {
            let id = self.ids.get(name.as_str());
            return id.map(|id| json!(id)).ok_or(format!("there is no {name} to fill in"));
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
            (("RefreshTokens", "refresh_token"), desk.refresh_token.clone()),
            (("OpenVisitorSession", "inbox"), desk.inbox_key()),
            (("NewInbox", "key"), format!("{}-more", desk.inbox_key())),
        ]
        .into();
        if let Some(value) = known.get(&(within, key)) {
            return Ok(json!(value));
        }
        if schema.get("pattern").is_some() {
            return Err(format!("{key}: no text known for the pattern {}", schema["pattern"]));
        }
        Ok(match schema["format"].as_str() {
            Some("email") => json!(format!("more@{}.test", desk.canary)),
            Some("password") => json!(PASSWORD),
            _ => json!(self.words),
        })
    }
}

fn required(schema: &Value) -> Vec<String> {
    list(&schema["required"]).iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

fn not_null(schema: &Value) -> &Value {
    let one_of = schema["oneOf"].as_array();
    one_of.and_then(|all| all.iter().find(|one| one["type"] != "null")).unwrap_or(schema)
}

fn joined(pairs: &[(String, String)]) -> String {
    let all: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if all.is_empty() { String::new() } else { format!("?{}", all.join("&")) }
}
