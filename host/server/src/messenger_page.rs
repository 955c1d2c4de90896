//! The messenger's page, one address for each inbox: the built page with the
//! inbox written into it, and the policy that says which sites may frame it.
//!
//! Browsers keep the policy (`frame-ancestors`); the page compares the origins
//! once more before it talks to whoever framed it. It starts no session: whoever
//! only looks leaves no trace. The other files of the widget are in `assets.rs`.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use deskbell_app::Error;
use deskbell_domain::Kind;
use deskbell_domain::inbox::Inbox;
use serde::Serialize;

use crate::assets;
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::inbox::PublicInbox;

const PAGE: &str = "messenger.html";
/// Where the built page wants the inbox: an attribute's whole value.
const PLACE: &str = "{{inbox}}";

/// Nothing but its own files and its own server, and no text becomes code.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors ";

pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/widget/messenger/{inbox}", get(page))
        .with_state(state)
}

#[derive(Serialize)]
struct Written {
    inbox: PublicInbox,
    /// Whose pages may talk to it, besides the server's own.
    origins: Vec<String>,
}

async fn page(State(state): State<AppState>, Path(key): Path<String>) -> Response {
    let inbox = match state.app.inbox_by_key(&key).await {
        Ok(inbox) => inbox,
        Err(error) if error.kind() == Kind::NotFound => return no_inbox(),
        Err(error) => return Problem::from(error).into_response(),
    };
    match assets::widget_text(PAGE) {
        Some(template) => shown(&template, inbox),
        None => assets::not_built(),
    }
}

fn shown(template: &str, inbox: Inbox) -> Response {
    let policy = policy(&inbox.allowed_origins);
    let written = Written {
        origins: inbox.allowed_origins.clone(),
        inbox: inbox.into(),
    };
    let written = match serde_json::to_string(&written) {
        Ok(json) => attribute(&json),
        Err(error) => {
            let internal = Error::Internal(format!("the messenger's page: {error}"));
            return Problem::from(internal).into_response();
        }
    };
    let mut headers = assets::secure(&policy);
    // Each answer depends on the inbox of now.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    // Sites that are isolated from other origins may frame it as well.
    for (name, value) in [
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "cross-origin"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    (headers, Html(template.replace(PLACE, &written))).into_response()
}

fn policy(origins: &[String]) -> String {
    let mut policy = format!("{POLICY}'self'");
    for origin in origins {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy
}

fn no_inbox() -> Response {
    let page = "<!doctype html><html lang=\"en\"><title>No chat here</title>\
        <p>There is no chat at this address. The site's owner finds the right key under Inboxes.";
    let headers = assets::secure("default-src 'none'; frame-ancestors *");
    (StatusCode::NOT_FOUND, headers, Html(page)).into_response()
}

/// Text as the value of an HTML attribute.
fn attribute(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_the_attribute() {
        assert_eq!(
            attribute(r#"{"a":"</meta>'&"}"#),
            "{&quot;a&quot;:&quot;&lt;/meta&gt;&#39;&amp;&quot;}"
        );
    }

    #[test]
    fn only_listed_origins_may_frame_it() {
        assert!(policy(&[]).ends_with("frame-ancestors 'self'"));
        let listed = [
            "https://a.example".to_owned(),
            "http://b.example:1".to_owned(),
        ];
        assert!(policy(&listed).ends_with("'self' https://a.example http://b.example:1"));
        assert!(!policy(&listed).contains("unsafe"));
    }
}
