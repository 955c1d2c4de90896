//! A store that cannot keep its promises does not open, and says why in a line.

use deskbell_store::{Engine, Store, StoreOptions};
use deskbell_tests::{both_engines, environment};
use sqlx::Executor;

use super::fresh::Fresh;

async fn refusal(url: impl Into<String>) -> String {
    let error = Store::open(StoreOptions::new(url))
        .await
        .unwrap_err()
        .to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[tokio::test]
async fn each_refusal_names_the_setting() {
    for url in ["", "mysql://localhost/x", "sqlite:", "sqlite::memory:"] {
        let error = refusal(url).await;
        assert!(error.starts_with("database_url: "), "{error}");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(
        &file,
        "no database, but long enough to look like one".repeat(99),
    )
    .unwrap();
    let error = refusal(format!("sqlite:{}/deskbell.db", file.display())).await;
    assert!(error.starts_with("data_dir: cannot use "), "{error}");
    let error = refusal(format!("sqlite:{}", file.display())).await;
    assert!(error.contains("not a database"), "{error}");
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_password() {
    let error = refusal("postgres://someone:hunter2@127.0.0.1:1/desk").await;
    assert!(error.contains("127.0.0.1:1/desk"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let admin = environment::postgres();
    let (server, _) = admin.rsplit_once('/').unwrap();
    let error = refusal(format!("{server}/there_is_none")).await;
    assert!(error.contains("does not exist"), "{error}");
}

#[tokio::test]
async fn a_server_that_could_lose_commits_is_refused() {
    let fresh = Fresh::empty(Engine::Postgres, |_| {}).await;
    let name = fresh.options.url.rsplit_once('/').unwrap().1;
    let alter = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    fresh
        .postgres()
        .await
        .execute(sqlx::AssertSqlSafe(alter))
        .await
        .unwrap();
    let error = refusal(&fresh.options.url).await;
    assert!(error.contains("synchronous_commit"), "{error}");
    fresh.done().await;
}

#[tokio::test]
async fn positions_handed_out_in_blocks_are_refused() {
    let fresh = Fresh::new(Engine::Postgres).await;
    let alter = "ALTER TABLE feed ALTER position SET CACHE 20";
    fresh.postgres().await.execute(alter).await.unwrap();
    let error = refusal(&fresh.options.url).await;
    assert!(error.contains("CACHE 1"), "{error}");
    fresh.done().await;
}

both_engines! {
    async fn two_nodes_may_start_together_and_again(engine: Engine) {
        let fresh = Fresh::empty(engine, |_| {}).await;
        let other = fresh.again().await;
        if engine == Engine::Postgres {
            let (one, two) = tokio::join!(fresh.store.migrate(), other.migrate());
            one.unwrap();
            two.unwrap();
        } else {
            fresh.store.migrate().await.unwrap();
        }
        other.migrate().await.unwrap();
        assert_eq!(fresh.store.feed_epoch(), other.feed_epoch());
        other.close().await;
        fresh.done().await;
    }
}
