//! The routes of the served API description, and requests made for them from
//! their schemas alone.

use deskbell_domain::Permission;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Answer, Http, TestApp};
use reqwest::Method;
use serde_json::Value;

use super::desk::{Desk, Ids};
use super::fill::Fill;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    All,
    Visitors,
    Agents(Permission),
}

#[derive(Debug, Clone)]
pub(super) struct Route {
    pub method: Method,
    pub path: String,
    pub open: Open,
    pub parameters: Vec<Value>,
    pub body: Option<Value>,
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

/// What a desk has none of: `plugins/recordings.rs` makes one; and what proves where it
/// is from by more than its schema says: `plugins/webhooks/doors.rs` does.
const NOT_THERE: [&str; 2] = [
    "/api/v1/hooks/{key}/{path}",
    "/api/v1/installations/{id}/recordings/{name}",
];

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
        // What takes something away goes last,
        // and of that, what lies deeper before what it lies in.
        all.sort_by_key(|route| {
            let depth = route.path.matches('/').count();
            let depth = if route.takes_away() > 0 { depth } else { 0 };
            let deepest = std::cmp::Reverse(depth);
            (route.takes_away(), deepest, route.path.clone())
        });
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
        let fill = Fill {
            schemas: &self.schemas,
            desk: near,
            ids: far,
            words,
        };
        let mut path = route.path.clone();
        let mut path_has_ids = false;
        for parameter in route.parameters.iter().filter(|p| p["in"] == "path") {
            let own = Fill {
                ids: &near.ids,
                ..fill
            };
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
        for route in self
            .all
            .iter()
            .filter(|route| !NOT_THERE.contains(&&*route.path))
        {
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
            None => Open::All,
            Some(scheme) if scheme.contains_key("visitor") => Open::Visitors,
            Some(scheme) => {
                let names = list(scheme.get("agent").unwrap_or(&Value::Null));
                let [name] = names.as_slice() else {
                    panic!("{path}: an agents' route names one permission")
                };
                Open::Agents(permission(name.as_str().unwrap_or_default()))
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
        http.send(self.method.clone(), &self.path, self.body.clone(), &[])
            .await
    }
}
