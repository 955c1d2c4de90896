//! Where a request wants to go: the URL taken apart, and refused if it is not a
//! plain one or its host is not on the list.
//!
//! The `url` crate reads as browsers do: `0x7f.1`, `2130706433` and `①②⑦.0.0.1`
//! all become the address they mean, so what is compared and checked here is
//! what would be dialled.

use std::net::IpAddr;

use deskbell_domain::reach::HostPattern;
use url::{Host, Url};

use crate::failure::Failure;

/// No URL is longer.
const LONGEST_URL: usize = 4 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) url: Url,
    pub(crate) tls: bool,
    pub(crate) target: Target,
    pub(crate) port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Name(String),
    Address(IpAddr),
}

impl Destination {
    pub(crate) fn of(url: &str, allow_http: bool) -> Result<Self, Failure> {
        if url.len() > LONGEST_URL {
            let why = format!("the URL is longer than {LONGEST_URL} bytes");
            return Err(Failure::Denied(why));
        }
        let url = Url::parse(url).map_err(|error| Failure::Denied(format!("no URL: {error}")))?;
        let tls = match url.scheme() {
            "https" => true,
            "http" if allow_http => false,
            "http" => return Err(Failure::denied("plain http is not allowed: use https")),
            _ => return Err(Failure::denied("only https is spoken here")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            let why = "a URL must not hold a user name or a password";
            return Err(Failure::denied(why));
        }
        let target = match url.host() {
            Some(Host::Domain(name)) if name.ends_with('.') => {
                return Err(Failure::denied("the host ends in a dot"));
            }
            Some(Host::Domain(name)) => Target::Name(name.to_owned()),
            Some(Host::Ipv4(address)) => Target::Address(address.into()),
            Some(Host::Ipv6(address)) => Target::Address(address.into()),
            None => return Err(Failure::denied("the URL has no host")),
        };
        let port = url.port().unwrap_or(usual_port(tls));
        if port == 0 {
            return Err(Failure::denied("there is no port 0"));
        }
        Ok(Self {
            url,
            tls,
            target,
            port,
        })
    }

    /// As it stands in lists and messages.
    pub(crate) fn host(&self) -> String {
        match &self.target {
            Target::Name(name) => name.clone(),
            Target::Address(IpAddr::V4(address)) => address.to_string(),
            Target::Address(IpAddr::V6(address)) => format!("[{address}]"),
        }
    }

    pub(crate) fn is_on(&self, list: &[HostPattern]) -> bool {
        let host = self.host();
        list.iter()
            .any(|pattern| pattern.matches(&host, self.port, usual_port(self.tls)))
    }

    /// The `Host` header: without the port where it is the usual one.
    pub(crate) fn authority(&self) -> String {
        match self.port == usual_port(self.tls) {
            true => self.host(),
            false => format!("{}:{}", self.host(), self.port),
        }
    }

    /// Path and query, as the first line of the request has them.
    pub(crate) fn path(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }
}

/// Whether a request to this URL would go to one of these hosts. Nothing is looked
/// up, and whether it may go there at all is decided when it is sent.
#[must_use]
pub fn goes_to(url: &str, hosts: &[HostPattern]) -> bool {
    Destination::of(url, true).is_ok_and(|destination| destination.is_on(hosts))
}

const fn usual_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}
