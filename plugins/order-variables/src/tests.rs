//! Orders against requests, with the doubles of the desk.

use deskbell_plugin_api::testing::{Host, VariablesRequest, call, variables_request};
use deskbell_plugin_api::variables::Values;
use deskbell_plugin_api::{HookError, Variables, http};
use serde_json::json;

use super::OrderVariables;

const ALL: [&str; 3] = ["order.status", "order.eta", "order.carrier"];

fn shop() -> Host {
    let host = Host::new();
    host.set_config(json!({
        "orders": [
            { "order_id": "A-1001", "status": "on its way", "eta": "on Friday", "carrier": "Post" },
            { "order_id": "7", "status": "packed", "eta": "next week" },
        ],
        "attribute": "order_id",
    }));
    host
}

fn resolve(request: VariablesRequest) -> Result<Values, HookError> {
    OrderVariables::resolve(&call(), request.build())
}

fn values(pairs: &[(&str, &str)]) -> Values {
    let mut values = Values::new();
    pairs
        .iter()
        .for_each(|(name, text)| values.set(*name, *text));
    values
}

#[test]
fn an_order_is_found_by_its_number() {
    let _shop = shop();
    assert_eq!(
        resolve(variables_request(&ALL).attribute("order_id", " a-1001 ")),
        Ok(values(&[
            ("order.status", "on its way"),
            ("order.eta", "on Friday"),
            ("order.carrier", "Post"),
        ]))
    );
}

#[test]
fn only_what_is_wanted_and_known_is_told() {
    let _shop = shop();
    let eta = variables_request(&["order.eta"]).attribute("order_id", "A-1001");
    assert_eq!(resolve(eta), Ok(values(&[("order.eta", "on Friday")])));
    let numeric = variables_request(&["order.status", "order.carrier"]).attribute("order_id", 7);
    assert_eq!(resolve(numeric), Ok(values(&[("order.status", "packed")])));
}

#[test]
fn an_unknown_order_has_no_values_and_a_line_in_the_log() {
    let host = shop();
    let nothing = Ok(Values::new());
    assert_eq!(resolve(variables_request(&ALL)), nothing);
    let other = variables_request(&ALL).attribute("order_id", "A-2");
    assert_eq!(resolve(other), nothing);
    assert_eq!(
        host.log(),
        [
            "info: This conversation has no attribute order_id.",
            "info: The configuration has no order of this number.",
        ]
    );
}

#[test]
fn every_value_has_a_definition() {
    let names: Vec<String> = OrderVariables::definitions()
        .into_iter()
        .map(|definition| definition.name)
        .collect();
    assert_eq!(names, ALL);
}

#[test]
fn two_orders_of_one_number_are_refused() {
    let host = Host::new();
    let order = json!({ "order_id": "A-1", "status": "packed", "eta": "soon" });
    host.set_config(json!({ "orders": [order, order] }));
    assert_eq!(
        resolve(variables_request(&ALL).attribute("order_id", "A-1")),
        Err(HookError::InvalidConfig(
            "There are two orders with the number A-1.".to_owned()
        ))
    );
}

fn with_api(answer: Result<http::Response, http::Failure>) -> Host {
    let host = Host::new();
    host.set_config(json!({
        "api_url": "https://shop.example.com/orders/{order_id}?full=1",
        "orders": [{ "order_id": "A-1", "status": "from the list", "eta": "never" }],
    }));
    host.answer_http(answer);
    host
}

fn ask(number: &str) -> Result<Values, HookError> {
    resolve(variables_request(&ALL).attribute("order_id", number))
}

#[test]
fn a_configured_api_is_asked_in_place_of_the_list() {
    let order = json!({ "status": "packed", "eta": "on Monday", "carrier": null, "id": 1 });
    let host = with_api(Ok(http::Response::json(200, &order)));
    let expected = values(&[("order.status", "packed"), ("order.eta", "on Monday")]);
    assert_eq!(ask(" A-1/../2?x "), Ok(expected));
    let asked = host.http_requests();
    let url = "https://shop.example.com/orders/A-1%2F%2E%2E%2F2%3Fx?full=1";
    assert_eq!((asked.len(), asked[0].url.as_str()), (1, url));
}

#[test]
fn what_the_api_does_not_know_stays_open() {
    let host = with_api(Ok(http::Response::json(404, &json!({}))));
    assert_eq!(ask("A-1"), Ok(Values::new()));
    let told = ["info: The order API knows no order of this number."];
    assert_eq!(host.log(), told);
}

#[test]
fn an_api_that_fails_is_told_of() {
    let cases = [
        Err(http::Failure::Timeout),
        Ok(http::Response::json(500, &json!({}))),
        Ok(http::Response::json(200, &json!("what"))),
    ];
    for case in cases {
        let _host = with_api(case);
        assert!(matches!(ask("A-1"), Err(HookError::Unavailable(_))));
    }
    let _host = with_api(Err(http::Failure::Denied("no".to_owned())));
    assert_eq!(ask("A-1"), Err(HookError::Failed("no".to_owned())));
}
