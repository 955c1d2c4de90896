//! Tenants beside each other. A guest is held by a directory that does not answer,
//! so that who runs is known by counting and never by the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use deskbell_app::hooks::{Directory, DirectoryFailed, HookError, Hooks};
use deskbell_domain::{Agent, TeamId};
use tokio::sync::Semaphore;

use super::guests::{ANSWER, router, router_with};
use super::{admitted, call, granted, request, sandbox, sandbox_with};
use crate::Faults;

const IMPORT: &str = "import deskbell:host/directory@0.1.0;";
const FIND: &str = r#"(import "deskbell:host/directory@0.1.0" "find-agent"
    (func $find (param i32 i32 i32)))"#;

fn asking() -> bytes::Bytes {
    let body = format!(
        "(call $find (i32.const 2048) (i32.const 3) (i32.const 4096)) i32.const {ANSWER}"
    );
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
    let said = sandbox.route(granted(1, digest, gate.clone()), request()).await;
    assert!(said.is_ok(), "{said:?}");
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_directory_that_is_silent_does_not_hold_a_call() {
    let sandbox = sandbox();
    let digest = admitted(&sandbox, asking()).await;
    let silent = granted(1, digest, Gate::closed());
    let said = sandbox.route(silent, request()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(100)));
}

#[tokio::test]
async fn one_tenants_guests_hold_up_no_other_tenants() {
    // Nothing stops the held guest, so its thread stays taken.
    let faults = Faults {
        no_wall_limit: true,
        ..Faults::default()
    };
    let sandbox = sandbox_with(faults, None);
    let held = admitted(&sandbox, asking()).await;
    let quick = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    let gate = Gate::closed();
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..80 {
        let (sandbox, call) = (sandbox.clone(), granted(1, held, gate.clone()));
        many.spawn(async move { sandbox.route(call, request()).await });
    }
    let _first = gate.arrived.acquire().await.unwrap();

    // The other tenant is answered while the first is stuck with its one thread.
    let said = sandbox.route(call(2, quick), request()).await;
    assert!(said.is_ok(), "{said:?}");
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1, "one thread of four");

    // The caller of the held guest was not held, nor were those behind it; and
    // those beyond the bound were refused at once.
    let mut busy = 0;
    let mut late = 0;
    while let Some(said) = many.join_next().await {
        match said.unwrap() {
            Err(HookError::Busy) => busy += 1,
            Err(HookError::DeadlineExceeded(100)) => late += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(busy > 0, "beyond the bound");
    assert!(late > 0);
    assert_eq!(gate.asked.load(Ordering::SeqCst), 1);
    gate.open.add_permits(1_000);
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
        let bound = std::time::Duration::from_secs(60);
        tokio::time::timeout(bound, asleep).await.unwrap();
    }
}
