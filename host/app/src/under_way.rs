//! Calls and commits that a step has begun and does not wait for.
//!
//! Each is a task of its own. It may hold a connection of the database, or be a
//! guest's turn to go on, and the step that began it may itself be waiting for a
//! connection: nothing under way must need the step to look after it.

use tokio::task::{JoinError, JoinSet};

use crate::error::Error;

pub(crate) struct UnderWay<T>(JoinSet<T>);

impl<T: 'static> Default for UnderWay<T> {
    fn default() -> Self {
        Self(JoinSet::new())
    }
}

impl<T: Send + 'static> UnderWay<T> {
    pub(crate) fn begin(&mut self, one: impl Future<Output = T> + Send + 'static) {
        self.0.spawn(one);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has finished by now.
    pub(crate) fn finished(&mut self) -> Result<Vec<T>, Error> {
        let mut finished = Vec::new();
        while let Some(one) = self.0.try_join_next() {
            finished.push(joined(one)?);
        }
        Ok(finished)
    }

    /// The first to finish; never, if nothing is under way.
    pub(crate) async fn next(&mut self) -> Result<T, Error> {
        match self.0.join_next().await {
            Some(one) => joined(one),
            None => std::future::pending().await,
        }
    }

    /// Lets go of all of it, at once.
    pub(crate) fn drop_all(&mut self) {
        self.0 = JoinSet::new();
    }

    /// Until nothing of it goes on.
    pub(crate) async fn end(&mut self) {
        self.0.shutdown().await;
    }
}

/// A bug of ours in one of them: whoever began it begins anew.
fn joined<T>(one: Result<T, JoinError>) -> Result<T, Error> {
    one.map_err(|error| Error::Internal(format!("what was under way: {error}")))
}
