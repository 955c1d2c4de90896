//! A JSON body, strictly: type, size, syntax, fields.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use futures_util::StreamExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::strict;
use crate::problem::Problem;
use crate::state::AppState;

/// A body read as `T`, or `T` as a response. `Json<Option<T>>` may be left out.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Problem> {
        take(request, state.config.limits.body_bytes)
            .await
            .map(Self)
    }
}

/// A JSON body for a handler that may also be sent something else.
pub(crate) async fn json<T: DeserializeOwned>(
    request: Request,
    state: &AppState,
) -> Result<T, Problem> {
    take(request, state.config.limits.body_bytes).await
}

async fn take<T: DeserializeOwned>(request: Request, limit: usize) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    let body = read(&parts.headers, body, limit).await?;
    if body.is_empty() {
        // Whatever may be left out reads null as nothing; all else is told that
        // nothing is no JSON.
        return strict::typed(Value::Null).or_else(|_| strict::parse(&body));
    }
    if !is_json(&parts.headers) {
        return Err(Problem::unsupported_media_type());
    }
    strict::parse(&body)
}

/// Of a body that is too large, this much is still taken from the client.
const THROWN_AWAY: usize = 1024 * 1024;
/// Of one whose limit is large, this many times the limit.
const THROWN_AWAY_TIMES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(2);

/// The whole body, if it is no larger than `limit`.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut chunks = body.into_data_stream();
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        // Who waits for leave to send has not begun.
        if !headers.contains_key(header::EXPECT) {
            throw_away(&mut chunks, limit).await;
        }
        return Err(Problem::too_large(limit));
    }
    let mut whole = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Problem::malformed("broken_body", "The body broke off."))?;
        if whole.len() + chunk.len() > limit {
            throw_away(&mut chunks, limit).await;
            return Err(Problem::too_large(limit));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// A client that is still writing when we hang up sees a broken connection in
/// place of our answer; so it may finish, up to a point.
async fn throw_away(chunks: &mut BodyDataStream, limit: usize) {
    let reading = async {
        let mut left = THROWN_AWAY.max(limit.saturating_mul(THROWN_AWAY_TIMES));
        while let Some(Ok(chunk)) = chunks.next().await {
            match left.checked_sub(chunk.len()) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    let _ = tokio::time::timeout(PATIENCE, reading).await;
}

/// For a handler that refuses before it reads: of a body this large, at most.
pub(crate) async fn discard(body: Body, largest: usize) {
    throw_away(&mut body.into_data_stream(), largest / THROWN_AWAY_TIMES).await;
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return false;
    };
    let kind = kind.to_str().unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    json && parts.all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        !name.eq_ignore_ascii_case("charset")
            || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    })
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let kind = HeaderValue::from_static("application/json");
                ([(header::CONTENT_TYPE, kind)], body).into_response()
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use serde::Deserialize;

    const LIMIT: usize = 64 * 1024;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Ask {
        n: i64,
    }

    async fn ask<T: DeserializeOwned>(kind: Option<&str>, body: Body) -> Result<T, (u16, String)> {
        let mut request = Request::builder().method("POST").uri("/");
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        let read = take(request.body(body).unwrap(), LIMIT).await;
        read.map_err(|problem| (problem.status().as_u16(), problem.code().to_owned()))
    }

    #[tokio::test]
    async fn only_json_in_utf8_is_taken() {
        let rows = [
            (Some("application/json"), true),
            (Some("Application/JSON; charset=UTF-8"), true),
            (Some("application/json;charset=\"utf-8\""), true),
            (Some("application/json; charset=latin1"), false),
            (Some("text/plain"), false),
            (Some("application/x-www-form-urlencoded"), false),
            (None, false),
        ];
        for (kind, taken) in rows {
            match ask::<Ask>(kind, Body::from("{\"n\":1}")).await {
                Ok(read) => assert!(taken && read.n == 1, "{kind:?}"),
                Err((status, _)) => assert!(!taken && status == 415, "{kind:?}"),
            }
        }
    }

    #[tokio::test]
    async fn a_body_has_a_size_and_may_be_optional() {
        let big = format!("{{\"n\":1{}}}", " ".repeat(LIMIT));
        let told = ask::<Ask>(Some("application/json"), Body::from(big)).await;
        assert_eq!(told.unwrap_err().0, 413);
        let chunks = futures_util::stream::iter(
            [40_000, 40_000].map(|n| Ok::<_, Infallible>(vec![b' '; n])),
        );
        let told = ask::<Ask>(Some("application/json"), Body::from_stream(chunks)).await;
        assert_eq!(told.unwrap_err().0, 413);
        let told = ask::<Ask>(None, Body::empty()).await;
        assert_eq!(told.unwrap_err(), (400, "malformed_json".to_owned()));
        let nothing = ask::<Option<Ask>>(None, Body::empty()).await;
        assert!(nothing.unwrap().is_none());
    }
}
