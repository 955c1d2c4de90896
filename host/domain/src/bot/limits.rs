//! What a bot's answer must be to be applied: all of it, or none.

use serde_json::{Map, Value};

use super::{Action, Choice, Field, FieldKind, Question};
use crate::refusal::Refusal;
use crate::text::{Check, MESSAGE_MAX_CHARS, REASON_MAX_CHARS};
use crate::time::{DAY, Millis, SECOND};

/// Actions of one answer.
pub const ACTIONS_MAX: usize = 16;
/// What a bot may remember between two events.
pub const STATE_MAX_BYTES: usize = 32 * 1024;
pub const TYPING_MAX: Millis = 10 * SECOND;
pub const CALL_BACK_MIN: Millis = SECOND;
pub const CALL_BACK_MAX: Millis = DAY;
pub const TOKEN_MAX_BYTES: usize = 256;

const CHOICES_MAX: usize = 12;
const FIELDS_MAX: usize = 8;
const LABEL_MAX_CHARS: usize = 80;
const KEY_MAX: usize = 64;
const SUMMARY_MAX_CHARS: usize = MESSAGE_MAX_CHARS;

/// Checks an answer; the error says what is wrong, for the plugin's author.
pub fn check(actions: &[Action]) -> Result<(), String> {
    if actions.len() > ACTIONS_MAX {
        return Err(format!("more than {ACTIONS_MAX} actions"));
    }
    let last = actions.len().saturating_sub(1);
    for (index, action) in actions.iter().enumerate() {
        let ends = matches!(action, Action::HandOff(_) | Action::Close { .. });
        if ends && index != last {
            return Err(format!("action {index} ends its part, but more follow"));
        }
        one(action).map_err(|why| format!("action {index}: {why}"))?;
    }
    Ok(())
}

fn one(action: &Action) -> Result<(), String> {
    let mut check = Check::new();
    match action {
        Action::Say(text) => check.required("text", text, MESSAGE_MAX_CHARS, true),
        Action::Ask { text, question } => {
            check.required("text", text, MESSAGE_MAX_CHARS, true);
            asked(&mut check, question);
        }
        Action::Typing(time) => within(&mut check, "typing", *time, 0, TYPING_MAX),
        Action::SetAttribute { name, value } => {
            let value = match value {
                Value::Null => Value::Bool(false),
                other => other.clone(),
            };
            check.attributes("attribute", &Map::from_iter([(name.clone(), value)]));
        }
        Action::HandOff(to) => {
            check.optional("summary", &to.summary, SUMMARY_MAX_CHARS, true);
            reason(&mut check, to.reason.as_deref());
        }
        Action::Close { reason: why } => reason(&mut check, why.as_deref()),
        Action::CallBack { after, token } => {
            within(&mut check, "after", *after, CALL_BACK_MIN, CALL_BACK_MAX);
            if token.len() > TOKEN_MAX_BYTES || token.contains('\u{0}') {
                let detail = format!("At most {TOKEN_MAX_BYTES} bytes, no U+0000.");
                check.refuse("token", "bad_token", detail);
            }
        }
    }
    check.done().map_err(|refusal| match refusal {
        Refusal::Invalid(errors) => {
            let all = errors
                .iter()
                .map(|e| format!("{}: {}", e.pointer, e.detail));
            all.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    })
}

fn within(check: &mut Check, what: &str, time: Millis, least: Millis, most: Millis) {
    if !(least..=most).contains(&time) {
        check.refuse(
            what,
            "out_of_range",
            format!("Between {least} and {most} ms."),
        );
    }
}

fn reason(check: &mut Check, reason: Option<&str>) {
    if let Some(reason) = reason {
        check.required("reason", reason, REASON_MAX_CHARS, true);
    }
}

fn asked(check: &mut Check, question: &Question) {
    let Question { choices, form } = question;
    if choices.is_empty() == form.is_empty() {
        let detail = "Either choices or a form, and not both.";
        check.refuse("question", "one_of", detail);
    }
    buttons(check, "choices", choices);
    if form.len() > FIELDS_MAX {
        check.refuse("form", "too_many", format!("At most {FIELDS_MAX} fields."));
    }
    unique(check, "form", form.iter().map(|field| &field.name));
    for field in form {
        one_field(check, field);
    }
}

fn one_field(check: &mut Check, field: &Field) {
    check.required("form/label", &field.label, LABEL_MAX_CHARS, false);
    buttons(check, "form/choices", &field.choices);
    if (field.kind == FieldKind::Choice) == field.choices.is_empty() {
        let detail = "Choices belong to a field of the type choice, and only there.";
        check.refuse("form/choices", "one_of", detail);
    }
}

fn buttons(check: &mut Check, at: &str, choices: &[Choice]) {
    if choices.len() > CHOICES_MAX {
        check.refuse(at, "too_many", format!("At most {CHOICES_MAX} choices."));
    }
    unique(check, at, choices.iter().map(|choice| &choice.id));
    for choice in choices {
        check.required(at, &choice.label, LABEL_MAX_CHARS, false);
    }
}

/// Names for machines, each once.
fn unique<'a>(check: &mut Check, at: &str, names: impl Iterator<Item = &'a String>) {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        let fits = (1..=KEY_MAX).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
        if !fits {
            let detail = format!("1 to {KEY_MAX} letters, digits, '_', '-' or '.'.");
            check.refuse(at, "bad_name", detail);
        }
        if !seen.insert(name) {
            check.refuse(at, "twice", format!("`{name}` is there twice."));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::HandOff;

    fn ask(choices: &[(&str, &str)]) -> Action {
        let choice = |(id, label): &(&str, &str)| Choice {
            id: (*id).to_owned(),
            label: (*label).to_owned(),
        };
        Action::Ask {
            text: "Which?".to_owned(),
            question: Question {
                choices: choices.iter().map(choice).collect(),
                form: vec![],
            },
        }
    }

    fn say(text: &str) -> Action {
        Action::Say(text.to_owned())
    }

    #[test]
    fn good_answers_pass() {
        let all = [
            say("Hello"),
            Action::Typing(500),
            ask(&[("a", "A"), ("b", "B")]),
            Action::SetAttribute {
                name: "order_id".to_owned(),
                value: Value::Null,
            },
            Action::CallBack {
                after: SECOND,
                token: String::new(),
            },
            Action::HandOff(HandOff::default()),
        ];
        assert_eq!(check(&all), Ok(()));
        assert_eq!(check(&[]), Ok(()));
    }

    #[test]
    fn what_is_too_much_or_makes_no_sense_is_refused_whole() {
        let many = vec![say("x"); ACTIONS_MAX + 1];
        let long = "x".repeat(MESSAGE_MAX_CHARS + 1);
        let nested = Action::SetAttribute {
            name: "a".to_owned(),
            value: serde_json::json!({ "b": 1 }),
        };
        let field = Field {
            name: "mail".to_owned(),
            label: "Mail".to_owned(),
            kind: FieldKind::Choice,
            required: true,
            choices: vec![],
        };
        let form = Action::Ask {
            text: "Who?".to_owned(),
            question: Question {
                choices: vec![],
                form: vec![field],
            },
        };
        let soon = |after| Action::CallBack {
            after,
            token: "t".to_owned(),
        };
        for (wrong, word) in [
            (many, "16 actions"),
            (vec![say(" ")], "empty"),
            (vec![say("a\u{0}b")], "Control"),
            (vec![say(&long)], "4000"),
            (vec![ask(&[])], "Either"),
            (vec![ask(&[("a", "A"), ("a", "B")])], "twice"),
            (vec![ask(&[("a b", "A")])], "letters"),
            (vec![nested], "text, a number"),
            (vec![form], "Choices belong"),
            (vec![soon(10)], "1000"),
            (vec![soon(DAY + 1)], "86400000"),
            (
                vec![Action::HandOff(HandOff::default()), say("still here")],
                "more follow",
            ),
            (
                vec![Action::Close { reason: None }, say("x")],
                "more follow",
            ),
        ] {
            let why = check(&wrong).unwrap_err();
            assert!(why.contains(word), "{why}");
        }
    }
}
