//! What a message costs the database: statements and syncs, alone and in a batch.

use deskbell_store::{Counted, Engine};
use futures_util::future::join_all;
use sqlx::Connection;

use super::desk::{Desk, done};
use super::fresh::Fresh;
use super::gate::{Gate, is_pending};

/// One message alone: load it all, write it all.
const STATEMENTS: u64 = 2;

#[tokio::test]
async fn on_sqlite() {
    let fresh = Fresh::new(Engine::Sqlite).await;
    let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
    let mut callers = Vec::new();
    for _ in 0..8 {
        callers.push(desk.caller(store).await);
    }
    let before = store.counters().look();
    done(store.submit(desk.send(&callers[0], "alone")).await);
    let one_commit = Counted {
        statements: STATEMENTS,
        commits: 1,
        ..Counted::default()
    };
    assert_eq!(store.counters().look().since(before), one_commit);

    // Held up until all 64 wait, they share the statements and the sync.
    let gate = Gate::shut(store).await;
    let batch =
        join_all((0..64).map(|n| store.submit(desk.send(&callers[n % 8], &format!("b{n}")))));
    tokio::pin!(batch);
    assert!(is_pending(batch.as_mut()).await);
    let before = store.counters().look();
    gate.open();
    let sent = batch.await;
    gate.passed().await;
    sent.into_iter().for_each(|answer| {
        done(answer);
    });
    // The gate keeper's own commit is counted too; its savepoint was opened before.
    let both = Counted {
        commits: 2,
        ..one_commit
    };
    assert_eq!(store.counters().look().since(before), both);
    fresh.done().await;
}

#[tokio::test]
async fn on_postgres() {
    let fresh = Fresh::with(Engine::Postgres, |options| options.lanes = 1).await;
    let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
    let mut callers = Vec::new();
    for _ in 0..8 {
        callers.push(desk.caller(store).await);
    }
    let before = store.counters().look();
    done(store.submit(desk.send(&callers[0], "alone")).await);
    let one_commit = Counted {
        statements: STATEMENTS,
        commits: 1,
        ..Counted::default()
    };
    assert_eq!(store.counters().look().since(before), one_commit);

    // The first waits for a row that somebody holds; the others gather behind it.
    let mut other = fresh.postgres().await;
    let mut holding = other.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM conversations WHERE id = $1 FOR UPDATE")
        .bind(callers[0].conversation.0)
        .execute(&mut *holding)
        .await
        .unwrap();
    let before = store.counters().look();
    let first = store.submit(desk.send(&callers[0], "first of all"));
    let batch =
        join_all((0..64).map(|n| store.submit(desk.send(&callers[n % 8], &format!("b{n}")))));
    tokio::pin!(first, batch);
    let mut watcher = fresh.postgres().await;
    loop {
        assert!(is_pending(first.as_mut()).await);
        let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_locks WHERE NOT granted")
            .fetch_one(&mut watcher)
            .await
            .unwrap();
        if waiting > 0 {
            break;
        }
    }
    assert!(is_pending(batch.as_mut()).await);
    holding.rollback().await.unwrap();
    let (alone, sent) = tokio::join!(first, batch);
    done(alone);
    sent.into_iter().for_each(|answer| {
        done(answer);
    });
    let twice = Counted {
        statements: 2 * STATEMENTS,
        commits: 2,
        ..Counted::default()
    };
    assert_eq!(store.counters().look().since(before), twice);
    fresh.done().await;
}
