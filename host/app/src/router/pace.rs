//! How fast a team answers, for the expected wait.

use deskbell_domain::Timestamp;
use deskbell_domain::time::Millis;

/// Too few to say anything before this many.
const ENOUGH: u32 = 3;
/// Each new interval counts this share against the past: 1 in 8.
const WEIGHT: i64 = 8;

/// A moving average of the time between assignments while somebody waited.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    last: Option<Timestamp>,
    average: Millis,
    seen: u32,
}

impl Pace {
    pub(super) fn assigned(&mut self, at: Timestamp) {
        if let Some(last) = self.last {
            let interval = at.since(last);
            self.average = match self.seen {
                0 => interval,
                _ => self.average + (interval - self.average) / WEIGHT,
            };
            self.seen = self.seen.saturating_add(1);
        }
        self.last = Some(at);
    }

    /// None until there is something to go by.
    pub(super) fn expected_wait(&self, place: i64) -> Option<Millis> {
        (self.seen >= ENOUGH).then(|| self.average.saturating_mul(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_nothing_until_it_has_seen_enough() {
        let mut pace = Pace::default();
        for n in 0..3 {
            pace.assigned(Timestamp(n * 60_000));
            assert_eq!(pace.expected_wait(1), None);
        }
        pace.assigned(Timestamp(180_000));
        assert_eq!(pace.expected_wait(2), Some(120_000));
    }
}
