//! The engine: from a request and its terms to an answer or a reason why not.
//!
//! In order: the client's pace, the URL, the list of hosts, the size, the name's
//! addresses, each of them, the connection, TLS, the exchange. Nothing is dialled
//! before all that can be said without dialling was said. The name is looked up
//! once and what was checked is what is dialled, so a name that changes its mind
//! in between changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use crate::address::unfit;
use crate::allowed::Allowed;
use crate::destination::{Destination, Target};
use crate::exchange::{self, Caps};
use crate::failure::Failure;
use crate::outside::{Connector, Resolver, Stream, SystemConnector, SystemResolver};
use crate::pace::{Pace, Paces};
use crate::request::{Request, Response, Terms};
use crate::tls::{BadRoots, Roots, Tls};

/// However patient the asker is.
const LONGEST: Duration = Duration::from_secs(30);
/// For one address; a name may have others.
const CONNECT: Duration = Duration::from_secs(5);
const MOST_ADDRESSES: usize = 4;
/// Of an answer.
const MOST_HEADERS: usize = 64;
const HEADER_BYTES: usize = 16 * 1024;

pub struct EgressConfig {
    pub resolver: Arc<dyn Resolver>,
    pub connector: Arc<dyn Connector>,
    pub roots: Roots,
    /// Addresses that may be dialled though they are not public.
    pub allowed: Vec<Allowed>,
    /// Whether `http:` URLs are taken.
    pub allow_http: bool,
    pub paces: Paces,
    pub faults: Faults,
}

impl Default for EgressConfig {
    fn default() -> Self {
        Self {
            resolver: Arc::new(SystemResolver::default()),
            connector: Arc::new(SystemConnector),
            roots: Roots::public(),
            allowed: Vec::new(),
            allow_http: false,
            paces: Paces {
                at_once: 8,
                per_minute: 600,
            },
            faults: Faults::default(),
        }
    }
}

/// Planted bugs: each switches a check off, so that a test can show that it was
/// the check that stopped an attack. Nothing but tests sets one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Faults {
    pub any_host: bool,
    pub any_address: bool,
    /// Dials what the name says by then, not what was checked.
    pub look_up_again: bool,
    pub no_header_limit: bool,
    pub no_body_limit: bool,
    pub no_time_limit: bool,
    pub no_pace: bool,
    /// Secrets go along wherever the request goes.
    pub secrets_everywhere: bool,
}

#[derive(Clone)]
pub struct Egress {
    inner: Arc<Inner>,
}

struct Inner {
    resolver: Arc<dyn Resolver>,
    connector: Arc<dyn Connector>,
    tls: Tls,
    allowed: Vec<Allowed>,
    allow_http: bool,
    pace: Pace,
    faults: Faults,
}

impl Egress {
    /// # Errors
    ///
    /// The TLS library refuses its settings.
    pub fn new(config: EgressConfig) -> Result<Self, BadRoots> {
        Ok(Self {
            inner: Arc::new(Inner {
                resolver: config.resolver,
                connector: config.connector,
                tls: Tls::new(config.roots)?,
                allowed: config.allowed,
                allow_http: config.allow_http,
                pace: Pace::new(config.paces),
                faults: config.faults,
            }),
        })
    }

    /// Asks, within the terms.
    ///
    /// # Errors
    ///
    /// It may not be asked, or there was no answer that can be used.
    pub async fn send(&self, request: Request, terms: &Terms) -> Result<Response, Failure> {
        let inner = &self.inner;
        let _turn = match inner.faults.no_pace {
            false => Some(inner.pace.begin(terms.client, Instant::now())?),
            true => None,
        };
        let sent = inner.send(request, terms);
        if inner.faults.no_time_limit {
            return sent.await;
        }
        let limit = terms.timeout.min(LONGEST);
        let late = |_| Failure::Timeout(u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        timeout(limit, sent).await.map_err(late)?
    }
}

/// All that can be said of a request without looking anything up.
pub(crate) fn within(
    destination: &Destination,
    request: &Request,
    terms: &Terms,
    any_host: bool,
) -> Result<(), Failure> {
    if !destination.is_on(&terms.hosts) && !any_host {
        let why = format!(
            "{} is not among the hosts this plugin may ask",
            destination.authority()
        );
        return Err(Failure::Denied(why));
    }
    if request.body.len() > terms.request_bytes {
        let why = format!("the request is larger than {} bytes", terms.request_bytes);
        return Err(Failure::TooLarge(why));
    }
    Ok(())
}

impl Inner {
    async fn send(&self, request: Request, terms: &Terms) -> Result<Response, Failure> {
        let destination = Destination::of(&request.url, self.allow_http)?;
        within(&destination, &request, terms, self.faults.any_host)?;
        let mut additions = terms.additions.clone();
        if self.faults.secrets_everywhere {
            for addition in &mut additions {
                addition.hosts.clone_from(&terms.hosts);
            }
        }
        let outgoing = exchange::outgoing(destination.clone(), request, &additions)?;
        let host = destination.authority();
        let vetted = self.vet(&destination).await?;
        let mut stream = self.dial(&destination, &vetted).await?;
        if destination.tls {
            let secured = self.tls.over(stream, &destination.target).await;
            let failed = |_| Failure::Unreachable(format!("no TLS with {host}"));
            stream = secured.map_err(failed)?;
        }
        exchange::exchange(stream, outgoing, &host, self.caps(terms)).await
    }

    fn caps(&self, terms: &Terms) -> Caps {
        let mut caps = Caps {
            headers: MOST_HEADERS,
            header_bytes: HEADER_BYTES,
            body: terms.response_bytes,
        };
        if self.faults.no_header_limit {
            (caps.headers, caps.header_bytes) = (1 << 16, 1 << 24);
        }
        if self.faults.no_body_limit {
            caps.body = usize::MAX;
        }
        caps
    }

    /// The addresses that may be dialled.
    async fn vet(&self, destination: &Destination) -> Result<Vec<SocketAddr>, Failure> {
        let host = destination.host();
        let addresses = match &destination.target {
            Target::Address(address) => vec![*address],
            Target::Name(name) => {
                let found = self.resolver.resolve(name).await;
                found.map_err(|_| Failure::Unreachable(format!("{host} was not found")))?
            }
        };
        let port = destination.port;
        let mut refused = None;
        let mut vetted = Vec::new();
        for address in addresses {
            let allowed = self.allowed.iter().any(|one| one.covers(address, port));
            match unfit(address) {
                Some(what) if !allowed && !self.faults.any_address => refused = Some(what),
                _ => vetted.push(SocketAddr::new(address, port)),
            }
        }
        vetted.truncate(MOST_ADDRESSES);
        match (vetted.is_empty(), refused) {
            (false, _) => Ok(vetted),
            (true, Some(what)) => {
                let why = format!("{host} is not on the public internet ({what})");
                Err(Failure::Denied(why))
            }
            (true, None) => Err(Failure::Unreachable(format!("{host} has no address"))),
        }
    }

    async fn dial(
        &self,
        destination: &Destination,
        vetted: &[SocketAddr],
    ) -> Result<Box<dyn Stream>, Failure> {
        let mut vetted = vetted.to_vec();
        if self.faults.look_up_again
            && let Target::Name(name) = &destination.target
        {
            let again = self.resolver.resolve(name).await.unwrap_or_default();
            vetted = again
                .into_iter()
                .map(|address| SocketAddr::new(address, destination.port))
                .collect();
        }
        for address in vetted {
            if let Ok(Ok(stream)) = timeout(CONNECT, self.connector.connect(address)).await {
                return Ok(stream);
            }
        }
        let host = destination.authority();
        Err(Failure::Unreachable(format!("{host} does not answer")))
    }
}
