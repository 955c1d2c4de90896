//! Deadlines work once, whoever sees them due.

use deskbell_domain::Timestamp;
use deskbell_domain::timer::{TimerKey, TimerKind};
use deskbell_store::timers::DueTimer;
use deskbell_store::{Store, StoreError};
use deskbell_tests::both_engines;
use futures_util::future::join_all;

use super::desk::{Desk, NOW, or_fail};
use super::fresh::Fresh;

async fn due(store: &Store, at: i64) -> Vec<DueTimer> {
    let tx = store.system_snapshot().await.unwrap();
    tx.due_timers(Timestamp(at), 100).await.unwrap()
}

async fn set(store: &Store, desk: &Desk, key: TimerKey, at: i64) {
    let set = store.write(desk.tenant, move |tx| {
        Box::pin(async move { tx.set_timer(key, Timestamp(at)).await })
    });
    or_fail(set.await);
}

both_engines! {
    /// Plugins are asked about held messages, and no other deadline waits for that.
    async fn held_messages_are_due_apart(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let caller = desk.caller(&fresh.store).await;
        let held = TimerKey::conversation(TimerKind::Held, caller.conversation);
        let away = TimerKey::agent(TimerKind::Away, desk.agents[0]);
        set(&fresh.store, &desk, held, NOW.0).await;
        set(&fresh.store, &desk, away, NOW.0).await;
        let keys = |due: Vec<DueTimer>| due.iter().map(|timer| timer.key).collect::<Vec<_>>();
        assert_eq!(keys(due(&fresh.store, NOW.0).await), [away]);
        let tx = fresh.store.system_snapshot().await.unwrap();
        let apart = tx.due_held(NOW, 100).await.unwrap();
        drop(tx);
        assert_eq!(keys(apart), [held]);
        fresh.done().await;
    }

    async fn each_is_taken_exactly_once(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let other = fresh.again().await;
        let keys = [TimerKind::Away, TimerKind::RequeueGrace, TimerKind::PresenceGrace]
            .map(|kind| TimerKey::agent(kind, desk.agents[0]));
        for (n, key) in (0..).zip(keys) {
            set(&fresh.store, &desk, key, NOW.0 + n).await;
        }
        assert_eq!(due(&fresh.store, NOW.0 - 1).await, []);
        assert_eq!(due(&fresh.store, NOW.0 + 1).await.len(), 2);
        let all = due(&fresh.store, NOW.0 + 9).await;
        assert_eq!(all.iter().map(|timer| timer.key).collect::<Vec<_>>(), keys);

        let tenant = desk.tenant;
        let take = |store: Store, timer: DueTimer, fails: bool| async move {
            let taken = store.write(tenant, move |tx| {
                Box::pin(async move {
                    let taken = tx.take_timer(timer.key, timer.due_at).await?;
                    if fails { Err(StoreError::Corrupt("effect".to_owned())) } else { Ok(taken) }
                })
            });
            taken.await.unwrap_or(false)
        };
        // An effect that fails gives its timer back.
        assert!(!take(fresh.store.clone(), all[0], true).await);
        let races = (0..20).map(|n| {
            let store = if n % 2 == 0 { &fresh.store } else { &other };
            take(store.clone(), all[0], false)
        });
        let taken = join_all(races).await.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken, 1);
        // One that was moved later is not taken by who saw it earlier.
        set(&fresh.store, &desk, keys[1], NOW.0 + 50).await;
        assert!(!take(fresh.store.clone(), all[1], false).await);
        let cancelled = keys[2];
        let cancel = fresh.store.write(tenant, move |tx| {
            Box::pin(async move { tx.cancel_timer(cancelled).await })
        });
        or_fail(cancel.await);
        assert!(!take(fresh.store.clone(), all[2], false).await);
        let left = due(&fresh.store, NOW.0 + 99).await;
        assert_eq!(left.len(), 1);
        assert_eq!((left[0].key, left[0].due_at.0), (keys[1], NOW.0 + 50));
        let tx = fresh.store.system_snapshot().await.unwrap();
        assert_eq!(tx.next_timer().await.unwrap(), Some(Timestamp(NOW.0 + 50)));
        drop(tx);
        other.close().await;
        fresh.done().await;
    }
}
