//! A stale snapshot plus the events after it equals a fresh snapshot: for every
//! command, as an agent, as a supervisor and as a visitor sees it, and for long
//! random sequences of commands.
//!
//! `snapshot/cases.rs` has a case for each command, `snapshot/watch.rs` compares,
//! `snapshot/fixtures.rs` writes the runs down for the clients' reducers,
//! `snapshot/random.rs` is the sequence.

mod cases;
mod desk_changes;
mod fixtures;
mod random;
mod watch;

use std::collections::BTreeSet;

use deskbell_domain::Command;
use deskbell_tests::{Engine, TestApp};

use cases::{CASES, Case, Scene};
use watch::Watch;

/// Every command there is. A new one does not compile until it has a line here,
/// and the test below fails until a case runs it.
macro_rules! every_command {
    ($($pattern:pat => $name:literal,)+) => {
        const NAMES: &[&str] = &[$($name),+];

        fn name(command: &Command) -> &'static str {
            match command {
                $($pattern => $name,)+
            }
        }
    };
}

every_command! {
    Command::StartConversation(_) => "start_conversation",
    Command::SendMessage { .. } => "send_message",
    Command::AnswerQuestion { .. } => "answer_question",
    Command::RequestAgent { .. } => "request_agent",
    Command::MarkDelivered { .. } => "mark_delivered",
    Command::MarkRead { .. } => "mark_read",
    Command::EndConversation { .. } => "end_conversation",
    Command::RateConversation { .. } => "rate_conversation",
    Command::UpdateConversation { .. } => "update_conversation",
    Command::Assign { .. } => "assign",
    Command::Unassign { .. } => "unassign",
    Command::Transfer { .. } => "transfer",
    Command::Resolve { .. } => "resolve",
    Command::Close { .. } => "close",
    Command::Reopen { .. } => "reopen",
    Command::UseCannedResponse(_) => "use_canned_response",
    Command::ApplyEffects { .. } => "apply_effects",
    Command::SetAvailability { .. } => "set_availability",
}

async fn run(app: &TestApp, case: &Case) -> (&'static str, Vec<watch::Run>) {
    let scene = Scene::set(app, case.start).await;
    let mut watch = Watch::new();
    watch.agent("agent", &scene.ana).await;
    watch.agent("supervisor", &scene.sam).await;
    watch.visitor("visitor", &scene.visitor).await;
    watch.begin(app).await;
    let (actor, command) = scene.command(app, case).await;
    let name = name(&command);
    let done = app.app().execute(&actor, command).await;
    assert!(done.is_ok(), "{}: {done:?}", case.name);
    let runs = watch.compare(app, case.name).await;
    watch.leave().await;
    scene.leave(app).await;
    (name, runs)
}

fn all_were_run(seen: &BTreeSet<&str>) {
    let missing: Vec<_> = NAMES.iter().filter(|name| !seen.contains(*name)).collect();
    assert!(missing.is_empty(), "no case runs {missing:?}");
}

/// Each case on a desk of its own, so that its fixture depends on nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_and_its_fixture() {
    let mut seen = BTreeSet::new();
    let mut written = fixtures::Fixtures::default();
    for case in CASES {
        let app = TestApp::new(Engine::Sqlite).await;
        let (name, runs) = run(&app, case).await;
        seen.insert(name);
        written.add(case.name, runs);
        app.finish().await;
    }
    all_were_run(&seen);
    written.compare();
}

/// All cases one after the other on one desk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_on_postgres() {
    let app = TestApp::new(Engine::Postgres).await;
    let mut seen = BTreeSet::new();
    for case in CASES {
        seen.insert(run(&app, case).await.0);
    }
    all_were_run(&seen);
    app.finish().await;
}
