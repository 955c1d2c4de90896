//! Jobs: in order per destination, nobody in another's way, nothing lost silently.

use deskbell_domain::{IdSource, JobId, Timestamp};
use deskbell_store::jobs::{Backoff, Job, NewJob};
use deskbell_store::{Store, StoreError};
use deskbell_tests::both_engines;

use super::desk::{Desk, NOW, or_fail};
use super::fresh::Fresh;

const HOLD: i64 = 30_000;
const BACKOFF: Backoff = Backoff {
    first_ms: 1_000,
    most_ms: 4_000,
    tries: 3,
};

async fn enqueue(store: &Store, desk: &Desk, destination: &'static str, payload: &'static str) {
    let job = NewJob {
        id: JobId(desk.ids.uuid()),
        queue: "webhooks".to_owned(),
        destination: destination.to_owned(),
        payload: payload.to_owned(),
        due_at: NOW,
        created_at: NOW,
    };
    let queued = store.write(desk.tenant, move |tx| {
        let job = job.clone();
        Box::pin(async move { tx.enqueue(&job).await })
    });
    or_fail(queued.await);
}

async fn claim(store: &Store, at: i64) -> Vec<Job> {
    let claimed = store.system(move |sys| {
        Box::pin(async move { sys.claim_jobs("webhooks", Timestamp(at), HOLD, 10).await })
    });
    or_fail(claimed.await)
}

async fn finish(store: &Store, job: &Job) -> bool {
    let job = job.clone();
    let finished = store.system(move |sys| {
        let job = job.clone();
        Box::pin(async move { sys.finish_job(&job).await })
    });
    or_fail(finished.await)
}

/// True: it is a dead letter now.
async fn fail(store: &Store, job: &Job, at: i64) -> bool {
    let job = job.clone();
    let failed = store.system(move |sys| {
        let job = job.clone();
        Box::pin(async move {
            sys.fail_job(&job, Timestamp(at), "timed out", &BACKOFF)
                .await
        })
    });
    or_fail(failed.await)
}

fn payloads(jobs: &[Job]) -> Vec<&str> {
    jobs.iter().map(|job| job.payload.as_str()).collect()
}

both_engines! {
    async fn in_order_per_destination(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        for (destination, payload) in [("a", "a1"), ("a", "a2"), ("b", "b1"), ("b", "b2")] {
            enqueue(store, &desk, destination, payload).await;
        }
        let first = claim(store, NOW.0).await;
        assert_eq!(payloads(&first), ["a1", "b1"]);
        // While they run, the ones behind them wait; "b" is not "a"'s business.
        assert_eq!(claim(store, NOW.0).await, []);
        assert!(finish(store, &first[1]).await);
        let second = claim(store, NOW.0).await;
        assert_eq!(payloads(&second), ["b2"]);
        // "a1" failed and is tried again a second later, "a2" still behind it.
        assert!(!fail(store, &first[0], NOW.0).await);
        assert_eq!(claim(store, NOW.0 + 999).await, []);
        let again = claim(store, NOW.0 + 1_000).await;
        assert_eq!(payloads(&again), ["a1"]);
        assert_eq!((again[0].attempts, again[0].error.as_deref()), (2, Some("timed out")));
        fresh.done().await;
    }

    async fn a_dead_letter_lets_the_others_pass_and_can_be_revived(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        enqueue(store, &desk, "a", "a1").await;
        enqueue(store, &desk, "a", "a2").await;
        let mut at = NOW.0;
        for (try_, wait) in [(1, 1_000), (2, 2_000), (3, 0)] {
            let job = claim(store, at).await.remove(0);
            assert_eq!((job.payload.as_str(), job.attempts), ("a1", try_));
            assert_eq!(fail(store, &job, at).await, try_ == 3);
            at += wait;
        }
        assert_eq!(payloads(&claim(store, at).await), ["a2"]);
        let tx = store.system_snapshot().await.unwrap();
        let dead = tx.dead_jobs("webhooks", 10).await.unwrap();
        drop(tx);
        assert_eq!(payloads(&dead), ["a1"]);
        let (tenant, id) = (dead[0].tenant, dead[0].id);
        let revived = store.system(move |sys| {
            Box::pin(async move { sys.revive_job(tenant, id, Timestamp(at)).await })
        });
        assert!(or_fail(revived.await));
        assert_eq!(payloads(&claim(store, at).await), ["a1"]);
        fresh.done().await;
    }

    async fn a_claim_that_lapsed_proves_nothing(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let other = fresh.again().await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        enqueue(store, &desk, "a", "a1").await;
        let (mine, theirs) = tokio::join!(claim(store, NOW.0), claim(&other, NOW.0));
        assert_eq!(mine.len() + theirs.len(), 1, "two claims on one job");
        let slow = mine.into_iter().chain(theirs).next().expect("one of them");
        let taken_over = claim(store, NOW.0 + HOLD).await;
        assert_eq!(taken_over.len(), 1);
        assert!(!finish(store, &slow).await);
        assert!(!fail(store, &slow, NOW.0 + HOLD).await);
        assert!(finish(store, &taken_over[0]).await);
        other.close().await;
        fresh.done().await;
    }

    async fn a_job_comes_with_its_transaction_or_not_at_all(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
        let job = NewJob {
            id: JobId(desk.ids.uuid()),
            queue: "webhooks".to_owned(),
            destination: "a".to_owned(),
            payload: "never".to_owned(),
            due_at: NOW,
            created_at: NOW,
        };
        let undone = store.write(desk.tenant, move |tx| {
            let job = job.clone();
            Box::pin(async move {
                tx.enqueue(&job).await?;
                Err::<(), _>(StoreError::Corrupt("undone".to_owned()))
            })
        });
        assert!(undone.await.is_err());
        assert_eq!(claim(store, NOW.0).await, []);
        fresh.done().await;
    }
}
