//! What is sent when, decided before anything is sent: an open loop.
//!
//! A schedule knows nothing of answers, so a slow server does not slow it down,
//! and what waited is counted from the instant it should have left.

use std::time::Duration;

/// One message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tick {
    /// After the run's beginning.
    pub at: Duration,
    pub visitor: usize,
}

/// Messages at random instants (exponential gaps, as independent people make
/// them), the visitors in a shuffled order, all equally often.
pub fn open_loop(rate: f64, length: Duration, visitors: usize, seed: u64) -> Vec<Tick> {
    let mut chance = Chance(seed);
    let mut order: Vec<usize> = (0..visitors).collect();
    for place in (1..order.len()).rev() {
        let other = (chance.next() % (place as u64 + 1)) as usize;
        order.swap(place, other);
    }
    let mut at = 0.0;
    let mut ticks = Vec::new();
    for visitor in order.into_iter().cycle() {
        at += -(1.0 - chance.fraction()).ln() / rate;
        if at >= length.as_secs_f64() {
            break;
        }
        ticks.push(Tick {
            at: Duration::from_secs_f64(at),
            visitor,
        });
    }
    ticks
}

/// SplitMix64: the same seed, the same run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn fraction(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_has_its_rate_and_everybody_speaks() {
        let ticks = open_loop(1_000.0, Duration::from_secs(4), 100, 7);
        assert!((3_700..4_300).contains(&ticks.len()), "{}", ticks.len());
        assert!(ticks.is_sorted_by_key(|tick| tick.at));
        let said = |visitor| ticks.iter().filter(|tick| tick.visitor == visitor).count();
        let least = (0..100).map(said).min().unwrap();
        let most = (0..100).map(said).max().unwrap();
        assert!(most - least <= 1, "{least} to {most}");
        assert_eq!(ticks, open_loop(1_000.0, Duration::from_secs(4), 100, 7));
    }
}
