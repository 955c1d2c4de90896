//! `/inboxes`.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::admin::inboxes as app;
use deskbell_domain::InboxId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, IfMatch, Json, Query, ReadDesk};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::inbox::{Inbox, InboxPatch, NewInbox};
use crate::wire::list::{Listed, PageQuery, page};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_inboxes, create_inbox))
        .routes(routes!(update_inbox))
}

/// The inboxes of the tenant.
#[utoipa::path(get, path = "/inboxes", tag = "inboxes",
    params(PageQuery),
    responses((status = 200, description = "The inboxes.", body = Listed<Inbox>)),
    security(("agent" = ["read_desk"])))]
async fn list_inboxes(
    State(state): State<AppState>,
    actor: AgentActor<ReadDesk>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Inbox>>, Problem> {
    let inboxes = state.app.list_inboxes(&actor).await?;
    let items = inboxes.into_iter().map(Inbox::from).collect();
    Ok(Json(page(items, &query, |inbox: &Inbox| {
        inbox.id.to_string()
    })?))
}

/// Makes an inbox.
#[utoipa::path(post, path = "/inboxes", tag = "inboxes",
    responses(
        (status = 201, description = "The inbox.", body = Inbox),
        (status = 409, description = "The key is taken."),
    ),
    security(("agent" = ["administer"])))]
async fn create_inbox(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Json(body): Json<NewInbox>,
) -> Result<(StatusCode, Json<Inbox>), Problem> {
    let NewInbox {
        key,
        name,
        default_team_id,
        allowed_origins,
        look,
    } = body;
    let new = app::NewInbox {
        key,
        name,
        default_team_id,
        allowed_origins,
        look: look.into(),
    };
    let inbox = state.app.create_inbox(&actor, new).await?;
    Ok((StatusCode::CREATED, Json(inbox.into())))
}

/// Changes an inbox.
#[utoipa::path(patch, path = "/inboxes/{id}", tag = "inboxes",
    params(("id" = id::InboxId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The inbox as it is now.", body = Inbox),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn update_inbox(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InboxId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<InboxPatch>,
) -> Result<Json<Inbox>, Problem> {
    let InboxPatch {
        name,
        default_team_id,
        allowed_origins,
        look,
        bot,
    } = body;
    let patch = app::InboxPatch {
        name,
        default_team_id,
        allowed_origins,
        look: look.map(Into::into),
        bot,
        if_version,
    };
    Ok(Json(
        state.app.update_inbox(&actor, id, patch).await?.into(),
    ))
}
