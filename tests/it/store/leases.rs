//! One holder at a time, and no harm from one that was late.

use deskbell_store::Store;
use deskbell_tests::both_engines;
use futures_util::future::join_all;
use uuid::Uuid;

use super::desk::{Desk, or_fail};
use super::fresh::Fresh;

const ANA: Uuid = Uuid::from_u128(1);
const BEN: Uuid = Uuid::from_u128(2);

async fn acquire(store: &Store, holder: Uuid, hold_ms: i64) -> Option<i64> {
    let lease = store.system(move |sys| {
        Box::pin(async move { sys.acquire_lease("router", holder, hold_ms).await })
    });
    or_fail(lease.await)
}

both_engines! {
    async fn the_epoch_grows_with_each_new_holder(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let store = &fresh.store;
        assert_eq!(acquire(store, ANA, 60_000).await, Some(1));
        assert_eq!(acquire(store, BEN, 60_000).await, None);
        // Renewing keeps the epoch, also late, as long as nobody came between.
        assert_eq!(acquire(store, ANA, 0).await, Some(1));
        assert_eq!(acquire(store, ANA, 0).await, Some(1));
        // It has run out: the next one gets a new epoch.
        assert_eq!(acquire(store, BEN, 60_000).await, Some(2));
        assert_eq!(acquire(store, ANA, 60_000).await, None);
        assert_eq!(store.lease_holder("router").await.unwrap(), Some(BEN));
        let release = |holder| store.system(move |sys| {
            Box::pin(async move { sys.release_lease("router", holder).await })
        });
        or_fail(release(ANA).await);
        assert_eq!(acquire(store, ANA, 60_000).await, None, "not hers to release");
        or_fail(release(BEN).await);
        assert_eq!(store.lease_holder("router").await.unwrap(), None);
        // After a release even the same holder starts anew.
        assert_eq!(acquire(store, BEN, 60_000).await, Some(3));
        fresh.done().await;
    }

    async fn only_one_of_many_gets_it(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let other = fresh.again().await;
        let tries = (0..20_u128).map(|n| {
            let store = if n % 2 == 0 { &fresh.store } else { &other };
            acquire(store, Uuid::from_u128(100 + n), 60_000)
        });
        let got: Vec<_> = join_all(tries).await.into_iter().flatten().collect();
        assert_eq!(got, [1]);
        other.close().await;
        fresh.done().await;
    }

    async fn a_transaction_knows_whether_its_lease_is_current(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let first = acquire(&fresh.store, ANA, 0).await.expect("free");
        let second = acquire(&fresh.store, BEN, 60_000).await.expect("run out");
        for (epoch, current) in [(first, false), (second, true)] {
            let holds = fresh.store.write(desk.tenant, move |tx| {
                Box::pin(async move { tx.holds_lease("router", epoch).await })
            });
            assert_eq!(or_fail(holds.await), current, "epoch {epoch}");
        }
        fresh.done().await;
    }
}
