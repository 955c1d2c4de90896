//! What was expected against what came of it.

use deskbell_app::hooks::LogLine;
use deskbell_app::scenario::{Difference, Failure, Scenario, differences};
use serde_json::{Value, json};

use super::Ran;

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Finding {
    pub(in super::super) at: String,
    /// In words, where it is no comparison.
    pub(in super::super) said: Option<String>,
    pub(in super::super) expected: Option<Value>,
    pub(in super::super) got: Option<Value>,
}

impl Finding {
    pub(super) fn said(at: &str, text: String) -> Self {
        Self {
            at: at.to_owned(),
            said: Some(text),
            expected: None,
            got: None,
        }
    }

    pub(in super::super) fn json(&self) -> Value {
        json!({ "at": self.at, "said": self.said, "expected": self.expected, "got": self.got })
    }
}

impl From<Difference> for Finding {
    fn from(from: Difference) -> Self {
        Self {
            at: from.at,
            said: None,
            expected: from.expected,
            got: from.got,
        }
    }
}

/// A line of a log, as scenarios write it.
pub(in super::super) fn written(line: &LogLine) -> String {
    format!("{}: {}", line.level.as_str(), line.text)
}

/// Everything that is not as it was written.
pub(in super::super) fn judged(scenario: &Scenario, ran: &Ran) -> Vec<Finding> {
    let expect = &scenario.expect;
    let mut found = ran.outside.clone();
    let wanted_failure = expect.failure.is_some();
    match (&expect.answer, &ran.answer) {
        (Some(wanted), Ok(answer)) => found.extend(all(differences("answer", wanted, answer))),
        (None, Ok(answer)) if wanted_failure => found.push(Finding {
            at: "failure".to_owned(),
            said: None,
            expected: serde_json::to_value(&expect.failure).ok(),
            got: Some(json!({ "answer": answer })),
        }),
        (_, Err(error)) if !wanted_failure => found.push(Finding::said(
            "answer",
            format!("it has none ({}): {error}", error.code()),
        )),
        _ => {}
    }
    if let (Some(wanted), Err(error)) = (&expect.failure, &ran.answer) {
        found.extend(failures(wanted, &error.into()));
    }
    if let (Ok(_), Some(why)) = (&ran.answer, &ran.unfit) {
        let text = format!("the desk would not follow it: {why}");
        found.push(Finding::said("answer", text));
    }
    if let Some(wanted) = &expect.kv {
        let kept = serde_json::to_value(&ran.kv).unwrap_or_default();
        let wanted = serde_json::to_value(wanted).unwrap_or_default();
        found.extend(all(differences("kv", &wanted, &kept)));
    }
    if let Some(wanted) = &expect.log {
        let lines: Vec<_> = ran.report.log.iter().map(written).collect();
        found.extend(all(differences("log", &json!(wanted), &json!(lines))));
    }
    if let (Some(most), Some(fuel)) = (expect.fuel_at_most, ran.report.fuel)
        && fuel > most
    {
        found.push(Finding {
            at: "fuel_at_most".to_owned(),
            said: None,
            expected: Some(most.into()),
            got: Some(fuel.into()),
        });
    }
    if ran.changes_its_mind {
        let text = "it answered the same question in two ways".to_owned();
        found.push(Finding::said("answer", text));
    }
    if expect.answer.is_some() && wanted_failure {
        let text = "both an answer and a failure are written: one of them comes".to_owned();
        found.push(Finding::said("expect", text));
    }
    if expect.is_empty() {
        let text = "nothing is written here: say what is to come of it".to_owned();
        found.push(Finding::said("expect", text));
    }
    found
}

/// A detail that is not written is not compared.
fn failures(wanted: &Failure, got: &Failure) -> Vec<Finding> {
    let mut got = got.clone();
    if wanted.detail.is_none() {
        got.detail = None;
    }
    let json = |failure| serde_json::to_value(failure).unwrap_or_default();
    all(differences("failure", &json(wanted), &json(&got)))
}

fn all(found: Vec<Difference>) -> Vec<Finding> {
    found.into_iter().map(Finding::from).collect()
}
