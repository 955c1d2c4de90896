//! How fast a socket may send frames.

use std::num::NonZeroU32;
use std::time::Duration;

use deskbell_app::Plane;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use crate::config::Limits;

pub(super) struct Pace {
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Pace {
    #[must_use]
    pub(super) fn new(plane: Plane, limits: &Limits) -> Self {
        let (rate, burst) = match plane {
            Plane::Agent => (limits.agent_frames_per_second, limits.agent_frame_burst),
            Plane::Widget => (limits.visitor_frames_per_second, limits.visitor_frame_burst),
        };
        let at_least_one = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst));
        let clock = DefaultClock::default();
        Self {
            limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
        }
    }

    /// Counts a frame; says how long to wait when it is one too many.
    pub(super) fn count(&self) -> Result<(), Duration> {
        self.limiter
            .check()
            .map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_and_what_follows_waits() {
        let limits = Limits {
            visitor_frames_per_second: 1,
            visitor_frame_burst: 3,
            ..Limits::default()
        };
        let pace = Pace::new(Plane::Widget, &limits);
        assert!((0..3).all(|_| pace.count().is_ok()));
        assert!(
            pace.count()
                .is_err_and(|wait| wait <= Duration::from_secs(1))
        );
    }
}
