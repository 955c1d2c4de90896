//! The runs as files, for the reducers of the client packages: what they had, what
//! came, and what they must then have.
//!
//! Time and ids are held still, so the files are the same on every run. A test
//! compares them; `DESKBELL_BLESS=1` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use deskbell_tests::environment;
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
