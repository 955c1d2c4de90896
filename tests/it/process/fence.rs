//! A router whose lease ran out without its noticing does no harm: its commits
//! name the lease's epoch and are refused. In process, where two nodes can be
//! stepped in any order.

use std::sync::Arc;

use deskbell_app::{LocalBell, NoOutbound};
use deskbell_domain::{Case, ConversationId, IdSource as _, NodeId, Refusal};
use deskbell_server::serve::{Parts, Server, store_options};
use deskbell_server::tasks::Tasks;
use deskbell_store::Store;
use deskbell_store::merged::{SubmitError, Unit};
use deskbell_tests::{Engine, TestApp, guests};
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use tempfile::TempDir;

/// Another node on the same database, which only steps when it is told to.
async fn second_node(app: &TestApp, data: &TempDir) -> Server {
    let mut config = app.config.clone();
    config.data_dir = data.path().to_owned();
    let store = Store::open(store_options(&config))
        .await
        .expect("the database opens");
    let parts = Parts {
        store,
        bell: Arc::new(LocalBell::default()),
        clock: app.clock.clone(),
        ids: app.ids.clone(),
        secrets: app.secrets.clone(),
        hooks: guests::shared(),
        outbound: Arc::new(NoOutbound),
        sealing: None,
        node: NodeId(app.ids.uuid()),
        tasks: Tasks::default(),
    };
    Server::build(config, parts)
        .await
        .expect("the server is built")
}

async fn settle(node: &Server) {
    while node.step().await.expect("a step") {}
}

/// As if the holder had slept through the end of its lease.
async fn lease_runs_out(app: &TestApp) {
    let url = &app.config.database_url;
    let mut connection = PgConnection::connect(url).await.expect("the database");
    let sql = "UPDATE leases SET expires_at = 0 WHERE name = 'router'";
    let done = sqlx::raw_sql(sql)
        .execute(&mut connection)
        .await
        .expect("the lease");
    assert_eq!(done.rows_affected(), 1);
    connection.close().await.expect("the connection closes");
}

async fn holds(node: &Server) -> bool {
    let holder = node
        .app
        .store
        .lease_holder("router")
        .await
        .expect("the lease");
    holder == Some(node.app.node.0)
}

#[tokio::test]
async fn a_stale_router_is_refused() {
    let app = TestApp::new(Engine::Postgres).await;
    let data = TempDir::new().expect("a folder");
    let other = second_node(&app, &data).await;
    assert!(holds(app.server()).await, "who came first routes");
    lease_runs_out(&app).await;
    settle(&other).await;
    assert!(holds(&other).await, "the other takes a lease that ran out");

    // The first one still believes that it routes, and sees an agent and a ring.
    let ana = app.agent("ana").await;
    let socket = ana.connect().await;
    let id = app.visitor().await.ring("r1", "Hello?").await;
    app.settle().await;
    assert_eq!(
        ana.conversation(&id).await["status"],
        "queued",
        "its commit is refused"
    );
    let conversation: ConversationId = id.parse().expect("an id");
    let tenant = app
        .actor(&ana.token, deskbell_app::Plane::Agent)
        .await
        .tenant;
    let stale = Unit {
        tenant,
        conversation,
        agents: vec![],
        with_assignee: false,
        with_bot: false,
        dedupe: None,
        timer: None,
        lease: Some(("router", 1)),
        decide: Arc::new(|_: &mut Case| Ok(())),
    };
    let refused = app.app().store.submit(stale).await;
    assert!(
        matches!(refused, Err(SubmitError::Refused(Refusal::LeaseLost))),
        "{refused:?}"
    );

    settle(&other).await;
    assert_eq!(
        ana.conversation(&id).await["status"],
        "active",
        "the holder assigns"
    );
    let path = format!("/api/v1/conversations/{id}/decisions");
    let decisions = ana.http.get(&path).await.ok(200);
    assert_eq!(
        decisions["items"].as_array().map(Vec::len),
        Some(1),
        "{decisions}"
    );

    other
        .engine
        .retire()
        .await
        .expect("the lease is given back");
    other.app.store.close().await;
    socket.close().await;
    app.finish().await;
}
