//! What is heard of one call: the breaker learns how it ended, and it is
//! remembered with the lines it wrote. In the call's path: memory only, and no
//! lock held for longer than it takes to push.

use std::sync::Arc;

use deskbell_domain::Timestamp;
use deskbell_domain::invocation::{Invocation, PluginLogLine};
use deskbell_domain::plugin::Digest;

use super::breakers::Key;
use super::outgoing::InstalledOutgoing;
use super::recording::Scrub;
use super::{Plugins, failures, records};
use crate::hooks::{CallRecord, CallSink, HookError, Recorder};
use crate::outside::Clock;

pub(super) struct Hearing {
    pub(super) plugins: Arc<Plugins>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) key: Key,
    pub(super) digest: Digest,
    pub(super) plugin_version: String,
    pub(super) recorder: Option<Arc<dyn Recorder>>,
    /// It knows the secrets.
    pub(super) outgoing: InstalledOutgoing,
}

impl CallSink for Hearing {
    fn recorder(&self) -> Option<Arc<dyn Recorder>> {
        self.recorder.clone()
    }

    fn may_begin(&self) -> bool {
        self.plugins.breakers.begin(&self.key, self.clock.now())
    }

    fn called(&self, record: CallRecord) {
        let now = self.clock.now();
        let (key, plugins) = (self.key, &self.plugins);
        match &record.failed {
            // An old version's success says nothing of the new one.
            None if !plugins.is_at_work(&key, self.digest) => {}
            None => {
                if plugins.breakers.succeeded(key, now) {
                    plugins.ring();
                }
            }
            Some(error) if !error.is_the_plugins() => plugins.breakers.came_to_nothing(&key, now),
            // Whoever asked tells of it (`App::note_plugin_failure`).
            Some(_) => {}
        }
        // It never came to the guest, and there may be thousands.
        if !matches!(record.failed, Some(HookError::NotReady | HookError::Busy)) {
            self.remember(record, now);
        }
    }
}

impl Hearing {
    fn remember(&self, record: CallRecord, now: Timestamp) {
        let Key {
            tenant,
            installation,
            hook,
        } = self.key;
        let micros =
            |time: std::time::Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        let size = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let failed = record.failed.as_ref();
        // A server may have told the guest what it was sent, and the guest its log.
        let scrub = match failed.is_some() || !record.log.is_empty() {
            true => Scrub::of(self.outgoing.opened()),
            false => Scrub::of(Vec::new()),
        };
        let call = Invocation {
            installation_id: installation,
            n: 0,
            at: now,
            call_id: record.id,
            hook,
            plugin_version: self.plugin_version.clone(),
            outcome: records::outcome(failed),
            detail: failed.map(|error| failures::plain(&scrub.clean(error.to_string()))),
            wall_us: micros(record.wall),
            cpu_us: micros(record.cpu),
            peak_memory: size(record.peak_memory),
            host_calls: record.host_calls.into(),
            log_lines: size(record.log.len()),
            conversation_id: record.conversation,
        };
        let lines = record.log.into_iter().map(|line| PluginLogLine {
            installation_id: installation,
            n: 0,
            at: now,
            level: line.level,
            // The sandbox cleans them; a NUL more would break a whole batch.
            text: scrub.clean(line.text.replace('\0', " ")),
            hook,
            call_id: record.id,
        });
        self.plugins.records.add(tenant, call, lines.collect());
    }
}
