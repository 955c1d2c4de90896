//! The rest of the world as a scenario has it: each request is judged by the egress
//! crate's rules, compared with the one the scenario expects next, and answered from
//! the file. No name is looked up and nothing is dialled.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use deskbell_app::hooks::Outgoing;
use deskbell_app::outside::{OutboundFailure, OutboundMethod, OutboundRequest, OutboundResponse};
use deskbell_app::scenario::{Blob, Exchange, Scenario, differences};
use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::{HostPattern, Placement};
use deskbell_egress::{Addition, Request, Terms, Written, written};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::verdict::Finding;
use crate::outbound::{method, refused};

/// Of a request; a plugin's own limits are lower.
const REQUEST_BYTES: usize = 1024 * 1024;

pub(super) struct PlayedOutside {
    hosts: Vec<HostPattern>,
    additions: Vec<Addition>,
    exchanges: Vec<Exchange>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: usize,
    findings: Vec<Finding>,
}

impl PlayedOutside {
    pub(super) fn new(
        scenario: &Scenario,
        manifest: &Manifest,
        config: &Map<String, Value>,
    ) -> Self {
        let additions = manifest.secrets.iter().filter_map(|(name, secret)| {
            Some(Addition {
                name: name.clone(),
                hosts: secret.to.under(config),
                placement: secret.placement.clone(),
                value: scenario.secrets.get(name)?.clone(),
            })
        });
        Self {
            hosts: manifest.capabilities.http.under(config),
            additions: additions.collect(),
            exchanges: scenario.http.clone(),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What did not go as written, with what was never asked for.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let state = self.state();
        let mut findings = state.findings.clone();
        for (index, exchange) in self.exchanges.iter().enumerate().skip(state.next) {
            let (method, url) = (&exchange.request.method, &exchange.request.url);
            findings.push(Finding::said(
                &format!("http[{index}]"),
                format!("it did not ask {method} {url}"),
            ));
        }
        findings
    }
}

#[async_trait]
impl Outgoing for PlayedOutside {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let terms = Terms {
            client: Uuid::nil(),
            hosts: self.hosts.clone(),
            timeout: request.timeout,
            request_bytes: REQUEST_BYTES,
            response_bytes: request.response_bytes,
            additions: self.additions.clone(),
        };
        let asked = Request {
            method: method(request.method),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request.body.clone(),
        };
        let asked = written(asked, &terms, true);
        let word = word(request.method);
        let mut state = self.state();
        let asked = asked.map_err(|failure| {
            // As it is written, if it is.
            let next = self.exchanges.get(state.next);
            if next.is_some_and(|next| is_denied(next) && next.request.url == request.url) {
                state.next += 1;
            } else {
                let text = format!("it asks {word} {}, where it may not", request.url);
                state.findings.push(Finding::said("http", text));
            }
            refused(&failure)
        })?;
        let Some(expected) = self.exchanges.get(state.next) else {
            let text = format!("it asks {word} {}, which is not written", asked.url);
            state.findings.push(Finding::said("http", text));
            let why = "the scenario has no answer to this request".to_owned();
            return Err(OutboundFailure::Unreachable(why));
        };
        let at = format!("http[{}]", state.next);
        state.next += 1;
        let mut shown = asked;
        let plain = |it: &Addition| matches!(it.placement, Placement::Header { .. });
        if request.url == expected.request.url && self.additions.iter().all(plain) {
            // Spelled as the author has it: it is the same.
            shown.url.clone_from(&request.url);
        }
        let found = compare(&at, expected, word, &shown, &request);
        state.findings.extend(found);
        answer(expected, request.response_bytes)
    }
}

fn is_denied(exchange: &Exchange) -> bool {
    exchange.failure.as_deref() == Some("denied")
}

/// What is written of a request, against what it is.
fn compare(
    at: &str,
    expected: &Exchange,
    method: &str,
    asked: &Written,
    request: &OutboundRequest,
) -> Vec<Finding> {
    let wanted = &expected.request;
    let mut want = Map::new();
    let mut got = Map::new();
    want.insert("method".to_owned(), wanted.method.to_uppercase().into());
    got.insert("method".to_owned(), method.into());
    want.insert("url".to_owned(), wanted.url.clone().into());
    got.insert("url".to_owned(), asked.url.clone().into());
    for (name, value) in &wanted.headers {
        let name = name.to_lowercase();
        let values = asked.headers.iter().filter(|(one, _)| *one == name);
        let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
        let key = format!("header {name}");
        want.insert(key.clone(), value.clone().into());
        if !values.is_empty() {
            got.insert(key, values.join(", ").into());
        }
    }
    if let Some(json) = &wanted.json {
        want.insert("json".to_owned(), json.clone());
        let body = serde_json::from_slice(&request.body);
        got.insert(
            "json".to_owned(),
            body.unwrap_or_else(|_| text(&request.body)),
        );
    }
    if let Some(body) = &wanted.body {
        want.insert("body".to_owned(), text(&body.0));
        got.insert("body".to_owned(), text(&request.body));
    }
    let found = differences(at, &Value::Object(want), &Value::Object(got));
    found.into_iter().map(Finding::from).collect()
}

fn text(bytes: &bytes::Bytes) -> Value {
    serde_json::to_value(Blob(bytes.clone())).unwrap_or_default()
}

fn answer(expected: &Exchange, most: usize) -> Result<OutboundResponse, OutboundFailure> {
    if let Some(word) = &expected.failure {
        let why = "as the scenario has it".to_owned();
        return Err(match word.as_str() {
            "denied" => OutboundFailure::Denied(why),
            "timeout" => OutboundFailure::Timeout(why),
            "too_large" => OutboundFailure::TooLarge(why),
            "too_many_requests" => OutboundFailure::TooManyRequests(why),
            _ => OutboundFailure::Unreachable(why),
        });
    }
    let form = expected.answer.clone().unwrap_or_default();
    let body = form.bytes();
    if body.len() > most {
        let why = format!("the answer is larger than {most} bytes");
        return Err(OutboundFailure::TooLarge(why));
    }
    let mut headers = form.headers;
    let typed = headers.iter().any(|(name, _)| name == "content-type");
    if form.json.is_some() && !typed {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Ok(OutboundResponse {
        status: form.status.unwrap_or(200),
        headers,
        body,
    })
}

const fn word(method: OutboundMethod) -> &'static str {
    match method {
        OutboundMethod::Get => "GET",
        OutboundMethod::Head => "HEAD",
        OutboundMethod::Post => "POST",
        OutboundMethod::Put => "PUT",
        OutboundMethod::Patch => "PATCH",
        OutboundMethod::Delete => "DELETE",
    }
}
