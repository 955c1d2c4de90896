//! `/conversations/{id}/messages` and the desk's receipts.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_domain::{Command, ConversationId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{AgentActor, Converse, Id, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Done, Listed, MessagesQuery};
use crate::wire::message::{Message, MessageAck};
use crate::wire::request::{OnConversation, SendMessage, UpTo};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_messages, send_message))
        .routes(routes!(mark_delivered))
        .routes(routes!(mark_read))
}

/// The messages, ascending; the newest unless told otherwise.
#[utoipa::path(get, path = "/conversations/{id}/messages", tag = "messages",
    params(MessagesQuery, ("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The messages. Paged by number: `next_cursor` is always null.", body = Listed<Message>)),
    security(("agent" = ["converse"])))]
async fn list_messages(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<Listed<Message>>, Problem> {
    let range = query.into_range()?;
    let messages = state.app.messages(&actor, id, range).await?;
    Ok(Json(Listed::whole(
        messages.into_iter().map(Into::into).collect(),
    )))
}

/// Says something to the visitor, or leaves a note for the desk (`private`).
#[utoipa::path(post, path = "/conversations/{id}/messages", tag = "messages",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 201, description = "The message is durable.", body = MessageAck),
        (status = 200, description = "It was before: the first answer again.", body = MessageAck),
        (status = 409, description = "The conversation is not active, or the key was used elsewhere."),
    ),
    security(("agent" = ["converse"])))]
async fn send_message(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Json(body): Json<SendMessage>,
) -> Result<(StatusCode, Json<MessageAck>), Problem> {
    answer::sent(state.app.execute(&actor, body.into_command(id)?).await?)
}

/// The visitor's messages arrived, up to `seq`.
#[utoipa::path(post, path = "/conversations/{id}/delivered", tag = "messages",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "Noted.", body = Done)),
    security(("agent" = ["converse"])))]
async fn mark_delivered(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(UpTo { seq }): Json<UpTo>,
) -> Result<Json<Done>, Problem> {
    let command = Command::MarkDelivered { conversation, seq };
    answer::done(state.app.execute(&actor, command).await?)
}

/// The visitor's messages were read, up to `seq`.
#[utoipa::path(post, path = "/conversations/{id}/read", tag = "messages",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "Noted.", body = Done)),
    security(("agent" = ["converse"])))]
async fn mark_read(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(conversation): Id<ConversationId>,
    Json(UpTo { seq }): Json<UpTo>,
) -> Result<Json<Done>, Problem> {
    let command = Command::MarkRead { conversation, seq };
    answer::done(state.app.execute(&actor, command).await?)
}
