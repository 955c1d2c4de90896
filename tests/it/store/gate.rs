//! Holds SQLite's writer up, so that what is handed in meets in one batch.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use deskbell_store::{Store, StoreError};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

pub(super) struct Gate {
    open: Arc<Semaphore>,
    keeper: JoinSet<Result<(), StoreError>>,
}

impl Gate {
    /// Returns once the writer stands at the gate.
    pub(super) async fn shut(store: &Store) -> Self {
        let open = Arc::new(Semaphore::new(0));
        let arrived = Arc::new(Semaphore::new(0));
        let (store, held, here) = (store.clone(), open.clone(), arrived.clone());
        let mut keeper = JoinSet::new();
        keeper.spawn(async move {
            store
                .system(move |_| {
                    let (held, here) = (held.clone(), here.clone());
                    Box::pin(async move {
                        here.add_permits(1);
                        let _ = held.acquire().await;
                        Ok::<_, StoreError>(())
                    })
                })
                .await
        });
        arrived.acquire().await.unwrap().forget();
        Self { open, keeper }
    }

    /// Lets the writer go on; what waits behind it is its next batch.
    pub(super) fn open(&self) {
        self.open.add_permits(1);
    }

    /// Waits for the one who kept it.
    pub(super) async fn passed(mut self) {
        while let Some(kept) = self.keeper.join_next().await {
            kept.unwrap().unwrap();
        }
    }
}

/// Polls a future once. What it hands to the store is then handed in.
pub(super) async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}
