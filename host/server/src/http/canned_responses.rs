//! `/canned-responses`: the saved replies, and using one.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::admin::canned_responses as app;
use deskbell_domain::CannedResponseId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{Administer, AgentActor, Converse, Id, IfMatch, Json, Query, ReadDesk};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::canned::{
    CannedResponse, CannedResponsePatch, CannedResponseUsed, NewCannedResponse, UseCannedResponse,
};
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_canned_responses, create_canned_response))
        .routes(routes!(use_canned_response))
        .routes(routes!(update_canned_response, delete_canned_response))
}

/// The saved replies of the tenant.
#[utoipa::path(get, path = "/canned-responses", tag = "canned responses",
    params(PageQuery),
    responses((status = 200, description = "The canned responses.", body = Listed<CannedResponse>)),
    security(("agent" = ["read_desk"])))]
async fn list_canned_responses(
    State(state): State<AppState>,
    actor: AgentActor<ReadDesk>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<CannedResponse>>, Problem> {
    let all = state.app.list_canned_responses(&actor).await?;
    let items = all.into_iter().map(CannedResponse::from).collect();
    Ok(Json(page(items, &query, |canned: &CannedResponse| {
        canned.id.to_string()
    })?))
}

/// Saves a reply.
#[utoipa::path(post, path = "/canned-responses", tag = "canned responses",
    responses(
        (status = 201, description = "The canned response.", body = CannedResponse),
        (status = 409, description = "The shortcut is taken."),
    ),
    security(("agent" = ["administer"])))]
async fn create_canned_response(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Json(body): Json<NewCannedResponse>,
) -> Result<(StatusCode, Json<CannedResponse>), Problem> {
    let NewCannedResponse {
        shortcut,
        title,
        text,
    } = body;
    let new = app::NewCannedResponse {
        shortcut,
        title,
        text,
    };
    let canned = state.app.create_canned_response(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(canned.into())))
}

/// Changes a saved reply, or switches it on or off.
#[utoipa::path(patch, path = "/canned-responses/{id}", tag = "canned responses",
    params(("id" = id::CannedResponseId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The canned response as it is now.", body = CannedResponse),
        (status = 409, description = "The shortcut is taken."),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn update_canned_response(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<CannedResponseId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<CannedResponsePatch>,
) -> Result<Json<CannedResponse>, Problem> {
    let CannedResponsePatch {
        shortcut,
        title,
        text,
        enabled,
    } = body;
    let patch = app::CannedResponsePatch {
        shortcut,
        title,
        text,
        enabled,
        if_version,
    };
    let canned = state.app.update_canned_response(&actor, id, patch).await?;
    Ok(Json(canned.into()))
}

/// Removes a saved reply.
#[utoipa::path(delete, path = "/canned-responses/{id}", tag = "canned responses",
    params(("id" = id::CannedResponseId, Path)),
    responses((status = 204, description = "Removed.")),
    security(("agent" = ["administer"])))]
async fn delete_canned_response(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<CannedResponseId>,
) -> Result<StatusCode, Problem> {
    state.app.delete_canned_response(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Fills a saved reply, sends it and counts it, all in one. With `preview` it is
/// only shown; with a variable missing nothing is sent.
#[utoipa::path(post, path = "/canned-responses/use", tag = "canned responses",
    responses(
        (status = 200, description = "The text, and the ack unless it was a preview.", body = CannedResponseUsed),
        (status = 409, description = "It is switched off, or the conversation is not active."),
    ),
    security(("agent" = ["converse"])))]
async fn use_canned_response(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Json(body): Json<UseCannedResponse>,
) -> Result<Json<CannedResponseUsed>, Problem> {
    answer::canned(state.app.execute(&actor, body.into_command()?).await?)
}
