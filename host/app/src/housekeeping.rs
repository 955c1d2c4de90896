//! Housekeeping: what is too old to be of use is dropped, a little at a time.
//!
//! Idempotent, once an hour, one node at a time. The feed keeps thirty days; a
//! client or consumer that comes back with an older cursor starts from state.

use deskbell_domain::Timestamp;
use deskbell_domain::time::{DAY, HOUR, MINUTE, Millis};
use tokio::sync::Mutex;

use crate::app::{App, stored};
use crate::error::Error;

const EVERY: Millis = HOUR;
const FEED_KEPT: Millis = 30 * DAY;
/// A repeat with the same key counts as one for this long.
const KEYS_KEPT: Millis = DAY;
/// Of plugins: their logs and calls.
const RECORDS_KEPT: Millis = 7 * DAY;
/// Recorded calls.
const RECORDINGS_KEPT: Millis = DAY;
/// What was done to a desk, if the operator does not say otherwise.
const AUDIT_KEPT: Millis = 365 * DAY;
/// That a delivery to a webhook was there, so that it is not taken again.
const DELIVERIES_KEPT: Millis = 7 * DAY;
/// Rows a transaction deletes: it must not hold up the others for long.
const AT_ONCE: u64 = 1_000;
const LEASE: &str = "housekeeping";
const LEASE_TTL: Millis = 5 * MINUTE;

pub(crate) struct Housekeeping {
    app: App,
    audit_kept: Millis,
    last: Mutex<Option<Timestamp>>,
}

impl Housekeeping {
    pub(crate) fn new(app: App) -> Self {
        Self {
            app,
            audit_kept: AUDIT_KEPT,
            last: Mutex::default(),
        }
    }

    pub(crate) fn keep_audit_for(&mut self, kept: Millis) {
        self.audit_kept = kept;
    }

    /// True while there is more to drop.
    pub(crate) async fn step(&self) -> Result<bool, Error> {
        let mut last = self.last.lock().await;
        let now = self.app.now();
        if last.is_some_and(|at| now.since(at) < EVERY) {
            return Ok(false);
        }
        let holder = self.app.node.0;
        let held = self.app.store.system(move |sys| {
            Box::pin(async move { sys.acquire_lease(LEASE, holder, LEASE_TTL).await })
        });
        let more = match stored(held.await)? {
            Some(_) => self.trim(now).await?,
            None => false,
        };
        if !more {
            *last = Some(now);
        }
        Ok(more)
    }

    async fn trim(&self, now: Timestamp) -> Result<bool, Error> {
        let (feed, keys) = (Timestamp(now.0 - FEED_KEPT), Timestamp(now.0 - KEYS_KEPT));
        let records = Timestamp(now.0 - RECORDS_KEPT);
        let recordings = Timestamp(now.0 - RECORDINGS_KEPT);
        let audit = Timestamp(now.0.saturating_sub(self.audit_kept));
        let deliveries = Timestamp(now.0 - DELIVERIES_KEPT);
        let dropped = self.app.store.system(move |sys| {
            Box::pin(async move {
                let rows = sys.trim_feed(feed, AT_ONCE).await?;
                let rows = rows.max(sys.forget_plugin_records(records, AT_ONCE).await?);
                let forgotten = sys.forget_plugin_recordings(recordings, AT_ONCE).await?;
                let rows = rows
                    .max(forgotten)
                    .max(sys.forget_audit(audit, AT_ONCE).await?);
                let forgotten = sys.forget_webhook_deliveries(deliveries, AT_ONCE).await?;
                let rows = rows.max(forgotten);
                Ok(rows.max(sys.forget_answers(keys, AT_ONCE).await?))
            })
        });
        Ok(stored(dropped.await)? >= AT_ONCE)
    }
}
