//! How much work the database was given: what tests hold against a message.
//!
//! Counts do not depend on the machine's speed, so a test may demand exact ones.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

#[derive(Debug, Default)]
pub struct Counters {
    statements: AtomicU64,
    savepoints: AtomicU64,
    commits: AtomicU64,
    reads: AtomicU64,
}

/// One look at the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Statements run in writing transactions, without their begin and commit.
    pub statements: u64,
    /// Savepoints opened in them.
    pub savepoints: u64,
    /// Writing transactions committed: a sync each.
    pub commits: u64,
    /// Statements run in reading transactions.
    pub reads: u64,
}

impl Counters {
    pub(crate) fn statement(&self, writing: bool) {
        if writing {
            &self.statements
        } else {
            &self.reads
        }
        .fetch_add(1, Relaxed);
    }

    pub(crate) fn savepoint(&self) {
        self.savepoints.fetch_add(1, Relaxed);
    }

    pub(crate) fn commit(&self) {
        self.commits.fetch_add(1, Relaxed);
    }

    #[must_use]
    pub fn look(&self) -> Counted {
        Counted {
            statements: self.statements.load(Relaxed),
            savepoints: self.savepoints.load(Relaxed),
            commits: self.commits.load(Relaxed),
            reads: self.reads.load(Relaxed),
        }
    }
}

impl Counted {
    /// What was done since an earlier look.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            statements: self.statements - earlier.statements,
            savepoints: self.savepoints - earlier.savepoints,
            commits: self.commits - earlier.commits,
            reads: self.reads - earlier.reads,
        }
    }
}
