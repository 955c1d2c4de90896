//! The hook `lifecycle`: own patterns are looked at before they are at work.

use deskbell_plugin_api::lifecycle::{self, Finding};
use deskbell_plugin_api::{Lifecycle, export_lifecycle};
use regex_lite::Regex;
use serde_json::Value;

use super::{Config, PiiFilter};

/// What people write every day, in some of the scripts they write in. A pattern
/// under which nothing is left of any of these leaves nothing of anything.
const EVERYDAY: [&str; 5] = [
    "Hello, where is my parcel?",
    "Gib mir bitte Bescheid",
    "Где мой заказ",
    "你好 谢谢",
    "ok 7",
];

impl Lifecycle for PiiFilter {
    fn validate_config(config: &Value) -> Result<(), Vec<Finding>> {
        let config: Config = lifecycle::read(config)?;
        let findings: Vec<_> = config
            .patterns
            .iter()
            .enumerate()
            .filter_map(|(at, pattern)| {
                let detail = wrong(pattern)?;
                Some(Finding::new(format!("/patterns/{at}"), detail))
            })
            .collect();
        if findings.is_empty() {
            Ok(())
        } else {
            Err(findings)
        }
    }
}

fn wrong(pattern: &str) -> Option<String> {
    let compiled = match Regex::new(pattern) {
        Ok(compiled) => compiled,
        Err(error) => return Some(format!("This is no regular expression: {error}.")),
    };
    if EVERYDAY.iter().all(|text| nothing_left(&compiled, text)) {
        let detail = "This fits everything people write, so all of it would be masked. \
                      Say more exactly what you look for.";
        return Some(detail.to_owned());
    }
    None
}

fn nothing_left(pattern: &Regex, text: &str) -> bool {
    let rest = pattern.replace_all(text, "");
    !rest.chars().any(char::is_alphanumeric)
}

export_lifecycle!(PiiFilter);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn look_at(patterns: &[&str]) -> Vec<(String, String)> {
        let config = json!({
            "cards": true, "presets": [], "patterns": patterns, "mask": "[removed]",
            "directions": ["inbound"],
        });
        let found = PiiFilter::validate_config(&config)
            .err()
            .unwrap_or_default();
        let parts = found.into_iter().map(|one| (one.pointer, one.detail));
        parts.collect()
    }

    #[test]
    fn what_masks_something_may_be_chosen() {
        let good = [
            r"\bCUST-[0-9]{6}\b",
            "[0-9]+",
            "x*",
            "(?i)hello",
            "[a-z]+",
            "^$",
        ];
        assert_eq!(look_at(&good), []);
    }

    #[test]
    fn what_is_no_pattern_and_what_masks_everything_is_named() {
        let found = look_at(&["a", "(", ".*", r"(?s).+", r"\S", r"[^\n]+", "[^ ]*"]);
        let places: Vec<_> = found.iter().map(|(at, _)| at.as_str()).collect();
        let expected = [1, 2, 3, 4, 5, 6].map(|at| format!("/patterns/{at}"));
        assert_eq!(places, expected);
        assert!(found[0].1.starts_with("This is no regular expression"));
        assert!(found[1].1.starts_with("This fits everything"));
    }

    #[test]
    fn a_configuration_of_another_shape_is_one_finding() {
        let Err(found) = PiiFilter::validate_config(&json!({})) else {
            panic!("it was taken")
        };
        assert_eq!((found.len(), found[0].pointer.as_str()), (1, ""));
    }
}
