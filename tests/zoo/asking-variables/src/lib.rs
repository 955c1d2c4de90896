//! Variables, a router, and a listener to events, that ask outside: each URL of the
//! configuration, so many times. `asked.all` is one line for each answer: a status and a body, or a
//! failure.

use deskbell_plugin_api::events::{Effects, Event};
use deskbell_plugin_api::routing::{self, Decision};
use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{
    Call, Events, HookError, Router, Variables, config, export_events, export_router,
    export_variables, http,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    urls: Vec<String>,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

fn ask() -> Result<String, HookError> {
    let config: Config = config::get()?;
    let mut told = Vec::new();
    for url in &config.urls {
        for _ in 0..config.times {
            told.push(match http::get(url).header("x-from", "the guest").send() {
                Ok(said) => format!("{} {}", said.status, String::from_utf8_lossy(&said.body)),
                Err(http::Failure::Denied(why)) => format!("denied: {why}"),
                Err(http::Failure::Timeout) => "timeout".to_owned(),
                Err(http::Failure::TooLarge) => "too large".to_owned(),
                Err(http::Failure::Unreachable(why)) => format!("unreachable: {why}"),
                Err(http::Failure::TooManyRequests) => "too many requests".to_owned(),
            });
        }
    }
    Ok(told.join("\n"))
}

struct Asking;

impl Variables for Asking {
    fn definitions() -> Vec<Definition> {
        vec![Definition::new("asked.all", "What was heard.")]
    }

    fn resolve(_: &Call, request: Request) -> Result<Values, HookError> {
        let mut values = Values::new();
        for name in &request.names {
            values.set(name, ask()?);
        }
        Ok(values)
    }
}

impl Router for Asking {
    fn route(_: &Call, _: routing::Request) -> Result<Decision, HookError> {
        Ok(Decision::no_opinion().because(ask()?))
    }
}

impl Events for Asking {
    fn on_event(_: &Call, _: Event) -> Result<Effects, HookError> {
        ask().map(|_| Effects::none())
    }
}

export_events!(Asking);
export_variables!(Asking);
export_router!(Asking);
