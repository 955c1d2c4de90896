//! `/widget/conversations`: a visitor's own conversations.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_domain::{Command, ConversationId, visitor_view};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{Id, Json, Query, VisitorActor};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::conversation::VisitorConversation;
use crate::wire::id;
use crate::wire::list::{Done, Listed, MessagesQuery, PageQuery, page};
use crate::wire::message::{MessageAck, VisitorMessage};
use crate::wire::request::{
    OnConversation, Rate, SendVisitorMessage, StartConversationRequest, UpTo,
};
use crate::wire::visitor::StartedConversation;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_own_conversations, start_conversation))
        .routes(routes!(get_own_conversation))
        .routes(routes!(list_own_messages, send_visitor_message))
        .routes(routes!(mark_delivered_by_visitor))
        .routes(routes!(mark_read_by_visitor))
        .routes(routes!(request_agent))
        .routes(routes!(end_conversation))
        .routes(routes!(rate_conversation))
}

/// The visitor's conversations, newest first.
#[utoipa::path(get, path = "/widget/conversations", tag = "widget",
    params(PageQuery),
    responses((status = 200, description = "The conversations.", body = Listed<VisitorConversation>)),
    security(("visitor" = [])))]
async fn list_own_conversations(
    State(state): State<AppState>,
    actor: VisitorActor,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<VisitorConversation>>, Problem> {
    let own = state.app.visitor_conversations(&actor).await?;
    let items = own.into_iter().map(VisitorConversation::from).collect();
    Ok(Json(page(items, &query, |c: &VisitorConversation| {
        c.id.to_string()
    })?))
}

/// Rings: starts a conversation, or appends to the one that is open.
#[utoipa::path(post, path = "/widget/conversations", tag = "widget",
    responses(
        (status = 201, description = "A new conversation.", body = StartedConversation),
        (status = 200, description = "The open one, the message appended; or a repeat.", body = StartedConversation),
        (status = 409, description = "The `client_msg_id` was used in another conversation."),
    ),
    security(("visitor" = [])))]
async fn start_conversation(
    State(state): State<AppState>,
    actor: VisitorActor,
    Json(body): Json<StartConversationRequest>,
) -> Result<(StatusCode, Json<StartedConversation>), Problem> {
    answer::started(state.app.execute(&actor, body.into_command()?).await?)
}

/// One of the visitor's conversations.
#[utoipa::path(get, path = "/widget/conversations/{id}", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The conversation.", body = VisitorConversation)),
    security(("visitor" = [])))]
async fn get_own_conversation(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(id): Id<ConversationId>,
) -> Result<Json<VisitorConversation>, Problem> {
    let conversation = state.app.visitor_conversation(&actor, id).await?;
    Ok(Json(conversation.into()))
}

/// The messages, ascending; the newest unless told otherwise.
#[utoipa::path(get, path = "/widget/conversations/{id}/messages", tag = "widget",
    params(MessagesQuery, ("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The messages. Paged by number: `next_cursor` is always null.", body = Listed<VisitorMessage>)),
    security(("visitor" = [])))]
async fn list_own_messages(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(id): Id<ConversationId>,
    Query(query): Query<MessagesQuery>,
) -> Result<Json<Listed<VisitorMessage>>, Problem> {
    let range = query.into_range()?;
    let messages = state.app.messages(&actor, id, range).await?;
    let shown = messages.iter().filter_map(visitor_view::message);
    Ok(Json(Listed::whole(shown.map(Into::into).collect())))
}

/// Says something. A resolved or missed conversation comes back by it.
#[utoipa::path(post, path = "/widget/conversations/{id}/messages", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 201, description = "The message is durable.", body = MessageAck),
        (status = 200, description = "It was before: the first answer again.", body = MessageAck),
        (status = 409, description = "The conversation is closed, another is open, the key was used elsewhere, or the question is not open any more."),
        (status = 422, description = "The answer does not fit the question."),
    ),
    security(("visitor" = [])))]
async fn send_visitor_message(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(id): Id<ConversationId>,
    Json(body): Json<SendVisitorMessage>,
) -> Result<(StatusCode, Json<MessageAck>), Problem> {
    answer::sent(state.app.execute(&actor, body.into_command(id)?).await?)
}

/// The desk's messages arrived, up to `seq`.
#[utoipa::path(post, path = "/widget/conversations/{id}/delivered", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "Noted.", body = Done)),
    security(("visitor" = [])))]
async fn mark_delivered_by_visitor(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(conversation): Id<ConversationId>,
    Json(UpTo { seq }): Json<UpTo>,
) -> Result<Json<Done>, Problem> {
    let command = Command::MarkDelivered { conversation, seq };
    answer::done(state.app.execute(&actor, command).await?)
}

/// The desk's messages were read, up to `seq`.
#[utoipa::path(post, path = "/widget/conversations/{id}/read", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "Noted.", body = Done)),
    security(("visitor" = [])))]
async fn mark_read_by_visitor(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(conversation): Id<ConversationId>,
    Json(UpTo { seq }): Json<UpTo>,
) -> Result<Json<Done>, Problem> {
    let command = Command::MarkRead { conversation, seq };
    answer::done(state.app.execute(&actor, command).await?)
}

/// The visitor wants a person: a bot's conversation goes to the queue, whatever the
/// bot does. One that people have already stays as it is.
#[utoipa::path(post, path = "/widget/conversations/{id}/request-agent", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = VisitorConversation),
        (status = 409, description = "It is over already."),
    ),
    security(("visitor" = [])))]
async fn request_agent(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<VisitorConversation>, Problem> {
    let command = Command::RequestAgent { conversation };
    answer::visitor_conversation(state.app.execute(&actor, command).await?)
}

/// The visitor is done: an active one, or a bot's, is resolved, a queued one is missed.
#[utoipa::path(post, path = "/widget/conversations/{id}/end", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = VisitorConversation),
        (status = 409, description = "It is over already."),
    ),
    security(("visitor" = [])))]
async fn end_conversation(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(conversation): Id<ConversationId>,
) -> Result<Json<VisitorConversation>, Problem> {
    let command = Command::EndConversation { conversation };
    answer::visitor_conversation(state.app.execute(&actor, command).await?)
}

/// The visitor's verdict, once, when it is over.
#[utoipa::path(post, path = "/widget/conversations/{id}/rating", tag = "widget",
    params(("id" = id::ConversationId, Path)),
    responses(
        (status = 200, description = "The conversation as it is now.", body = VisitorConversation),
        (status = 409, description = "It is not over yet, or was rated already."),
    ),
    security(("visitor" = [])))]
async fn rate_conversation(
    State(state): State<AppState>,
    actor: VisitorActor,
    Id(id): Id<ConversationId>,
    Json(body): Json<Rate>,
) -> Result<Json<VisitorConversation>, Problem> {
    answer::visitor_conversation(state.app.execute(&actor, body.into_command(id)?).await?)
}
