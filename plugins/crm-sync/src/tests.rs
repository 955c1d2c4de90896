//! Cards and notes against a CRM that answers what a test says, with the doubles of
//! the desk.

use deskbell_plugin_api::context::{Card, Field};
use deskbell_plugin_api::events::Effects;
use deskbell_plugin_api::http::{Method, Request, Response};
use deskbell_plugin_api::testing::{Host, call, context_request, event};
use deskbell_plugin_api::{Context, Events, HookError};
use serde_json::{Value, json};

use super::{CrmSync, words};

fn crm(more: Value, answers: Vec<Response>) -> Host {
    let host = Host::new();
    let mut config = json!({
        "api_url": "https://crm.example/", "token_url": "", "client_id": "", "scope": "",
        "contact_link": "https://crm.example/people/{id}",
        "deal_link": "https://crm.example/deals/{id}",
        "desk_url": "https://desk.example/", "write_notes": true, "verified_only": false,
        "note_key": "deskbell_event_id",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    host.set_config(config);
    answers.into_iter().for_each(|it| host.answer_http(Ok(it)));
    host
}

fn ok(value: Value) -> Response {
    Response::json(200, &value)
}

fn nobody() -> Response {
    ok(json!({ "total": 0, "results": [] }))
}

fn ana() -> Response {
    ok(
        json!({ "total": 1, "results": [{ "id": "17", "properties": {
        "email": "ana@example.com", "firstname": "Ana", "lastname": "Silva",
        "company": "Silva & Co", "lifecyclestage": "customer", "hubspot_owner_id": "41",
    } }] }),
    )
}

fn deals() -> Response {
    ok(json!({ "total": 2, "results": [
        { "id": "901", "properties": {
            "dealname": "Second kiln", "amount": "12500.00", "deal_currency_code": "EUR",
            "dealstage": "contractsent", "closedate": "2026-12-07T16:50:06.678Z",
        } },
        { "id": "902", "properties": { "dealname": "Glaze", "dealstage": "own", "amount": null } },
    ] }))
}

fn pipelines() -> Response {
    let stages = json!([{ "id": "contractsent", "label": "Contract sent" }]);
    ok(json!({ "results": [{ "id": "default", "stages": stages }] }))
}

fn owner() -> Response {
    ok(json!({ "id": "41", "email": "sam@crm.example", "firstName": "Sam", "lastName": "Reed" }))
}

fn lookup() -> Result<Vec<Card>, HookError> {
    let request = context_request().verified_contact("Ana", " Ana@example.com ");
    CrmSync::lookup(&call(), request.build())
}

/// Method, path and body of what was asked.
fn asked(host: &Host) -> Vec<(Method, String, Value)> {
    let all = host.http_requests().into_iter();
    all.map(
        |Request {
             method, url, body, ..
         }| {
            let path = url.strip_prefix("https://crm.example").map(str::to_owned);
            let body = serde_json::from_slice(&body).unwrap_or_default();
            (method, path.unwrap_or(url), body)
        },
    )
    .collect()
}

#[test]
fn a_contact_and_what_is_open_are_two_cards() {
    let host = crm(json!({}), vec![ana(), owner(), deals(), pipelines()]);
    let person = Card::new("Ana Silva")
        .link("https://crm.example/people/17")
        .text("Company", "Silva & Co")
        .text("Owner", "Sam Reed")
        .text("Lifecycle stage", "Customer");
    let kiln = "12,500 EUR, Contract sent, closes 7\u{a0}Dec\u{a0}2026";
    let open = Card::new("Open deals")
        .field(Field::new("Second kiln", kiln).link("https://crm.example/deals/901"))
        .field(Field::new("Glaze", "own").link("https://crm.example/deals/902"));
    assert_eq!(lookup(), Ok(vec![person, open]));
    let asked = asked(&host);
    let paths: Vec<&str> = asked.iter().map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "/crm/v3/objects/contacts/search",
            "/crm/v3/owners/41",
            "/crm/v3/objects/deals/search",
            "/crm/v3/pipelines/deals",
        ]
    );
    let filter = &asked[0].2["filterGroups"][0]["filters"][0];
    assert_eq!(filter["value"], "ana@example.com");
    assert_eq!(asked[2].2["filterGroups"][0]["filters"][0]["value"], "17");
}

#[test]
fn who_is_not_known_has_no_cards_and_nobody_is_asked_without_an_address() {
    let host = crm(json!({}), vec![nobody()]);
    assert_eq!(lookup(), Ok(Vec::new()));
    assert_eq!(asked(&host).len(), 1);
    let host = crm(json!({ "verified_only": true }), vec![]);
    assert_eq!(
        CrmSync::lookup(&call(), context_request().build()),
        Ok(Vec::new())
    );
    let mut claimed = context_request()
        .verified_contact("Ana", "ana@example.com")
        .build();
    claimed.contact.verified = false;
    assert_eq!(CrmSync::lookup(&call(), claimed), Ok(Vec::new()));
    assert!(asked(&host).is_empty());
}

#[test]
fn a_name_that_is_missing_hides_nothing_else() {
    let down = || Response::json(503, &json!({}));
    let host = crm(
        json!({ "contact_link": "" }),
        vec![ana(), down(), deals(), down()],
    );
    let cards = lookup().unwrap_or_default();
    assert_eq!(
        (cards.len(), cards[0].fields.len(), cards[0].link.clone()),
        (2, 2, None)
    );
    assert_eq!(
        cards[1].fields[0].value,
        "12,500 EUR, contractsent, closes 7\u{a0}Dec\u{a0}2026"
    );
    assert_eq!(host.log().len(), 2);
}

#[test]
fn an_answer_that_is_none_is_told_by_its_kind() {
    let told = |status: u16, body: Value| {
        let _host = crm(json!({}), vec![Response::json(status, &body)]);
        lookup()
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    for (status, starts) in [
        (
            429,
            "something is not available: The CRM is asked too often",
        ),
        (503, "something is not available: The CRM answered 503."),
        (401, "it failed: The CRM does not take our credentials"),
    ] {
        let told = told(status, json!({}));
        assert!(told.starts_with(starts), "{told}");
    }
    let why = json!({ "message": "This app hasn't been granted the scope" });
    assert!(told(403, why).ends_with("(403): This app hasn't been granted the scope"));
    assert!(told(200, json!("what")).starts_with("something is not available"));
}

fn made(id: &str) -> Response {
    ok(json!({ "status": "COMPLETE", "results": [{ "id": id, "new": true }] }))
}

#[test]
fn a_new_contact_gets_a_note_that_can_be_written_twice() {
    for _ in 0..2 {
        let host = crm(
            json!({}),
            vec![nobody(), made("17"), made("55"), ok(json!({}))],
        );
        let event = event("conversation.created")
            .id("evt_9")
            .verified_contact("Ana Maria Silva", "Ana@example.com")
            .subject("A <b>cup</b> & saucer")
            .attribute("order_id", "A-1001")
            .build();
        assert_eq!(CrmSync::on_event(&call(), event), Ok(Effects::none()));
        let asked = asked(&host);
        let upsert = "/crm/v3/objects/contacts/batch/upsert";
        assert_eq!(asked[1].1, upsert);
        let contact = &asked[1].2["inputs"][0];
        let who = json!({
            "idProperty": "email", "id": "ana@example.com", "properties": {
                "email": "ana@example.com", "firstname": "Ana Maria", "lastname": "Silva",
            },
        });
        assert_eq!(*contact, who);
        let note = &asked[2].2["inputs"][0];
        assert_eq!(
            (&note["idProperty"], &note["id"]),
            (&json!("deskbell_event_id"), &json!("evt_9"))
        );
        let body = "<strong>Chat began: A &lt;b&gt;cup&lt;/b&gt; &amp; saucer</strong><br>\
            Order: A-1001<br>\
            <a href=\"https://desk.example/#/mine/conv_1\">Open the chat in Deskbell</a>";
        assert_eq!(note["properties"]["hs_note_body"], body);
        let attach = "/crm/v4/objects/notes/55/associations/default/contacts/17";
        assert_eq!((asked[3].0, asked[3].1.as_str()), (Method::Put, attach));
    }
}

#[test]
fn what_is_only_claimed_is_written_over_nobodys_name() {
    let host = crm(
        json!({ "desk_url": "" }),
        vec![ana(), made("55"), ok(json!({}))],
    );
    let mut event = event("conversation.resolved")
        .verified_contact("Mallory", "ana@example.com")
        .assignee("Ben")
        .build();
    if let Some(contact) = &mut event.contact {
        contact.verified = false;
    }
    event.attributes.set("reason", "answered");
    event.occurred_at_ms += 130_000;
    assert_eq!(CrmSync::on_event(&call(), event), Ok(Effects::none()));
    let asked = asked(&host);
    assert_eq!(asked[1].1, "/crm/v3/objects/notes/batch/upsert");
    let body = "<strong>Chat resolved</strong><br>With: Ben<br>Reason: answered<br>\
        Lasted: 2 min 10 s<br>The visitor typed this address; nobody has checked it.";
    assert_eq!(asked[1].2["inputs"][0]["properties"]["hs_note_body"], body);
}

#[test]
fn nothing_is_written_without_leave_or_address() {
    let host = crm(json!({ "write_notes": false }), vec![]);
    let known = event("conversation.created").verified_contact("Ana", "ana@example.com");
    assert_eq!(
        CrmSync::on_event(&call(), known.build()),
        Ok(Effects::none())
    );
    assert!(asked(&host).is_empty());
    let host = crm(json!({}), vec![]);
    let unknown = event("conversation.created").build();
    assert_eq!(CrmSync::on_event(&call(), unknown), Ok(Effects::none()));
    assert!(asked(&host).is_empty());
    assert_eq!(
        host.log(),
        ["info: No e-mail address that may be used, so nothing was written."]
    );
}

#[test]
fn a_batch_that_took_nothing_has_failed() {
    let partly = Response::json(
        207,
        &json!({ "status": "COMPLETE", "results": [], "numErrors": 1 }),
    );
    let _host = crm(json!({}), vec![nobody(), partly]);
    let known = event("conversation.created").verified_contact("Ana", "ana@example.com");
    let told = CrmSync::on_event(&call(), known.build());
    let words = "The CRM took no entry into its contacts.".to_owned();
    assert_eq!(told, Err(HookError::Failed(words)));
}

#[test]
fn words_are_for_people() {
    assert_eq!(words::amount("999.50", Some("USD")), "999.50 USD");
    assert_eq!(words::amount("1234567", None), "1,234,567");
    assert_eq!(words::amount("-5", None), "-5");
    assert_eq!(words::date("2026-13-01"), None);
    assert_eq!(words::date("soon"), None);
    assert_eq!(words::length(3_900_000), "1 h 5 min");
    assert_eq!(words::lifecycle("partner"), "partner");
    assert_eq!(words::short(&"ä".repeat(300)).chars().count(), 200);
}
