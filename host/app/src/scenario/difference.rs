//! What differs between two pieces of JSON, by place. TOML has no null, so a field
//! that is null counts as left out.

use serde_json::Value;

/// At one place; nothing is there where a side has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub at: String,
    pub expected: Option<Value>,
    pub got: Option<Value>,
}

/// All of them, in the order of the expected.
#[must_use]
pub fn differences(at: &str, expected: &Value, got: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(at, Some(expected), Some(got), &mut found);
    found
}

fn compare(at: &str, expected: Option<&Value>, got: Option<&Value>, out: &mut Vec<Difference>) {
    match (expected, got) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            for (name, value) in one {
                compare(&below(at, name), Some(value), other.get(name), out);
            }
            for (name, value) in other.iter().filter(|(name, _)| !one.contains_key(*name)) {
                compare(&below(at, name), None, Some(value), out);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for index in 0..one.len().max(other.len()) {
                let at = format!("{at}[{index}]");
                compare(&at, one.get(index), other.get(index), out);
            }
        }
        (Some(one), Some(other)) if same(one, other) => {}
        (Some(Value::Null), None) | (None, Some(Value::Null)) => {}
        (expected, got) => out.push(Difference {
            at: at.to_owned(),
            expected: expected.cloned(),
            got: got.cloned(),
        }),
    }
}

/// `1` and `1.0` are the same number to whoever writes them.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        _ => one == other,
    }
}

fn below(at: &str, name: &str) -> String {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    match plain {
        true => format!("{at}.{name}"),
        false => format!("{at}[{name:?}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_difference_is_named_by_its_place() {
        let expected = json!({ "a": [1, 2], "b": "x", "same": 1 });
        let got = json!({ "a": [1, 3, 4], "c d": 1, "none": null, "same": 1.0 });
        let found = differences("answer", &expected, &got);
        let at: Vec<_> = found.iter().map(|one| one.at.as_str()).collect();
        assert_eq!(
            at,
            ["answer.a[1]", "answer.a[2]", "answer.b", "answer[\"c d\"]"]
        );
        assert_eq!(found[0].expected, Some(json!(2)));
        assert_eq!(found[1].expected, None);
        assert_eq!(found[2].got, None);
        assert_eq!(differences("a", &expected, &expected), []);
    }
}
