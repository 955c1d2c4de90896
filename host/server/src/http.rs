//! The REST routes: one file per resource, handlers named as operation ids.
//!
//! A handler takes the actor (with the permission it needs), then the input, asks
//! the app, and answers a wire type. `routes` collects them with their
//! descriptions; `router` adds what holds for all: unknown routes, methods,
//! headers. To add a resource: a file here, its types in `wire/`, a line below.

mod agents;
mod answer;
mod audit;
mod auth;
mod canned_responses;
mod contacts;
mod conversation_actions;
mod conversations;
mod docs;
mod headers;
mod inboxes;
mod installations;
mod messages;
mod once;
mod pace;
mod parked_events;
mod plugin_operation;
mod plugins;
mod recordings;
mod search;
mod secrets;
mod snapshots;
mod teams;
mod webhooks;
mod widget;
mod widget_conversations;

use axum::{Router, middleware};
use utoipa_axum::router::OpenApiRouter;

use crate::openapi;
use crate::problem::Problem;
use crate::state::AppState;

/// Every route with its description; paths include `/api/v1`.
#[must_use]
pub fn routes() -> OpenApiRouter<AppState> {
    let all = OpenApiRouter::new()
        .merge(auth::routes())
        .merge(snapshots::routes())
        .merge(conversations::routes())
        .merge(conversation_actions::routes())
        .merge(messages::routes())
        .merge(agents::routes())
        .merge(teams::routes())
        .merge(inboxes::routes())
        .merge(canned_responses::routes())
        .merge(plugins::routes())
        .merge(recordings::routes())
        .merge(installations::routes())
        .merge(secrets::routes())
        .merge(plugin_operation::routes())
        .merge(audit::routes())
        .merge(parked_events::routes())
        .merge(webhooks::routes())
        .merge(contacts::routes())
        .merge(search::routes())
        .merge(widget::routes())
        .merge(widget_conversations::routes())
        .merge(docs::routes());
    OpenApiRouter::with_openapi(openapi::frame()).nest("/api/v1", all)
}

/// The router of everything under `/api`. Sockets are merged in by the server;
/// it sets the request's id around all of it.
pub fn router(state: AppState) -> Router {
    let (router, _) = routes().split_for_parts();
    let pace = pace::Pace::new(&state.config.limits);
    router
        .route("/api", axum::routing::any(unknown))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(middleware::from_fn_with_state(state.clone(), once::keyed))
        .layer(middleware::from_fn_with_state(pace, pace::keep))
        .layer(middleware::from_fn(headers::widget_cors))
        .layer(middleware::from_fn(headers::secure))
        .with_state(state)
}

async fn unknown() -> Problem {
    Problem::no_such_route()
}
