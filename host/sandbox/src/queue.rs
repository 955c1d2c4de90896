//! Who runs next: a queue of queues, one lane a tenant.
//!
//! Lanes take turns, and a lane has at most its share of the threads at once, so
//! a tenant whose plugins loop waits behind itself and delays nobody else.

use std::collections::{HashMap, VecDeque};

use deskbell_domain::TenantId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Lane {
    Tenant(TenantId),
    /// What nobody waits for; it has threads of its own.
    Background(TenantId),
    /// What only whoever asked waits for, on the same threads.
    Beside(TenantId),
    /// The trial starts of uploads.
    Admission,
}

pub(crate) struct FairQueue<J> {
    /// Of the threads, at once, for one lane.
    share: usize,
    /// Jobs that may wait in one lane, and in all.
    bound: usize,
    bound_in_all: usize,
    lanes: HashMap<Lane, Waiting<J>>,
    /// Lanes with something to run and room to run it, in turn.
    turns: VecDeque<Lane>,
    waiting: usize,
}

struct Waiting<J> {
    jobs: VecDeque<J>,
    running: usize,
    has_turn: bool,
}

impl<J> FairQueue<J> {
    pub(crate) fn new(share: usize, bound: usize, bound_in_all: usize) -> Self {
        Self {
            share,
            bound,
            bound_in_all,
            lanes: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
        }
    }

    /// Gives the job back if its lane, or everything, is full.
    pub(crate) fn push(&mut self, lane: Lane, job: J) -> Result<(), J> {
        if self.waiting >= self.bound_in_all {
            return Err(job);
        }
        let waiting = self.lanes.entry(lane).or_insert_with(|| Waiting {
            jobs: VecDeque::new(),
            running: 0,
            has_turn: false,
        });
        if waiting.jobs.len() >= self.bound {
            return Err(job);
        }
        waiting.jobs.push_back(job);
        self.waiting += 1;
        self.give_turn(lane);
        Ok(())
    }

    /// The next to run. Its lane counts it until `done`.
    pub(crate) fn pop(&mut self) -> Option<(Lane, J)> {
        while let Some(lane) = self.turns.pop_front() {
            let Some(waiting) = self.lanes.get_mut(&lane) else {
                continue;
            };
            waiting.has_turn = false;
            let Some(job) = waiting.jobs.pop_front() else {
                continue;
            };
            waiting.running += 1;
            self.waiting -= 1;
            self.give_turn(lane);
            return Some((lane, job));
        }
        None
    }

    pub(crate) fn done(&mut self, lane: Lane) {
        let Some(waiting) = self.lanes.get_mut(&lane) else {
            return;
        };
        waiting.running = waiting.running.saturating_sub(1);
        if waiting.running == 0 && waiting.jobs.is_empty() {
            self.lanes.remove(&lane);
        } else {
            self.give_turn(lane);
        }
    }

    fn give_turn(&mut self, lane: Lane) {
        if let Some(waiting) = self.lanes.get_mut(&lane)
            && !waiting.has_turn
            && !waiting.jobs.is_empty()
            && waiting.running < self.share
        {
            waiting.has_turn = true;
            self.turns.push_back(lane);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn lane(n: u128) -> Lane {
        Lane::Tenant(TenantId(Uuid::from_u128(n)))
    }

    #[test]
    fn lanes_take_turns() {
        let mut queue = FairQueue::new(9, 9, 99);
        for job in ["a1", "a2", "a3"] {
            queue.push(lane(1), job).unwrap();
        }
        queue.push(lane(2), "b1").unwrap();
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).map(|(_, j)| j).collect();
        assert_eq!(order, ["a1", "b1", "a2", "a3"]);
    }

    #[test]
    fn a_lane_waits_behind_itself_beyond_its_share() {
        let mut queue = FairQueue::new(1, 9, 99);
        queue.push(lane(1), "loop").unwrap();
        queue.push(lane(1), "behind").unwrap();
        assert_eq!(queue.pop(), Some((lane(1), "loop")));
        assert_eq!(queue.pop(), None);
        queue.push(lane(2), "other").unwrap();
        assert_eq!(queue.pop(), Some((lane(2), "other")));
        queue.done(lane(2));
        assert_eq!(queue.pop(), None);
        queue.done(lane(1));
        assert_eq!(queue.pop(), Some((lane(1), "behind")));
        queue.done(lane(1));
        assert!(queue.lanes.is_empty());
    }

    #[test]
    fn a_full_lane_refuses_its_own_only() {
        let mut queue = FairQueue::new(1, 2, 3);
        queue.push(lane(1), 1).unwrap();
        queue.push(lane(1), 2).unwrap();
        assert_eq!(queue.push(lane(1), 3), Err(3));
        queue.push(lane(2), 4).unwrap();
        assert_eq!(queue.push(lane(3), 5), Err(5), "full in all");
    }
}
