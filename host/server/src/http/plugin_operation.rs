//! `/installations/{id}/…`: other versions of what is installed, and how its calls
//! went.

use axum::extract::State;
use deskbell_domain::InstallationId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::installations::shown;
use crate::extract::{Administer, AgentActor, Id, IfMatch, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::plugin::Installation;
use crate::wire::plugin_operation::{
    HookMetrics, PluginInvocation, PluginLog, PluginLogLine, PluginLogQuery, Upgrade,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upgrade_installation))
        .routes(routes!(roll_back_installation))
        .routes(routes!(read_plugin_log))
        .routes(routes!(list_plugin_invocations))
        .routes(routes!(plugin_metrics))
}

/// Puts another version to work. Calls under way end on the version they began with.
#[utoipa::path(post, path = "/installations/{id}/upgrade", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The installation as it is now.", body = Installation),
        (status = 412, description = "Somebody changed it first."),
        (status = 422, description = "`grant_missing`: a capability the version cannot start without; or the configuration does not fit its schema (`/config/…`)."),
        (status = 503, description = "The version cannot be made callable here; nothing changed."),
    ),
    security(("agent" = ["administer"])))]
async fn upgrade_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<Upgrade>,
) -> Result<Json<Installation>, Problem> {
    let upgrade = body.into_app(if_version);
    let changed = state.app.upgrade_installation(&actor, id, upgrade).await?;
    Ok(Json(shown(&state, &actor, changed)))
}

/// Returns to the version, grants and configuration before the last upgrade.
#[utoipa::path(post, path = "/installations/{id}/rollback", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The installation as it is now.", body = Installation),
        (status = 409, description = "`no_previous_version`: it was not upgraded, or has returned already."),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn roll_back_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    IfMatch(if_version): IfMatch,
) -> Result<Json<Installation>, Problem> {
    let app = &state.app;
    let changed = app.roll_back_installation(&actor, id, if_version).await?;
    Ok(Json(shown(&state, &actor, changed)))
}

/// What it wrote into its log: the newest 2,000 lines of the last 7 days. A line
/// can be read a second after it was written.
#[utoipa::path(get, path = "/installations/{id}/logs", tag = "plugins",
    params(("id" = id::InstallationId, Path), PluginLogQuery),
    responses((status = 200, description = "Lines, the oldest first.", body = PluginLog)),
    security(("agent" = ["administer"])))]
async fn read_plugin_log(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PluginLogQuery>,
) -> Result<Json<PluginLog>, Problem> {
    let range = query.into_app()?;
    let after = range.after;
    let stop = state.tasks.stop();
    let lines = tokio::select! {
        lines = state.app.plugin_log(&actor, id, range) => lines?,
        // A server that goes away does not keep its tails waiting: nothing yet, and
        // whoever asks again gets on from here.
        () = stop.cancelled(), if range.tail => Vec::new(),
    };
    let items: Vec<PluginLogLine> = lines.into_iter().map(Into::into).collect();
    let last = items.last().map(|line| line.n).or(after);
    let next_cursor = last.map(|n| n.to_string());
    Ok(Json(PluginLog { items, next_cursor }))
}

/// Its latest calls: up to 500 of the last 7 days, failures rather than successes.
#[utoipa::path(get, path = "/installations/{id}/invocations", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The calls, the latest first.", body = Listed<PluginInvocation>)),
    security(("agent" = ["administer"])))]
async fn list_plugin_invocations(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<PluginInvocation>>, Problem> {
    let all = state.app.plugin_invocations(&actor, id).await?;
    let items = all.into_iter().map(PluginInvocation::from).collect();
    Ok(Json(page(items, &query, |one: &PluginInvocation| {
        one.n.to_string()
    })?))
}

/// Figures of its calls on this node, by hook.
#[utoipa::path(get, path = "/installations/{id}/metrics", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The figures.", body = Listed<HookMetrics>)),
    security(("agent" = ["administer"])))]
async fn plugin_metrics(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<HookMetrics>>, Problem> {
    let figures = state.app.plugin_figures(&actor, id).await?;
    let items = figures.into_iter();
    let items = items.map(|(hook, figures)| (hook.as_str(), HookMetrics::of(hook, figures)));
    let items: Vec<_> = items.collect();
    let listed = page(items, &query, |(hook, _)| (*hook).to_owned())?;
    Ok(Json(Listed {
        items: listed.items.into_iter().map(|(_, one)| one).collect(),
        next_cursor: listed.next_cursor,
    }))
}
