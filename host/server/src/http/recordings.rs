//! `/installations/{id}/recordings`: calls that were recorded, for a plugin's author
//! to replay. Switched on by `PATCH /installations/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_domain::{InstallationId, Refusal};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, Json, Name, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::recording::PluginRecording;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_recordings, delete_recordings))
        .routes(routes!(get_recording))
}

/// What was recorded: the newest 100 calls of the last day.
#[utoipa::path(get, path = "/installations/{id}/recordings", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The recordings, the latest first.", body = Listed<PluginRecording>)),
    security(("agent" = ["administer"])))]
async fn list_recordings(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<PluginRecording>>, Problem> {
    let all = state.app.plugin_recordings(&actor, id).await?;
    let items = all.into_iter().map(PluginRecording::from).collect();
    Ok(Json(page(items, &query, |one: &PluginRecording| {
        one.id.clone()
    })?))
}

/// One recorded call, as a scenario: `deskbell plugin replay` runs it. Secrets are in
/// none.
#[utoipa::path(get, path = "/installations/{id}/recordings/{name}", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("name" = String, Path, description = "The recording's `id`.")),
    responses((status = 200, description = "The recording.", body = HashMap<String, Value>)),
    security(("agent" = ["administer"])))]
async fn get_recording(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Name(name): Name,
) -> Result<Json<Value>, Problem> {
    let n = name.parse();
    let n = n.map_err(|_| Refusal::NotFound("recording"))?;
    Ok(Json(state.app.plugin_recording(&actor, id, n).await?))
}

/// Throws away what was recorded.
#[utoipa::path(delete, path = "/installations/{id}/recordings", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 204, description = "There are none any more.")),
    security(("agent" = ["administer"])))]
async fn delete_recordings(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<StatusCode, Problem> {
    state.app.delete_plugin_recordings(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
