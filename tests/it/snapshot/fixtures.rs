//! The runs as files, for the reducers of the client packages: what they had, what
//! came, and what they must then have.
//!
//! Time and ids are held still, so the files are the same on every run. A test
//! compares them; `DESKBELL_BLESS=1` rewrites them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use deskbell_tests::environment;
use deskbell_tests::reducer::{Picture, Plane, list, sorted};
use serde_json::{Value, json};

use super::watch::Run;

#[derive(Default)]
pub(super) struct Fixtures {
    files: BTreeMap<String, String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/events")
}

impl Fixtures {
    /// The agent's and the visitor's run, if they heard of anything.
    pub(super) fn add(&mut self, case: &str, runs: Vec<Run>) {
        for run in runs {
            if run.observer == "supervisor" || run.events.is_empty() {
                continue;
            }
            let mut fixture = json!({
                "plane": run.plane.as_str(),
                "before": run.before,
                "events": run.events,
                "after": run.after,
            });
            fixture["before"]["cursor"] = json!("before");
            fixture["after"]["cursor"] = json!("after");
            still(&mut fixture);
            let text = serde_json::to_string_pretty(&fixture).expect("JSON");
            let name = case.replace([' ', '_'], "-");
            self.files
                .insert(format!("{name}.{}.json", run.observer), text + "\n");
        }
    }

    /// Holds the files against those committed, or rewrites these.
    pub(super) fn compare(self) {
        if environment::bless() {
            self.write();
        }
        let mut complaints = Vec::new();
        for (name, text) in &self.files {
            match fs::read_to_string(folder().join(name)) {
                Ok(committed) if committed == *text => {}
                Ok(_) => complaints.push(format!("{name} differs")),
                Err(_) => complaints.push(format!("{name} is missing")),
            }
        }
        for name in committed() {
            if !self.files.contains_key(&name) {
                complaints.push(format!("{name} belongs to no case"));
            }
        }
        assert!(
            complaints.is_empty(),
            "the event fixtures are not what the server sends; look at the difference after \
             `DESKBELL_BLESS=1 scripts/with-servers cargo test -p deskbell-tests --test it -- \
             snapshot` and commit it if it is meant:\n  {}",
            complaints.join("\n  ")
        );
    }

    fn write(&self) {
        fs::create_dir_all(folder()).expect("the fixtures' folder");
        for name in committed() {
            fs::remove_file(folder().join(name)).expect("an old fixture goes");
        }
        for (name, text) in &self.files {
            fs::write(folder().join(name), text).expect("a fixture is written");
        }
    }
}

fn committed() -> Vec<String> {
    let entries = fs::read_dir(folder()).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(".json")).collect()
}

/// How long a decision took is the machine's business.
fn still(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == "duration_us" {
                    *value = json!(0);
                }
                still(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(still),
        _ => {}
    }
}

fn read(name: &str) -> (Plane, Value) {
    let text = fs::read_to_string(folder().join(name)).expect("a committed fixture");
    let fixture: Value = serde_json::from_str(&text).expect("JSON");
    let widget = fixture["plane"] == "widget";
    (if widget { Plane::Widget } else { Plane::Agent }, fixture)
}

/// Whether the fixture holds without its `left_out`th event.
fn holds_without(plane: Plane, fixture: &Value, left_out: Option<usize>) -> bool {
    let mut picture = Picture::of(plane, &fixture["before"]);
    for (at, event) in list(&fixture["events"]).iter().enumerate() {
        if left_out != Some(at) {
            picture.apply(event);
        }
    }
    picture.snapshot() == sorted(plane, &fixture["after"])
}

/// Each holds; and most say something: an agent may hear of a conversation that
/// is in no snapshot of theirs, a visitor never does.
#[test]
fn the_fixtures_say_something() {
    let mut still = Vec::new();
    for name in committed() {
        let (plane, fixture) = read(&name);
        assert!(holds_without(plane, &fixture, None), "{name}");
        let same = sorted(plane, &fixture["before"]) == sorted(plane, &fixture["after"]);
        assert!(
            !same || plane == Plane::Agent,
            "{name}: nothing changes in it"
        );
        if same {
            still.push(name);
        }
    }
    assert!(still.len() < 12, "{still:?}");
}

/// The planted bug of this check: a server that forgets to tell of something. For
/// each kind of event there is a run that finds it missing.
#[test]
fn an_event_that_is_not_told_is_found() {
    let mut found = BTreeSet::new();
    for name in committed() {
        let (plane, fixture) = read(&name);
        for (at, event) in list(&fixture["events"]).iter().enumerate() {
            if !holds_without(plane, &fixture, Some(at)) {
                found.insert(event["type"].as_str().unwrap_or_default().to_owned());
            }
        }
    }
    for kind in [
        "agent.availability_changed",
        "canned_response.updated",
        "conversation.assigned",
        "conversation.closed",
        "conversation.missed",
        "conversation.queued",
        "conversation.rated",
        "conversation.reopened",
        "conversation.resolved",
        "conversation.transferred",
        "conversation.unassigned",
        "conversation.updated",
        "message.created",
        "message.delivered",
        "message.read",
        "routing.decided",
    ] {
        assert!(
            found.contains(kind),
            "{kind} could be forgotten; found are {found:?}"
        );
    }
}
