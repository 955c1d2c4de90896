//! Each way JSON can be wrong, and what the client is told.

use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Inner {
    n: i64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Outer {
    text: String,
    #[serde(default)]
    list: Vec<Inner>,
    id: Option<deskbell_domain::TeamId>,
}

fn told(result: Result<impl std::fmt::Debug, Problem>) -> (u16, String, String) {
    let value = result.unwrap_err().to_value();
    let at = value["errors"][0]["pointer"].as_str().unwrap_or("-");
    let code = match &value["errors"][0]["code"] {
        Value::String(code) => code.clone(),
        _ => value["code"].as_str().unwrap().to_owned(),
    };
    let status = value["status"].as_u64().unwrap();
    (u16::try_from(status).unwrap(), code, at.to_owned())
}

#[test]
fn good_json_is_read_as_it_is() {
    let text = r#"{"a":[1,-2,2.5,1e3,true,null,"é\u00e9\ud83d\ude00"],"b":{"c":{}}}"#;
    let expected: Value = serde_json::from_str(text).unwrap();
    assert_eq!(value(text.as_bytes()).unwrap(), expected);
}

#[test]
fn what_cannot_be_read_says_where() {
    let rows: [&[u8]; 13] = [
        b"",
        b"{",
        b"{\"a\":1,}",
        b"{\"a\" 1}",
        b"{\"a\":NaN}",
        b"{\"a\":Infinity}",
        b"{\"a\":1e999}",
        b"{} {}",
        b"\xff",
        b"{\"a\":\"\xff\"}",
        b"\"\\ud800\"",
        b"{'a':1}",
        b"{\"a\":01}",
    ];
    for row in rows {
        let (status, code, _) = told(value(row));
        assert_eq!(
            (status, code.as_str()),
            (400, "malformed_json"),
            "{:?}",
            String::from_utf8_lossy(row)
        );
    }
    let text = value(b"{\n  \"a\": NaN}")
        .unwrap_err()
        .to_value()
        .to_string();
    assert!(text.contains("line 2 column 8"), "{text}");
}

#[test]
fn a_key_that_comes_twice_is_named() {
    let (status, code, at) = told(value(br#"{"a":[{"x/y":1,"x/y":2}]}"#));
    assert_eq!(
        (status, code.as_str(), at.as_str()),
        (400, "duplicate_key", "/a/0/x~1y")
    );
    // The same key in different objects is fine.
    assert!(value(br#"{"a":{"a":1},"b":{"a":1}}"#).is_ok());
    // Two spellings of one key are one key.
    assert_eq!(told(value(br#"{"a":1,"\u0061":2}"#)).1, "duplicate_key");
}

#[test]
fn nesting_has_an_end() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(value(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert_eq!(told(value(nested(MAX_DEPTH + 1).as_bytes())).1, "too_deep");
    assert_eq!(told(value("[".repeat(60_000).as_bytes())).1, "too_deep");
    let objects = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
    assert_eq!(told(value(objects.as_bytes())).1, "too_deep");
}

#[test]
fn a_field_that_does_not_fit_is_named() {
    let rows = [
        (
            json!({"text": "a", "colour": 1}),
            "unknown_field",
            "/colour",
        ),
        (json!({"text": "a", "a/b": 1}), "unknown_field", "/a~1b"),
        (json!({}), "required", "/text"),
        (json!({"text": 5}), "wrong_type", "/text"),
        (json!({"text": null}), "wrong_type", "/text"),
        (json!({"text": "a", "list": {}}), "wrong_type", "/list"),
        (
            json!({"text": "a", "list": [{"n": 1}, {"n": "2"}]}),
            "wrong_type",
            "/list/1/n",
        ),
        (
            json!({"text": "a", "list": [{"n": 1.5}]}),
            "wrong_type",
            "/list/0/n",
        ),
        (
            json!({"text": "a", "list": [{"n": 1, "m": 1}]}),
            "unknown_field",
            "/list/0/m",
        ),
        (json!({"text": "a", "list": [{}]}), "required", "/list/0/n"),
        (json!({"text": "a", "id": "conv_1"}), "bad_value", "/id"),
        (json!(["a", [], null]), "wrong_type", ""),
        (json!({"text": "a", "list": [[1]]}), "wrong_type", "/list/0"),
        (json!("text"), "wrong_type", ""),
        (json!(null), "wrong_type", ""),
    ];
    for (value, code, at) in rows {
        let shown = value.to_string();
        let (status, told_code, told_at) = told(typed::<Outer>(value));
        assert_eq!(
            (status, told_code.as_str(), told_at.as_str()),
            (422, code, at),
            "{shown}"
        );
    }
}
