//! The API's description, OpenAPI 3.1, made from the code.
//!
//! Handlers say what is particular to them; what follows from a route's shape
//! (which errors a body, a token or an id can lead to) is added here, so that no
//! handler can forget it. `text` is what `deskbell openapi` prints, what is
//! served, and what is committed; a test holds the three together.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};

use crate::http;
use crate::problem::{self, ProblemBody};
use crate::wire::event::{Event, VisitorEvent};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Deskbell",
        version = "1",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        description = "Live chat: a visitor rings, the right agent answers.\n\n\
            JSON in `snake_case`; times RFC 3339 in UTC; ids are text with a prefix. \
            Errors are `application/problem+json` with a stable `code`. Unknown fields \
            are refused by name. Lists answer `items` and `next_cursor`. \
            What happens is told on the sockets `/api/v1/agent/socket` and \
            `/api/v1/widget/socket` as `Event` and `VisitorEvent`."
    ),
    servers((url = "/")),
    components(schemas(Event, VisitorEvent, ProblemBody)),
)]
struct Frame;

/// The document without its paths.
#[must_use]
pub fn frame() -> utoipa::openapi::OpenApi {
    let mut frame = Frame::openapi();
    let bearer = |description: &str| {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(description));
        SecurityScheme::Http(scheme.build())
    };
    let components = frame.components.get_or_insert_default();
    components.add_security_scheme(
        "agent",
        bearer("An agent's access token. The names beside it are the permissions it needs."),
    );
    components.add_security_scheme("visitor", bearer("A visitor's token."));
    frame
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let (_, openapi) = http::routes().split_for_parts();
    let mut document = serde_json::to_value(openapi).unwrap_or_default();
    complete(&mut document);
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
});

/// The whole document as text.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// The whole document as a value.
#[must_use]
pub fn document() -> Value {
    serde_json::from_str(text()).unwrap_or_default()
}

fn complete(document: &mut Value) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, item) in paths {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if ["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                add_errors(operation);
            }
        }
    }
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        require_all(schema);
    }
}

/// The errors that follow from what a route takes.
fn add_errors(operation: &mut Value) {
    let parameters = operation["parameters"].as_array().cloned();
    let takes = |place: &str| {
        let mut all = parameters.iter().flatten();
        all.any(|parameter| parameter["in"] == place)
    };
    let body = operation.get("requestBody").is_some();
    let token = operation
        .get("security")
        .is_some_and(|needed| needed != &json!([]));
    let mut errors = vec![
        ("429", "Too fast. `Retry-After` says when to come back."),
        (
            "500",
            "Something went wrong on the server; the log has it under `request_id`.",
        ),
        (
            "503",
            "The server cannot do this right now. `Retry-After` says when to try again.",
        ),
    ];
    if body {
        errors.push((
            "400",
            "The body is not JSON, has a key twice, or is nested too deep.",
        ));
        errors.push(("413", "The body is larger than 64 KiB."));
        errors.push(("415", "The body is not `application/json`."));
    }
    if body || takes("query") {
        errors.push(("422", "Some fields are wrong; `errors` names each."));
    }
    if takes("header") {
        errors.push(("400", "A header is wrong."));
    }
    if takes("path") {
        errors.push(("404", "There is nothing with this id, for this actor."));
    }
    if token {
        errors.push((
            "401",
            "The token is missing, expired, ended or for the other plane.",
        ));
        errors.push((
            "403",
            "The role does not allow this, or the page's origin is not listed.",
        ));
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, description) in errors {
        if !responses.contains_key(status) {
            responses.insert(status.to_owned(), json!({ "description": description }));
        }
    }
    let failures = responses
        .iter_mut()
        .filter(|(status, _)| status.as_str() >= "400");
    for (_, response) in failures {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        response["content"] = json!({ problem::CONTENT_TYPE: schema });
    }
}

/// What the server writes, it writes whole: every field is there, be it as null.
/// What clients write refuses unknown fields, which tells the two apart.
fn require_all(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let closed = fields.get("additionalProperties") == Some(&json!(false));
            if let Some(Value::Object(properties)) = fields.get("properties")
                && !closed
            {
                let names: Vec<&String> = properties.keys().collect();
                let names = json!(names);
                fields.insert("required".to_owned(), names);
            }
            each(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(require_all),
        _ => {}
    }
}

fn each(fields: &mut Map<String, Value>) {
    for (name, value) in fields.iter_mut() {
        if name != "example" && name != "examples" {
            require_all(value);
        }
    }
}

#[cfg(test)]
mod tests;
