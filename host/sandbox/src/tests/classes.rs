//! The other classes' numbers: what stops a guest that somebody waits for, and one
//! that nobody waits for.

use deskbell_app::hooks::{Call, HookError, Hooks};
use serde_json::json;

use super::attacks::{attack, event_of};
use super::outside::variables;
use super::zoo::configured;
use super::{IN_NO_HURRY, ONLY_CPU, call, request, sandbox_with};
use crate::{CallReport, Faults, Sandbox};

async fn admitted(faults: Faults, name: &str) -> (Sandbox, Call) {
    let sandbox = sandbox_with(faults, None);
    let digest = sandbox.admit(attack(name)).await.expect("a plugin").digest;
    (sandbox, call(1, digest))
}

/// What it comes to as variables.
async fn filled(name: &str, faults: Faults) -> (Option<HookError>, CallReport) {
    let (sandbox, call) = admitted(faults, name).await;
    let mut asked = variables();
    asked.names = vec!["zoo.attack".to_owned()];
    let (said, report) = sandbox.measure_variables(call, asked).await;
    (said.err(), report)
}

#[tokio::test]
async fn interactive_calls_have_numbers_of_their_own() {
    let patient = Faults {
        no_cpu_limit: true,
        ..IN_NO_HURRY
    };
    let (failed, _) = filled("infinite-loop", ONLY_CPU).await;
    assert_eq!(failed, Some(HookError::CpuExceeded(250)));
    let (failed, report) = filled("memory-growth", patient).await;
    assert_eq!(failed, Some(HookError::MemoryExceeded(64)));
    assert!(report.peak_memory > 32 << 20, "{report:?}");
    let (failed, report) = filled("host-call-loop", patient).await;
    let most = "2000 host calls".to_owned();
    assert_eq!(failed, Some(HookError::LimitExceeded(most)));
    assert_eq!(report.host_calls, 2_001);
    let (failed, _) = filled("huge-output", patient).await;
    assert_eq!(failed, Some(HookError::OutputTooLarge(256 * 1024)));
    let (failed, report) = filled("log-flood", patient).await;
    assert_eq!(failed, None);
    let logged: usize = report.log.iter().map(|line| line.text.len()).sum();
    assert!(logged > 31 * 1024 && logged <= 32 * 1024 + 16, "{logged}");
}

/// What it comes to as an event's listener.
async fn heard(name: &str, faults: Faults) -> (Option<HookError>, CallReport) {
    let (sandbox, call) = admitted(faults, name).await;
    let (said, report) = sandbox.measure_event(call, event_of(&request())).await;
    (said.err(), report)
}

#[tokio::test]
async fn background_calls_have_numbers_of_their_own() {
    let patient = Faults {
        no_cpu_limit: true,
        ..IN_NO_HURRY
    };
    let (failed, _) = heard("infinite-loop", ONLY_CPU).await;
    assert_eq!(failed, Some(HookError::CpuExceeded(1_000)));
    let (failed, report) = heard("memory-growth", patient).await;
    assert_eq!(failed, Some(HookError::MemoryExceeded(128)));
    assert!(report.peak_memory > 64 << 20, "{report:?}");
    let (failed, report) = heard("host-call-loop", patient).await;
    let most = "20000 host calls".to_owned();
    assert_eq!(failed, Some(HookError::LimitExceeded(most)));
    assert_eq!(report.host_calls, 20_001);
    let (_, report) = heard("log-flood", patient).await;
    let logged: usize = report.log.iter().map(|line| line.text.len()).sum();
    assert!(logged > 63 * 1024 && logged <= 64 * 1024 + 16, "{logged}");
}

#[tokio::test]
async fn an_interactive_question_has_a_largest_size() {
    let (sandbox, call) = admitted(IN_NO_HURRY, "versions").await;
    let call = configured(call, &json!({}));
    let mut asked = variables();
    asked.conversation.subject = Some("x".repeat(500 * 1024));
    assert!(
        sandbox
            .resolve_variables(call.clone(), asked.clone())
            .await
            .is_ok()
    );
    asked.conversation.subject = Some("x".repeat(512 * 1024));
    let said = sandbox.resolve_variables(call, asked).await;
    assert_eq!(said, Err(HookError::InputTooLarge(512 * 1024)));
}
