//! `/hooks/{key}/{path}`: what other systems tell plugins, and
//! `/installations/{id}/webhooks`, where that is.

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use deskbell_app::webhooks::Posted;
use deskbell_domain::InstallationId;
use deskbell_domain::webhook::BODY_BYTES;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, Json, Query, discard_body, read_body};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::webhook::WebhookAddress;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(post_webhook))
        .routes(routes!(list_webhooks))
        .routes(routes!(renew_webhook_key))
}

/// For another system: tells an installed plugin something. Who posts is checked as the
/// plugin's manifest says; the body may be anything.
#[utoipa::path(post, path = "/hooks/{key}/{path}", tag = "plugins",
    params(("key" = String, Path, description = "Of the installation's addresses."), ("path" = String, Path, description = "Of the webhook.")),
    responses(
        (status = 202, description = "It is stored, and the plugin will be told of it."),
        (status = 401, description = "`webhook_turned_away`: it does not prove where it is from. The plugin's page says why."),
        (status = 404, description = "There is no such address, or the plugin is switched off."),
        (status = 413, description = "A body has at most 256 KiB."),
        (status = 429, description = "More than this installation takes in a minute."),
        (status = 503, description = "`webhook_not_set_up`: its secret was not entered yet; `webhook_busy`: too much waits already."),
    ))]
async fn post_webhook(
    State(state): State<AppState>,
    Path((key, path)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let (parts, body) = request.into_parts();
    let to = match state.app.webhook(&key, &path) {
        Ok(to) => to,
        Err(refused) => {
            // Who is still sending would see a broken connection, not this answer.
            discard_body(body, BODY_BYTES).await;
            return Err(refused.into());
        }
    };
    let body: Bytes = read_body(&parts.headers, body, BODY_BYTES).await?;
    let posted = Posted {
        headers: plain(&parts.headers),
        body,
    };
    state.app.take_webhook(to, posted).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Those that are text.
fn plain(headers: &HeaderMap) -> Vec<(String, String)> {
    let texts = headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?.to_owned();
        Some((name.as_str().to_owned(), value))
    });
    texts.collect()
}

/// Where other systems may tell this installation something.
#[utoipa::path(get, path = "/installations/{id}/webhooks", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "Its addresses.", body = Listed<WebhookAddress>)),
    security(("agent" = ["administer"])))]
async fn list_webhooks(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<WebhookAddress>>, Problem> {
    let all = state.app.webhook_addresses(&actor, id).await?;
    let items = all.into_iter().map(WebhookAddress::from).collect();
    Ok(Json(page(items, &query, |one: &WebhookAddress| {
        one.name.clone()
    })?))
}

/// Makes a new key for the addresses. Nothing answers at the old ones any more.
#[utoipa::path(post, path = "/installations/{id}/webhooks/renew-key", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 204, description = "The addresses are others now.")),
    security(("agent" = ["administer"])))]
async fn renew_webhook_key(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<StatusCode, Problem> {
    state.app.renew_webhook_key(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
