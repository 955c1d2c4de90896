//! How often and how many at once: one client's requests, so that a plugin in a
//! loop is nobody's attacker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::failure::Failure;

const MINUTE: Duration = Duration::from_secs(60);
/// Clients remembered before those at rest are forgotten.
const SWEEP_ABOVE: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paces {
    pub at_once: u32,
    pub per_minute: u32,
}

#[derive(Debug)]
struct Client {
    under_way: u32,
    since: Instant,
    begun: u32,
}

#[derive(Debug)]
pub(crate) struct Pace {
    limits: Paces,
    clients: Arc<Mutex<HashMap<Uuid, Client>>>,
}

/// One request under way; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Turn {
    client: Uuid,
    clients: Arc<Mutex<HashMap<Uuid, Client>>>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get_mut(&self.client) {
            client.under_way = client.under_way.saturating_sub(1);
        }
    }
}

impl Pace {
    pub(crate) fn new(limits: Paces) -> Self {
        Self {
            limits,
            clients: Arc::default(),
        }
    }

    pub(crate) fn begin(&self, client: Uuid, now: Instant) -> Result<Turn, Failure> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |client: &Client| now.saturating_duration_since(client.since) >= MINUTE;
        if clients.len() > SWEEP_ABOVE {
            clients.retain(|_, client| client.under_way > 0 || !over(client));
        }
        let entry = clients.entry(client).or_insert(Client {
            under_way: 0,
            since: now,
            begun: 0,
        });
        if over(entry) {
            entry.since = now;
            entry.begun = 0;
        }
        if entry.begun >= self.limits.per_minute {
            let most = self.limits.per_minute;
            let why = format!("{most} requests in this minute already");
            return Err(Failure::TooManyRequests(why));
        }
        if entry.under_way >= self.limits.at_once {
            let most = self.limits.at_once;
            let why = format!("{most} requests are under way already");
            return Err(Failure::TooManyRequests(why));
        }
        entry.begun += 1;
        entry.under_way += 1;
        Ok(Turn {
            client,
            clients: self.clients.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_and_a_moment_have_their_ends() {
        let pace = Pace::new(Paces {
            at_once: 2,
            per_minute: 3,
        });
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let now = Instant::now();
        let first = pace.begin(one, now).unwrap();
        let _second = pace.begin(one, now).unwrap();
        let third = pace.begin(one, now).unwrap_err();
        assert!(third.to_string().contains("under way"), "{third}");
        assert!(pace.begin(other, now).is_ok(), "another client's own");
        drop(first);
        drop(pace.begin(one, now).unwrap());
        let fourth = pace.begin(one, now).unwrap_err();
        assert!(fourth.to_string().contains("this minute"), "{fourth}");
        assert!(pace.begin(one, now + MINUTE).is_ok());
    }
}
