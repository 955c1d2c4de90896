//! The one place where the store starts tasks of its own.
//!
//! A write that has begun is finished even when whoever asked for it is gone, so
//! it runs in a task of the store, not in the caller's future.

use std::future::Future;

use tokio::task::JoinHandle;

#[expect(
    clippy::disallowed_methods,
    reason = "the store's one home for tasks; the writer joins them when it closes"
)]
pub(crate) fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future)
}
