//! `/agents`: who answers, and whether they are there.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::admin::agents as app;
use deskbell_domain::agent::DEFAULT_CAPACITY;
use deskbell_domain::{AgentId, Command};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{Administer, AgentActor, Converse, Id, IfMatch, Json, Query, ReadDesk};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::agent::{Agent, AgentPatch, NewAgent, SetAvailability};
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_agents, create_agent))
        .routes(routes!(update_agent))
        .routes(routes!(set_availability))
}

/// The agents of the tenant.
#[utoipa::path(get, path = "/agents", tag = "agents",
    params(PageQuery),
    responses((status = 200, description = "The agents.", body = Listed<Agent>)),
    security(("agent" = ["read_desk"])))]
async fn list_agents(
    State(state): State<AppState>,
    actor: AgentActor<ReadDesk>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Agent>>, Problem> {
    let agents = state.app.list_agents(&actor).await?;
    let items = agents.into_iter().map(Agent::from).collect();
    Ok(Json(page(items, &query, |agent: &Agent| {
        agent.id.to_string()
    })?))
}

/// Makes an agent. Only an owner makes an owner.
#[utoipa::path(post, path = "/agents", tag = "agents",
    responses(
        (status = 201, description = "The agent.", body = Agent),
        (status = 409, description = "The e-mail address is taken."),
    ),
    security(("agent" = ["administer"])))]
async fn create_agent(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Json(body): Json<NewAgent>,
) -> Result<(StatusCode, Json<Agent>), Problem> {
    let NewAgent {
        email,
        name,
        role,
        password,
        capacity,
        team_ids,
    } = body;
    let new = app::NewAgent {
        email,
        name,
        role: role.into(),
        password,
        capacity: capacity.unwrap_or(DEFAULT_CAPACITY),
        team_ids,
    };
    let agent = state.app.create_agent(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(agent.into())))
}

/// Changes an agent, or puts one out.
#[utoipa::path(patch, path = "/agents/{id}", tag = "agents",
    params(("id" = id::AgentId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The agent as it is now.", body = Agent),
        (status = 409, description = "There would be no owner left."),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn update_agent(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<AgentId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<AgentPatch>,
) -> Result<Json<Agent>, Problem> {
    let AgentPatch {
        name,
        role,
        capacity,
        team_ids,
        deactivated,
    } = body;
    let patch = app::AgentPatch {
        name,
        role: role.map(Into::into),
        capacity,
        team_ids,
        deactivated,
        if_version,
    };
    Ok(Json(
        state.app.update_agent(&actor, id, patch).await?.into(),
    ))
}

/// Sets one's own availability, or, as a supervisor, anybody's. It can only
/// lower what presence, load and idleness allow.
#[utoipa::path(put, path = "/agents/{id}/availability", tag = "agents",
    params(("id" = id::AgentId, Path)),
    responses((status = 200, description = "The agent as it is now.", body = Agent)),
    security(("agent" = ["converse"])))]
async fn set_availability(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<AgentId>,
    Json(body): Json<SetAvailability>,
) -> Result<Json<Agent>, Problem> {
    let command = Command::SetAvailability {
        agent: Some(id),
        availability: body.availability.into(),
    };
    answer::agent(state.app.execute(&actor, command).await?)
}
