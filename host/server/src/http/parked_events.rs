//! `/installations/{id}/parked-events`: what a plugin did not take.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_domain::InstallationId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, EventId, Id, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::parked_event::ParkedEvent;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_parked_events))
        .routes(routes!(retry_parked_event))
        .routes(routes!(discard_parked_event))
}

/// What its hooks `events` and `webhook` did not take within a day: the first 200 events
/// of the last 7 days, in the order in which they happened, and the first 200 that came by
/// webhooks and were set aside within the last day.
#[utoipa::path(get, path = "/installations/{id}/parked-events", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The events.", body = Listed<ParkedEvent>)),
    security(("agent" = ["administer"])))]
async fn list_parked_events(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<ParkedEvent>>, Problem> {
    let all = state.app.parked_events(&actor, id).await?;
    let items = all.into_iter().map(ParkedEvent::from).collect();
    Ok(Json(page(items, &query, |one: &ParkedEvent| {
        one.id.to_string()
    })?))
}

/// Tells it again, for another day. Later events of its conversation went on before.
#[utoipa::path(post, path = "/installations/{id}/parked-events/{event_id}/retry", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("event_id" = id::JobId, Path, description = "As the list names it.")),
    responses((status = 204, description = "It is told at once, and is in the list no more.")),
    security(("agent" = ["administer"])))]
async fn retry_parked_event(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    EventId(event): EventId,
) -> Result<StatusCode, Problem> {
    state.app.retry_parked_event(&actor, id, event).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Throws it away.
#[utoipa::path(delete, path = "/installations/{id}/parked-events/{event_id}", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("event_id" = id::JobId, Path, description = "As the list names it.")),
    responses((status = 204, description = "Nobody is told of it any more.")),
    security(("agent" = ["administer"])))]
async fn discard_parked_event(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    EventId(event): EventId,
) -> Result<StatusCode, Problem> {
    state.app.discard_parked_event(&actor, id, event).await?;
    Ok(StatusCode::NO_CONTENT)
}
