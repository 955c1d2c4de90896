//! Guests that ask outside, against an outside that counts: how many requests a call
//! has, who has none, and what waiting costs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{Call, HookError, Hooks, Outgoing, VariablesRequest};
use deskbell_app::outside::{OutboundFailure, OutboundRequest, OutboundResponse};
use deskbell_domain::plugin::{Capability, Hook};
use deskbell_domain::{AgentId, AgentRef};
use serde_json::json;
use uuid::Uuid;

use super::attacks::event_of;
use super::zoo::{built, configured};
use super::{IN_NO_HURRY, call, request, sandbox_with};
use crate::Faults;

/// Counts, and answers at once or never.
#[derive(Default)]
struct Outside {
    asked: AtomicUsize,
    is_silent: bool,
}

#[async_trait]
impl Outgoing for Outside {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        assert_eq!(request.headers[0].0, "x-from");
        if self.is_silent {
            std::future::pending::<()>().await;
        }
        Ok(OutboundResponse {
            status: 200,
            headers: Vec::new(),
            body: Bytes::from_static(b"hi"),
        })
    }
}

fn asking(base: Call, times: u32, outside: &Arc<Outside>) -> Call {
    let config = json!({ "urls": ["https://a.example.com/"], "times": times });
    Call {
        capabilities: Arc::new([Capability::Http]),
        outgoing: outside.clone(),
        ..configured(base, &config)
    }
}

pub(super) fn variables() -> VariablesRequest {
    let routed = request();
    VariablesRequest {
        names: vec!["asked.all".to_owned()],
        conversation: routed.conversation,
        contact: routed.contact,
        agent: AgentRef {
            id: AgentId(Uuid::from_u128(13)),
            name: "Grace".to_owned(),
        },
    }
}

#[tokio::test]
async fn a_call_has_eight_requests_and_an_inline_one_none() {
    for (no_request_limit, most, inline) in [(false, 8, 0), (true, 20, 20)] {
        let faults = Faults {
            no_request_limit,
            ..IN_NO_HURRY
        };
        let sandbox = sandbox_with(faults, None);
        let file = built("tests/zoo/dist/asking-variables.wasm");
        let admitted = sandbox.admit(file).await.unwrap();
        assert_eq!(
            admitted.hooks,
            [Hook::Routing, Hook::Variables, Hook::Events]
        );
        assert_eq!(admitted.capabilities, [Capability::Http]);

        let outside = Arc::new(Outside::default());
        let asked = asking(call(1, admitted.digest), 20, &outside);
        let (said, report) = sandbox.measure_variables(asked, variables()).await;
        let said = said.unwrap()["asked.all"].clone();
        let heard = said.lines().filter(|line| *line == "200 hi").count();
        assert_eq!((heard, outside.asked.load(Ordering::SeqCst)), (most, most));
        // The author reads why.
        let told = report
            .log
            .iter()
            .filter(|line| line.text.starts_with("http: "));
        assert_eq!(told.count(), 20 - most);

        let outside = Arc::new(Outside::default());
        let asked = asking(call(1, admitted.digest), 20, &outside);
        let said = sandbox.route(asked, request()).await.unwrap();
        assert_eq!(outside.asked.load(Ordering::SeqCst), inline);
        let refused = said.reason.unwrap_or_default().contains("may not ask");
        assert_eq!(refused, inline == 0);
    }
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_has_thirty_two_requests() {
    for (no_request_limit, most) in [(false, 32), (true, 40)] {
        let faults = Faults {
            no_request_limit,
            ..IN_NO_HURRY
        };
        let sandbox = sandbox_with(faults, None);
        let file = built("tests/zoo/dist/asking-variables.wasm");
        let digest = sandbox.admit(file).await.unwrap().digest;
        let outside = Arc::new(Outside::default());
        let asked = asking(call(1, digest), 40, &outside);
        let (said, report) = sandbox.measure_event(asked, event_of(&request())).await;
        assert_eq!(said, Ok(Vec::new()), "what is refused is an answer too");
        assert_eq!(outside.asked.load(Ordering::SeqCst), most);
        let lines = report.log.iter();
        let told = lines.filter(|line| line.text.starts_with("http: "));
        assert_eq!(told.count(), 40 - most);
    }
}

#[tokio::test]
async fn waiting_ends_with_the_call_and_costs_no_cpu() {
    let sandbox = sandbox_with(Faults::default(), None);
    let file = built("tests/zoo/dist/asking-variables.wasm");
    let admitted = sandbox.admit(file).await.unwrap();
    let outside = Arc::new(Outside {
        is_silent: true,
        ..Outside::default()
    });
    let mut asked = asking(call(1, admitted.digest), 1, &outside);
    asked.timeout_ms = Some(300);
    let (said, report) = sandbox.measure_variables(asked, variables()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(300)));
    assert_eq!(outside.asked.load(Ordering::SeqCst), 1);
    assert!(report.cpu < Duration::from_millis(100), "{:?}", report.cpu);
}
