//! Calls of plugins since they were last written down, and figures of all calls
//! of this node.
//!
//! Bounded for each installation: of a flood the newest lines are kept, all
//! failures up to a number, and a few successes.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use deskbell_domain::invocation::{Invocation, OK, PluginLogLine};
use deskbell_domain::plugin::Hook;
use deskbell_domain::time::{Millis, SECOND};
use deskbell_domain::{InstallationId, TenantId, Timestamp};

/// Of one installation, until they are written down.
const LINES: usize = 2_000;
const FAILURES: usize = 200;
const SUCCESSES: usize = 50;
/// It is written down at most so often, and successes alone wait longer.
const EVERY: Millis = SECOND;
const SUCCESSES_WAIT: Millis = 5 * SECOND;
/// Durations of the last calls, for the percentiles.
const DURATIONS: usize = 512;

#[derive(Default)]
pub(super) struct Records(Mutex<HashMap<InstallationId, Kept>>);

struct Kept {
    tenant: TenantId,
    lines: VecDeque<PluginLogLine>,
    failures: VecDeque<Invocation>,
    successes: VecDeque<Invocation>,
    /// Since when a success waits to be written down.
    waits_since: Option<Timestamp>,
    written_at: Option<Timestamp>,
    figures: BTreeMap<Hook, Figures>,
}

/// Calls of one hook on this node since it started, or since the installation
/// was put to work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub calls: u64,
    /// How many ended in which way.
    pub outcomes: BTreeMap<String, u64>,
    pub cpu_us: u64,
    /// Of the last calls, the newest last.
    durations: VecDeque<u64>,
}

impl Figures {
    /// So long did this share of the last calls take at most, in microseconds.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Option<u64> {
        let mut sorted: Vec<u64> = self.durations.iter().copied().collect();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100).max(1);
        sorted.get(rank - 1).copied()
    }

    fn add(&mut self, call: &Invocation) {
        self.calls += 1;
        *self.outcomes.entry(call.outcome.clone()).or_default() += 1;
        self.cpu_us += call.cpu_us.unsigned_abs();
        push(&mut self.durations, call.wall_us.unsigned_abs(), DURATIONS);
    }
}

/// What is to be written down of one installation.
#[derive(Debug, Default, Clone)]
pub(super) struct Noted {
    pub(super) lines: Vec<PluginLogLine>,
    /// The oldest first.
    pub(super) calls: Vec<Invocation>,
}

fn push<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(item);
}

impl Records {
    fn kept(&self) -> MutexGuard<'_, HashMap<InstallationId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, tenant: TenantId, call: Invocation, lines: Vec<PluginLogLine>) {
        let mut all = self.kept();
        let kept = all.entry(call.installation_id).or_insert_with(|| Kept {
            tenant,
            lines: VecDeque::new(),
            failures: VecDeque::new(),
            successes: VecDeque::new(),
            waits_since: None,
            written_at: None,
            figures: BTreeMap::new(),
        });
        kept.figures.entry(call.hook).or_default().add(&call);
        for line in lines {
            push(&mut kept.lines, line, LINES);
        }
        if call.failed() {
            push(&mut kept.failures, call, FAILURES);
        } else {
            kept.waits_since.get_or_insert(call.at);
            push(&mut kept.successes, call, SUCCESSES);
        }
    }

    /// What is to be written down now, by tenant.
    pub(super) fn take(&self, now: Timestamp) -> HashMap<TenantId, Vec<(InstallationId, Noted)>> {
        let mut by_tenant: HashMap<_, Vec<_>> = HashMap::new();
        for (id, kept) in self.kept().iter_mut() {
            let waited = kept
                .waits_since
                .is_some_and(|at| now.since(at) >= SUCCESSES_WAIT);
            let anything = waited || !kept.lines.is_empty() || !kept.failures.is_empty();
            let too_soon = kept.written_at.is_some_and(|at| now.since(at) < EVERY);
            if too_soon || !anything {
                continue;
            }
            kept.written_at = Some(now);
            let mut calls: Vec<_> = kept
                .failures
                .drain(..)
                .chain(kept.successes.drain(..))
                .collect();
            calls.sort_by_key(|call| call.at);
            kept.waits_since = None;
            let lines = kept.lines.drain(..).collect();
            let noted = (*id, Noted { lines, calls });
            by_tenant.entry(kept.tenant).or_default().push(noted);
        }
        by_tenant
    }

    pub(super) fn figures(&self, id: InstallationId) -> BTreeMap<Hook, Figures> {
        let all = self.kept();
        all.get(&id)
            .map(|kept| kept.figures.clone())
            .unwrap_or_default()
    }

    /// Of a tenant, all that are not among these.
    pub(super) fn keep_only(&self, tenant: TenantId, there: impl Fn(InstallationId) -> bool) {
        self.kept()
            .retain(|id, kept| kept.tenant != tenant || there(*id));
    }
}

/// The outcome word of a call.
pub(super) fn outcome(failed: Option<&crate::hooks::HookError>) -> String {
    failed.map_or(OK, crate::hooks::HookError::code).to_owned()
}

#[cfg(test)]
mod tests {
    use deskbell_domain::invocation::LogLevel;
    use uuid::Uuid;

    use super::*;

    const TENANT: TenantId = TenantId(Uuid::from_u128(1));
    const ID: InstallationId = InstallationId(Uuid::from_u128(2));

    fn call(n: i64, outcome: &str) -> Invocation {
        Invocation {
            installation_id: ID,
            n: 0,
            at: Timestamp(n),
            call_id: Uuid::from_u128(3),
            hook: Hook::Routing,
            plugin_version: "1.0.0".to_owned(),
            outcome: outcome.to_owned(),
            detail: None,
            wall_us: n,
            cpu_us: 10,
            peak_memory: 0,
            host_calls: 0,
            log_lines: 0,
            conversation_id: None,
        }
    }

    fn line(n: usize) -> PluginLogLine {
        PluginLogLine {
            installation_id: ID,
            n: 0,
            at: Timestamp(0),
            level: LogLevel::Info,
            text: n.to_string(),
            hook: Hook::Routing,
            call_id: Uuid::from_u128(3),
        }
    }

    #[test]
    fn a_flood_keeps_the_newest_and_the_failures() {
        let records = Records::default();
        records.add(TENANT, call(0, "trapped"), (0..5_000).map(line).collect());
        for n in 1..=1_000 {
            records.add(TENANT, call(n, OK), Vec::new());
        }
        let taken = records.take(Timestamp(1_000)).remove(&TENANT).unwrap();
        let (_, noted) = &taken[0];
        assert_eq!(
            (noted.lines.len(), noted.lines[0].text.as_str()),
            (2_000, "3000")
        );
        assert_eq!(noted.calls.len(), 1 + SUCCESSES);
        assert_eq!(noted.calls[0].outcome, "trapped");
        assert_eq!(noted.calls[1].at, Timestamp(951));
        assert!(records.take(Timestamp(1_000)).is_empty());
        let figures = records.figures(ID);
        assert_eq!(figures[&Hook::Routing].calls, 1_001);
        assert_eq!(figures[&Hook::Routing].outcomes["ok"], 1_000);
    }

    #[test]
    fn successes_alone_wait_a_little() {
        let records = Records::default();
        records.add(TENANT, call(0, OK), Vec::new());
        assert!(records.take(Timestamp(SUCCESSES_WAIT - 1)).is_empty());
        assert_eq!(records.take(Timestamp(SUCCESSES_WAIT)).len(), 1);
        records.add(TENANT, call(0, "trapped"), Vec::new());
        let soon = SUCCESSES_WAIT + EVERY;
        assert!(records.take(Timestamp(soon - 1)).is_empty(), "a moment ago");
        assert_eq!(records.take(Timestamp(soon)).len(), 1);
    }

    #[test]
    fn percentiles_are_of_the_calls_there_were() {
        let mut figures = Figures::default();
        assert_eq!(figures.percentile(50), None);
        (1..=100).for_each(|n| figures.add(&call(n, OK)));
        assert_eq!(
            (figures.percentile(50), figures.percentile(99)),
            (Some(50), Some(99))
        );
        assert_eq!(figures.percentile(100), Some(100));
    }
}
