//! `/teams`.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::admin::teams as app;
use deskbell_domain::TeamId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, IfMatch, Json, Query, ReadDesk};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::team::{NewTeam, Team, TeamPatch};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_teams, create_team))
        .routes(routes!(update_team, delete_team))
}

/// The teams of the tenant.
#[utoipa::path(get, path = "/teams", tag = "teams",
    params(PageQuery),
    responses((status = 200, description = "The teams.", body = Listed<Team>)),
    security(("agent" = ["read_desk"])))]
async fn list_teams(
    State(state): State<AppState>,
    actor: AgentActor<ReadDesk>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Team>>, Problem> {
    let teams = state.app.list_teams(&actor).await?;
    let items = teams.into_iter().map(Team::from).collect();
    Ok(Json(page(items, &query, |team: &Team| {
        team.id.to_string()
    })?))
}

/// Makes a team. Agents join it through their `team_ids`.
#[utoipa::path(post, path = "/teams", tag = "teams",
    responses((status = 201, description = "The team.", body = Team)),
    security(("agent" = ["administer"])))]
async fn create_team(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Json(body): Json<NewTeam>,
) -> Result<(StatusCode, Json<Team>), Problem> {
    let NewTeam { name, strategy } = body;
    let strategy = strategy.into();
    let team = state
        .app
        .create_team(&actor, app::NewTeam { name, strategy })
        .await?;
    Ok((StatusCode::CREATED, Json(team.into())))
}

/// Changes a team.
#[utoipa::path(patch, path = "/teams/{id}", tag = "teams",
    params(("id" = id::TeamId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The team as it is now.", body = Team),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn update_team(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<TeamId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<TeamPatch>,
) -> Result<Json<Team>, Problem> {
    let TeamPatch { name, strategy } = body;
    let patch = app::TeamPatch {
        name,
        strategy: strategy.map(Into::into),
        if_version,
    };
    Ok(Json(state.app.update_team(&actor, id, patch).await?.into()))
}

/// Removes a team that nothing leads to any more.
#[utoipa::path(delete, path = "/teams/{id}", tag = "teams",
    params(("id" = id::TeamId, Path)),
    responses(
        (status = 204, description = "Removed."),
        (status = 409, description = "An inbox rings it, or an open conversation waits for it."),
    ),
    security(("agent" = ["administer"])))]
async fn delete_team(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<TeamId>,
) -> Result<StatusCode, Problem> {
    state.app.delete_team(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
