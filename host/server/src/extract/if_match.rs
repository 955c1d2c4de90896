//! `If-Match`: change this only if it is still as I know it.
//!
//! The tag is the resource's `version`, with or without quotes; `*` and a missing
//! header ask for nothing.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::problem::Problem;

#[derive(Debug)]
pub struct IfMatch(pub Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(tag) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = tag.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        bare.parse()
            .map(|version| Self(Some(version)))
            .map_err(|_| {
                let detail = "If-Match takes the resource's version, a whole number.";
                Problem::malformed("bad_if_match", detail)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn reads_versions_and_nothing_else() {
        let rows = [
            (None, Some(None)),
            (Some("7"), Some(Some(7))),
            (Some("\"7\""), Some(Some(7))),
            (Some("*"), Some(None)),
            (Some("W/\"7\""), None),
            (Some("\"7\", \"8\""), None),
            (Some(""), None),
        ];
        for (tag, expected) in rows {
            let mut request = axum::http::Request::get("/");
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            let read = IfMatch::from_request_parts(&mut parts, &()).await;
            assert_eq!(read.ok().map(|read| read.0), expected, "{tag:?}");
        }
    }
}
