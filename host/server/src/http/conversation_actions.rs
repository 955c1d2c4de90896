//! `/conversations/{id}/…`: what moves a conversation. Each answers it as it is then.

use axum::extract::State;
use deskbell_domain::{Actor, Command, ConversationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{AgentActor, Converse, Id, Json};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::conversation::Conversation;
use crate::wire::id;
use crate::wire::request::{Assign, Because, OnConversation, Transfer};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(assign))
        .routes(routes!(unassign))
        .routes(routes!(transfer))
        .routes(routes!(resolve))
        .routes(routes!(close))
        .routes(routes!(reopen))
}

type Answer = Result<Json<Conversation>, Problem>;

async fn act(state: &AppState, actor: &Actor, command: Command) -> Answer {
    answer::conversation(state.app.execute(actor, command).await?)
}

/// Gives it to an agent, or takes it oneself.
#[utoipa::path(post, path = "/conversations/{id}/assign", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "Wrong status, the agent is at capacity or deactivated, or has it already."),
    ),
    security(("agent" = ["converse"])))]
async fn assign(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Json(body): Json<Option<Assign>>,
) -> Answer {
    act(&state, &actor, body.unwrap_or_default().into_command(id)?).await
}

/// Puts it back into its queue, at its old place.
#[utoipa::path(post, path = "/conversations/{id}/unassign", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "It is not active."),
    ),
    security(("agent" = ["converse"])))]
async fn unassign(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(body): Json<Option<Because>>,
) -> Answer {
    let Because { reason } = body.unwrap_or_default();
    act(
        &state,
        &actor,
        Command::Unassign {
            conversation,
            reason,
        },
    )
    .await
}

/// Hands it to another agent, or to a team's queue.
#[utoipa::path(post, path = "/conversations/{id}/transfer", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "Wrong status, or the agent is at capacity, deactivated, or has it already."),
    ),
    security(("agent" = ["converse"])))]
async fn transfer(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Json(body): Json<Transfer>,
) -> Answer {
    act(&state, &actor, body.into_command(id)?).await
}

/// Done. One that nobody answered needs a reason.
#[utoipa::path(post, path = "/conversations/{id}/resolve", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "It is neither queued nor active."),
    ),
    security(("agent" = ["converse"])))]
async fn resolve(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(body): Json<Option<Because>>,
) -> Answer {
    let Because { reason } = body.unwrap_or_default();
    act(
        &state,
        &actor,
        Command::Resolve {
            conversation,
            reason,
        },
    )
    .await
}

/// Ends it for good.
#[utoipa::path(post, path = "/conversations/{id}/close", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "It is queued, or closed already."),
    ),
    security(("agent" = ["converse"])))]
async fn close(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(body): Json<Option<Because>>,
) -> Answer {
    let Because { reason } = body.unwrap_or_default();
    act(
        &state,
        &actor,
        Command::Close {
            conversation,
            reason,
        },
    )
    .await
}

/// Takes a resolved one up again.
#[utoipa::path(post, path = "/conversations/{id}/reopen", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 409, description = "It is not resolved, or another one of the contact is open."),
    ),
    security(("agent" = ["converse"])))]
async fn reopen(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(body): Json<Option<Because>>,
) -> Answer {
    let Because { reason } = body.unwrap_or_default();
    act(
        &state,
        &actor,
        Command::Reopen {
            conversation,
            reason,
        },
    )
    .await
}
