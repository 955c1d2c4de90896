//! `/contacts`: the people behind the visitors.

use axum::extract::State;
use deskbell_domain::ContactId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{AgentActor, Converse, Id, Json};
use crate::problem::Problem;
use crate::state::AppState;
use crate::wire::contact::Contact;
use crate::wire::id;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(get_contact))
}

/// A contact with a conversation one sees.
#[utoipa::path(get, path = "/contacts/{id}", tag = "contacts",
    params(("id" = id::ContactId, Path)),
    responses((status = 200, description = "The contact.", body = Contact)),
    security(("agent" = ["converse"])))]
async fn get_contact(
    State(state): State<AppState>,
    actor: AgentActor<Converse>,
    Id(id): Id<ContactId>,
) -> Result<Json<Contact>, Problem> {
    Ok(Json(state.app.contact(&actor, id).await?.into()))
}
