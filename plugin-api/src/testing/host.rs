//! The double of the host. Each thread has one, because each test has a thread.

use std::cell::RefCell;
use std::collections::VecDeque;

use serde::Serialize;

use crate::directory::{Agent, Failure, Team};
use crate::http;
use crate::log::Level;

#[derive(Default)]
struct State {
    config: Option<String>,
    agents: Vec<Agent>,
    teams: Vec<Team>,
    directory_failure: Option<Failure>,
    log: Vec<String>,
    answers: VecDeque<Result<http::Response, http::Failure>>,
    requests: Vec<http::Request>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Stands in for the desk, for the thread that made it, until it is dropped.
///
/// A new one has the configuration `{}`, an empty directory and an empty log. A
/// test that needs nothing else can do without.
#[derive(Debug)]
pub struct Host {
    /// It belongs to its thread.
    _here: std::marker::PhantomData<*const ()>,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A fresh host for this thread, in place of an earlier one.
    #[must_use]
    pub fn new() -> Self {
        STATE.take();
        super::crypto::forget();
        super::kv::forget();
        Self {
            _here: std::marker::PhantomData,
        }
    }

    /// Sets what [`config::get`](crate::config::get) reads. The real host fills in
    /// defaults from the manifest; here you write them out.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON.
    #[track_caller]
    pub fn set_config(&self, config: impl Serialize) {
        match serde_json::to_string(&config) {
            Ok(text) => STATE.with_borrow_mut(|state| state.config = Some(text)),
            Err(error) => panic!("this configuration cannot be written as JSON: {error}"),
        }
    }

    /// Adds an agent to the directory.
    pub fn add_agent(&self, agent: Agent) {
        STATE.with_borrow_mut(|state| state.agents.push(agent));
    }

    /// Adds a team to the directory.
    pub fn add_team(&self, team: Team) {
        STATE.with_borrow_mut(|state| state.teams.push(team));
    }

    /// Makes the directory answer with this failure from now on.
    pub fn fail_directory(&self, failure: Failure) {
        STATE.with_borrow_mut(|state| state.directory_failure = Some(failure));
    }

    /// Records an answer from outside: the next request without one gets it. A
    /// request for which nothing was recorded is denied.
    pub fn answer_http(&self, answer: Result<http::Response, http::Failure>) {
        STATE.with_borrow_mut(|state| state.answers.push_back(answer));
    }

    /// What the plugin asked outside so far.
    #[must_use]
    pub fn http_requests(&self) -> Vec<http::Request> {
        STATE.with_borrow(|state| state.requests.clone())
    }

    /// Enters a secret to sign with, as an admin would.
    pub fn set_secret(&self, name: &str, value: &str) {
        super::crypto::set_secret(name, value);
    }

    /// The lines logged so far, as `level: message`.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        STATE.with_borrow(|state| state.log.clone())
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        STATE.take();
        super::crypto::forget();
        super::kv::forget();
    }
}

pub(crate) fn config() -> String {
    STATE.with_borrow(|state| state.config.clone().unwrap_or_else(|| "{}".to_owned()))
}

pub(crate) fn log(level: Level, message: &str) {
    let level = match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    };
    STATE.with_borrow_mut(|state| state.log.push(format!("{level}: {message}")));
}

pub(crate) fn find_agent(id_or_email: &str) -> Result<Option<Agent>, Failure> {
    let is_it = |agent: &&Agent| agent.id == id_or_email || agent.email == id_or_email;
    STATE.with_borrow(|state| match state.directory_failure {
        Some(failure) => Err(failure),
        None => Ok(state.agents.iter().find(is_it).cloned()),
    })
}

pub(crate) fn find_team(id_or_name: &str) -> Result<Option<Team>, Failure> {
    let is_it = |team: &&Team| team.id == id_or_name || team.name == id_or_name;
    STATE.with_borrow(|state| match state.directory_failure {
        Some(failure) => Err(failure),
        None => Ok(state.teams.iter().find(is_it).cloned()),
    })
}

pub(crate) fn send(request: http::Request) -> Result<http::Response, http::Failure> {
    STATE.with_borrow_mut(|state| {
        state.requests.push(request);
        state.answers.pop_front().unwrap_or_else(|| {
            let why = "this test recorded no answer for this request".to_owned();
            Err(http::Failure::Denied(why))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HookError, config, directory, log};
    use serde_json::{Value, json};

    fn ana() -> Agent {
        Agent {
            id: "agt_1".to_owned(),
            name: "Ana".to_owned(),
            email: "ana@example.com".to_owned(),
            availability: "online".to_owned(),
            load: 1,
            capacity: 5,
            team_ids: Vec::new(),
        }
    }

    #[test]
    fn a_fresh_host_is_empty_and_an_old_one_leaves_nothing() {
        {
            let host = Host::new();
            host.set_config(json!({ "a": 1 }));
            host.add_agent(ana());
            log::warn("odd");
            assert_eq!(host.log(), ["warn: odd"]);
        }
        assert_eq!(config::get::<Value>(), Ok(json!({})));
        assert_eq!(directory::find_agent("agt_1"), Ok(None));
        assert!(Host::new().log().is_empty());
    }

    #[test]
    fn the_directory_answers_by_id_and_by_address() {
        let host = Host::new();
        host.add_agent(ana());
        host.add_team(Team {
            id: "team_1".to_owned(),
            name: "Billing".to_owned(),
        });
        assert_eq!(directory::find_agent("agt_1"), Ok(Some(ana())));
        assert_eq!(directory::find_agent("ana@example.com"), Ok(Some(ana())));
        assert_eq!(directory::find_agent("ben@example.com"), Ok(None));
        let team = directory::find_team("Billing").map(|team| team.map(|team| team.id));
        assert_eq!(team, Ok(Some("team_1".to_owned())));

        host.fail_directory(Failure::Unavailable);
        assert_eq!(directory::find_agent("agt_1"), Err(Failure::Unavailable));
        let told = HookError::from(Failure::Unavailable);
        assert!(matches!(told, HookError::Unavailable(_)));
    }

    #[test]
    fn the_outside_answers_what_was_recorded() {
        let host = Host::new();
        let answer = http::Response::json(200, &json!({ "status": "packed" }));
        host.answer_http(Ok(answer));
        let said = http::get("https://api.example.com/orders/7")
            .header("accept", "application/json")
            .send();
        let said: Value = said.and_then(|said| said.read()).unwrap_or_default();
        assert_eq!(said, json!({ "status": "packed" }));
        assert_eq!(
            host.http_requests()[0].url,
            "https://api.example.com/orders/7"
        );
        let none = http::get("https://api.example.com/").send();
        assert!(matches!(none, Err(http::Failure::Denied(_))));
    }

    #[test]
    fn a_configuration_of_another_shape_is_invalid() {
        let host = Host::new();
        host.set_config(json!({ "a": 1 }));
        assert!(matches!(
            config::get::<Vec<String>>(),
            Err(HookError::InvalidConfig(_))
        ));
    }
}
