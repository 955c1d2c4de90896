//! `/auth`: log-in, tokens, sessions.

use axum::extract::State;
use axum::http::StatusCode;
use deskbell_app::LogIn as AppLogIn;
use deskbell_domain::SessionId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{AgentActor, Caller, Converse, Id, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::auth::{LogIn, LoggedIn, RefreshTokens, Session};
use crate::wire::id;
use crate::wire::list::{Listed, PageQuery, page};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(refresh))
        .routes(routes!(logout))
        .routes(routes!(list_sessions))
        .routes(routes!(revoke_session))
}

/// Logs an agent in.
#[utoipa::path(post, path = "/auth/login", tag = "auth",
    responses(
        (status = 200, description = "Logged in.", body = LoggedIn),
        (status = 401, description = "Tenant, address or password is wrong."),
    ))]
async fn login(
    State(state): State<AppState>,
    Caller(client): Caller,
    Json(body): Json<LogIn>,
) -> Result<Json<LoggedIn>, Problem> {
    let LogIn {
        tenant,
        email,
        password,
    } = body;
    let log_in = AppLogIn {
        tenant,
        email,
        password,
    };
    Ok(Json(state.app.login(log_in, client).await?.into()))
}

/// Trades a refresh token for the next pair of tokens.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth",
    responses(
        (status = 200, description = "The next pair of tokens.", body = LoggedIn),
        (status = 401, description = "The token is wrong, spent or ended."),
    ))]
async fn refresh(
    State(state): State<AppState>,
    Caller(client): Caller,
    Json(body): Json<RefreshTokens>,
) -> Result<Json<LoggedIn>, Problem> {
    let next = state.app.refresh(&body.refresh_token, client).await?;
    Ok(Json(next.into()))
}

/// Ends the session of the token this is sent with.
#[utoipa::path(post, path = "/auth/logout", tag = "auth",
    responses((status = 204, description = "Logged out.")),
    security(("agent" = ["converse"])))]
async fn logout(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
) -> Result<StatusCode, Problem> {
    state.app.logout(&actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// One's own live sessions.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth",
    params(PageQuery),
    responses((status = 200, description = "The sessions.", body = Listed<Session>)),
    security(("agent" = ["converse"])))]
async fn list_sessions(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Listed<Session>>, Problem> {
    let sessions = state.app.sessions(&actor).await?;
    let items = sessions.into_iter().map(Session::from).collect();
    Ok(Json(page(items, &query, |session: &Session| {
        session.id.to_string()
    })?))
}

/// Ends one of one's own sessions, with its sockets.
#[utoipa::path(delete, path = "/auth/sessions/{id}", tag = "auth",
    params(("id" = id::SessionId, Path)),
    responses((status = 204, description = "Ended.")),
    security(("agent" = ["converse"])))]
async fn revoke_session(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    state.app.revoke_session(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
