//! The id of the request being served, for problems, logs and the answer.
//!
//! Ours, never the client's: an id from outside could be made to look like
//! another's in the log. It lives in the task, so that whoever writes a problem
//! deep down can name it without being handed it.

use std::future::Future;

use uuid::Uuid;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request, or of the socket's command, this task is at. Empty
/// outside of both.
#[must_use]
pub fn current() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Text form of a new one.
#[must_use]
pub fn text(uuid: Uuid) -> String {
    format!("req_{}", uuid.simple())
}

/// Runs `work` as the request `id`.
pub async fn within<T>(id: String, work: impl Future<Output = T>) -> T {
    CURRENT.scope(id, work).await
}

/// The same for work that does not wait.
pub fn within_sync<T>(id: String, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(id, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn is_known_inside_only() {
        assert_eq!(current(), "");
        let inside = within("req_1".to_owned(), async { current() }).await;
        assert_eq!(inside, "req_1");
    }
}
