//! The threads guests run on: few, named, and not the runtime's, so that no guest
//! can hold up a socket. What runs next is decided by `queue.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::faults::Faults;
use crate::queue::{FairQueue, Lane};

/// A guest's stack lies on its thread's; this leaves room for host functions.
const THREAD_STACK: usize = 4 * 1024 * 1024;
/// Calls of one tenant that may wait; more are refused as busy.
const WAITING_PER_TENANT: usize = 64;
const WAITING_IN_ALL: usize = 4_096;

/// Threads for calls in the background. They mostly wait.
const FEWEST_BEHIND: usize = 4;
const MOST_BEHIND: usize = 16;

/// How many guests run at once: those that somebody waits for, and those behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) before: usize,
    pub(crate) behind: usize,
}

impl Counts {
    /// As many as are wanted, and never more than the pool has slots: a guest that
    /// got a thread has a place to live.
    pub(crate) fn within(slots: Option<u32>, wanted: usize) -> Self {
        let (before, behind) = (wanted.max(1), wanted.clamp(FEWEST_BEHIND, MOST_BEHIND));
        let Some(slots) = slots.and_then(|slots| usize::try_from(slots).ok()) else {
            return Self { before, behind };
        };
        let behind = behind.min((slots / 4).max(FEWEST_BEHIND));
        let before = before.min(slots.saturating_sub(behind).max(1));
        Self { before, behind }
    }
}

type Job = Box<dyn FnOnce() + Send>;

pub(crate) struct GuestThreads {
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    more: Condvar,
}

struct State {
    queue: FairQueue<Job>,
    stopped: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GuestThreads {
    pub(crate) fn start(count: usize, faults: Faults) -> std::io::Result<Self> {
        let share = match faults.no_share {
            false => (count / 4).max(1),
            true => count,
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                queue: FairQueue::new(share, WAITING_PER_TENANT, WAITING_IN_ALL),
                stopped: false,
            }),
            more: Condvar::new(),
        });
        let threads = Self {
            shared: shared.clone(),
        };
        for number in 0..count {
            let shared = shared.clone();
            std::thread::Builder::new()
                .name(format!("deskbell-guest-{number}"))
                .stack_size(THREAD_STACK)
                .spawn(move || work(&shared))?;
        }
        Ok(threads)
    }

    /// False if too much waits already.
    pub(crate) fn run(&self, lane: Lane, job: Job) -> bool {
        let taken = self.shared.lock().queue.push(lane, job).is_ok();
        if taken {
            self.shared.more.notify_one();
        }
        taken
    }
}

impl Drop for GuestThreads {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.more.notify_all();
    }
}

fn work(shared: &Shared) {
    let mut state = shared.lock();
    while !state.stopped {
        let Some((lane, job)) = state.queue.pop() else {
            state = shared
                .more
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            continue;
        };
        drop(state);
        // Whoever asked sees its channel close.
        if catch_unwind(AssertUnwindSafe(job)).is_err() {
            tracing::error!("a guest thread met a bug of ours and goes on");
        }
        state = shared.lock();
        // What waited behind this one is taken in the next turn of this loop.
        state.queue.done(lane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SLOTS;

    #[test]
    fn whoever_has_a_thread_has_a_slot() {
        for slots in SLOTS {
            let most = usize::try_from(slots).unwrap();
            for cores in 1..=64 {
                let Counts { before, behind } = Counts::within(Some(slots), cores);
                assert!(before + behind <= most, "{cores} cores, {slots} slots");
                assert!(before >= cores.min(most / 2) && behind >= FEWEST_BEHIND);
            }
        }
        // Where nothing is reserved, nothing is missing.
        let Counts { before, behind } = Counts::within(None, 64);
        assert_eq!((before, behind), (64, MOST_BEHIND));
    }
}
