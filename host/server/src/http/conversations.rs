//! `/conversations` and `/queue`: the desk's view of them.

use axum::extract::State;
use deskbell_domain::ConversationId;
use deskbell_domain::plugin::Hook;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::extract::{AgentActor, Converse, Id, IfMatch, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::card::{CardsQuery, InstallationCards};
use crate::wire::conversation::Conversation;
use crate::wire::id;
use crate::wire::list::{ConversationsQuery, Listed, PageQuery, page};
use crate::wire::request::ConversationPatch;
use crate::wire::routing::RoutingDecision;
use crate::wire::visitor::ConversationContext;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations))
        .routes(routes!(get_conversation, update_conversation))
        .routes(routes!(get_conversation_context))
        .routes(routes!(list_conversation_cards))
        .routes(routes!(list_decisions))
        .routes(routes!(list_queue))
}

/// The conversations one sees, newest first.
#[utoipa::path(get, path = "/conversations", tag = "conversations",
    params(ConversationsQuery),
    responses((status = 200, description = "The conversations.", body = Listed<Conversation>)),
    security(("agent" = ["converse"])))]
async fn list_conversations(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Query(query): Query<ConversationsQuery>,
) -> Result<Json<Listed<Conversation>>, Problem> {
    let (filter, page) = query.into_parts()?;
    let listed = state.app.conversations(&actor, filter, page).await?;
    Ok(Json(Listed {
        items: listed.items.into_iter().map(Into::into).collect(),
        next_cursor: listed.next_cursor,
    }))
}

#[utoipa::path(get, path = "/conversations/{id}", tag = "conversations",
    summary = "One conversation.",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The conversation.", body = Conversation)),
    security(("agent" = ["converse"])))]
async fn get_conversation(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
) -> Result<Json<Conversation>, Problem> {
    Ok(Json(state.app.conversation(&actor, id).await?.into()))
}

/// Corrects subject, category, priority and attributes.
#[utoipa::path(patch, path = "/conversations/{id}", tag = "conversations",
    params(("id" = id::ConversationId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The conversation as it is now.", body = Conversation),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["converse"])))]
async fn update_conversation(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    IfMatch(version): IfMatch,
    Json(body): Json<ConversationPatch>,
) -> Result<Json<Conversation>, Problem> {
    let command = body.into_command(id, version);
    answer::conversation(state.app.execute(&actor, command).await?)
}

/// Where the visitor is: their page, language, time zone and screen.
#[utoipa::path(get, path = "/conversations/{id}/context", tag = "conversations",
    params(("id" = id::ConversationId, Path)),
    responses((status = 200, description = "What surrounds the conversation.", body = ConversationContext)),
    security(("agent" = ["converse"])))]
async fn get_conversation_context(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
) -> Result<Json<ConversationContext>, Problem> {
    let visitor = state.app.conversation_visitor(&actor, id).await?.into();
    Ok(Json(ConversationContext { visitor }))
}

/// What plugins know of the contact: cards, by installation, in the order in which
/// these are asked. One that fails says so and hides no other's. An answer is kept
/// for up to a minute.
#[utoipa::path(get, path = "/conversations/{id}/cards", tag = "conversations",
    params(CardsQuery, ("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The cards.", body = Listed<InstallationCards>)),
    security(("agent" = ["converse"])))]
async fn list_conversation_cards(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Query(query): Query<CardsQuery>,
) -> Result<Json<Listed<InstallationCards>>, Problem> {
    let (fresh, query) = query.into_parts();
    // Only those on the page are asked. With those that are left out: the agent sees
    // that one is.
    let all = state.app.installed_for(actor.tenant, Hook::Context);
    let asked = page(all, &query, |one| one.id.to_string())?;
    let shown = state.app.conversation_cards(&actor, id, fresh, asked.items);
    let items = shown.await?.into_iter().map(InstallationCards::from);
    Ok(Json(Listed {
        items: items.collect(),
        next_cursor: asked.next_cursor,
    }))
}

/// Why it went where it went, newest first.
#[utoipa::path(get, path = "/conversations/{id}/decisions", tag = "conversations",
    params(PageQuery, ("id" = id::ConversationId, Path)),
    responses((status = 200, description = "The routing decisions.", body = Listed<RoutingDecision>)),
    security(("agent" = ["converse"])))]
async fn list_decisions(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ConversationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<RoutingDecision>>, Problem> {
    let decisions = state.app.decisions(&actor, id).await?;
    let items = decisions.into_iter().map(RoutingDecision::from).collect();
    Ok(Json(page(items, &query, |d: &RoutingDecision| {
        d.id.to_string()
    })?))
}

/// The waiting conversations one sees, in the order they will be answered.
#[utoipa::path(get, path = "/queue", tag = "conversations",
    params(PageQuery),
    responses((status = 200, description = "The queue.", body = Listed<Conversation>)),
    security(("agent" = ["converse"])))]
async fn list_queue(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Conversation>>, Problem> {
    let waiting = state.app.queue(&actor).await?;
    let items = waiting.into_iter().map(Conversation::from).collect();
    Ok(Json(page(items, &query, |c: &Conversation| {
        c.id.to_string()
    })?))
}
