//! A guest that waits past its deadline: nobody waits for it, and its author reads
//! what it did until then.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use deskbell_app::hooks::{Call, HookError, Hooks, Outgoing};
use deskbell_app::outside::{OutboundFailure, OutboundRequest, OutboundResponse};
use deskbell_domain::plugin::Capability;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::attacks::attack;
use super::outside::variables;
use super::{IN_NO_HURRY, call, sandbox_with};
use crate::{Faults, Sandbox};

/// Says nothing until it is let.
struct Silent(Semaphore);

#[async_trait]
impl Outgoing for Silent {
    async fn send(&self, _: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let _let = self.0.acquire().await;
        Ok(OutboundResponse {
            status: 200,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        })
    }
}

async fn waiting(faults: Faults) -> (Sandbox, Call, Arc<Silent>) {
    let sandbox = sandbox_with(faults, None);
    let digest = sandbox
        .admit(attack("oversleeping"))
        .await
        .expect("a plugin");
    let silent = Arc::new(Silent(Semaphore::new(0)));
    let call = Call {
        capabilities: Arc::new([Capability::Http]),
        outgoing: silent.clone(),
        timeout_ms: Some(200),
        ..call(1, digest.digest)
    };
    (sandbox, call, silent)
}

#[tokio::test]
async fn waiting_past_the_deadline_is_given_up_and_told() {
    let mut asked = variables();
    asked.names = vec!["zoo.attack".to_owned()];
    let (sandbox, call, _silent) = waiting(Faults::NONE).await;
    let (said, report) = sandbox.measure_variables(call, asked.clone()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(200)));
    assert_eq!(report.log.first().expect("its line").text, "good night");
    assert_eq!(report.host_calls, 2);
    assert!(
        report.peak_memory > 0 && report.cpu < Duration::from_millis(100),
        "{report:?}"
    );

    // Without the deadline it waits for as long as it likes, and wakes up.
    let (sandbox, call, silent) = waiting(IN_NO_HURRY).await;
    let waits = sandbox.resolve_variables(call, asked);
    tokio::pin!(waits);
    let early = timeout(Duration::from_millis(400), &mut waits).await;
    assert!(early.is_err(), "{early:?}");
    silent.0.add_permits(1);
    assert_eq!(waits.await.expect("values")["zoo.attack"], "good morning");
}
