//! `/openapi.json` and its viewer: a page of our own, nothing from elsewhere.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi;
use crate::state::AppState;

/// The page runs its own script and reads the description; nothing else.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_openapi))
        .routes(routes!(get_docs))
        .route("/docs/viewer.js", get(viewer_script))
        .route("/docs/viewer.css", get(viewer_style))
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "docs",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)))]
async fn get_openapi() -> Response {
    file("application/json", openapi::text())
}

/// This description, for people.
#[utoipa::path(get, path = "/docs", tag = "docs",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html")))]
async fn get_docs() -> Response {
    let policy = HeaderValue::from_static(PAGE_POLICY);
    let mut page = file("text/html; charset=utf-8", include_str!("docs/viewer.html"));
    page.headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    page
}

async fn viewer_script() -> Response {
    file(
        "text/javascript; charset=utf-8",
        include_str!("docs/viewer.js"),
    )
}

async fn viewer_style() -> Response {
    file("text/css; charset=utf-8", include_str!("docs/viewer.css"))
}

fn file(kind: &'static str, text: &'static str) -> Response {
    const KEPT: (HeaderName, &str) = (header::CACHE_CONTROL, "no-cache");
    ([(header::CONTENT_TYPE, kind), KEPT], text).into_response()
}
