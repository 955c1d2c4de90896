//! Tenants beside each other. A guest is held by a directory that does not answer,
//! so that who runs is known by counting and never by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use deskbell_app::hooks::{Directory, DirectoryFailed, HookError, Hooks, Opinion};
use deskbell_domain::plugin::Digest;
use deskbell_domain::{Agent, TeamId};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::guests::{ANSWER, router, router_with};
use super::{IN_NO_HURRY, admitted, call, granted, request, sandbox, sandbox_with};
use crate::{Faults, Sandbox};

type Said = Result<Opinion, HookError>;

const IMPORT: &str = "import deskbell:host/directory@0.1.0;";
const FIND: &str = r#"(import "deskbell:host/directory@0.1.0" "find-agent"
    (func $find (param i32 i32 i32)))"#;

fn asking() -> bytes::Bytes {
    let body =
        format!("(call $find (i32.const 2048) (i32.const 3) (i32.const 4096)) i32.const {ANSWER}");
    router_with(IMPORT, FIND, &body)
}

/// Answers when it is let.
struct Gate {
    asked: AtomicUsize,
    arrived: Semaphore,
    open: Semaphore,
}

impl Gate {
    fn closed() -> Arc<Self> {
        Arc::new(Self {
            asked: AtomicUsize::new(0),
            arrived: Semaphore::new(0),
            open: Semaphore::new(0),
        })
    }
}

#[async_trait]
impl Directory for Gate {
    async fn find_agent(&self, _: &str) -> Result<Option<Agent>, DirectoryFailed> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.arrived.add_permits(1);
        let _open = self.open.acquire().await;
        Ok(None)
    }

    async fn find_team(&self, _: &str) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_capability_is_there_only_when_granted() {
    let sandbox = sandbox();
    let digest = admitted(&sandbox, asking()).await;
    let said = sandbox.route(call(1, digest), request()).await;
    assert!(matches!(&said, Err(HookError::Sandbox(text)) if text.contains("directory")));
    let gate = Gate::closed();
    gate.open.add_permits(1);
    let said = sandbox
        .route(granted(1, digest, gate.clone()), request())
        .await;
    assert!(said.is_ok(), "{said:?}");
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_directory_that_is_silent_does_not_hold_a_call() {
    let sandbox = sandbox_with(Faults::default(), None);
    let digest = admitted(&sandbox, asking()).await;
    let silent = granted(1, digest, Gate::closed());
    let said = sandbox.route(silent, request()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(100)));
}

/// Calls that go on beside the test.
fn many(sandbox: &Sandbox, digest: Digest, gate: &Arc<Gate>) -> JoinSet<Said> {
    let mut many = JoinSet::new();
    for _ in 0..80 {
        let (sandbox, call) = (sandbox.clone(), granted(1, digest, gate.clone()));
        many.spawn(async move { sandbox.route(call, request()).await });
    }
    many
}

#[tokio::test]
async fn a_deadline_counts_in_the_queue_too() {
    let sandbox = sandbox_with(Faults::default(), None);
    let held = admitted(&sandbox, asking()).await;
    let gate = Gate::closed();
    for said in many(&sandbox, held, &gate).join_all().await {
        let is_bounded = matches!(
            said,
            Err(HookError::Busy | HookError::DeadlineExceeded(100))
        );
        assert!(is_bounded, "{said:?}");
    }
}

#[tokio::test]
async fn one_tenants_guests_hold_up_no_other_tenants() {
    let sandbox = sandbox();
    let held = admitted(&sandbox, asking()).await;
    let quick = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    let gate = Gate::closed();
    let many = many(&sandbox, held, &gate);
    let _first = gate.arrived.acquire().await.unwrap();

    // The other tenant is answered while the first is stuck with its one thread.
    let said = sandbox.route(call(2, quick), request()).await;
    assert!(said.is_ok(), "{said:?}");
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1, "one thread of four");

    gate.open.add_permits(1_000);
    let all = many.join_all().await;
    let busy = all
        .iter()
        .filter(|said| **said == Err(HookError::Busy))
        .count();
    let answered = all.iter().filter(|said| said.is_ok()).count();
    assert!(
        busy == 15 || busy == 16,
        "beyond one or none at work and 64: {busy}"
    );
    assert_eq!(busy + answered, all.len());
}

#[tokio::test]
async fn without_its_share_one_tenant_has_all_threads() {
    let faults = Faults {
        no_share: true,
        ..IN_NO_HURRY
    };
    let sandbox = sandbox_with(faults, None);
    let held = admitted(&sandbox, asking()).await;
    let quick = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    let gate = Gate::closed();
    let many = many(&sandbox, held, &gate);
    let _all = gate.arrived.acquire_many(4).await.unwrap();
    let answer = sandbox.route(call(2, quick), request());
    let said = tokio::time::timeout(Duration::from_millis(300), answer).await;
    assert!(said.is_err(), "nobody is left for the other: {said:?}");
    gate.open.add_permits(1_000);
    many.join_all().await;
}

#[tokio::test]
async fn the_ticker_sleeps_when_no_guest_runs() {
    let sandbox = sandbox();
    let digest = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    for _ in 0..3 {
        sandbox.route(call(1, digest), request()).await.unwrap();
        let asleep = async {
            while !sandbox.inner.ticker.is_asleep() {
                tokio::task::yield_now().await;
            }
        };
        let bound = Duration::from_secs(60);
        tokio::time::timeout(bound, asleep).await.unwrap();
    }
}
