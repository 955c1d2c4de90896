//! The accept loop: connections, their caps, their ends.
//!
//! Ours rather than the framework's, because that one has no time limit for a
//! request's head and no caps. It knows connections and nothing of what is asked
//! on them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::HeaderMap;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use crate::config::Config;
use crate::state::Peer;
use crate::tasks::Tasks;

/// A request's head must fit in here.
const HEAD_MAX: usize = 64 * 1024;
/// What the system may hold of an answer nobody reads. Left to itself it takes
/// megabytes for each slow reader.
const SEND_BUFFER: usize = 128 * 1024;
/// When the system has no more descriptors, for a moment.
const BREATHE: Duration = Duration::from_millis(100);

/// How many connections there are, in all and from each address.
#[derive(Debug, Default)]
pub struct Caps {
    total_max: usize,
    address_max: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place under the caps; dropping it gives the place back.
#[derive(Debug)]
pub struct Slot {
    caps: Arc<Caps>,
    address: IpAddr,
}

impl Caps {
    #[must_use]
    pub fn new(total_max: usize, address_max: usize) -> Arc<Self> {
        Arc::new(Self {
            total_max,
            address_max,
            open: Mutex::default(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Slot> {
        let mut open = self.lock();
        let here = open.by_address.get(&address).copied().unwrap_or_default();
        if open.total >= self.total_max || here >= self.address_max {
            return None;
        }
        open.total += 1;
        open.by_address.insert(address, here + 1);
        let caps = self.clone();
        Some(Slot { caps, address })
    }

    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().total
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.caps.lock();
        open.total -= 1;
        if let Entry::Occupied(mut count) = open.by_address.entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Accepts until the tasks are told to stop. Connections that are open then
/// finish the request they are at.
pub async fn run(
    listener: TcpListener,
    router: Router,
    config: Arc<Config>,
    caps: Arc<Caps>,
    tasks: Tasks,
) {
    let stop = tasks.stop();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let Some(slot) = caps.take(address.ip()) else {
                    metrics::counter!("deskbell_connections_refused_total").increment(1);
                    continue;
                };
                metrics::counter!("deskbell_connections_accepted_total").increment(1);
                let peer = (address, Arc::new(slot));
                let work = connection(stream, peer, router.clone(), config.clone(), tasks.clone());
                tasks.spawn("connection", work);
            }
            Err(error) => {
                tracing::warn!(%error, "accepting a connection failed");
                tokio::time::sleep(BREATHE).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    (address, slot): (SocketAddr, Arc<Slot>),
    router: Router,
    config: Arc<Config>,
    tasks: Tasks,
) {
    // Frames are small and written when they are complete. A system that refuses
    // either wish serves all the same.
    let _ = stream.set_nodelay(true);
    let _ = SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
    let header_timeout = Duration::from_millis(config.limits.header_timeout_ms);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (mut parts, body) = request.into_parts();
        let address = client_address(address.ip(), &parts.headers, &config.trusted_proxies);
        let slot = slot.clone();
        parts.extensions.insert(Peer { address, slot });
        let request = hyper::Request::from_parts(parts, Body::new(body));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
            )
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    let stop = tasks.stop();
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%address, %error, "a connection ended early");
    }
}

/// The client behind the proxies we trust: the last address in the list that is
/// not one of them. What stands before it anybody could have written.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let lists = headers.get_all("x-forwarded-for").iter().rev();
    let addresses = lists
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.rsplit(','))
        .map_while(|address| address.trim().parse::<IpAddr>().ok());
    let mut last = peer;
    for address in addresses {
        last = address;
        if !trusted.contains(&address) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_hold_and_places_come_back() {
        let caps = Caps::new(3, 2);
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = caps.take(here).unwrap();
        let _second = caps.take(here).unwrap();
        assert!(caps.take(here).is_none(), "two from one address");
        let _third = caps.take(there).unwrap();
        assert!(caps.take(there).is_none(), "three in all");
        drop(first);
        assert!(caps.take(there).is_some());
        assert_eq!(caps.count(), 2);
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxy = IpAddr::from([127, 0, 0, 1]);
        let second = IpAddr::from([10, 0, 0, 9]);
        let stranger = IpAddr::from([203, 0, 113, 7]);
        let client = IpAddr::from([198, 51, 100, 1]);
        let trusted = [proxy, second];
        // peer, header, expected
        let rows = [
            (stranger, "198.51.100.1", stranger),
            (proxy, "198.51.100.1", client),
            (proxy, "1.1.1.1, 198.51.100.1", client),
            (proxy, "1.1.1.1, 198.51.100.1, 10.0.0.9", client),
            (proxy, "nonsense", proxy),
            (proxy, "198.51.100.1, nonsense", proxy),
        ];
        for (peer, header, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", header.parse().unwrap());
            assert_eq!(
                client_address(peer, &headers, &trusted),
                expected,
                "{header}"
            );
        }
        assert_eq!(client_address(proxy, &HeaderMap::new(), &trusted), proxy);
    }
}
