//! `/widget/sessions`: a browser becomes a visitor.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Caller, Json, check_origin};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::visitor::{OpenVisitorSession, VisitorSession};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(open_visitor_session))
}

/// Opens a visitor's session; with the `secret` of an earlier one it is the same
/// visitor again.
#[utoipa::path(post, path = "/widget/sessions", tag = "widget",
    responses(
        (status = 201, description = "The session.", body = VisitorSession),
        (status = 403, description = "Pages of this origin may not talk to this inbox."),
        (status = 404, description = "There is no such inbox."),
    ))]
async fn open_visitor_session(
    State(state): State<AppState>,
    Caller(client): Caller,
    headers: HeaderMap,
    Json(body): Json<OpenVisitorSession>,
) -> Result<(StatusCode, Json<VisitorSession>), Problem> {
    let inbox = state.app.inbox_by_key(&body.inbox).await?;
    check_origin(&state, &headers, &inbox)?;
    let session = state.app.open_visitor_session(body.into(), client).await?;
    Ok((StatusCode::CREATED, Json(session.into())))
}
