//! `/search`: messages by what they say.

use axum::extract::State;
use deskbell_domain::Refusal;
use deskbell_search::{SearchRequest, Viewer};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{AgentActor, Converse, Json, Query};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::list;
use crate::wire::search::{SearchQuery, SearchResults};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(search))
}

/// Finds messages in the conversations one sees; a new message is found within
/// two seconds.
#[utoipa::path(get, path = "/search", tag = "search",
    params(SearchQuery),
    responses((status = 200, description = "What was found, best first.", body = SearchResults)),
    security(("agent" = ["converse"])))]
async fn search(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Query(query): Query<SearchQuery>,
) -> Result<Json<SearchResults>, Problem> {
    let viewer = Viewer::of(&actor).ok_or(Refusal::Forbidden)?;
    let request = SearchRequest {
        tenant: actor.tenant,
        viewer,
        q: query.q,
        limit: list::limit(query.limit)? as usize,
        cursor: query.cursor,
    };
    Ok(Json(state.search.search(request).await?.into()))
}
