//! Time, ids and secrets that a test holds still.
//!
//! Two apps with the same seed give the same ids in the same order; their secrets
//! differ if their `secret` seeds do.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use deskbell_app::{Clock, SecretSource};
use deskbell_domain::{IdSource, Timestamp};
use uuid::Uuid;

use crate::chance::Chance;

/// 2026-01-05T09:00:00Z, a Monday morning.
pub const START: Timestamp = Timestamp(1_767_603_600_000);

/// A clock that only a test moves.
#[derive(Debug)]
pub struct FrozenClock(AtomicI64);

impl Default for FrozenClock {
    fn default() -> Self {
        Self(AtomicI64::new(START.0))
    }
}

impl FrozenClock {
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// UUIDv7 in form: a fixed time, then a counter.
#[derive(Debug, Default)]
pub struct SeededIds(AtomicU64);

impl IdSource for SeededIds {
    fn uuid(&self) -> Uuid {
        let count = u128::from(self.0.fetch_add(1, Ordering::SeqCst) + 1);
        let time = u128::from(START.0.unsigned_abs()) << 80;
        // The version, the variant, and the count below them.
        Uuid::from_u128(time | (7 << 76) | (0b10 << 62) | (count & 0x3FFF_FFFF_FFFF_FFFF))
    }
}

/// Secrets that differ from each other, and between seeds.
#[derive(Debug)]
pub struct SeededSecrets {
    seed: u64,
    count: AtomicU64,
}

impl SeededSecrets {
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            count: AtomicU64::new(0),
        }
    }
}

impl SecretSource for SeededSecrets {
    fn bytes(&self) -> [u8; 32] {
        let count = self.count.fetch_add(1, Ordering::SeqCst);
        let mut chance = Chance::new(self.seed.wrapping_mul(1_000_003) ^ count);
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&chance.bits().to_le_bytes());
        }
        bytes
    }
}
