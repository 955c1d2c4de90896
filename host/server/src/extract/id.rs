//! The id in a path. Garbage is as good as an id nobody has: 404.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use deskbell_domain::{JobId, Kind};

use crate::problem::Problem;

/// The `{id}` of a route.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        named(parts, state, "id").await.map(Self)
    }
}

/// The `{event_id}` of a route: an event that a plugin did not take.
#[derive(Debug)]
pub struct EventId(pub JobId);

impl<S: Send + Sync> FromRequestParts<S> for EventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        named(parts, state, "event_id").await.map(Self)
    }
}

async fn named<T: FromStr, S: Send + Sync>(
    parts: &mut Parts,
    state: &S,
    wanted: &str,
) -> Result<T, Problem> {
    let params = RawPathParams::from_request_parts(parts, state).await;
    let id = params.ok().and_then(|params| {
        let (_, text) = params.iter().find(|(name, _)| *name == wanted)?;
        text.parse().ok()
    });
    let detail = "There is nothing with this id.";
    id.ok_or_else(|| Problem::new(Kind::NotFound, "not_found", detail))
}

/// The `{name}` of a route, as it was written.
#[derive(Debug)]
pub struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state).await;
        let name = params.ok().and_then(|params| {
            let (_, text) = params.iter().find(|(name, _)| *name == "name")?;
            // No text reaches the database that it could not hold.
            (!text.contains('\0')).then(|| text.to_owned())
        });
        let detail = "There is nothing of this name.";
        name.map(Self)
            .ok_or_else(|| Problem::new(Kind::NotFound, "not_found", detail))
    }
}
