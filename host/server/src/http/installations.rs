//! `/installations`: plugins at work, their grants and configuration, and
//! `/variables`, which some of them fill in.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::admin::installations as app;
use deskbell_domain::{InstallationId, plugin};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Administer, AgentActor, Id, IfMatch, Json, Query, ReadDesk};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::plugin::{
    Installation, InstallationPatch, NewInstallation, PluginFailure, Variable,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_installations, install_plugin))
        .routes(routes!(
            get_installation,
            update_installation,
            delete_installation
        ))
        .routes(routes!(enable_installation))
        .routes(routes!(disable_installation))
        .routes(routes!(list_plugin_failures))
        .routes(routes!(list_variables))
}

/// With what this node knows of its breakers.
pub(super) fn shown(
    state: &AppState,
    actor: &AgentActor<Administer>,
    installation: plugin::Installation,
) -> Installation {
    let breakers = state.app.breakers_of(actor.tenant, &installation);
    let recorded = state.app.recorded_until(actor.tenant, installation.id);
    Installation::of(installation, breakers, recorded)
}

/// What is installed, in the order it is asked.
#[utoipa::path(get, path = "/installations", tag = "plugins",
    params(PageQuery),
    responses((status = 200, description = "The installations.", body = Listed<Installation>)),
    security(("agent" = ["administer"])))]
async fn list_installations(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Installation>>, Problem> {
    let all = state.app.list_installations(&actor).await?;
    let items = all
        .into_iter()
        .map(|one| shown(&state, &actor, one))
        .collect();
    Ok(Json(page(items, &query, |one: &Installation| {
        one.id.to_string()
    })?))
}

/// Installs a plugin: grants it hooks and capabilities, and configures it.
#[utoipa::path(post, path = "/installations", tag = "plugins",
    responses(
        (status = 201, description = "The installation.", body = Installation),
        (status = 409, description = "The plugin is installed already."),
        (status = 422, description = "`grant_missing`: a capability it cannot start without; or the configuration does not fit its schema (`/config/…`)."),
    ),
    security(("agent" = ["administer"])))]
async fn install_plugin(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Json(body): Json<NewInstallation>,
) -> Result<(StatusCode, Json<Installation>), Problem> {
    let installed = state.app.install_plugin(&actor, body.into_app()).await?;
    Ok((StatusCode::CREATED, Json(shown(&state, &actor, installed))))
}

/// One installation.
#[utoipa::path(get, path = "/installations/{id}", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 200, description = "The installation.", body = Installation)),
    security(("agent" = ["administer"])))]
async fn get_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<Json<Installation>, Problem> {
    let found = state.app.installation(&actor, id).await?;
    Ok(Json(shown(&state, &actor, found)))
}

/// Changes configuration, grants, order, switches it on or off, or records its calls.
#[utoipa::path(patch, path = "/installations/{id}", tag = "plugins",
    params(("id" = id::InstallationId, Path), ("If-Match" = Option<String>, Header, description = "The `version` this change is based on.")),
    responses(
        (status = 200, description = "The installation as it is now.", body = Installation),
        (status = 412, description = "Somebody changed it first."),
    ),
    security(("agent" = ["administer"])))]
async fn update_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    IfMatch(if_version): IfMatch,
    Json(body): Json<InstallationPatch>,
) -> Result<Json<Installation>, Problem> {
    let recording = body.recording;
    // Before anything is changed.
    if let Some(recording) = &recording {
        let checked = state.app.may_record_until(recording.until);
        checked.map_err(deskbell_app::Error::from)?;
    }
    let patch = body.into_app(if_version);
    let mut changed = state.app.update_installation(&actor, id, patch).await?;
    if let Some(recording) = recording {
        let recorded = state.app.record_installation(&actor, id, recording.until);
        changed = recorded.await?;
    }
    Ok(Json(shown(&state, &actor, changed)))
}

/// From now on it is asked.
#[utoipa::path(post, path = "/installations/{id}/enable", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 200, description = "The installation as it is now.", body = Installation)),
    security(("agent" = ["administer"])))]
async fn enable_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<Json<Installation>, Problem> {
    switch(&state, &actor, id, true).await
}

/// From now on it is not asked.
#[utoipa::path(post, path = "/installations/{id}/disable", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 200, description = "The installation as it is now.", body = Installation)),
    security(("agent" = ["administer"])))]
async fn disable_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<Json<Installation>, Problem> {
    switch(&state, &actor, id, false).await
}

async fn switch(
    state: &AppState,
    actor: &AgentActor<Administer>,
    id: InstallationId,
    enabled: bool,
) -> Result<Json<Installation>, Problem> {
    let patch = app::InstallationPatch {
        enabled: Some(enabled),
        ..Default::default()
    };
    let changed = state.app.update_installation(actor, id, patch).await?;
    Ok(Json(shown(state, actor, changed)))
}

/// Takes a plugin out of work, with its configuration.
#[utoipa::path(delete, path = "/installations/{id}", tag = "plugins",
    params(("id" = id::InstallationId, Path)),
    responses((status = 204, description = "Removed.")),
    security(("agent" = ["administer"])))]
async fn delete_installation(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
) -> Result<StatusCode, Problem> {
    state.app.delete_installation(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What went wrong with it: one entry for each hook and kind, the latest first.
#[utoipa::path(get, path = "/installations/{id}/failures", tag = "plugins",
    params(("id" = id::InstallationId, Path), PageQuery),
    responses((status = 200, description = "The failures.", body = Listed<PluginFailure>)),
    security(("agent" = ["administer"])))]
async fn list_plugin_failures(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<InstallationId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<PluginFailure>>, Problem> {
    let all = state.app.plugin_failures(&actor, id).await?;
    let items = all.into_iter().map(PluginFailure::from).collect();
    Ok(Json(page(items, &query, |failure: &PluginFailure| {
        format!("{:?}-{}", failure.hook, failure.code).to_lowercase()
    })?))
}

/// What one can write between `{{` and `}}` in a canned response, beside the names
/// of a conversation's attributes.
#[utoipa::path(get, path = "/variables", tag = "canned responses",
    params(PageQuery),
    responses((status = 200, description = "Deskbell's own first, then each plugin's.", body = Listed<Variable>)),
    security(("agent" = ["read_desk"])))]
async fn list_variables(
    State(state): State<AppState>,
    actor: AgentActor<ReadDesk>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Variable>>, Problem> {
    let all = state.app.list_variables(&actor).await?;
    let items = all.into_iter().map(Variable::from).collect();
    Ok(Json(page(items, &query, |variable: &Variable| {
        variable.name.clone()
    })?))
}
