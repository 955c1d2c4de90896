//! Whether the process lives, whether it can serve, and its figures.
//!
//! `/healthz` is for whoever restarts it, `/readyz` for the balancer before it,
//! `/metrics` for Prometheus. What is a sum over sockets or comes from the store
//! is looked at when somebody asks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deskbell_app::{App, Engine};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::accept::Caps;
use crate::socket::hub::Hub;

/// A database that takes longer to answer is none to send people to.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Seconds, of a request and of an event's way.
const BUCKETS: [f64; 12] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

/// Events in a batch.
const SIZES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 512.0];

/// What `/readyz` asks for besides the database.
#[derive(Debug, Default)]
pub struct Readiness {
    /// The engine's loops run.
    pub running: AtomicBool,
    /// On the way out.
    pub draining: AtomicBool,
}

#[derive(Clone)]
pub struct Health {
    pub engine: Arc<Engine>,
    pub app: App,
    pub hub: Hub,
    pub caps: Arc<Caps>,
    pub readiness: Arc<Readiness>,
}

pub fn router(health: Health) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .with_state(health)
}

async fn ready(State(health): State<Health>) -> Response {
    let database = health.database().await;
    let is = |flag: &AtomicBool| flag.load(Ordering::Acquire);
    let readiness = &health.readiness;
    let waits = [
        ("database", !database),
        ("engine", !is(&readiness.running)),
        ("shutdown", is(&readiness.draining)),
    ];
    let waits: Vec<_> = waits
        .iter()
        .filter(|(_, waits)| *waits)
        .map(|(name, _)| *name)
        .collect();
    let status = if waits.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = json!({ "ready": waits.is_empty(), "waiting_for": waits });
    (
        status,
        [(header::CACHE_CONTROL, "no-store")],
        axum::Json(body),
    )
        .into_response()
}

async fn figures(State(health): State<Health>) -> Response {
    health.look().await;
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    match recorder() {
        Some(recorder) => {
            recorder.run_upkeep();
            (kind, recorder.render()).into_response()
        }
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

impl Health {
    /// A reading transaction also proves that the schema is there.
    async fn database(&self) -> bool {
        let read = self.app.store.feed_floor();
        tokio::time::timeout(ANSWER_WITHIN, read)
            .await
            .is_ok_and(|read| read.is_ok())
    }

    async fn look(&self) {
        let (agents, visitors) = self.hub.count();
        metrics::gauge!("deskbell_sockets", "plane" => "agent").set(agents as f64);
        metrics::gauge!("deskbell_sockets", "plane" => "widget").set(visitors as f64);
        metrics::gauge!("deskbell_connections").set(self.caps.count() as f64);
        metrics::gauge!("deskbell_socket_frames_waiting").set(self.hub.depth() as f64);
        let counted = self.app.store.counters().look();
        metrics::counter!("deskbell_store_statements_total").absolute(counted.statements);
        metrics::counter!("deskbell_store_commits_total").absolute(counted.commits);
        metrics::counter!("deskbell_store_savepoints_total").absolute(counted.savepoints);
        metrics::counter!("deskbell_store_reads_total").absolute(counted.reads);
        let routed = self.engine.router().figures().await;
        metrics::gauge!("deskbell_conversations_queued").set(routed.queued as f64);
        metrics::gauge!("deskbell_feed_position").set(self.app.position() as f64);
    }
}

/// The process's one recorder: the first call installs it.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    RECORDER
        .get_or_init(|| {
            let seconds = Matcher::Suffix("_seconds".to_owned());
            let sizes = Matcher::Suffix("_events".to_owned());
            let handle = PrometheusBuilder::new()
                .set_buckets_for_metric(seconds, &BUCKETS)
                .ok()?
                .set_buckets_for_metric(sizes, &SIZES)
                .ok()?
                .install_recorder()
                .ok()?;
            describe();
            Some(handle)
        })
        .as_ref()
}

fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_gauge!("deskbell_sockets", "Sockets that are logged in.");
    describe_gauge!("deskbell_connections", "TCP connections.");
    describe_gauge!(
        "deskbell_conversations_queued",
        "Conversations waiting, on the node that routes."
    );
    describe_gauge!(
        "deskbell_socket_frames_waiting",
        "Frames waiting to be written."
    );
    describe_gauge!(
        "deskbell_feed_position",
        "The feed position this node has delivered."
    );
    describe_histogram!(
        "deskbell_feed_lag_seconds",
        "From an event's time to its delivery."
    );
    describe_histogram!(
        "deskbell_feed_batch_events",
        "Events read from the feed at once."
    );
    describe_counter!(
        "deskbell_connections_accepted_total",
        "Connections accepted."
    );
    describe_counter!(
        "deskbell_connections_refused_total",
        "Connections refused by a cap."
    );
    describe_counter!(
        "deskbell_sockets_closed_total",
        "Sockets ended, by close code."
    );
    describe_counter!(
        "deskbell_sockets_resumed_total",
        "Log-ins of sockets, by exact resume."
    );
    describe_counter!("deskbell_feed_events_total", "Events read from the feed.");
    describe_counter!(
        "deskbell_socket_deliveries_total",
        "Events handed to sockets."
    );
    describe_counter!(
        "deskbell_messages_total",
        "Messages committed, as the feed tells."
    );
    describe_counter!(
        "deskbell_store_statements_total",
        "Statements of writing transactions."
    );
    describe_counter!(
        "deskbell_store_commits_total",
        "Writing transactions committed."
    );
    describe_counter!(
        "deskbell_store_savepoints_total",
        "Savepoints of writing transactions."
    );
    describe_counter!(
        "deskbell_store_reads_total",
        "Statements of reading transactions."
    );
    describe_histogram!("deskbell_request_seconds", "Time to answer a request.");
    describe_counter!(
        "deskbell_plugin_calls_total",
        "Calls of plugins, by hook and outcome."
    );
    describe_histogram!(
        "deskbell_plugin_call_seconds",
        "Time to an answer of a plugin, by hook."
    );
    describe_histogram!(
        "deskbell_plugin_compile_seconds",
        "Time to compile a plugin, by outcome."
    );
    describe_gauge!(
        "deskbell_plugins_prepared",
        "Plugins that can be called on this node."
    );
}
