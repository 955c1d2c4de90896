//! Calls that go on though whoever asked is gone: a browser that leaves in the middle
//! of a look-up must not make it as if nothing had been asked. The call ends by its
//! own limits, its failure is noted, and its breaker hears of it.
//!
//! How many there are is bounded where guests are run: a tenant's calls that wait are
//! counted there, and what is beyond is refused at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::JoinSet;

#[derive(Default)]
pub(super) struct GoingOn(Mutex<JoinSet<()>>);

impl GoingOn {
    fn all(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does it to its end, heard or not. None: it panicked, or the server stops.
    pub(super) async fn through<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.begin(work).await.ok()
    }

    fn begin<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (tell, told) = oneshot::channel();
        let mut all = self.all();
        // What has ended by now is no longer remembered.
        while let Some(ended) = all.try_join_next() {
            if ended.is_err_and(|error| error.is_panic()) {
                tracing::error!("asking a plugin met a bug of ours and goes on");
            }
        }
        all.spawn(async move {
            let _unheard = tell.send(work.await);
        });
        told
    }

    /// Until none is left.
    pub(super) async fn ended(&self) {
        let mut all = std::mem::take(&mut *self.all());
        while all.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures_util::poll;

    use super::*;

    #[tokio::test]
    async fn it_ends_though_nobody_waits() {
        let (going, done) = (GoingOn::default(), Arc::new(AtomicBool::new(false)));
        let (go, gone) = oneshot::channel::<()>();
        let set = done.clone();
        let mut asked = Box::pin(going.through(async move {
            let _unheard = gone.await;
            set.store(true, Ordering::SeqCst);
        }));
        assert!(poll!(&mut asked).is_pending());
        drop(asked);
        go.send(()).unwrap();
        going.ended().await;
        assert!(done.load(Ordering::SeqCst));
        assert_eq!(going.through(async { 7 }).await, Some(7));
    }
}
