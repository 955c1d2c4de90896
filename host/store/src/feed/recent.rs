//! The newest rows, as this process wrote them.
//!
//! On SQLite one connection writes, so what it just committed need not be read
//! back and parsed to be told. Rows are kept only while each follows the one
//! before: where another process wrote in between, the older ones are forgotten,
//! and whoever is behind them reads from the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbell_domain::Event;

use crate::feed::{FeedRow, NewEvent};

/// A few commits at the highest rate.
const KEPT: usize = 2_048;

#[derive(Default)]
pub(crate) struct Recent {
    rows: Mutex<VecDeque<(i64, Arc<Event>)>>,
}

impl Recent {
    fn rows(&self) -> MutexGuard<'_, VecDeque<(i64, Arc<Event>)>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// After the commit: these are the feed's last rows, up to `end`.
    pub(crate) fn add(&self, end: i64, events: Vec<NewEvent>) {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let begin = end - count + 1;
        let mut rows = self.rows();
        if rows.back().is_some_and(|(last, _)| last + 1 != begin) {
            rows.clear();
        }
        rows.extend((begin..).zip(events.into_iter().map(|new| new.event)));
        let surplus = rows.len().saturating_sub(KEPT);
        rows.drain(..surplus);
    }

    /// The rows with `after < position <= up_to`, if the first of them is here.
    /// None says nothing about what the database has.
    pub(crate) fn after(&self, after: i64, up_to: i64, limit: u64) -> Option<Vec<FeedRow>> {
        let rows = self.rows();
        let (first, _) = rows.front()?;
        let skipped = usize::try_from(after + 1 - first).ok()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let found: Vec<_> = rows
            .range(skipped.min(rows.len())..)
            .take(limit)
            .take_while(|(position, _)| *position <= up_to)
            .map(|(position, event)| FeedRow {
                position: *position,
                tenant: event.tenant_id,
                event: event.clone(),
            })
            .collect();
        (!found.is_empty()).then_some(found)
    }
}
