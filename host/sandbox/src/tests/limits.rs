//! Each limit and its attack. Where a limit can be switched off by a fault, the
//! same guest is seen to get away with it then.

use std::time::Duration;

use deskbell_app::hooks::{HookError, Hooks, Opinion, Verdict};
use deskbell_domain::{AgentId, Priority, Timestamp};
use uuid::Uuid;

use super::guests::{ANSWER, answer, router, router_saying, router_with};
use super::{IN_NO_HURRY, ONLY_CPU, admitted, call, request, sandbox, sandbox_with};
use crate::{CallReport, Faults};

/// What this guest's `route` comes to.
async fn routed(file: bytes::Bytes, faults: Faults) -> (Result<Opinion, HookError>, CallReport) {
    let sandbox = sandbox_with(faults, None);
    let digest = admitted(&sandbox, file).await;
    let asked = sandbox.measure_route(call(1, digest), request());
    tokio::time::timeout(Duration::from_secs(60), asked)
        .await
        .expect("an answer, whatever the guest does")
}

async fn refused(file: bytes::Bytes) -> HookError {
    routed(file, IN_NO_HURRY).await.0.unwrap_err()
}

fn no_opinion() -> Opinion {
    Opinion {
        verdict: Verdict::NoOpinion,
        reason: None,
    }
}

#[tokio::test]
async fn an_answer_comes_through() {
    let quiet = router(&format!("i32.const {ANSWER}"));
    assert_eq!(routed(quiet, IN_NO_HURRY).await.0, Ok(no_opinion()));

    // assign("agt_…"), reason "for you"
    let id = AgentId(Uuid::from_u128(9)).to_string();
    let (at, reason_at) = (ANSWER as u32 + 48, ANSWER as u32 + 128);
    let mut bytes = answer(&[
        (8, 1),
        (16, at),
        (20, id.len() as u32),
        (32, 1),
        (36, reason_at),
        (40, 8),
    ]);
    bytes.extend(id.as_bytes());
    bytes.resize(128, 0);
    bytes.extend(b"for\x07you!");
    let (said, report) = routed(router_saying(&bytes), IN_NO_HURRY).await;
    let said = said.unwrap();
    assert_eq!(said.verdict, Verdict::Assign(AgentId(Uuid::from_u128(9))));
    assert_eq!(said.reason.as_deref(), Some("for you!"));
    assert!(report.peak_memory >= 2 * 65536);

    // queue(none, some(urgent)); hold-until(5)
    let bytes = answer(&[(8, 2), (28, 0x0301)]);
    let said = routed(router_saying(&bytes), IN_NO_HURRY).await.0;
    let verdict = Verdict::Queue {
        team: None,
        priority: Some(Priority::Urgent),
    };
    assert_eq!(said.unwrap().verdict, verdict);
    let bytes = answer(&[(8, 3), (16, 5)]);
    let said = routed(router_saying(&bytes), IN_NO_HURRY).await.0;
    assert_eq!(said.unwrap().verdict, Verdict::HoldUntil(Timestamp(5)));
}

#[tokio::test]
async fn a_loop_is_stopped_by_its_cpu_time() {
    let guest = router("(loop (br 0)) unreachable");
    let said = routed(guest.clone(), ONLY_CPU).await.0;
    assert_eq!(said, Err(HookError::CpuExceeded(20)));
    // Without that limit the wall stops it.
    let faults = Faults {
        no_cpu_limit: true,
        ..Faults::default()
    };
    let said = routed(guest, faults).await.0;
    assert_eq!(said, Err(HookError::DeadlineExceeded(100)));
}

#[tokio::test]
async fn a_shorter_deadline_holds() {
    let sandbox = sandbox_with(
        Faults {
            no_cpu_limit: true,
            ..Faults::default()
        },
        None,
    );
    let digest = admitted(&sandbox, router("(loop (br 0)) unreachable")).await;
    let mut hasty = call(1, digest);
    hasty.timeout_ms = Some(5);
    let said = sandbox.route(hasty, request()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(5)));
    let mut patient = call(1, digest);
    patient.timeout_ms = Some(60_000);
    let said = sandbox.route(patient, request()).await;
    assert_eq!(said, Err(HookError::DeadlineExceeded(100)));
}

#[tokio::test]
async fn a_trap_is_told() {
    let said = refused(router("unreachable")).await;
    assert!(matches!(&said, HookError::Trapped(text) if text.contains("unreachable")));
    let said = refused(router("(i32.div_u (i32.const 1) (i32.const 0))")).await;
    assert_eq!(
        said,
        HookError::Trapped("integer divide by zero".to_owned())
    );
}

#[tokio::test]
async fn a_stack_without_end_is_stopped() {
    let items = "(func $deep (param i32) (result i32) (call $deep (local.get 0)))";
    let said = refused(router_with("", items, "(call $deep (local.get 0))")).await;
    assert_eq!(said, HookError::Trapped("call stack exhausted".to_owned()));
}

#[tokio::test]
async fn memory_has_an_end() {
    // Grows by 1 MiB until it is denied, then dies as an allocator does.
    let guest =
        router("(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable");
    assert_eq!(refused(guest.clone()).await, HookError::MemoryExceeded(32));
    let faults = Faults {
        no_memory_limit: true,
        ..IN_NO_HURRY
    };
    let (said, report) = routed(guest, faults).await;
    assert!(
        matches!(said, Err(HookError::Trapped(_))),
        "the pool's own end"
    );
    assert!(report.peak_memory > 33 << 20);
}

#[tokio::test]
async fn tables_are_memory() {
    let guest = router_with(
        "",
        "(table $t 1 100000000 funcref)",
        "(drop (table.grow $t (ref.null func) (i32.const 90000000))) unreachable",
    );
    assert_eq!(refused(guest).await, HookError::MemoryExceeded(32));
}

#[tokio::test]
async fn a_request_has_a_largest_size() {
    let sandbox = sandbox();
    let quiet = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    let mut large = request();
    large.conversation.subject = Some("x".repeat(300 * 1024));
    let said = sandbox.route(call(1, quiet), large.clone()).await;
    assert_eq!(said, Err(HookError::InputTooLarge(256 * 1024)));
    let faults = Faults {
        no_input_limit: true,
        ..IN_NO_HURRY
    };
    let sandbox = sandbox_with(faults, None);
    let quiet = admitted(&sandbox, router(&format!("i32.const {ANSWER}"))).await;
    assert_eq!(sandbox.route(call(1, quiet), large).await, Ok(no_opinion()));
}

#[tokio::test]
async fn an_answer_has_a_largest_size() {
    // A reason of 100 KiB, then one of 3 MiB, out of fresh memory.
    for (pages, length, expected) in [
        (4, 100 * 1024, HookError::OutputTooLarge(64 * 1024)),
        (
            64,
            3 * 1024 * 1024,
            HookError::LimitExceeded("1 MiB handed over at once".to_owned()),
        ),
    ] {
        let guest = router(&format!(
            "(drop (memory.grow (i32.const {pages})))
             (i32.store8 (i32.const {}) (i32.const 1))
             (i32.store (i32.const {}) (i32.const 131072))
             (i32.store (i32.const {}) (i32.const {length}))
             i32.const {ANSWER}",
            ANSWER + 32,
            ANSWER + 36,
            ANSWER + 40,
        ));
        assert_eq!(refused(guest.clone()).await, expected);
        let faults = Faults {
            no_output_limit: true,
            ..IN_NO_HURRY
        };
        // What the engine itself hands over stays bounded.
        let got_away = routed(guest, faults).await.0.is_ok();
        assert_eq!(got_away, matches!(expected, HookError::OutputTooLarge(_)));
    }
}

#[tokio::test]
async fn answers_that_make_no_sense() {
    let bad_verdict = answer(&[(8, 77)]);
    let bad_address = answer(&[(32, 1), (36, u32::MAX - 4), (40, 100)]);
    let bad_text = answer(&[(32, 1), (36, ANSWER as u32), (40, 48), (44, 0xffff_ffff)]);
    let bad_id = answer(&[(8, 1), (16, ANSWER as u32), (20, 4)]);
    for bytes in [bad_verdict, bad_address, bad_text, bad_id] {
        let said = refused(router_saying(&bytes)).await;
        assert!(
            matches!(said, HookError::BadAnswer(_) | HookError::Trapped(_)),
            "{said:?}"
        );
    }
    // err(failed("…")) in its own words.
    let failed = answer(&[
        (0, 1),
        (8, 2),
        (12, ANSWER as u32 + 24),
        (16, 2),
        (24, 0x6f6e),
    ]);
    let said = refused(router_saying(&failed)).await;
    assert_eq!(said, HookError::Failed("no".to_owned()));
}

const CONFIG: &str = "import deskbell:host/config@0.1.0;";
const GET: &str = r#"(import "deskbell:host/config@0.1.0" "get" (func $get (param i32)))"#;

#[tokio::test]
async fn host_calls_are_counted() {
    let body = "(loop (call $get (i32.const 512)) (br 0)) unreachable";
    let guest = router_with(CONFIG, GET, body);
    let said = refused(guest.clone()).await;
    assert_eq!(said, HookError::LimitExceeded("200 host calls".to_owned()));
    let faults = Faults {
        no_host_call_limit: true,
        ..ONLY_CPU
    };
    let (said, report) = routed(guest, faults).await;
    assert!(said.is_err());
    assert!(report.host_calls > 200, "{said:?}");
}

#[tokio::test]
async fn a_log_has_an_end_and_says_so() {
    let write = r#"(import "deskbell:host/log@0.1.0" "write" (func $write (param i32 i32 i32)))"#;
    let body = format!(
        "(local $n i32)
         (loop
            (call $write (i32.const 1) (i32.const 2048) (i32.const 1000))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if 0 (i32.lt_u (local.get $n) (i32.const 100))))
         i32.const {ANSWER}"
    );
    let guest = router_with("import deskbell:host/log@0.1.0;", write, &body);
    let (said, report) = routed(guest, IN_NO_HURRY).await;
    assert_eq!(said, Ok(no_opinion()));
    let bytes: usize = report.log.iter().map(|line| line.text.len()).sum();
    assert!(bytes <= 8 * 1024 + 16, "{bytes}");
    assert!(report.log.last().unwrap().text.ends_with("[cut]"));
    assert_eq!(report.host_calls, 100);
}

#[tokio::test]
async fn no_memory_survives_a_call() {
    let sandbox = sandbox();
    // Traps when it finds what an earlier call left.
    let body = format!(
        "(if (i32.load (i32.const 4096)) (then unreachable))
         (i32.store (i32.const 4096) (i32.const 1))
         i32.const {ANSWER}"
    );
    let digest = admitted(&sandbox, router(&body)).await;
    for _ in 0..20 {
        let said = sandbox.route(call(1, digest), request()).await;
        assert_eq!(said, Ok(no_opinion()));
    }
}
