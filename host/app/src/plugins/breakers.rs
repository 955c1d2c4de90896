//! The breakers of this node: one for each hook of each installation that was
//! called, and what they did since the keeper last looked.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::{InstallationId, TenantId, Timestamp};

use super::breaker::{Breaker, BreakerState, Turn};
use crate::hooks::HookError;

/// A hook of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) tenant: TenantId,
    pub(super) installation: InstallationId,
    pub(super) hook: Hook,
}

/// A breaker opened or closed; the desk is told later.
#[derive(Debug, Clone)]
pub(super) struct Turned {
    pub(super) key: Key,
    pub(super) turn: Turn,
    /// What failed last.
    pub(super) why: Option<HookError>,
    /// The file that failed.
    pub(super) digest: Option<Digest>,
}

#[derive(Default)]
pub(super) struct Breakers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    all: HashMap<Key, Breaker>,
    turned: Vec<Turned>,
}

impl Breakers {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lets_through(&self, key: &Key, now: Timestamp) -> bool {
        let kept = self.kept();
        kept.all.get(key).is_none_or(|it| it.lets_through(now))
    }

    pub(super) fn begin(&self, key: &Key, now: Timestamp) -> bool {
        let mut kept = self.kept();
        kept.all.get_mut(key).is_none_or(|it| it.begin(now))
    }

    pub(super) fn state(&self, key: &Key, now: Timestamp) -> BreakerState {
        let kept = self.kept();
        let known = kept.all.get(key);
        known.map_or(BreakerState::Closed, |it| it.state(now))
    }

    /// Whether all hooks of it are closed.
    pub(super) fn all_closed(&self, installation: InstallationId, now: Timestamp) -> bool {
        let kept = self.kept();
        let mut its = kept.all.iter();
        its.all(|(key, it)| {
            key.installation != installation || it.state(now) == BreakerState::Closed
        })
    }

    pub(super) fn came_to_nothing(&self, key: &Key, now: Timestamp) {
        if let Some(breaker) = self.kept().all.get_mut(key) {
            breaker.came_to_nothing(now);
        }
    }

    pub(super) fn succeeded(&self, key: Key, now: Timestamp) -> bool {
        let mut kept = self.kept();
        let turn = kept.all.entry(key).or_default().succeeded(now);
        kept.turned(key, turn, None, None)
    }

    /// True if it turned. `answered`: it had an answer, which was of no use.
    pub(super) fn failed(
        &self,
        key: Key,
        error: &HookError,
        answered: bool,
        digest: Option<Digest>,
        now: Timestamp,
    ) -> bool {
        let mut kept = self.kept();
        let breaker = kept.all.entry(key).or_default();
        let turn = if answered {
            breaker.answer_was_bad(now)
        } else {
            breaker.failed(now)
        };
        kept.turned(key, turn, Some(error.clone()), digest)
    }

    /// It is something else now, or gone: what it was does not count any more.
    pub(super) fn forget(&self, installation: InstallationId) {
        let mut kept = self.kept();
        kept.all.retain(|key, _| key.installation != installation);
    }

    pub(super) fn take_turned(&self) -> Vec<Turned> {
        std::mem::take(&mut self.kept().turned)
    }

    /// What could not be told is told later.
    pub(super) fn put_back(&self, turned: Vec<Turned>) {
        let mut kept = self.kept();
        let newer = std::mem::replace(&mut kept.turned, turned);
        kept.turned.extend(newer);
    }
}

impl Kept {
    fn turned(
        &mut self,
        key: Key,
        turn: Option<Turn>,
        why: Option<HookError>,
        digest: Option<Digest>,
    ) -> bool {
        let Some(turn) = turn else { return false };
        let word = match turn {
            Turn::Opened { .. } => "opened",
            Turn::Closed => "closed",
        };
        let hook = key.hook.as_str();
        metrics::counter!("deskbell_plugin_breaker_total", "hook" => hook, "turn" => word)
            .increment(1);
        self.turned.push(Turned {
            key,
            turn,
            why,
            digest,
        });
        true
    }
}
