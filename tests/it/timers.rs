//! Deadlines that cannot be kept: they wait, and nobody waits for them.

use deskbell_domain::time::{DAY, SECOND};
use deskbell_store::Engine;
use deskbell_tests::TestApp;
use sqlx::Connection as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// Makes the status of a conversation something it cannot be, or puts it right.
async fn set_status(app: &TestApp, id: &str, status: &str) {
    let (_, hex) = id.split_once('_').expect("an id");
    let id = Uuid::parse_str(hex).expect("an id");
    let mut connection = PgConnection::connect(&app.config.database_url)
        .await
        .expect("the database");
    let done = sqlx::query("UPDATE conversations SET status = $1 WHERE id = $2")
        .bind(status)
        .bind(id)
        .execute(&mut connection)
        .await
        .expect("the row");
    assert_eq!(done.rows_affected(), 1);
    connection.close().await.expect("the connection closes");
}

#[tokio::test]
async fn a_deadline_that_cannot_be_executed_holds_up_no_other_and_is_kept_later() {
    let app = TestApp::new(Engine::Postgres).await;
    let ana = app.agent("ana").await;
    let _desk = ana.connect().await;
    app.settle().await;
    let mut ids = Vec::new();
    for key in ["v1", "v2"] {
        let visitor = app.visitor().await;
        let id = visitor.ring(key, "hello").await;
        app.settle().await;
        ana.on(&id, "resolve", serde_json::json!({})).await.ok(200);
        ids.push(id);
    }
    let [broken, other] = ids.try_into().expect("two");
    set_status(&app, &broken, "nonsense").await;
    // It comes to rest, though one is due and cannot be executed.
    app.pass(DAY).await;
    // A day is longer than a log-in lasts.
    let status = async |id: &str| {
        let ana = app.agent("ana").await;
        ana.conversation(id).await["status"].clone()
    };
    assert_eq!(status(&other).await, "closed");
    set_status(&app, &broken, "resolved").await;
    app.settle().await;
    assert_eq!(status(&broken).await, "resolved");
    app.pass(30 * SECOND).await;
    assert_eq!(status(&broken).await, "closed");
    app.finish().await;
}
