//! `/agent/snapshot` and `/widget/snapshot`: where a client starts from.

use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{AgentActor, Converse, Json, VisitorActor};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::snapshot::{AgentSnapshot, WidgetSnapshot};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(agent_snapshot))
        .routes(routes!(widget_snapshot))
}

/// Everything an agent's page starts from, true at its cursor.
#[utoipa::path(get, path = "/agent/snapshot", tag = "snapshots",
    responses((status = 200, description = "The state and its cursor.", body = AgentSnapshot)),
    security(("agent" = ["converse"])))]
async fn agent_snapshot(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
) -> Result<Json<AgentSnapshot>, Problem> {
    Ok(Json(state.app.agent_snapshot(&actor).await?.into()))
}

/// Everything a visitor's page starts from, true at its cursor.
#[utoipa::path(get, path = "/widget/snapshot", tag = "widget",
    responses((status = 200, description = "The state and its cursor.", body = WidgetSnapshot)),
    security(("visitor" = [])))]
async fn widget_snapshot(
    State(state): State<AppState>,
    actor: VisitorActor,
) -> Result<Json<WidgetSnapshot>, Problem> {
    Ok(Json(state.app.widget_snapshot(&actor).await?.into()))
}
