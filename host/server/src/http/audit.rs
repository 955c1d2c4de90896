//! `/audit`: who changed what, for admins. It is read and nothing else.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::audit::{AuditEntry, AuditQuery};
use crate::wire::list::Listed;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_audit))
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
