//! The built web pages, out of the binary: the dashboard at `/`, the shop page
//! with the widget at `/demo/`, the widget's scripts at `/widget/`.
//!
//! A page may load only from here and run no script written into it. Files whose
//! names carry a hash are kept for ever, all others are asked for again.

use std::borrow::Cow;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../../web/apps/dashboard/dist"]
struct Dashboard;

#[derive(Embed)]
#[folder = "../../web/apps/widget/dist"]
struct Widget;

const PAGE: &str = "index.html";

/// For pages: everything from here, nothing inline, nobody frames them.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// The widget's messenger lives in a frame of the page that shows it.
const WIDGET_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; media-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors *";

pub fn router() -> Router {
    Router::new()
        .route("/demo", get(async || Redirect::permanent("/demo/")))
        .route(
            "/demo/",
            get(async |headers: HeaderMap| widget(PAGE, &headers, POLICY)),
        )
        .route("/demo/{*path}", get(demo))
        .route("/widget/{*path}", get(script))
        .fallback(dashboard)
}

async fn demo(Path(path): Path<String>, headers: HeaderMap) -> Response {
    widget(&path, &headers, POLICY)
}

/// Other sites load the widget from here, so their pages may read it.
async fn script(Path(path): Path<String>, headers: HeaderMap) -> Response {
    const ANYBODY: [(HeaderName, &str); 2] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ];
    (ANYBODY, widget(&path, &headers, WIDGET_POLICY)).into_response()
}

fn widget(path: &str, headers: &HeaderMap, policy: &'static str) -> Response {
    match Widget::get(path) {
        Some(file) => answer(path, file, headers, policy),
        None if path == PAGE => not_built(),
        None => not_found(),
    }
}

/// The dashboard keeps its own addresses: an unknown one without a file's ending
/// is a page of it.
async fn dashboard(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let looks_like_file = path
        .rsplit('/')
        .next()
        .is_some_and(|name| name.contains('.'));
    let path = if path.is_empty() { PAGE } else { path };
    match Dashboard::get(path) {
        Some(file) => answer(path, file, request.headers(), POLICY),
        None if looks_like_file => not_found(),
        None => match Dashboard::get(PAGE) {
            Some(file) => answer(PAGE, file, request.headers(), POLICY),
            None => not_built(),
        },
    }
}

fn answer(path: &str, file: EmbeddedFile, asked: &HeaderMap, policy: &'static str) -> Response {
    let tag = format!("\"{}\"", hex(&file.metadata.sha256_hash()[..16]));
    let kept = if hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut headers = secure(policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    let kind = file.metadata.mimetype();
    let kind = if kind.starts_with("text/") {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    };
    for (name, value) in [
        (header::ETAG, tag.as_str()),
        (header::CONTENT_TYPE, kind.as_str()),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    let known = asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|asked| asked.as_bytes() == tag.as_bytes());
    if known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    match file.data {
        Cow::Borrowed(bytes) => (headers, bytes).into_response(),
        Cow::Owned(bytes) => (headers, bytes).into_response(),
    }
}

fn secure(policy: &'static str) -> HeaderMap {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect()
}

fn not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        secure(POLICY),
        "There is nothing here.\n",
    )
        .into_response()
}

fn not_built() -> Response {
    let page = "<!doctype html><title>Deskbell</title>\
        <p>The pages are not built into this program. Run <code>make web</code>, then build it again.";
    (StatusCode::NOT_FOUND, secure(POLICY), Html(page)).into_response()
}

/// Vite writes `name-<hash>.js` into `assets/`.
fn hashed(path: &str) -> bool {
    path.starts_with("assets/")
        && path
            .rsplit_once('-')
            .and_then(|(_, rest)| rest.split('.').next())
            .is_some_and(|hash| hash.len() >= 8)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(hashed("assets/index-BxK3f9aQ.js"));
        assert!(!hashed("assets/logo.svg"));
        assert!(!hashed("loader-12345678.js"));
        assert!(!hashed("index.html"));
    }

    #[test]
    fn pages_load_from_here_only() {
        for policy in [POLICY, WIDGET_POLICY] {
            assert!(policy.contains("default-src 'self'"));
            assert!(!policy.contains("unsafe"));
        }
    }
}
