//! A guest that waits past its deadline: nobody waits for it, and its author reads
//! what it did until then.

use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use deskbell_app::hooks::{Call, HookError, Hooks, Outgoing, Signing, SigningFailed};
use deskbell_app::outside::{OutboundFailure, OutboundRequest, OutboundResponse};
use deskbell_domain::plugin::Capability;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::attacks::attack;
use super::outside::variables;
use super::zoo::{built, configured};
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

/// Keeps the guest's thread until it is let: nothing stops a guest there.
struct Stuck(Mutex<Receiver<()>>);

impl Signing for Stuck {
    fn secret(&self, _: &str) -> Result<Vec<u8>, SigningFailed> {
        drop(self.0.lock().map(|let_go| let_go.recv()));
        Err(SigningFailed::Unknown)
    }

    fn chance(&self) -> [u8; 32] {
        [0; 32]
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
        timeout_ms: Some(2_000),
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
    assert_eq!(said, Err(HookError::DeadlineExceeded(2_000)));
    assert_eq!(report.log.first().expect("its line").text, "good night");
    assert_eq!(report.host_calls, 2);
    assert!(
        report.peak_memory > 0 && report.cpu < Duration::from_secs(1),
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

#[tokio::test]
async fn one_that_does_not_come_back_is_told_of_all_the_same() {
    let sandbox = sandbox_with(Faults::NONE, None);
    let file = built("tests/zoo/dist/signing-variables.wasm");
    let digest = sandbox.admit(file).await.expect("a plugin").digest;
    let (let_go, stuck) = channel();
    let call = Call {
        capabilities: Arc::new([Capability::Crypto]),
        signing: Arc::new(Stuck(Mutex::new(stuck))),
        timeout_ms: Some(2_000),
        ..call(1, digest)
    };
    let call = configured(call, &json!({ "steps": [{ "sign": ["key", "text"] }] }));
    let mut asked = variables();
    asked.names = vec!["signed.all".to_owned()];
    let (said, report) = sandbox.measure_variables(call, asked).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(2_000)));
    assert_eq!(report.log.first().expect("its line").text, "signing");
    assert!(
        report.host_calls > 0 && report.peak_memory > 0,
        "{report:?}"
    );
    let_go.send(()).expect("its thread waits");
}
