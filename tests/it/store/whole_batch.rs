//! An error of the engine in the middle of a batch: nobody's write is half there,
//! everybody hears "unavailable", and the next batch works.

use std::sync::atomic::Ordering;
use std::time::Duration;

use deskbell_domain::MessageAck;
use deskbell_store::merged::{SubmitError, Submitted};
use deskbell_store::{BoxFuture, Engine, Faults, StoreError};
use deskbell_tests::both_engines;
use futures_util::future::join_all;
use sqlx::{Connection, Executor};

use super::desk::{Caller, Desk, done, or_fail};
use super::fresh::Fresh;
use super::gate::{Gate, is_pending};

type Sent = Result<Submitted<MessageAck>, SubmitError>;

/// Hands in `n` messages and a closure while the writer is held up, so that they
/// meet in one batch, and lets `trouble` happen before it runs. SQLite only.
async fn one_batch(
    fresh: &Fresh,
    desk: &Desk,
    caller: &Caller,
    n: usize,
    trouble: impl FnOnce(),
) -> (Vec<Sent>, Result<(), StoreError>) {
    let gate = Gate::shut(&fresh.store).await;
    let contact = caller.contact;
    let sends = join_all((0..n).map(|k| {
        let unit = desk.send(caller, &format!("b{k}"));
        fresh.store.submit(unit)
    }));
    let closure = fresh.store.write(desk.tenant, move |tx| {
        Box::pin(async move {
            let mut person = tx.contact(contact).await?.expect("known");
            person.name = Some("Renamed".to_owned());
            tx.save_contact(&person).await
        })
    });
    tokio::pin!(sends, closure);
    assert!(is_pending(sends.as_mut()).await);
    assert!(is_pending(closure.as_mut()).await);
    trouble();
    gate.open();
    let answers = tokio::join!(sends, closure);
    gate.passed().await;
    answers
}

fn all_unavailable(sent: &[Sent], written: &Result<(), StoreError>) {
    for answer in sent {
        assert!(
            matches!(answer, Err(SubmitError::Store(StoreError::Unavailable(_)))),
            "{answer:?}"
        );
    }
    assert!(
        matches!(written, Err(StoreError::Unavailable(_))),
        "{written:?}"
    );
}

async fn nothing_was_written(fresh: &Fresh, desk: &Desk, caller: &Caller, feed: i64) {
    assert_eq!(desk.texts(&fresh.store, caller.conversation).await.len(), 1);
    let conversation = desk.conversation(&fresh.store, caller.conversation).await;
    assert_eq!(conversation.last_seq, 1);
    assert_eq!(conversation.contact.name.as_deref(), Some("Mia"));
    let rows = fresh.store.feed_rows(feed, i64::MAX, 10).await.unwrap();
    assert!(rows.is_empty(), "{rows:?}");
}

async fn end_of_feed(fresh: &Fresh) -> i64 {
    fresh.store.feed_reader().await.unwrap().position()
}

#[tokio::test]
async fn a_broken_disk_at_each_statement_of_a_batch() {
    let faults = Faults::default();
    let fresh = Fresh::faulty(Engine::Sqlite, faults.clone()).await;
    let desk = Desk::open(&fresh.store).await;
    let caller = desk.caller(&fresh.store).await;
    let feed = end_of_feed(&fresh).await;
    // Load, write, two of the closure, the feed.
    for nth in 1..=5 {
        let (sent, written) = one_batch(&fresh, &desk, &caller, 8, || {
            faults.fail_statement.store(nth, Ordering::Relaxed);
        })
        .await;
        all_unavailable(&sent, &written);
        nothing_was_written(&fresh, &desk, &caller, feed).await;
    }
    assert_eq!(faults.fail_statement.load(Ordering::Relaxed), 0);
    let (sent, written) = one_batch(&fresh, &desk, &caller, 8, || {}).await;
    sent.into_iter().for_each(|answer| {
        done(answer);
    });
    or_fail(written);
    assert_eq!(desk.texts(&fresh.store, caller.conversation).await.len(), 9);
    fresh.done().await;
}

#[tokio::test]
async fn a_full_disk() {
    let faults = Faults::default();
    let fresh = Fresh::faulty(Engine::Sqlite, faults.clone()).await;
    let desk = Desk::open(&fresh.store).await;
    let caller = desk.caller(&fresh.store).await;
    let feed = end_of_feed(&fresh).await;
    // The next writing connection may not grow the file; the present one goes.
    faults.max_pages.store(1, Ordering::Relaxed);
    faults.fail_statement.store(1, Ordering::Relaxed);
    let broken = fresh.store.submit(desk.send(&caller, "breaks")).await;
    assert!(broken.is_err());
    // So many rows do not fit into the pages there are.
    let (sent, written) = one_batch(&fresh, &desk, &caller, 400, || {}).await;
    all_unavailable(&sent, &written);
    let Err(SubmitError::Store(error)) = &sent[0] else {
        panic!("refused");
    };
    assert!(error.to_string().contains("full"), "{error}");
    nothing_was_written(&fresh, &desk, &caller, feed).await;
    faults.max_pages.store(0, Ordering::Relaxed);
    done(fresh.store.submit(desk.send(&caller, "after")).await);
    let texts = desk.texts(&fresh.store, caller.conversation).await;
    assert_eq!(texts, ["text first", "text after"]);
    fresh.done().await;
}

#[tokio::test]
async fn somebody_else_holds_the_file() {
    let fresh = Fresh::with(Engine::Sqlite, |options| {
        options.busy_timeout = Duration::from_millis(20);
    })
    .await;
    let desk = Desk::open(&fresh.store).await;
    let caller = desk.caller(&fresh.store).await;
    let feed = end_of_feed(&fresh).await;
    let file = fresh.options.url.strip_prefix("sqlite:").unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut other = sqlx::SqliteConnection::connect_with(&options)
        .await
        .unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let busy = fresh.store.submit(desk.send(&caller, "busy")).await;
    all_unavailable(&[busy], &Err(StoreError::Unavailable(String::new())));
    nothing_was_written(&fresh, &desk, &caller, feed).await;
    other.execute("ROLLBACK").await.unwrap();
    done(fresh.store.submit(desk.send(&caller, "free")).await);
    fresh.done().await;
}

both_engines! {
    async fn an_engine_error_is_told_even_if_the_unit_swallows_it(engine: Engine) {
        let faults = Faults::default();
        let fresh = Fresh::faulty(engine, faults.clone()).await;
        let desk = Desk::open(&fresh.store).await;
        faults.fail_statement.store(1, Ordering::Relaxed);
        let answer = fresh.store.write(desk.tenant, |tx| {
            Box::pin(async move {
                let _ = tx.agents().await;
                Ok::<_, StoreError>(())
            })
        });
        assert!(matches!(answer.await, Err(StoreError::Unavailable(_))));
        fresh.done().await;
    }

    async fn a_refusing_or_panicking_closure_leaves_nothing(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let feed = end_of_feed(&fresh).await;
        let attempt = |end: fn() -> Result<(), StoreError>| -> BoxFuture<'_, _> {
            let desk = desk.clone();
            Box::pin(fresh.store.write(desk.tenant, move |tx| {
                let desk = desk.clone();
                Box::pin(async move {
                    let (contact, visitor) = desk.person(tx).await?;
                    assert!(tx.start_case(&desk.case(&contact, visitor, "k")).await?);
                    end()
                })
            }))
        };
        let refuses = || Err(StoreError::Corrupt("mine".to_owned()));
        let (refused, panicked, kept) =
            tokio::join!(attempt(refuses), attempt(|| panic!("a bug")), attempt(|| Ok(())));
        assert!(matches!(refused, Err(StoreError::Corrupt(text)) if text == "mine"));
        assert!(matches!(panicked, Err(StoreError::Refused(_))));
        or_fail(kept);
        let tx = fresh.store.snapshot(desk.tenant).await.unwrap();
        assert_eq!(tx.queued(None, 10).await.unwrap().len(), 1);
        drop(tx);
        assert_eq!(fresh.store.feed_rows(feed, i64::MAX, 10).await.unwrap().len(), 3);
        fresh.done().await;
    }

    async fn a_closed_store_answers_unavailable(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let caller = desk.caller(&fresh.store).await;
        fresh.store.close().await;
        let sent = fresh.store.submit(desk.send(&caller, "late")).await;
        let tenants = fresh.store.system(|sys| Box::pin(async move { sys.tenants().await }));
        all_unavailable(&[sent], &tenants.await.map(|_| ()));
        fresh.done().await;
    }
}
