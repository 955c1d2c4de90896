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
                if method != "get" {
                    add_idempotency_key(operation);
                }
                add_errors(operation);
                unfold_optional_body(operation);
            }
        }
    }
    document["components"]["responses"] = shared_errors();
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        require_all(schema);
    }
}

/// The answers a route may give without saying so: name, status, why.
const ERRORS: [(&str, &str, &str); 10] = [
    (
        "BadRequest",
        "400",
        "The body is not JSON, has a key twice or is nested too deep; or a header is wrong.",
    ),
    (
        "Unauthenticated",
        "401",
        "The token is missing, expired, ended or for the other plane.",
    ),
    (
        "Forbidden",
        "403",
        "The role does not allow this, or the page's origin is not listed.",
    ),
    (
        "NotFound",
        "404",
        "There is nothing with this id, for this actor.",
    ),
    (
        "TooLarge",
        "413",
        "The body is larger than the server takes: 64 KiB, unless set.",
    ),
    (
        "UnsupportedMediaType",
        "415",
        "The body is not of a type the route takes.",
    ),
    (
        "Invalid",
        "422",
        "Some fields are wrong; `errors` names each.",
    ),
    (
        "TooFast",
        "429",
        "Too fast. `Retry-After` says when to come back.",
    ),
    (
        "Failed",
        "500",
        "Something went wrong on the server; its log has it under `request_id`.",
    ),
    (
        "Unavailable",
        "503",
        "The server cannot do this right now. `Retry-After` says when to try again.",
    ),
];

fn shared_errors() -> Value {
    let problem = |why: &str| {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        json!({ "description": why, "content": { problem::CONTENT_TYPE: schema } })
    };
    let all = ERRORS.map(|(name, _, why)| (name.to_owned(), problem(why)));
    Value::Object(Map::from_iter(all))
}

/// Every write by somebody known takes one; log-ins do not.
fn add_idempotency_key(operation: &mut Value) {
    let known = operation
        .get("security")
        .is_some_and(|needed| needed != &json!([]));
    let login = operation["tags"] == json!(["auth"]);
    if !known || login {
        return;
    }
    let parameter = json!({
        "name": "Idempotency-Key",
        "in": "header",
        "required": false,
        "description": "1 to 128 visible ASCII characters. A repeat within a day gets the \
                        first answer; with another body it is refused.",
        "schema": { "type": "string" },
    });
    match operation["parameters"].as_array_mut() {
        Some(parameters) => parameters.push(parameter),
        None => operation["parameters"] = json!([parameter]),
    }
    let used =
        json!({ "description": "Not possible now, or the key's first request is under way." });
    if let Some(responses) = operation["responses"].as_object_mut() {
        responses.entry("409").or_insert(used);
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
    let token = operation.get("security").is_some();
    let may = |status: &str| match status {
        "400" => body || takes("header"),
        "401" | "403" => token,
        "404" => takes("path"),
        "413" | "415" => body,
        "422" => body || takes("query") || takes("header"),
        _ => true,
    };
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for response in responses
        .iter_mut()
        .filter(|(status, _)| status.as_str() >= "400")
    {
        let schema = json!({ "schema": { "$ref": "#/components/schemas/Problem" } });
        response.1["content"] = json!({ problem::CONTENT_TYPE: schema });
    }
    for (name, status, _) in ERRORS {
        if may(status) && !responses.contains_key(status) {
            let shared = json!({ "$ref": format!("#/components/responses/{name}") });
            responses.insert(status.to_owned(), shared);
        }
    }
}

/// A body that may be left out reads as `null` inside; outside it is optional.
fn unfold_optional_body(operation: &mut Value) {
    let Some(body) = operation.get_mut("requestBody") else {
        return;
    };
    let schema = &mut body["content"]["application/json"]["schema"];
    let either = schema["oneOf"].as_array().cloned().unwrap_or_default();
    let (nothing, mut something): (Vec<_>, Vec<_>) =
        either.into_iter().partition(|part| part["type"] == "null");
    if let (1, Some(only)) = (nothing.len(), something.pop()) {
        *schema = only;
        body["required"] = json!(false);
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
