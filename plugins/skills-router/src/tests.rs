//! Rules against requests, with the doubles of the desk.

use deskbell_plugin_api::routing::{Decision, Priority};
use deskbell_plugin_api::testing::{Host, RoutingRequest, call, routing_request};
use deskbell_plugin_api::{HookError, Router};
use serde_json::{Value, json};

use super::SkillsRouter;

fn route(rules: Value, request: RoutingRequest) -> Result<Decision, HookError> {
    let host = Host::new();
    host.set_config(json!({ "rules": rules }));
    SkillsRouter::route(&call(), request.build())
}

fn vip_first() -> Value {
    json!([{
        "name": "VIP first",
        "when": { "vip": true },
        "agents": ["ana@example.com", "carla@example.com"],
    }])
}

/// Ben has the most room, then Carla, then Ana.
fn desk() -> RoutingRequest {
    routing_request()
        .candidate("Ben", "ben@example.com", 0, 5)
        .candidate("Ana", "Ana@example.com", 2, 4)
        .candidate("Carla", "carla@example.com", 4, 10)
}

#[test]
fn the_listed_agent_with_the_most_room_gets_it() {
    assert_eq!(
        route(vip_first(), desk().vip()),
        Ok(Decision::assign("agt_3").because("Rule \"VIP first\": Carla takes VIP chats."))
    );
}

#[test]
fn of_two_equal_ones_the_teams_favourite_gets_it() {
    let request = routing_request()
        .vip()
        .candidate("Carla", "carla@example.com", 1, 2)
        .candidate("Ana", "ana@example.com", 2, 4);
    let decision = route(vip_first(), request);
    assert_eq!(
        decision,
        Ok(Decision::assign("agt_1").because("Rule \"VIP first\": Carla takes VIP chats."))
    );
}

#[test]
fn without_a_fitting_rule_there_is_no_opinion() {
    assert_eq!(route(vip_first(), desk()), Ok(Decision::no_opinion()));
    assert_eq!(route(json!([]), desk().vip()), Ok(Decision::no_opinion()));
    let _fresh = Host::new();
    assert_eq!(
        SkillsRouter::route(&call(), desk().vip().build()),
        Ok(Decision::no_opinion())
    );
}

#[test]
fn when_none_of_the_listed_is_free_the_desk_decides_and_reads_why() {
    let request = routing_request()
        .vip()
        .candidate("Ben", "ben@example.com", 0, 5);
    assert_eq!(
        route(vip_first(), request),
        Ok(Decision::no_opinion()
            .because("Rule \"VIP first\": none of its agents can take a chat now."))
    );
}

#[test]
fn the_priority_is_set_once_then_the_agent() {
    let rules = json!([{
        "name": "Gold",
        "when": { "category": "Billing", "attribute": { "name": "tier", "equals": "gold" } },
        "agents": ["ben@example.com"],
        "priority": "high",
    }]);
    let request = desk().category("billing").attribute("tier", "Gold");
    assert_eq!(
        route(rules.clone(), request.clone()),
        Ok(Decision::set_priority(Priority::High)
            .because("Rule \"Gold\": chats about Billing with tier gold have priority high."))
    );
    let taken = Decision::assign("agt_1")
        .because("Rule \"Gold\": Ben takes chats about Billing with tier gold.");
    assert_eq!(
        route(rules.clone(), request.clone().priority(Priority::High)),
        Ok(taken.clone())
    );
    let host = Host::new();
    host.set_config(json!({ "rules": rules }));
    let mut refused = request.build();
    refused.retry_of = Some("the priority could not be set".to_owned());
    assert_eq!(SkillsRouter::route(&call(), refused), Ok(taken));
}

#[test]
fn a_rule_may_only_set_a_priority() {
    let rules = json!([{ "name": "Last", "when": { "vip": false }, "priority": "low" }]);
    assert_eq!(
        route(rules.clone(), desk()),
        Ok(Decision::set_priority(Priority::Low)
            .because("Rule \"Last\": chats of other than VIPs have priority low."))
    );
    assert_eq!(
        route(rules, desk().priority(Priority::Low)),
        Ok(Decision::no_opinion())
    );
}

#[test]
fn the_first_fitting_rule_decides() {
    let rules = json!([
        { "name": "A", "when": { "category": "sales" }, "agents": ["ana@example.com"] },
        { "name": "B", "when": { "vip": true }, "agents": ["ben@example.com"] },
        { "name": "C", "when": { "vip": true }, "agents": ["carla@example.com"] },
    ]);
    let reason = |request| route(rules.clone(), request).map(|decision| decision.reason);
    assert_eq!(
        reason(desk().vip()),
        Ok(Some("Rule \"B\": Ben takes VIP chats.".to_owned()))
    );
    assert_eq!(
        reason(desk().vip().category("Sales")),
        Ok(Some("Rule \"A\": Ana takes chats about sales.".to_owned()))
    );
}

#[test]
fn an_attribute_is_the_conversations_or_else_the_contacts() {
    let rules = json!([{
        "name": "Twelve",
        "when": { "attribute": { "name": "visits", "equals": "12" } },
        "agents": ["ben@example.com"],
    }]);
    let fits = |request| route(rules.clone(), request).is_ok_and(|it| it.reason.is_some());
    assert!(fits(desk().attribute("visits", 12)));
    assert!(fits(desk().contact_attribute("visits", "12")));
    assert!(!fits(
        desk()
            .attribute("visits", 11)
            .contact_attribute("visits", 12)
    ));
    assert!(!fits(desk()));
}

#[test]
fn a_wrong_rule_is_named() {
    let good = json!({ "name": "Good", "when": { "vip": true }, "priority": "high" });
    for (rule, wanted) in [
        (
            json!({ "name": "Empty", "when": {}, "priority": "high" }),
            "Rule \"Empty\": it says not when it applies; fill in a condition.",
        ),
        (
            json!({ "name": "Idle", "when": { "vip": true } }),
            "Rule \"Idle\": it does nothing; name agents or a priority.",
        ),
        (
            json!({ "name": "Typo", "when": { "vip": true }, "agents": ["ana"] }),
            "Rule \"Typo\": \"ana\" is no e-mail address.",
        ),
        (
            json!({ "name": "Word", "when": { "vip": true }, "priority": "soon" }),
            "Rule \"Word\": there is no priority \"soon\".",
        ),
        (
            json!({ "when": { "vip": true } }),
            "Rule 2: it has no name.",
        ),
    ] {
        let answer = route(json!([good, rule]), desk());
        assert_eq!(answer, Err(HookError::InvalidConfig(wanted.to_owned())));
    }
}
