//! How long calls took.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::error::Outcome;

/// Microseconds.
#[derive(Serialize, Clone, Copy)]
pub(super) struct Times {
    pub(super) p50: f64,
    pub(super) p99: f64,
}

pub(super) struct Clock(Histogram<u64>);

impl Clock {
    pub(super) fn new() -> Outcome<Self> {
        Ok(Self(Histogram::new_with_bounds(1, 100_000_000_000, 3)?))
    }

    pub(super) fn record(&mut self, took: Duration) {
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.0.saturating_record(nanos);
    }

    pub(super) fn times(&self) -> Times {
        let micros = |quantile| self.0.value_at_quantile(quantile) as f64 / 1e3;
        Times {
            p50: micros(0.5),
            p99: micros(0.99),
        }
    }
}
