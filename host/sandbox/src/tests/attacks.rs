//! The hostile zoo, one row an attack: what it comes to inside its limits, what it
//! may cost by then, and that it gets away with it when its limit is switched off.
//!
//! The components are folders of `tests/zoo`; what a tenant sees of an attack, and
//! what its neighbours do not, is in the integration tests of the same name.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{
    BotEvent, BotRequest, Call, ContextRequest, Direction, EventRequest, Expected, Field,
    FilterRequest, Hooks, Keys, KeysFailed, NotAdmitted, RouteRequest,
};
use deskbell_domain::actor::ActorKind;
use deskbell_domain::plugin::Capability;
use deskbell_domain::{EventId, Timestamp};
use uuid::Uuid;

use super::outside::variables;
use super::zoo::built;
use super::{IN_NO_HURRY, ONLY_CPU, call, request, sandbox_with};
use crate::{CallReport, Faults, Sandbox};

const MIB: usize = 1 << 20;

/// So that only the limit a row is about stands in the way.
const PATIENT: Faults = Faults {
    no_cpu_limit: true,
    ..IN_NO_HURRY
};

/// What an inline call came to: "ok", or the code of its failure.
type Outcome = (String, CallReport);

struct Attack {
    /// Its folder.
    name: &'static str,
    /// With its limit.
    held: Faults,
    comes_to: &'static str,
    /// No more than this is used then.
    cpu: Duration,
    memory: usize,
    host_calls: u32,
    /// Without.
    off: Faults,
    gets_away: fn(&Outcome) -> bool,
}

const ATTACKS: [Attack; 9] = [
    Attack {
        name: "infinite-loop",
        held: ONLY_CPU,
        comes_to: "cpu_exceeded",
        cpu: Duration::from_millis(200),
        memory: 2 * MIB,
        host_calls: 1,
        // The wall is another limit, and stops it when nothing else does.
        off: Faults {
            no_cpu_limit: true,
            ..Faults::NONE
        },
        gets_away: |(code, _)| code == "deadline_exceeded",
    },
    Attack {
        name: "host-call-loop",
        held: PATIENT,
        comes_to: "limit_exceeded",
        cpu: Duration::from_millis(200),
        memory: 2 * MIB,
        host_calls: 201,
        off: Faults {
            no_host_call_limit: true,
            ..ONLY_CPU
        },
        gets_away: |(code, report)| code == "cpu_exceeded" && report.host_calls > 201,
    },
    Attack {
        name: "memory-growth",
        held: PATIENT,
        comes_to: "memory_exceeded",
        cpu: Duration::from_millis(200),
        memory: 32 * MIB,
        host_calls: 2,
        off: Faults {
            no_memory_limit: true,
            ..PATIENT
        },
        // Then the slot of the pool is the end.
        gets_away: |(code, report)| code == "trapped" && report.peak_memory > 33 * MIB,
    },
    Attack {
        name: "table-growth",
        held: PATIENT,
        comes_to: "memory_exceeded",
        cpu: Duration::from_millis(200),
        memory: 2 * MIB,
        host_calls: 0,
        off: Faults {
            no_memory_limit: true,
            no_pool: true,
            ..PATIENT
        },
        gets_away: |(code, report)| code == "ok" && report.peak_memory > 32 * MIB,
    },
    Attack {
        name: "deep-recursion",
        held: PATIENT,
        comes_to: "trapped",
        cpu: Duration::from_millis(200),
        memory: 2 * MIB,
        host_calls: 1,
        off: Faults {
            no_stack_limit: true,
            ..PATIENT
        },
        gets_away: |(code, _)| code == "ok",
    },
    Attack {
        name: "huge-string",
        held: PATIENT,
        comes_to: "limit_exceeded",
        cpu: Duration::from_millis(200),
        memory: 12 * MIB,
        host_calls: 1,
        off: Faults {
            no_handover_limit: true,
            ..PATIENT
        },
        gets_away: |(code, _)| code == "ok",
    },
    Attack {
        name: "log-flood",
        held: PATIENT,
        comes_to: "ok",
        cpu: Duration::from_millis(200),
        memory: 2 * MIB,
        host_calls: 190,
        off: Faults {
            no_log_limit: true,
            ..PATIENT
        },
        gets_away: |(_, report)| logged(report) >= 190 * 1024,
    },
    Attack {
        name: "huge-output",
        held: PATIENT,
        comes_to: "output_too_large",
        cpu: Duration::from_millis(200),
        memory: 4 * MIB,
        host_calls: 1,
        off: Faults {
            no_output_limit: true,
            ..PATIENT
        },
        gets_away: |(code, _)| code == "ok",
    },
    Attack {
        name: "ungranted-imports",
        held: PATIENT,
        comes_to: "sandbox_failed",
        cpu: Duration::ZERO,
        memory: 0,
        host_calls: 0,
        off: Faults {
            no_grant_check: true,
            ..PATIENT
        },
        gets_away: |(code, report)| code == "ok" && report.host_calls > 1,
    },
];

fn logged(report: &CallReport) -> usize {
    report.log.iter().map(|line| line.text.len()).sum()
}

/// An attack's file: compiled, or what stands in its folder as text.
pub(super) fn attack(name: &str) -> Bytes {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/zoo");
    let text = folder.join(name).join(format!("{name}.wat"));
    match text.exists() {
        true => wat::parse_file(text).expect("a component").into(),
        false => built(&format!("tests/zoo/dist/{name}.wasm")),
    }
}

async fn admitted(faults: Faults, name: &str) -> (Sandbox, Call) {
    let sandbox = sandbox_with(faults, None);
    let digest = sandbox
        .admit(attack(name))
        .await
        .expect("it looks harmless");
    (sandbox, call(1, digest.digest))
}

async fn runs(one: &Attack, faults: Faults) -> Outcome {
    let (sandbox, call) = admitted(faults, one.name).await;
    let (said, report) = sandbox.measure_route(call, request()).await;
    let code = said.map_or_else(|error| error.code(), |_| "ok");
    (code.to_owned(), report)
}

#[tokio::test]
async fn each_attack_is_stopped_by_its_limit_and_by_nothing_else() {
    for one in &ATTACKS {
        let (code, report) = runs(one, one.held).await;
        assert_eq!(code, one.comes_to, "{}: {report:?}", one.name);
        let fits = report.cpu <= one.cpu
            && report.peak_memory <= one.memory
            && report.host_calls <= one.host_calls;
        assert!(fits, "{} costs {report:?}", one.name);
        assert!(logged(&report) < 9 * 1024, "{} logs too much", one.name);
        let free = runs(one, one.off).await;
        assert!((one.gets_away)(&free), "{}: {free:?}", one.name);
    }
}

#[tokio::test]
async fn a_panic_in_any_hook_is_a_line_and_a_trap() {
    let (sandbox, call) = admitted(PATIENT, "panic-everywhere").await;
    let asked = request();
    let (routed, first) = sandbox.measure_route(call.clone(), asked.clone()).await;
    let mut names = variables();
    names.names = vec!["zoo.attack".to_owned()];
    let (filled, second) = sandbox.measure_variables(call.clone(), names).await;
    let words = FilterRequest {
        direction: Direction::Inbound,
        sender: ActorKind::Visitor,
        conversation: None,
        inbox: None,
        fields: vec![Field {
            name: "text".to_owned(),
            text: "hello".to_owned(),
        }],
    };
    let (filtered, third) = sandbox.measure_filter(call.clone(), words).await;
    let event = BotRequest {
        event: BotEvent::Started,
        conversation: asked.conversation.clone(),
        contact: asked.contact.clone(),
        said: Vec::new(),
        state: None,
    };
    let (said, fourth) = sandbox.measure_bot(call.clone(), event).await;
    let (heard, fifth) = sandbox.measure_event(call.clone(), event_of(&asked)).await;
    let whom = ContextRequest {
        conversation: asked.conversation,
        contact: asked.contact,
    };
    let (shown, sixth) = sandbox.measure_context(call, whom).await;
    let failures = [
        routed.map(drop),
        filled.map(drop),
        filtered.map(drop),
        said.map(drop),
        heard.map(drop),
        shown.map(drop),
    ];
    for failed in failures {
        assert_eq!(failed.map_err(|error| error.code()), Err("trapped"));
    }
    for report in [first, second, third, fourth, fifth, sixth] {
        let line = &report.log.last().expect("a line").text;
        assert!(line.contains("on purpose"), "{line}");
    }
}

/// The conversation began.
pub(super) fn event_of(asked: &RouteRequest) -> EventRequest {
    EventRequest {
        id: EventId(Uuid::from_u128(20)),
        kind: "conversation.created".to_owned(),
        occurred_at: Timestamp(0),
        attempt: 1,
        conversation: Some(asked.conversation.clone()),
        contact: Some(asked.contact.clone()),
        message: None,
        attributes: serde_json::Map::new(),
    }
}

/// The codes of what is found at the door.
async fn found(faults: Faults, name: &str) -> Vec<(&'static str, String)> {
    match sandbox_with(faults, None).admit(attack(name)).await {
        Ok(_) => Vec::new(),
        Err(NotAdmitted::Refused(all)) => all.into_iter().map(|it| (it.code, it.detail)).collect(),
        Err(other) => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn what_cannot_start_is_refused_at_the_door() {
    let no_trial = Faults {
        no_trial: true,
        ..PATIENT
    };
    let no_handle_limit = Faults {
        no_handle_limit: true,
        ..PATIENT
    };
    for (name, code, why, off, then) in [
        ("trap-in-start", "trial_failed", "trapped", no_trial, None),
        (
            "handle-leak",
            "trial_failed",
            "128 handles",
            no_handle_limit,
            Some("wrong_signature"),
        ),
        (
            "wrong-signature",
            "wrong_signature",
            "other functions or types",
            no_trial,
            None,
        ),
    ] {
        let refused = found(PATIENT, name).await;
        assert_eq!(refused.len(), 1, "{name}: {refused:?}");
        assert!(
            refused[0].0 == code && refused[0].1.contains(why),
            "{name}: {refused:?}"
        );
        let free = found(off, name).await;
        assert_eq!(free.first().map(|it| it.0), then, "{name}: {free:?}");
    }
    // Admitted without a trial, it would fail whoever calls it.
    let (sandbox, call) = admitted(no_trial, "trap-in-start").await;
    assert!(sandbox.route(call, request()).await.is_err());
}

/// Counts what is written.
#[derive(Default)]
struct Cupboard(std::sync::atomic::AtomicUsize);

#[async_trait]
impl Keys for Cupboard {
    async fn get(&self, _: String) -> Result<Option<Bytes>, KeysFailed> {
        Ok(None)
    }

    async fn list(&self, _: String, _: Option<String>) -> Result<Vec<String>, KeysFailed> {
        Ok(Vec::new())
    }

    async fn change(&self, _: String, _: Expected, _: Option<Bytes>) -> Result<bool, KeysFailed> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        Ok(true)
    }
}

#[tokio::test]
async fn who_stands_in_everybodys_way_keeps_nothing() {
    for (no_read_only, written) in [(false, 0), (true, 200)] {
        let faults = Faults {
            no_read_only,
            ..PATIENT
        };
        let (sandbox, call) = admitted(faults, "kv-flood").await;
        let cupboard = Arc::new(Cupboard::default());
        let call = Call {
            capabilities: Arc::new([Capability::Kv]),
            keys: cupboard.clone(),
            ..call
        };
        let (_, report) = sandbox.measure_route(call, request()).await;
        let counted = cupboard.0.load(std::sync::atomic::Ordering::SeqCst);
        // The log is the other call of the desk.
        assert_eq!(counted, written.min(199), "{report:?}");
        let told = report
            .log
            .iter()
            .any(|line| line.text.contains("may only read"));
        assert_eq!(told, !no_read_only, "{report:?}");
    }
}
