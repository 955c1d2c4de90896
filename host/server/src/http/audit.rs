//! `/audit`: who changed what, for admins. It is read and nothing else.

use std::io;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use deskbell_app::admin::audit as app;
use deskbell_domain::Actor;
use futures_util::{Stream, StreamExt, stream};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::audit::{AuditEntry, AuditFileQuery, AuditQuery, head, line};
use crate::wire::list::Listed;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_audit))
        .routes(routes!(audit_file))
}

/// Who changed what about plugins, secrets, inboxes, teams, agents and canned
/// responses, and who logged in. Entries are never changed or deleted.
#[utoipa::path(get, path = "/audit", tag = "audit",
    params(AuditQuery),
    responses((status = 200, description = "Entries, the latest first.", body = Listed<AuditEntry>)),
    security(("agent" = ["administer"])))]
async fn list_audit(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Listed<AuditEntry>>, Problem> {
    let (entries, next_cursor) = state.app.audit(&actor, query.into_app()?).await?;
    Ok(Json(Listed {
        items: entries.into_iter().map(AuditEntry::from).collect(),
        next_cursor,
    }))
}

/// Read and sent at once.
const LINES: u64 = 250;
const NEXT_CURSOR: HeaderName = HeaderName::from_static("next-cursor");

/// The same as a CSV file, up to 50,000 entries. Where there are more, the header
/// `Next-Cursor` is the `cursor` of the next file.
#[utoipa::path(get, path = "/audit.csv", tag = "audit",
    params(AuditFileQuery),
    responses((status = 200, description = "Entries, the latest first. A cell that a spreadsheet would run as a formula begins with an apostrophe.", content_type = "text/csv", body = String)),
    security(("agent" = ["administer"])))]
async fn audit_file(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Query(query): Query<AuditFileQuery>,
) -> Result<Response, Problem> {
    let query = query.into_app()?;
    let next = state.app.audit_beyond(&actor, query.clone()).await?;
    let lines = lines(state, (*actor).clone(), query);
    let mut answer = Body::from_stream(lines).into_response();
    let headers = answer.headers_mut();
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    headers.insert(header::CONTENT_TYPE, kind);
    let name = HeaderValue::from_static("attachment; filename=\"audit.csv\"");
    headers.insert(header::CONTENT_DISPOSITION, name);
    if let Some(next) = next.and_then(|next| HeaderValue::try_from(next).ok()) {
        headers.insert(NEXT_CURSOR, next);
    }
    Ok(answer)
}

/// A page is in memory at a time, and the next is read when this one is taken. An
/// error breaks the file off, so that nobody takes a part for the whole.
fn lines(
    state: AppState,
    actor: Actor,
    query: app::AuditQuery,
) -> impl Stream<Item = Result<Bytes, io::Error>> {
    let left = query.limit;
    let begin = (query.cursor.clone(), left);
    let pages = stream::try_unfold(Some(begin), move |at| {
        let (state, actor, mut page) = (state.clone(), actor.clone(), query.clone());
        async move {
            let Some((cursor, left)) = at else {
                return Ok(None);
            };
            page.limit = left.min(LINES);
            page.cursor = cursor;
            let left = left - page.limit;
            let (entries, next) = state.app.audit(&actor, page).await.map_err(|error| {
                tracing::warn!(%error, "a file of the audit log is cut off");
                io::Error::other(error)
            })?;
            let text: String = entries.iter().map(line).collect();
            let then = next.filter(|_| left > 0).map(|next| (Some(next), left));
            Ok(Some((Bytes::from(text), then)))
        }
    });
    stream::once(async { Ok(Bytes::from(head())) }).chain(pages)
}
