//! Who asks, and whether they may: the permission is part of a handler's type.
//!
//! `AgentActor<Administer>` in a signature is the check; a handler without an
//! actor is open to strangers, which shows. Visitors have no permissions, only
//! their own things; their browser's page must be one the inbox knows.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use deskbell_app::Plane;
use deskbell_domain::inbox::Inbox;
use deskbell_domain::{Actor, Kind, Permission, Refusal};

use crate::origin::origin_of;
use crate::problem::Problem;
use crate::state::{AppState, Peer};

/// The code of the refusal that a browser must keep from the page.
pub const ORIGIN_NOT_ALLOWED: &str = "origin_not_allowed";

/// A permission as a type.
pub trait Need: Send + Sync {
    const PERMISSION: Permission;
}

macro_rules! needs {
    ($($name:ident),+) => {$(
        pub struct $name;

        impl Need for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )+};
}

needs!(Converse, ReadDesk, Administer);

/// An agent who has the permission `P`.
pub struct AgentActor<P> {
    actor: Actor,
    needed: PhantomData<P>,
}

/// A visitor, on a page that may talk to their inbox.
pub struct VisitorActor {
    actor: Actor,
}

impl<P> Deref for AgentActor<P> {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl Deref for VisitorActor {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl<P: Need> FromRequestParts<AppState> for AgentActor<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let actor = state.app.authenticate(token, Plane::Agent).await?;
        if !actor.allows(P::PERMISSION) {
            return Err(Refusal::Forbidden.into());
        }
        let peer = parts.extensions.get::<Peer>();
        let actor = actor.seen_at(peer.map(|peer| peer.address.to_string()));
        Ok(Self {
            actor,
            needed: PhantomData,
        })
    }
}

impl FromRequestParts<AppState> for VisitorActor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        let actor = state.app.authenticate(token, Plane::Widget).await?;
        if !state.origins.allows_own(&parts.headers) {
            let inbox = state.app.inbox_of(&actor).await?;
            check_origin(state, &parts.headers, &inbox)?;
        }
        Ok(Self { actor })
    }
}

/// A browser's page must be the server's own, or on the inbox's list.
pub fn check_origin(state: &AppState, headers: &HeaderMap, inbox: &Inbox) -> Result<(), Problem> {
    let listed = || {
        let origin = origin_of(headers);
        origin.is_some_and(|origin| inbox.allowed_origins.contains(&origin))
    };
    if state.origins.allows_own(headers) || listed() {
        return Ok(());
    }
    Err(Problem::new(
        Kind::Forbidden,
        ORIGIN_NOT_ALLOWED,
        "Pages of this origin may not talk to this inbox. An admin can add it to the inbox.",
    ))
}

pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = header.and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
    });
    token.ok_or_else(|| {
        let detail = "This needs an `Authorization: Bearer …` header.";
        Problem::new(Kind::Unauthenticated, "token_missing", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_bearer_token_is_found() {
        let rows = [
            (None, None),
            (Some("Bearer abc"), Some("abc")),
            (Some("bearer  abc "), Some("abc")),
            (Some("Basic abc"), None),
            (Some("Bearer "), None),
            (Some("abc"), None),
        ];
        for (value, expected) in rows {
            let mut headers = HeaderMap::new();
            if let Some(value) = value {
                headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            assert_eq!(bearer(&headers).ok(), expected, "{value:?}");
        }
    }
}
