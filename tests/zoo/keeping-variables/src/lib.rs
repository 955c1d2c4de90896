//! Variables, and a router, that keep and read values: each step of the
//! configuration in turn. `kept.all` is one line for each: what came of it.

use deskbell_plugin_api::routing::{self, Decision};
use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{
    Call, HookError, Router, Variables, config, export_router, export_variables, kv,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Set(String, String),
    Get(String),
    Delete(String),
    List(String),
    /// The key, what it must be, what it shall be.
    Swap(String, Option<String>, Option<String>),
    /// So many keys behind this prefix, each of so many bytes.
    Fill(String, usize, usize),
}

fn step(step: &Step) -> Result<String, kv::Failure> {
    let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
    Ok(match step {
        Step::Set(key, value) => {
            kv::set(key, value.as_bytes())?;
            "set".to_owned()
        }
        Step::Get(key) => kv::get(key)?.map_or_else(|| "nothing".to_owned(), text),
        Step::Delete(key) => kv::delete(key)?.to_string(),
        Step::List(prefix) => kv::list_keys(prefix, None)?.join(","),
        Step::Swap(key, old, new) => {
            let (old, new) = (old.as_deref(), new.as_deref());
            kv::compare_and_set(key, old.map(str::as_bytes), new.map(str::as_bytes))?.to_string()
        }
        Step::Fill(prefix, many, bytes) => {
            let value = vec![b'x'; *bytes];
            for number in 0..*many {
                if let Err(failure) = kv::set(&format!("{prefix}{number:06}"), &value) {
                    return Ok(format!("{failure} at {number}"));
                }
            }
            "filled".to_owned()
        }
    })
}

fn run() -> Result<String, HookError> {
    let config: Config = config::get()?;
    let told = config.steps.iter().map(|one| match step(one) {
        Ok(told) => told,
        Err(failure) => failure.to_string(),
    });
    Ok(told.collect::<Vec<_>>().join("\n"))
}

struct Keeping;

impl Variables for Keeping {
    fn definitions() -> Vec<Definition> {
        vec![Definition::new("kept.all", "What came of it.")]
    }

    fn resolve(_: &Call, request: Request) -> Result<Values, HookError> {
        let mut values = Values::new();
        for name in &request.names {
            values.set(name, run()?);
        }
        Ok(values)
    }
}

impl Router for Keeping {
    fn route(_: &Call, _: routing::Request) -> Result<Decision, HookError> {
        Ok(Decision::no_opinion().because(run()?))
    }
}

export_variables!(Keeping);
export_router!(Keeping);
