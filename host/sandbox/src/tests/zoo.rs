//! Real guests, made by the Rust toolchain out of `tests/zoo` and `plugins`
//! (`make plugins`): the same limits met by real allocators and panics.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use deskbell_app::hooks::{
    Call, Directory, DirectoryFailed, HookError, Hooks, RouteCandidate, VariablesRequest, Verdict,
};
use deskbell_domain::plugin::{Capability, Hook};
use deskbell_domain::routing::Candidate;
use deskbell_domain::{Agent, AgentId, AgentRef, Availability, TeamId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{admitted, call, request, sandbox};
use crate::{CallReport, Sandbox};

pub(super) fn built(path: &str) -> Bytes {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let file = std::fs::read(root.join(path));
    file.unwrap_or_else(|error| panic!("{path}: {error}; `make plugins` builds it"))
        .into()
}

pub(super) fn configured(mut call: Call, config: &Value) -> Call {
    call.config = Arc::new(config.as_object().unwrap().clone());
    call
}

/// A sandbox with `bad-router` in it.
async fn zoo() -> (Sandbox, deskbell_domain::plugin::Digest) {
    let sandbox = sandbox();
    let digest = admitted(&sandbox, built("tests/zoo/dist/bad-router.wasm")).await;
    (sandbox, digest)
}

#[tokio::test]
async fn each_bad_habit_has_its_name() {
    let (sandbox, digest) = zoo().await;
    for (mode, code) in [
        ("trap", "trapped"),
        ("loop", "cpu_exceeded"),
        ("grow", "memory_exceeded"),
        ("recurse", "trapped"),
        ("says-error", "plugin_failed"),
        ("invalid-config", "plugin_failed"),
        ("malformed-agent", "bad_answer"),
        ("call-flood", "limit_exceeded"),
        ("garbage-time", "bad_answer"),
    ] {
        let call = configured(call(1, digest), &json!({ "mode": mode }));
        let said = sandbox.route(call, request()).await;
        assert_eq!(
            said.as_ref().map_err(HookError::code),
            Err(code),
            "{mode}: {said:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_too_large_is_no_answer() {
    let (sandbox, digest) = zoo().await;
    for (bytes, code) in [
        (100 * 1024, "output_too_large"),
        (4 << 20, "limit_exceeded"),
    ] {
        let config = json!({ "mode": "huge-answer", "bytes": bytes });
        let said = sandbox
            .route(configured(call(1, digest), &config), request())
            .await;
        assert_eq!(said.map_err(|error| error.code()), Err(code), "{bytes}");
    }
}

#[tokio::test]
async fn a_flood_of_lines_costs_nobody_else() {
    let (sandbox, digest) = zoo().await;
    let config = json!({ "mode": "log-flood", "lines": 1_000 });
    let (said, report) = sandbox
        .measure_route(configured(call(1, digest), &config), request())
        .await;
    assert_eq!(said.map(|opinion| opinion.verdict), Ok(Verdict::NoOpinion));
    let bytes: usize = report.log.iter().map(|line| line.text.len()).sum();
    assert!(bytes < 9 * 1024, "{bytes}");
}

#[tokio::test]
async fn candidates_go_in_and_one_comes_out() {
    let (sandbox, digest) = zoo().await;
    let mut asked = request();
    let id = AgentId(Uuid::from_u128(11));
    asked.candidates.push(RouteCandidate {
        candidate: Candidate {
            id,
            name: "Grace".to_owned(),
            availability: Availability::Online,
            load: 1,
            capacity: 5,
            last_assigned_at: None,
        },
        email: "grace@example.com".to_owned(),
    });
    asked.candidates_total = 1;
    let first = configured(call(1, digest), &json!({ "mode": "assign-first" }));
    let said = sandbox.route(first, asked.clone()).await.unwrap();
    assert_eq!(said.verdict, Verdict::Assign(id));
    let echo = configured(call(1, digest), &json!({ "mode": "echo" }));
    let (said, report) = sandbox.measure_route(echo, asked).await;
    assert!(said.unwrap().reason.is_some());
    assert_used_little(&report);
}

fn assert_used_little(report: &CallReport) {
    assert!(report.peak_memory < 4 << 20, "{report:?}");
    assert!(report.host_calls >= 1, "{report:?}");
}

/// Knows one agent by one address.
struct One(Agent);

#[async_trait::async_trait]
impl Directory for One {
    async fn find_agent(&self, key: &str) -> Result<Option<Agent>, DirectoryFailed> {
        Ok((key == self.0.email).then(|| self.0.clone()))
    }

    async fn find_team(&self, _: &str) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        Ok(None)
    }
}

#[tokio::test]
async fn whoever_may_look_things_up_finds_them() {
    let sandbox = sandbox();
    let file = built("tests/zoo/dist/curious-router.wasm");
    let admitted = sandbox.admit(file).await.unwrap();
    assert_eq!(admitted.capabilities, [Capability::Directory]);
    let agent = agent();
    let id = agent.id;
    let call = super::granted(1, admitted.digest, Arc::new(One(agent)));
    let config = json!({ "agent": "grace@example.com", "times": 3 });
    let (said, report) = sandbox
        .measure_route(configured(call, &config), request())
        .await;
    assert_eq!(said.unwrap().verdict, Verdict::Assign(id));
    assert!(report.host_calls >= 3);
}

fn agent() -> Agent {
    use deskbell_domain::availability::Presence;
    use deskbell_domain::{Role, Timestamp};
    Agent {
        id: AgentId(Uuid::from_u128(12)),
        email: "grace@example.com".to_owned(),
        name: "Grace".to_owned(),
        role: Role::Agent,
        team_ids: vec![TeamId(Uuid::from_u128(4))],
        capacity: 5,
        load: 0,
        presence: Presence {
            connected: true,
            disconnected_at: None,
            choice: Availability::Online,
            last_active_at: Timestamp(0),
        },
        availability: Availability::Online,
        last_assigned_at: None,
        deactivated_at: None,
        created_at: Timestamp(0),
        version: 1,
    }
}

#[tokio::test]
async fn the_plugins_that_come_along_are_admitted_and_work() {
    let sandbox = sandbox();
    let router = sandbox
        .admit(built("plugins/dist/skills-router.wasm"))
        .await
        .unwrap();
    assert_eq!(router.hooks, [Hook::Routing]);
    let said = sandbox
        .route(call(1, router.digest), request())
        .await
        .unwrap();
    assert_eq!(said.verdict, Verdict::NoOpinion, "without a rule");

    let orders = sandbox
        .admit(built("plugins/dist/order-variables.wasm"))
        .await
        .unwrap();
    assert_eq!(orders.hooks, [Hook::Variables]);
    let names: Vec<_> = orders.variables.iter().map(|v| v.name.clone()).collect();
    assert!(names.contains(&"order.status".to_owned()), "{names:?}");
    let config = json!({
        "attribute": "order_id",
        "orders": [{ "order_id": "A-1001", "status": "on its way", "eta": "tomorrow" }],
    });
    let routed = request();
    let mut asked = VariablesRequest {
        names,
        conversation: routed.conversation,
        contact: routed.contact,
        agent: AgentRef {
            id: AgentId(Uuid::from_u128(13)),
            name: "Grace".to_owned(),
        },
    };
    let order = Value::from("A-1001");
    asked
        .conversation
        .attributes
        .insert("order_id".to_owned(), order);
    let call = Call {
        capabilities: Arc::new([Capability::Http]),
        ..configured(call(1, orders.digest), &config)
    };
    let values = sandbox.resolve_variables(call, asked).await.unwrap();
    assert_eq!(values["order.status"], "on its way");
    assert_eq!(values["order.eta"], "tomorrow");
}
