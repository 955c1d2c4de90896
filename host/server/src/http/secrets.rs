//! `/installations/{id}/secrets`: entering what a plugin's requests take along, and
//! `/installations/{id}/kv`: what it keeps. Nothing here answers a value.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_domain::{InstallationId, Timestamp};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, Json, Name, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::reach::{KeptKey, KeysQuery, NewSecret, Secret};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_secrets))
        .routes(routes!(set_secret, delete_secret))
        .routes(routes!(list_kept_keys))
}

/// What the installed version asks for, and whether it is there. Never a value.
#[utoipa::path(get, path = "/installations/{id}/secrets", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The secrets.", body = Listed<Secret>)),
    security(("agent" = ["administer"])))]
async fn list_secrets(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Secret>>, Problem> {
    let all = state.app.list_secrets(&actor, id).await?;
    let items = all.into_iter().map(Secret::from).collect();
    Ok(Json(page(items, &query, |one: &Secret| one.name.clone())?))
}

/// Enters a secret, in place of an earlier one. It is sealed and never shown again.
#[utoipa::path(put, path = "/installations/{id}/secrets/{name}", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("name" = String, Path, description = "As the manifest names it.")),
    responses(
        (status = 204, description = "It is in use from now on."),
        (status = 422, description = "The value is empty, too long, or cannot stand in a request."),
    ),
    security(("agent" = ["administer"])))]
async fn set_secret(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Name(name): Name,
    Json(body): Json<NewSecret>,
) -> Result<StatusCode, Problem> {
    state.app.set_secret(&actor, id, name, &body.value).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a secret away. Requests then go without it.
#[utoipa::path(delete, path = "/installations/{id}/secrets/{name}", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("name" = String, Path, description = "As the manifest names it.")),
    responses((status = 204, description = "Removed.")),
    security(("agent" = ["administer"])))]
async fn delete_secret(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Name(name): Name,
) -> Result<StatusCode, Problem> {
    state.app.delete_secret(&actor, id, name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The keys a plugin keeps, in order, without their values.
#[utoipa::path(get, path = "/installations/{id}/kv", tag = "plugins",
    params(("id" = id::InstallationId, Path), KeysQuery),
    responses((status = 200, description = "The keys.", body = Listed<KeptKey>)),
    security(("agent" = ["administer"])))]
async fn list_kept_keys(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<KeysQuery>,
) -> Result<Json<Listed<KeptKey>>, Problem> {
    let KeysQuery {
        prefix,
        limit,
        cursor,
    } = query;
    let all = state
        .app
        .plugin_keys(&actor, id, &prefix.unwrap_or_default())
        .await?;
    let items = all.into_iter().map(|one| KeptKey {
        key: String::from_utf8_lossy(&one.key).into_owned(),
        bytes: one.size,
        updated_at: Timestamp(one.updated_at),
    });
    let query = PageQuery { limit, cursor };
    Ok(Json(page(items.collect(), &query, |one: &KeptKey| {
        one.key.clone()
    })?))
}
