//! How fast one address may ask: all requests together, and log-ins by themselves; and
//! how much a plugin may be told by other systems.
//!
//! This guards the server; what a tenant or visitor may do has limits of its own.
//! Sockets count their frames in `socket/pace.rs`.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use deskbell_domain::Kind;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::config::Limits;
use crate::problem::Problem;
use crate::state::Peer;
use crate::wire::webhook::BASE;

/// Addresses remembered before those that have been quiet are forgotten.
const ADDRESSES: usize = 10_000;

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, DefaultClock>;

pub(super) struct Pace {
    requests: Limiter,
    logins: Limiter,
    /// By the key of the address, which is the installation's.
    webhooks: RateLimiter<String, HashMapStateStore<String>, DefaultClock>,
    clock: DefaultClock,
}

impl Pace {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        let at_least_one = |value| NonZeroU32::new(value).unwrap_or(NonZeroU32::MIN);
        let requests = Quota::per_second(at_least_one(limits.requests_per_second))
            .allow_burst(at_least_one(limits.request_burst));
        let logins = Quota::per_minute(at_least_one(limits.logins_per_minute));
        let clock = DefaultClock::default();
        let limiter =
            |quota| RateLimiter::new(quota, HashMapStateStore::<IpAddr>::default(), clock.clone());
        let webhooks = Quota::per_minute(at_least_one(limits.webhooks_per_minute));
        Arc::new(Self {
            requests: limiter(requests),
            logins: limiter(logins),
            webhooks: RateLimiter::new(webhooks, HashMapStateStore::default(), clock.clone()),
            clock,
        })
    }

    /// Counts a request; says how long to wait when it is one too many.
    fn count(&self, address: IpAddr, login: bool) -> Result<(), Duration> {
        let check = |limiter: &Limiter| {
            if limiter.len() > ADDRESSES {
                limiter.retain_recent();
            }
            let counted = limiter.check_key(&address);
            counted.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
        };
        check(&self.requests)?;
        if login { check(&self.logins) } else { Ok(()) }
    }

    fn count_webhook(&self, path: &str) -> Result<(), Duration> {
        let rest = path
            .strip_prefix(BASE)
            .and_then(|rest| rest.strip_prefix('/'));
        let key = rest.and_then(|rest| rest.split('/').next());
        let Some(key) = key else {
            return Ok(());
        };
        if self.webhooks.len() > ADDRESSES {
            self.webhooks.retain_recent();
        }
        let counted = self.webhooks.check_key(&key.to_owned());
        counted.map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

pub(super) async fn keep(State(pace): State<Arc<Pace>>, request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>() else {
        return next.run(request).await;
    };
    let login = request.uri().path() == "/api/v1/auth/login";
    if let Err(wait) = pace.count(peer.address, login) {
        let detail = "This address asks too fast. `Retry-After` says when to come back.";
        return too_fast(wait, detail);
    }
    if let Err(wait) = pace.count_webhook(request.uri().path()) {
        let detail = "This plugin takes no more just now. `Retry-After` says when to come back.";
        return too_fast(wait, detail);
    }
    next.run(request).await
}

fn too_fast(wait: Duration, detail: &str) -> Response {
    let mut response = Problem::new(Kind::RateLimited, "too_fast", detail).into_response();
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_fast_waits_and_others_do_not() {
        let pace = Pace::new(&Limits {
            requests_per_second: 1,
            request_burst: 5,
            logins_per_minute: 2,
            ..Limits::default()
        });
        let (one, other) = (IpAddr::from([127, 0, 0, 1]), IpAddr::from([127, 0, 0, 2]));
        assert!((0..2).all(|_| pace.count(one, true).is_ok()));
        assert!(
            pace.count(one, true)
                .is_err_and(|wait| wait <= Duration::from_secs(60))
        );
        assert!((0..2).all(|_| pace.count(one, false).is_ok()));
        assert!(
            pace.count(one, false)
                .is_err_and(|wait| wait <= Duration::from_secs(1))
        );
        assert!(pace.count(other, true).is_ok());
    }

    #[test]
    fn an_installation_that_is_told_too_much_waits_and_others_do_not() {
        let pace = Pace::new(&Limits {
            webhooks_per_minute: 3,
            ..Limits::default()
        });
        let told = |key: &str| pace.count_webhook(&format!("/api/v1/hooks/{key}/deals"));
        assert!((0..3).all(|_| told("one").is_ok()));
        assert!(told("one").is_err_and(|wait| wait <= Duration::from_secs(60)));
        assert!(told("other").is_ok());
        assert!((0..9).all(|_| pace.count_webhook("/api/v1/agents").is_ok()));
    }
}
