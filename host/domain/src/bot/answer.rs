//! What a visitor answers to a bot's question: checked against the question, and
//! put into words for the people who read the thread.

use serde_json::{Map, Value, json};

use super::{Choice, Field, FieldKind, Question};
use crate::id::MessageId;
use crate::message::Message;
use crate::refusal::Refusal;
use crate::text::Check;

/// Of one text in a form.
const TEXT_MAX_CHARS: usize = 1_000;

#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The bot's message that asked.
    pub message_id: MessageId,
    /// `{"choice": id}`, or a form's values by name.
    pub values: Map<String, Value>,
}

impl Answer {
    /// The answer in words: the button's label, or a line for each field.
    pub fn text(&self, question: &Question) -> Result<String, Refusal> {
        let mut check = Check::new();
        let text = match question.form.is_empty() {
            true => self.chosen(&mut check, question),
            false => self.filled_in(&mut check, &question.form),
        };
        check.done().map(|()| text)
    }

    /// As the message's attribute `answer`.
    #[must_use]
    pub fn attribute(&self) -> Value {
        json!({ "message_id": self.message_id, "values": self.values })
    }

    fn chosen(&self, check: &mut Check, question: &Question) -> String {
        for name in self.values.keys().filter(|name| *name != "choice") {
            unknown(check, name);
        }
        let Some(value) = self.values.get("choice") else {
            check.refuse("/answer/values/choice", "required", "Choose one of them.");
            return String::new();
        };
        label(check, "choice", value, &question.choices)
    }

    fn filled_in(&self, check: &mut Check, form: &[Field]) -> String {
        for name in self.values.keys() {
            if form.iter().all(|field| field.name != *name) {
                unknown(check, name);
            }
        }
        let mut lines = Vec::new();
        for field in form {
            let given = self.values.get(&field.name).filter(|v| !is_blank(v));
            match given {
                Some(value) => {
                    let text = one(check, field, value);
                    lines.push(format!("{}: {text}", field.label));
                }
                None if field.required => {
                    check.refuse(&at(&field.name), "required", "This must not be empty.");
                }
                None => {}
            }
        }
        if lines.is_empty() {
            check.refuse("/answer/values", "required", "Fill in at least one field.");
        }
        lines.join("\n")
    }
}

impl Message {
    /// What a bot asks by it.
    #[must_use]
    pub fn question(&self) -> Option<Question> {
        serde_json::from_value(self.attributes.get("question")?.clone()).ok()
    }
}

fn at(name: &str) -> String {
    format!(
        "/answer/values/{}",
        name.replace('~', "~0").replace('/', "~1")
    )
}

fn unknown(check: &mut Check, name: &str) {
    check.refuse(&at(name), "unknown", "The question has no such field.");
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn label(check: &mut Check, name: &str, value: &Value, choices: &[Choice]) -> String {
    let chosen = choices
        .iter()
        .find(|choice| value.as_str() == Some(choice.id.as_str()));
    match chosen {
        Some(choice) => choice.label.clone(),
        None => {
            check.refuse(&at(name), "unknown_choice", "This is none of the choices.");
            String::new()
        }
    }
}

fn one(check: &mut Check, field: &Field, value: &Value) -> String {
    let pointer = at(&field.name);
    match (field.kind, value) {
        (FieldKind::Choice, value) => label(check, &field.name, value, &field.choices),
        (FieldKind::Number, Value::Number(number)) => number.to_string(),
        (FieldKind::Number, Value::String(text)) => {
            let text = text.trim();
            if !text.parse::<f64>().is_ok_and(f64::is_finite) {
                check.refuse(&pointer, "bad_number", "This is not a number.");
            }
            text.to_owned()
        }
        (FieldKind::Text | FieldKind::Email, Value::String(text)) => {
            check.optional(
                &pointer,
                text,
                TEXT_MAX_CHARS,
                field.kind == FieldKind::Text,
            );
            if field.kind == FieldKind::Email {
                check.email(&pointer, text.trim());
            }
            text.trim().to_owned()
        }
        _ => {
            check.refuse(&pointer, "bad_type", "This has the wrong type.");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn answer(values: Value) -> Answer {
        Answer {
            message_id: MessageId(Uuid::from_u128(1)),
            values: values.as_object().cloned().unwrap(),
        }
    }

    fn choice(id: &str, label: &str) -> Choice {
        Choice {
            id: id.to_owned(),
            label: label.to_owned(),
        }
    }

    fn field(name: &str, kind: FieldKind, required: bool) -> Field {
        let choices = match kind {
            FieldKind::Choice => vec![choice("s", "Small")],
            _ => vec![],
        };
        Field {
            name: name.to_owned(),
            label: name.to_uppercase(),
            kind,
            required,
            choices,
        }
    }

    fn wrong(question: &Question, values: Value) -> Vec<(String, &'static str)> {
        match answer(values).text(question) {
            Err(Refusal::Invalid(errors)) => {
                errors.into_iter().map(|e| (e.pointer, e.code)).collect()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_button_is_its_label() {
        let question = Question {
            choices: vec![choice("late", "It is late")],
            form: vec![],
        };
        let text = answer(json!({ "choice": "late" })).text(&question);
        assert_eq!(text.as_deref(), Ok("It is late"));
        let at = |name: &str, code| (format!("/answer/values/{name}"), code);
        let made_up = json!({ "choice": "x", "more": 1 });
        assert_eq!(
            wrong(&question, made_up),
            [at("more", "unknown"), at("choice", "unknown_choice")]
        );
        assert_eq!(wrong(&question, json!({})), [at("choice", "required")]);
    }

    #[test]
    fn a_form_is_a_line_for_each_field_that_was_filled_in() {
        let question = Question {
            choices: vec![],
            form: vec![
                field("order", FieldKind::Text, true),
                field("mail", FieldKind::Email, false),
                field("count", FieldKind::Number, false),
                field("size", FieldKind::Choice, false),
            ],
        };
        let good = json!({ "order": " A-1 ", "count": "2.5", "size": "s", "mail": "" });
        let text = answer(good).text(&question);
        assert_eq!(text.as_deref(), Ok("ORDER: A-1\nCOUNT: 2.5\nSIZE: Small"));
        let at = |name: &str, code| (format!("/answer/values/{name}"), code);
        let bad = json!({ "mail": "no", "count": "many", "size": [], "a/b": 1 });
        assert_eq!(
            wrong(&question, bad),
            [
                at("a~1b", "unknown"),
                at("order", "required"),
                at("mail", "bad_email"),
                at("count", "bad_number"),
                at("size", "unknown_choice"),
            ]
        );
    }
}
