//! What a problem looks like from outside.

use deskbell_app::Error;
use deskbell_app::error::AuthError;

use super::*;

#[test]
fn every_kind_has_its_status() {
    let rows = [
        (Kind::Invalid, 422),
        (Kind::Unauthenticated, 401),
        (Kind::Forbidden, 403),
        (Kind::NotFound, 404),
        (Kind::Conflict, 409),
        (Kind::Held, 202),
        (Kind::Precondition, 412),
        (Kind::TooLarge, 413),
        (Kind::RateLimited, 429),
        (Kind::Unavailable, 503),
        (Kind::Internal, 500),
    ];
    for (kind, expected) in rows {
        assert_eq!(status(kind).as_u16(), expected, "{kind:?}");
    }
}

#[test]
fn wrong_fields_are_named() {
    let value = Problem::field("/text", "required", "This must not be empty.").to_value();
    assert_eq!(value["status"], 422);
    assert_eq!(value["code"], "invalid_input");
    assert_eq!(value["type"], "about:blank");
    assert_eq!(value["errors"][0]["pointer"], "/text");
    assert_eq!(value["errors"][0]["code"], "required");
}

#[test]
fn missing_variables_are_named_one_by_one() {
    let names = vec!["order_id".to_owned(), "a/b".to_owned()];
    let value = Problem::from(Refusal::MissingVariables(names)).to_value();
    assert_eq!(value["code"], "missing_variables");
    assert_eq!(value["errors"][0]["pointer"], "/variables/order_id");
    assert_eq!(value["errors"][1]["pointer"], "/variables/a~1b");
}

#[test]
fn what_went_wrong_inside_stays_inside() {
    let secret = Error::Internal("row 7 of table secrets".to_owned());
    let value = Problem::from(secret).to_value();
    assert_eq!(value["status"], 500);
    assert_eq!(value["code"], "internal");
    assert!(!value.to_string().contains("secrets"), "{value}");
}

#[tokio::test]
async fn a_problem_names_its_request() {
    let problem = Problem::no_such_route();
    let value = request_id::within("req_1".to_owned(), async { problem.to_value() }).await;
    assert_eq!(value["request_id"], "req_1");
}

#[test]
fn headers_follow_the_status() {
    let response = Problem::from(AuthError::TokenExpired).into_response();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(response.headers()[header::CONTENT_TYPE], CONTENT_TYPE);
    let response = Problem::from(AuthError::TooBusy).into_response();
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[derive(Debug, thiserror::Error)]
#[error("outer")]
struct Outer(#[source] std::io::Error);

#[test]
fn a_chain_is_one_line() {
    let error = Outer(std::io::Error::other("disk on fire"));
    assert_eq!(chain(&error), "outer: disk on fire");
}
