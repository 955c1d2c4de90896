//! Where a request comes from, as the session list shows it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use deskbell_app::Client;

use crate::state::Peer;

/// A browser's name can be long; more than this says nothing more.
const USER_AGENT_MAX_CHARS: usize = 300;

pub struct Caller(pub Client);

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let address = parts
            .extensions
            .get::<Peer>()
            .map(|peer| peer.address.to_string());
        let user_agent = parts
            .headers
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok())
            .map(|text| text.chars().take(USER_AGENT_MAX_CHARS).collect());
        Ok(Self(Client {
            address,
            user_agent,
        }))
    }
}
