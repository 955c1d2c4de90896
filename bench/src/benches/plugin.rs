//! `plugin`: one call of the router hook through the sandbox, a fresh instance
//! each time, beside wasmtime alone with the same component.
//!
//! Both in this process, in turn, call by call. The sandbox is called as the app
//! calls it: the wait includes the way to a guest thread and back.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{
    Call, Directory, DirectoryFailed, Hooks as _, NoKeys, NoOutgoing, NoSink, RouteCandidate,
    RouteRequest, Verdict,
};
use deskbell_domain::availability::Availability;
use deskbell_domain::conversation::Status;
use deskbell_domain::routing::Candidate;
use deskbell_domain::{
    Agent, AgentId, Contact, ContactId, Conversation, ConversationId, InboxId, InstallationId,
    Priority, TeamId, TenantId, Timestamp, VisitorId,
};
use deskbell_sandbox::{Compiler, Faults, Sandbox, SandboxConfig};
use hdrhistogram::Histogram;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::REPETITIONS;
use crate::Settings;
use crate::error::Outcome;
use crate::floor::Floor;
use crate::report::{Section, Table, middle, progress, spread};

const CANDIDATES: u128 = 20;
const WARM_UP: usize = 500;
const CALLS: usize = 10_000;
const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// Microseconds.
#[derive(Serialize)]
struct Times {
    p50: f64,
    p99: f64,
}

#[derive(Serialize)]
struct Run {
    floor: Times,
    /// Until the app has the answer.
    sandbox: Times,
    /// Of it, on the guest thread.
    on_thread: Times,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let file = settings.plugins.join("skills-router.wasm");
    let config = config();
    let bytes = Bytes::from(std::fs::read(&file)?);
    let size = bytes.len();
    let sandbox = Sandbox::new(SandboxConfig {
        compiler: Compiler::Program(settings.deskbell.clone()),
        cache_dir: None,
        cache_key: [7; 32],
        guest_threads: std::thread::available_parallelism()?.get(),
        faults: Faults::default(),
    })?;
    let began = Instant::now();
    let admitted = sandbox
        .admit(bytes.clone())
        .await
        .map_err(|no| format!("{no:?}"))?;
    let admission = began.elapsed();
    sandbox.prepare(admitted.digest, bytes).await?;
    let bench = Bench {
        floor: Floor::new(&file, &Value::Object(config.clone()).to_string(), &names())?,
        call: Call {
            id: Uuid::from_u128(1),
            tenant: TenantId(Uuid::from_u128(2)),
            installation: InstallationId(Uuid::from_u128(3)),
            digest: admitted.digest,
            capabilities: admitted.capabilities.into(),
            config: Arc::new(config),
            timeout_ms: None,
            now: NOW,
            directory: Arc::new(NoDirectory),
            outgoing: Arc::new(NoOutgoing),
            sink: Arc::new(NoSink),
            keys: Arc::new(NoKeys),
        },
        sandbox,
    };
    bench.round(WARM_UP).await?;
    let calls = if settings.quick { CALLS / 10 } else { CALLS };
    let mut runs = Vec::new();
    for repetition in 0..settings.repetitions(REPETITIONS) {
        let run = bench.round(calls).await?;
        progress(&format!(
            "plugin {}: floor p50 {:.0} µs, sandbox {:.0} µs",
            repetition + 1,
            run.floor.p50,
            run.sandbox.p50
        ));
        runs.push(run);
    }
    Ok(section(&runs, size, admission))
}

struct Bench {
    floor: Floor,
    sandbox: Sandbox,
    call: Call,
}

impl Bench {
    async fn round(&self, calls: usize) -> Outcome<Run> {
        let histogram = || Histogram::<u64>::new_with_bounds(1, 1_000_000_000, 3);
        let (mut floor, mut whole, mut inside) = (histogram()?, histogram()?, histogram()?);
        for _ in 0..calls {
            let began = Instant::now();
            let chosen = self.floor.call()?;
            floor.saturating_record(nanos(began.elapsed()));

            let (call, request) = (self.call.clone(), request());
            let began = Instant::now();
            let (opinion, report) = self.sandbox.measure_route(call, request).await;
            whole.saturating_record(nanos(began.elapsed()));
            inside.saturating_record(nanos(report.wall));
            match (opinion?.verdict, chosen) {
                (Verdict::Assign(one), Some(other)) if one.to_string() == other => {}
                (one, other) => return Err(format!("they disagree: {one:?}, {other:?}").into()),
            }
        }
        Ok(Run {
            floor: Times::of(&floor),
            sandbox: Times::of(&whole),
            on_thread: Times::of(&inside),
        })
    }
}

impl Times {
    fn of(histogram: &Histogram<u64>) -> Self {
        let micros = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            p50: micros(0.5),
            p99: micros(0.99),
        }
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn section(runs: &[Run], size: usize, admission: Duration) -> Section {
    let mut table = Table::new(
        format!("One call with {CANDIDATES} candidates, a fresh instance each:"),
        &["what", "p50 µs", "p99 µs", "times the floor, p50", "p99"],
    );
    let floor = (
        middle(runs.iter().map(|run| run.floor.p50)).unwrap_or(f64::NAN),
        middle(runs.iter().map(|run| run.floor.p99)).unwrap_or(f64::NAN),
    );
    let mut row = |name: &str, times: &dyn Fn(&Run) -> &Times| {
        let p50 = || runs.iter().map(|run| times(run).p50);
        let p99 = || runs.iter().map(|run| times(run).p99);
        let of_floor =
            |value: Option<f64>, floor: f64| format!("{:.2}", value.unwrap_or(f64::NAN) / floor);
        table.row([
            name.to_owned(),
            spread(p50(), 1),
            spread(p99(), 1),
            of_floor(middle(p50()), floor.0),
            of_floor(middle(p99()), floor.1),
        ]);
    };
    row("wasmtime alone", &|run| &run.floor);
    row("sandbox, on the guest's thread", &|run| &run.on_thread);
    row("sandbox, until the app has the answer", &|run| &run.sandbox);
    Section {
        title: "plugin",
        about: vec![
            format!("The component is plugins/skills-router, {} KiB; its rule fits and names agents, so the answer is an assignment. Both answers are compared, call by call.", size / 1024),
            "\"Wasmtime alone\" has a pool, a prepared instance and typed calls, and nothing else. The sandbox adds limits of CPU, time, memory, input and output, the translation of the desk's records, and the way to a guest thread and back.".to_owned(),
            format!("Admission (checks, compiling in a child process, trial start) took {} ms, once.", admission.as_millis()),
        ],
        tables: vec![table],
        runs: json!(runs),
    }
}

/// (id, name, e-mail) of the candidates.
fn names() -> Vec<(String, String, String)> {
    let one = |n: u128| (AgentId(Uuid::from_u128(n)).to_string(), name(n), email(n));
    (1..=CANDIDATES).map(one).collect()
}

fn name(n: u128) -> String {
    format!("Agent {n}")
}

fn email(n: u128) -> String {
    format!("agent-{n}@bench.test")
}

fn config() -> Map<String, Value> {
    let rules = json!([
        { "name": "Refunds", "when": { "category": "refund" }, "agents": [email(3)] },
        { "name": "VIPs", "when": { "vip": true, "category": "bench" }, "agents": [email(7), email(12)] },
    ]);
    Map::from_iter([("rules".to_owned(), rules)])
}

fn request() -> RouteRequest {
    let contact = Contact {
        id: ContactId(Uuid::from_u128(4)),
        name: Some("Ada".to_owned()),
        email: None,
        verified: false,
        vip: true,
        attributes: Map::new(),
        created_at: NOW,
        version: 1,
    };
    let candidate = |n: u128| RouteCandidate {
        candidate: Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: name(n),
            availability: Availability::Online,
            load: 1,
            capacity: 5,
            last_assigned_at: Some(NOW),
        },
        email: email(n),
    };
    RouteRequest {
        conversation: conversation(&contact),
        contact,
        waiting_ms: 5_000,
        team_id: TeamId(Uuid::from_u128(6)),
        team_name: "Everybody".to_owned(),
        waiting: 1,
        position: 1,
        candidates: (1..=CANDIDATES).map(candidate).collect(),
        candidates_total: CANDIDATES as usize,
        retry_of: None,
    }
}

fn conversation(contact: &Contact) -> Conversation {
    Conversation {
        id: ConversationId(Uuid::from_u128(7)),
        inbox_id: InboxId(Uuid::from_u128(8)),
        contact: contact.to_ref(),
        visitor_id: VisitorId(Uuid::from_u128(9)),
        team_id: Some(TeamId(Uuid::from_u128(6))),
        assignee: None,
        status: Status::Queued,
        priority: Priority::Medium,
        subject: Some("Where is it?".to_owned()),
        category: Some("bench".to_owned()),
        attributes: Map::new(),
        last_seq: 1,
        public_seq: 1,
        visitor_delivered_seq: 1,
        visitor_read_seq: 1,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 1,
        visitor_unread_count: 0,
        last_message: Some("hello".to_owned()),
        last_message_at: Some(NOW),
        previous_id: None,
        rating: None,
        reason: None,
        created_at: NOW,
        queued_at: Some(NOW),
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 1,
    }
}

struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn find_agent(&self, _: &str) -> Result<Option<Agent>, DirectoryFailed> {
        Err(DirectoryFailed)
    }

    async fn find_team(&self, _: &str) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        Err(DirectoryFailed)
    }
}
