//! `/plugins`: what a tenant has of them, and the catalogue they may come from.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use deskbell_domain::plugin::Source;
use deskbell_domain::{PluginId, Refusal};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::answer;
use crate::catalogue;
use crate::extract::{Administer, AgentActor, Id, Json, Query, discard_body, json_body, read_body};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};
use crate::wire::plugin::{CatalogueEntry, Plugin, PluginFile, TakePlugin, UploadedPlugin};
use crate::wire::plugin_operation::OfferedVersion;

/// A plugin's file may be larger than any other body.
pub(super) const PLUGIN_BYTES: usize = deskbell_package::COMPONENT_BYTES;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_catalogue))
        .routes(routes!(list_plugins, upload_plugin))
        .routes(routes!(get_plugin, delete_plugin))
        .routes(routes!(list_plugin_versions))
}

const WASM: &str = "application/wasm";

/// Whether a request's body is a plugin's file.
pub(super) fn is_plugin_file(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(WASM)
}

/// The plugins that come with Deskbell.
#[utoipa::path(get, path = "/plugins/catalogue", tag = "plugins",
    params(PageQuery),
    responses((status = 200, description = "The catalogue.", body = Listed<CatalogueEntry>)),
    security(("agent" = ["administer"])))]
async fn list_catalogue(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<CatalogueEntry>>, Problem> {
    let there = state.app.plugin_digests(&actor).await?;
    let items = catalogue::entries().iter().map(|entry| CatalogueEntry {
        key: entry.manifest.id.clone(),
        name: entry.manifest.name.clone(),
        version: entry.manifest.version.clone(),
        publisher: entry.manifest.publisher.clone(),
        description: entry.manifest.description.clone(),
        hooks: entry.hooks.iter().copied().map(Into::into).collect(),
        capabilities: entry.capabilities.iter().copied().map(Into::into).collect(),
        digest: entry.digest.to_string(),
        uploaded: there.contains(&entry.digest),
    });
    let items = items.collect();
    Ok(Json(page(items, &query, |entry: &CatalogueEntry| {
        entry.key.clone()
    })?))
}

/// The plugins of the tenant.
#[utoipa::path(get, path = "/plugins", tag = "plugins",
    params(PageQuery),
    responses((status = 200, description = "The plugins.", body = Listed<Plugin>)),
    security(("agent" = ["administer"])))]
async fn list_plugins(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Plugin>>, Problem> {
    let all = state.app.list_plugins(&actor).await?;
    let items = all.into_iter().map(Plugin::from).collect();
    Ok(Json(page(items, &query, |plugin: &Plugin| {
        plugin.id.to_string()
    })?))
}

/// Uploads a plugin's file, or takes one out of the catalogue. The file is checked
/// from end to end before anything is kept.
#[utoipa::path(post, path = "/plugins", tag = "plugins",
    request_body(content((TakePlugin = "application/json"), (PluginFile = "application/wasm"))),
    responses(
        (status = 200, description = "This very file was there already.", body = UploadedPlugin),
        (status = 201, description = "A new plugin, or a new version of one.", body = UploadedPlugin),
        (status = 409, description = "The version is there with other content."),
        (status = 413, description = "A plugin's file has at most 8 MiB."),
        (status = 422, description = "`plugin_refused`: `errors` says where the file is wrong and what to do."),
    ),
    security(("agent" = ["administer"])))]
async fn upload_plugin(
    State(state): State<AppState>,
    actor: Result<AgentActor<Administer>, Problem>,
    request: Request,
) -> Result<(StatusCode, Json<UploadedPlugin>), Problem> {
    let actor = match actor {
        Ok(actor) => actor,
        Err(refused) => {
            // Who is still sending would see a broken connection, not this answer.
            discard_body(request.into_body(), PLUGIN_BYTES).await;
            return Err(refused);
        }
    };
    let (file, source) = if is_plugin_file(request.headers()) {
        let (parts, body) = request.into_parts();
        let file = read_body(&parts.headers, body, PLUGIN_BYTES).await?;
        (file, Source::Upload)
    } else {
        let take = json_body(request, &state).await;
        let take: TakePlugin = take.map_err(|problem| match problem.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::takes_json_or(WASM),
            _ => problem,
        })?;
        let entry = catalogue::find(&take.catalogue).ok_or_else(|| {
            let detail = "The catalogue has no such plugin. `GET /plugins/catalogue` lists it.";
            Refusal::field("/catalogue", "unknown", detail)
        })?;
        (entry.file.clone(), Source::Catalogue)
    };
    let uploaded = state.app.upload_plugin(&actor, file, source).await?;
    let status = answer::created_if(uploaded.new);
    Ok((status, Json(uploaded.into())))
}

/// One plugin.
#[utoipa::path(get, path = "/plugins/{id}", tag = "plugins",
    params(("id" = id::PluginId, Path)),
    responses((status = 200, description = "The plugin.", body = Plugin)),
    security(("agent" = ["administer"])))]
async fn get_plugin(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<PluginId>,
) -> Result<Json<Plugin>, Problem> {
    Ok(Json(state.app.plugin(&actor, id).await?.into()))
}

/// The versions of a plugin, the latest upload first, each with what is different
/// from the one at work.
#[utoipa::path(get, path = "/plugins/{id}/versions", tag = "plugins",
    params(("id" = id::PluginId, Path), PageQuery),
    responses((status = 200, description = "The versions.", body = Listed<OfferedVersion>)),
    security(("agent" = ["administer"])))]
async fn list_plugin_versions(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<PluginId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<OfferedVersion>>, Problem> {
    let all = state.app.plugin_versions(&actor, id).await?;
    let items = all.into_iter().map(OfferedVersion::from).collect();
    Ok(Json(page(items, &query, |one: &OfferedVersion| {
        one.plugin_version.plugin_version.clone()
    })?))
}

/// Removes a plugin with all its versions.
#[utoipa::path(delete, path = "/plugins/{id}", tag = "plugins",
    params(("id" = id::PluginId, Path)),
    responses(
        (status = 204, description = "Removed."),
        (status = 409, description = "It is installed."),
    ),
    security(("agent" = ["administer"])))]
async fn delete_plugin(
    State(state): State<AppState>,
    actor: AgentActor<Administer>,
    Id(id): Id<PluginId>,
) -> Result<StatusCode, Problem> {
    state.app.delete_plugin(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
