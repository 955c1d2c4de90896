//! Texts against the filter, with the doubles of the desk.

use deskbell_plugin_api::filter::{Decision, Verdict};
use deskbell_plugin_api::testing::{FilterRequest, Host, call, filter_request};
use deskbell_plugin_api::{Filter, HookError};
use serde_json::{Value, json};

use super::PiiFilter;

/// The defaults of the manifest, with some of them changed.
fn set(changes: Value) -> Host {
    let mut config = json!({
        "cards": true, "presets": [], "patterns": [], "mask": "[removed]",
        "directions": ["inbound", "outbound", "note"],
    });
    for (name, value) in changes.as_object().cloned().unwrap_or_default() {
        config[name] = value;
    }
    let host = Host::new();
    host.set_config(config);
    host
}

fn ask(request: FilterRequest) -> Result<Decision, HookError> {
    PiiFilter::filter(&call(), request.build())
}

/// What becomes of a message.
fn text(text: &str) -> String {
    match ask(filter_request().text(text)).map(|decision| decision.verdict) {
        Ok(Verdict::Allow) => text.to_owned(),
        Ok(Verdict::Rewrite(fields)) => {
            let [field] = fields.as_slice() else {
                panic!("{fields:?}")
            };
            assert_eq!(field.name, "text");
            field.text.clone()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn card_numbers_are_masked_however_they_are_typed() {
    let _host = set(json!({}));
    for (typed, stored) in [
        ("4111111111111111", "[removed]"),
        (
            "It is 4111 1111 1111 1111, thanks",
            "It is [removed], thanks",
        ),
        (
            "3782-822463-10005 and 5555.5555.5555.4444",
            "[removed] and [removed]",
        ),
        ("4111 1111\n1111 1111", "[removed]"),
        ("card:4111\u{a0}1111\u{2011}1111 - 1111!", "card:[removed]!"),
        ("\u{ff14}111111111111111", "[removed]"),
        (
            "order 12 4111 1111 1111 1111 12/27",
            "order 12 [removed] 12/27",
        ),
        ("41111111111111114111111111111111", "[removed][removed]"),
        ("4222222222222 6304000000000000000", "[removed] [removed]"),
    ] {
        assert_eq!(text(typed), stored, "{typed:?}");
    }
}

#[test]
fn other_numbers_stay() {
    let _host = set(json!({}));
    for typed in [
        "4111111111111112",
        "order 1234567890123",
        "2026-01-05 2026-01-12",
        "0000000000000000",
        "A-1001 on 2026.05.01 at 12:30",
        "tracking JJD000390007827734411",
        "no digits at all",
        "",
    ] {
        assert_eq!(text(typed), typed);
    }
}

#[test]
fn presets_mask_what_they_say_and_only_if_chosen() {
    let typed =
        "mail a.b+c@mail.example.com. or +49 (170) 123-4567, IBAN DE89 3704 0044 0532 0130 00 now";
    {
        let _host = set(json!({}));
        assert_eq!(text(typed), typed);
    }
    let _host = set(json!({ "presets": ["email", "phone", "iban"] }));
    assert_eq!(
        text(typed),
        "mail [removed]. or [removed], IBAN [removed] now"
    );
    for (typed, stored) in [
        ("gb82west12345698765432", "[removed]"),
        ("DE88 3704 0044 0532 0130 00", "DE88 3704 0044 0532 0130 00"),
        ("call 030 1234567", "call [removed]"),
        ("a@b, @home, x@y.z1", "a@b, @home, x@y.z1"),
        ("5 of 10 at 7:30", "5 of 10 at 7:30"),
    ] {
        assert_eq!(text(typed), stored, "{typed:?}");
    }
}

#[test]
fn own_patterns_are_masked_and_a_bad_one_is_named() {
    {
        let _host = set(json!({ "patterns": [r"\bCUST-[0-9]{6}\b", "x*"] }));
        assert_eq!(text("I am CUST-123456."), "I am [removed].");
    }
    let _host = set(json!({ "patterns": ["a", "("] }));
    let Err(HookError::InvalidConfig(why)) = ask(filter_request().text("a")) else {
        panic!("it was taken")
    };
    assert!(why.starts_with("pattern 2 is not right"), "{why}");
}

#[test]
fn no_text_ever_grows() {
    let _host = set(json!({ "presets": ["email"], "mask": "a long mask for so short a thing" }));
    assert_eq!(text("a@b.co"), "******");
    assert_eq!(text("4111 1111 1111 1111"), "*******************");
}

#[test]
fn every_field_is_looked_at_and_only_what_changed_is_said() {
    let _host = set(json!({ "presets": ["email"] }));
    let request = filter_request()
        .text("Hello")
        .field("subject", "4111111111111111")
        .field("attributes.ref", "4111 1111 1111 1111")
        .field("form.name", "Mia")
        .field("form.email", "mia@example.com");
    let Ok(Verdict::Rewrite(fields)) = ask(request).map(|decision| decision.verdict) else {
        panic!("nothing was masked")
    };
    let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["subject", "attributes.ref"]);
    // What is no address any more is taken away.
    let request = filter_request().field("form.email", "4111111111111111@example.com");
    let Ok(Verdict::Rewrite(fields)) = ask(request).map(|decision| decision.verdict) else {
        panic!("nothing was masked")
    };
    assert_eq!(fields[0].text, "");
}

#[test]
fn directions_that_are_not_chosen_pass() {
    let _host = set(json!({ "directions": ["inbound"] }));
    let card = "4111111111111111";
    assert_eq!(
        ask(filter_request().text(card).outbound()),
        Ok(Decision::allow())
    );
    assert_eq!(
        ask(filter_request().text(card).note()),
        Ok(Decision::allow())
    );
    assert_eq!(text(card), "[removed]");
}
