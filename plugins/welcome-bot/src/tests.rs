//! Whole talks, with the doubles of the desk.

use deskbell_plugin_api::bot::{Action, Reply, Request, Speaker};
use deskbell_plugin_api::testing::{
    BotRequest, Host, bot_answer, bot_choice, bot_message, bot_started, call,
};
use deskbell_plugin_api::{Bot, HookError};
use serde_json::{Value, json};

use crate::WelcomeBot;

fn config() -> Value {
    json!({
        "greeting": "Hello!",
        "question": "What is it about?",
        "order_attribute": "order_id",
        "categories": [
            { "id": "order", "label": "An order", "asks_order": true, "team_id": "team_9" },
            { "id": "other", "label": "Something else" },
        ],
        "faq": [{ "words": ["opening hours"], "answer": "Nine to five." }],
    })
}

fn at(config: Value) -> Host {
    let host = Host::new();
    host.set_config(config);
    host
}

fn tell(request: BotRequest) -> Reply {
    let request: Request = request.build();
    WelcomeBot::on_event(&call(), request).expect("a reply")
}

/// What it does, one word each.
fn does(reply: &Reply) -> Vec<String> {
    let word = |action: &Action| match action {
        Action::Say(text) => text.clone(),
        Action::Ask(question) => format!("? {}", question.text),
        Action::SetAttribute { name, json } => format!("{name}={json}"),
        Action::HandOff(to) => format!("-> {}", to.team_id.as_deref().unwrap_or("desk")),
        Action::Close(_) => "close".to_owned(),
        other => format!("{other:?}"),
    };
    reply.actions.iter().map(word).collect()
}

fn summary(reply: &Reply) -> &str {
    match reply.actions.last() {
        Some(Action::HandOff(to)) => &to.summary,
        other => panic!("{other:?}"),
    }
}

const THANKS: &str = "Thank you. I am getting somebody for you.";
const CATEGORY: &str = "? What is it about?";
const NUMBER: &str = "? What is the number of your order?";

#[test]
fn by_buttons_and_a_form_to_people_with_a_summary() {
    let _host = at(config());
    let began = tell(bot_started());
    assert_eq!(does(&began), ["Hello!", CATEGORY]);
    let chose = tell(bot_choice("order", "An order").after(&began));
    assert_eq!(does(&chose), ["topic=\"order\"", NUMBER]);
    let filled = bot_answer("Order number: A-1001", [("order", "A-1001")]).after(&chose);
    let done = tell(filled.said(Speaker::Visitor, "An order"));
    assert_eq!(does(&done), ["order_id=\"A-1001\"", THANKS, "-> team_9"]);
    assert_eq!(
        summary(&done),
        "Topic: An order\nOrder: A-1001\nThe visitor began with: An order"
    );
}

#[test]
fn who_has_written_already_is_heard_first() {
    let _host = at(config());
    let first = "What are your opening hours?";
    let began = tell(bot_started().said(Speaker::Visitor, first));
    assert_eq!(does(&began), ["Hello!"]);
    let answered = tell(bot_message(first).after(&began));
    assert_eq!(
        does(&answered),
        ["Nine to five.", "? Does that answer your question?"]
    );
    let glad = tell(bot_choice("yes", "Yes, thank you").after(&answered));
    assert_eq!(does(&glad).last().map(String::as_str), Some("close"));
    let not = tell(bot_choice("no", "No, a person please").after(&answered));
    assert_eq!(does(&not), [THANKS, "-> desk"]);
    assert!(summary(&not).contains("were given: 1"));
}

#[test]
fn a_known_order_is_not_asked_for() {
    let _host = at(config());
    let began = tell(bot_started());
    let chose = bot_choice("order", "An order").after(&began);
    let done = tell(chose.attribute("order_id", "A-7"));
    assert_eq!(does(&done), ["topic=\"order\"", THANKS, "-> team_9"]);
}

#[test]
fn whoever_types_instead_is_understood_or_comes_to_people() {
    let _host = at(config());
    let began = tell(bot_started());
    let typed = tell(bot_message("an ORDER").after(&began));
    assert_eq!(does(&typed), ["topic=\"order\"", NUMBER]);
    let number = tell(bot_message("it is A-1002, I think").after(&typed));
    assert_eq!(does(&number)[0], "order_id=\"A-1002\"");
    // Nothing it can use, twice.
    let lost = tell(bot_message("hm").after(&typed));
    assert_eq!(does(&lost), [NUMBER]);
    assert_eq!(
        does(&tell(bot_message("hm").after(&lost))),
        [THANKS, "-> team_9"]
    );
    let lost = tell(bot_message("hm").after(&began));
    assert_eq!(does(&lost), [CATEGORY]);
    assert_eq!(
        does(&tell(bot_message("hm").after(&lost))),
        [THANKS, "-> desk"]
    );
}

#[test]
fn without_categories_it_only_knows_the_list() {
    let mut bare = config();
    bare["categories"] = json!([]);
    let _host = at(bare);
    let began = tell(bot_started());
    assert_eq!(does(&began), ["Hello!"]);
    let asked = bot_message("hello?")
        .after(&began)
        .said(Speaker::Visitor, "hello?");
    assert_eq!(does(&tell(asked)), [THANKS, "-> desk"]);
}

#[test]
fn what_makes_no_sense_is_said_to_the_admin() {
    let mut twice = config();
    twice["categories"][1]["id"] = json!("order");
    let _host = at(twice);
    let refused = WelcomeBot::on_event(&call(), bot_started().build());
    assert!(matches!(refused, Err(HookError::InvalidConfig(_))));
}

#[test]
fn a_memory_of_another_version_is_as_good_as_none() {
    let _host = at(config());
    let other = Reply {
        state: Some(b"not json".to_vec()),
        ..Reply::new()
    };
    assert_eq!(does(&tell(bot_message("hm").after(&other))), [CATEGORY]);
}
