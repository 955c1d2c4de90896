//! The circuit breaker of one hook of one installation: whoever fails too often is
//! not asked for a while, then asked once.
//!
//! A pure state machine: it is told what happened and when. `breakers.rs` keeps
//! one for each hook at work, `keeper.rs` does what follows from an opening.

use std::collections::VecDeque;

use deskbell_domain::Timestamp;
use deskbell_domain::time::{HOUR, MINUTE, Millis, SECOND};

/// So many failures one after the other open it.
const RUN: u32 = 5;
/// So many failures among the last calls open it, if these were within a minute.
const FAILED: usize = 10;
const CALLS: usize = 20;
const WITHIN: Millis = MINUTE;
/// How long it stays open at first; twice as long after each call that was tried
/// in vain, up to the second.
const REST: Millis = 30 * SECOND;
const LONGEST_REST: Millis = 5 * MINUTE;
/// So many openings within an hour are too many.
const OPENINGS: usize = 3;

#[derive(Debug, Default)]
pub(crate) struct Breaker {
    state: State,
    /// Failures since the last success.
    run: u32,
    /// What `run` was before that success.
    before: u32,
    /// When each of the last calls ended, and whether it failed.
    recent: VecDeque<(Timestamp, bool)>,
    openings: VecDeque<Timestamp>,
    rest: Millis,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Closed,
    Open {
        until: Timestamp,
    },
    /// One call is out. If nothing is heard of it by then, another may go.
    Trying {
        until: Timestamp,
    },
}

/// What one can see of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    /// Not asked until then.
    Open {
        until: Timestamp,
    },
    /// The next call is let through, or is out; the others are not.
    HalfOpen,
}

/// What a call's end came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// `too_often`: a third time within an hour.
    Opened {
        until: Timestamp,
        too_often: bool,
    },
    Closed,
}

impl Breaker {
    pub(crate) fn state(&self, now: Timestamp) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { until } if until > now => BreakerState::Open { until },
            State::Open { .. } | State::Trying { .. } => BreakerState::HalfOpen,
        }
    }

    /// Whether a call would be let through now.
    pub(crate) fn lets_through(&self, now: Timestamp) -> bool {
        match self.state {
            State::Closed => true,
            State::Open { until } | State::Trying { until } => until <= now,
        }
    }

    /// Lets a call through, or not. A half-open one lets one.
    pub(crate) fn begin(&mut self, now: Timestamp) -> bool {
        let through = self.lets_through(now);
        if through && self.state != State::Closed {
            let until = later(now, REST);
            self.state = State::Trying { until };
        }
        through
    }

    /// The call came to nothing, and not by the plugin: another may try.
    pub(crate) fn came_to_nothing(&mut self, now: Timestamp) {
        if matches!(self.state, State::Trying { .. }) {
            self.state = State::Open { until: now };
        }
    }

    pub(crate) fn succeeded(&mut self, now: Timestamp) -> Option<Turn> {
        self.remember(now, false);
        self.before = self.run;
        self.run = 0;
        match self.state {
            State::Trying { .. } => {
                self.state = State::Closed;
                self.recent.clear();
                self.rest = 0;
                Some(Turn::Closed)
            }
            // A call that began before it opened.
            State::Closed | State::Open { .. } => None,
        }
    }

    pub(crate) fn failed(&mut self, now: Timestamp) -> Option<Turn> {
        self.remember(now, true);
        self.run = self.run.saturating_add(1);
        match self.state {
            State::Closed if self.is_too_much(now) => Some(self.open(now, REST)),
            State::Trying { .. } => {
                let rest = (2 * self.rest).clamp(REST, LONGEST_REST);
                Some(self.open(now, rest))
            }
            // Those that were out when it opened say nothing new.
            State::Closed | State::Open { .. } => None,
        }
    }

    /// The call that was just taken for a success had an answer that nobody could
    /// use.
    pub(crate) fn answer_was_bad(&mut self, now: Timestamp) -> Option<Turn> {
        if self.run == 0 {
            self.run = self.before;
            let success = self.recent.iter().rposition(|(_, failed)| !failed);
            success.map(|at| self.recent.remove(at));
        }
        self.failed(now)
    }

    fn remember(&mut self, now: Timestamp, failed: bool) {
        self.recent.push_back((now, failed));
        if self.recent.len() > CALLS {
            self.recent.pop_front();
        }
    }

    fn is_too_much(&self, now: Timestamp) -> bool {
        let first = self.recent.front();
        let dense =
            self.recent.len() == CALLS && first.is_some_and(|(at, _)| now.since(*at) < WITHIN);
        let failed = self.recent.iter().filter(|(_, failed)| *failed).count();
        self.run >= RUN || (dense && failed >= FAILED)
    }

    fn open(&mut self, now: Timestamp, rest: Millis) -> Turn {
        let until = later(now, rest);
        self.state = State::Open { until };
        self.rest = rest;
        self.openings.retain(|at| now.since(*at) < HOUR);
        self.openings.push_back(now);
        let too_often = self.openings.len() >= OPENINGS;
        Turn::Opened { until, too_often }
    }
}

fn later(now: Timestamp, by: Millis) -> Timestamp {
    Timestamp(now.0.saturating_add(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp(1_000_000);

    fn at(seconds: i64) -> Timestamp {
        later(START, seconds * SECOND)
    }

    fn opened(now: Timestamp) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..RUN {
            assert!(breaker.begin(now));
            breaker.failed(now);
        }
        assert!(!breaker.lets_through(now));
        breaker
    }

    #[test]
    fn five_failures_running_open_it() {
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            assert_eq!(breaker.failed(at(0)), None);
        }
        breaker.succeeded(at(0));
        for _ in 0..4 {
            assert_eq!(breaker.failed(at(0)), None);
        }
        let until = at(30);
        let turn = breaker.failed(at(0));
        assert_eq!(
            turn,
            Some(Turn::Opened {
                until,
                too_often: false
            })
        );
        assert_eq!(breaker.state(at(29)), BreakerState::Open { until });
        assert!(!breaker.begin(at(29)));
        // One that was out: nothing new.
        assert_eq!(breaker.failed(at(1)), None);
    }

    #[test]
    fn half_of_twenty_within_a_minute_open_it() {
        let run = |every: i64| {
            let mut breaker = Breaker::default();
            (0..40).find(|n| {
                let now = later(START, n * every);
                let turn = if n % 2 == 0 {
                    breaker.succeeded(now)
                } else {
                    breaker.failed(now)
                };
                turn.is_some()
            })
        };
        assert_eq!(run(SECOND), Some(19));
        assert_eq!(
            run(4 * SECOND),
            None,
            "twenty of them take longer than a minute"
        );
    }

    #[test]
    fn half_open_it_lets_one_call_through() {
        let mut breaker = opened(at(0));
        assert_eq!(breaker.state(at(30)), BreakerState::HalfOpen);
        assert!(breaker.begin(at(30)));
        assert!(!breaker.begin(at(30)));
        assert!(!breaker.lets_through(at(31)));
        assert_eq!(breaker.succeeded(at(31)), Some(Turn::Closed));
        assert!(breaker.begin(at(31)) && breaker.begin(at(31)));
        // One that is never heard of again does not block it for ever.
        let mut breaker = opened(at(0));
        assert!(breaker.begin(at(30)));
        assert!(breaker.begin(at(61)));
        breaker.came_to_nothing(at(62));
        assert!(breaker.begin(at(62)));
    }

    #[test]
    fn it_rests_twice_as_long_each_time_up_to_five_minutes() {
        let (mut breaker, mut now, mut rests) = (opened(at(0)), at(0), Vec::new());
        for _ in 0..5 {
            while !breaker.begin(now) {
                now = later(now, SECOND);
            }
            let Some(Turn::Opened { until, too_often }) = breaker.failed(now) else {
                panic!("it stays open")
            };
            rests.push((until.since(now) / SECOND, too_often));
        }
        let expected = [
            (60, false),
            (120, true),
            (240, true),
            (300, true),
            (300, true),
        ];
        assert_eq!(rests, expected);
        // Recovered, the next rest is a short one.
        now = later(now, 300 * SECOND);
        assert!(breaker.begin(now));
        breaker.succeeded(now);
        let turn = (0..RUN).filter_map(|_| breaker.failed(now)).last();
        assert!(matches!(turn, Some(Turn::Opened { until, .. }) if until.since(now) == REST));
    }

    #[test]
    fn openings_are_forgotten_after_an_hour() {
        let mut breaker = Breaker::default();
        for hour in 0..5 {
            let now = later(START, hour * (HOUR / 2 + MINUTE));
            breaker.begin(now);
            breaker.succeeded(now);
            let turn = (0..RUN).filter_map(|_| breaker.failed(now)).last();
            assert!(
                matches!(
                    turn,
                    Some(Turn::Opened {
                        too_often: false,
                        ..
                    })
                ),
                "{hour}"
            );
        }
    }

    #[test]
    fn an_answer_that_nobody_could_use_is_no_success() {
        let mut breaker = Breaker::default();
        let turns = (0..RUN).map(|_| {
            assert_eq!(breaker.succeeded(at(0)), None);
            breaker.answer_was_bad(at(0))
        });
        assert!(turns.last().flatten().is_some());
    }
}
