//! The built web pages, out of the binary: the dashboard at `/`, the shop page
//! with the widget at `/demo/` (and with a bot at `/demo/bot/`), the widget's files
//! at `/widget/`.
//!
//! A page may load only from here and run no script written into it. Files whose
//! names carry a hash are kept for ever, all others are asked for again. The
//! messenger's page is made for each inbox: `messenger_page.rs`.

use std::borrow::Cow;

use axum::Router;
use axum::extract::{Path, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

use crate::demo::{BOT_INBOX_KEY, INBOX_KEY};

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
/// The shop page is as strict as a site can be: what it shows must work there.
const SHOP_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'";

/// Sites ask for the loader on every page; a new one reaches them soon enough.
const LOADER: &str = "loader.js";
const LOADER_KEPT: &str = "public, max-age=300, stale-while-revalidate=86400";

pub fn router() -> Router {
    Router::new()
        .route("/demo", get(async || Redirect::permanent("/demo/")))
        .route("/demo/", get(shop))
        .route("/demo/bot", get(async || Redirect::permanent("/demo/bot/")))
        .route("/demo/bot/", get(shop_with_bot))
        .route("/demo/{*path}", get(async || not_found()))
        .route("/widget/{*path}", get(widget))
        .fallback(dashboard)
}

async fn shop(headers: HeaderMap) -> Response {
    match Widget::get(PAGE) {
        Some(file) => answer(PAGE, file, &headers, SHOP_POLICY),
        None => not_built(),
    }
}

/// The same page, with the inbox in which a bot answers first.
async fn shop_with_bot() -> Response {
    let inbox = |key: &str| format!("data-inbox=\"{key}\"");
    match widget_text(PAGE) {
        Some(page) => {
            let page = page.replace(&inbox(INBOX_KEY), &inbox(BOT_INBOX_KEY));
            (secure(SHOP_POLICY), Html(page)).into_response()
        }
        None => not_built(),
    }
}

/// Other sites load the loader from here. A page of the widget is none of these
/// files: the messenger's has its own address, under its own policy.
async fn widget(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let file = Widget::get(&path).filter(|_| !path.ends_with(".html"));
    let Some(file) = file else {
        return not_found();
    };
    let mut response = answer(&path, file, &headers, POLICY);
    if path == LOADER {
        let headers = response.headers_mut();
        for (name, value) in [
            (header::CACHE_CONTROL, LOADER_KEPT),
            (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "cross-origin",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// A text of the widget's, for whoever fills it in.
pub(crate) fn widget_text(path: &str) -> Option<String> {
    String::from_utf8(Widget::get(path)?.data.into_owned()).ok()
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

pub(crate) fn secure(policy: &str) -> HeaderMap {
    let headers = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=()",
        ),
    ];
    let mut headers: HeaderMap = headers
        .into_iter()
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    // What cannot be said in a header allows nothing.
    let policy =
        HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers
}

fn not_found() -> Response {
    (
        StatusCode::NOT_FOUND,
        secure(POLICY),
        "There is nothing here.\n",
    )
        .into_response()
}

pub(crate) fn not_built() -> Response {
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
        for policy in [POLICY, SHOP_POLICY] {
            assert!(policy.contains("script-src 'self'"));
            assert!(policy.contains("frame-ancestors 'none'"));
            assert!(!policy.contains("unsafe"));
        }
    }
}
