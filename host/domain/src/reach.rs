//! What a plugin says in its manifest about the outside: the hosts it asks, and
//! the secrets that go along with its requests.
//!
//! A host pattern is a plain text rule and nothing is looked up here. Whether an
//! address behind a name may be dialled is the egress crate's business.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::oauth::ClientCredentials;
use crate::time::Timestamp;

/// Hosts one manifest may list.
pub const MOST_HOSTS: usize = 32;
/// Secrets one manifest may list.
pub const MOST_SECRETS: usize = 16;
/// What a secret's value has at most, in bytes.
pub const SECRET_BYTES: usize = 8 * 1024;

/// What a plugin keeps: the bytes of a key, of a value, of both in all, and keys.
pub const KEY_BYTES: usize = 256;
pub const VALUE_BYTES: usize = 256 * 1024;
pub const KEYS_BYTES: i64 = 10 * 1024 * 1024;
pub const MOST_KEYS: i64 = 10_000;

/// One entry of an allow-list: `api.example.com`, `*.example.com` (exactly one
/// label in front), an address as it is (`192.0.2.7`, `[2001:db8::1]`), each with
/// `:port` if it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostPattern {
    name: String,
    below: bool,
    port: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadHost {
    #[error("a host is a name like api.example.com or *.example.com, with :port if need be")]
    Form,
    #[error("names are written in lower case, foreign letters as xn--…, without a dot at the end")]
    Spelling,
    #[error("`*.` stands before a name of at least two parts, as in *.example.com")]
    Wildcard,
    #[error("the port is a number from 1 to 65535")]
    Port,
    #[error("a URL like https://api.example.com/orders, without a user name")]
    Url,
}

impl HostPattern {
    /// The host of a URL that an admin entered. Strict on purpose: what is unusual
    /// is refused, so that nobody can read it in two ways.
    ///
    /// # Errors
    ///
    /// It is no plain `http` or `https` URL.
    pub fn of_url(url: &str) -> Result<Self, BadHost> {
        let url = url.trim();
        let rest = url
            .strip_prefix("https://")
            .or_else(|| url.strip_prefix("http://"))
            .ok_or(BadHost::Url)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or_default();
        let pattern: Self = authority
            .to_ascii_lowercase()
            .parse()
            .map_err(|_| BadHost::Url)?;
        match pattern.below {
            true => Err(BadHost::Url),
            false => Ok(pattern),
        }
    }

    /// Whether this destination is meant. `host` is in lower case, an IPv6 address
    /// in brackets; `usual` is the scheme's own port.
    #[must_use]
    pub fn matches(&self, host: &str, port: u16, usual: u16) -> bool {
        if port != self.port.unwrap_or(usual) {
            return false;
        }
        if !self.below {
            return host == self.name;
        }
        host.strip_suffix(self.name.as_str())
            .and_then(|rest| rest.strip_suffix('.'))
            .is_some_and(|label| !label.is_empty() && !label.contains('.'))
    }
}

impl HostPattern {
    /// Whether this one lets through what that one names.
    #[must_use]
    pub fn covers(&self, other: &Self, usual: u16) -> bool {
        !other.below && self.matches(&other.name, other.port.unwrap_or(usual), usual)
    }
}

impl FromStr for HostPattern {
    type Err = BadHost;

    fn from_str(text: &str) -> Result<Self, BadHost> {
        let (host, port) = split_port(text)?;
        if host.starts_with('[') {
            let inner = host
                .strip_prefix('[')
                .and_then(|rest| rest.strip_suffix(']'));
            let address: Ipv6Addr = inner
                .and_then(|inner| inner.parse().ok())
                .ok_or(BadHost::Form)?;
            return Ok(Self {
                name: format!("[{address}]"),
                below: false,
                port,
            });
        }
        let (below, name) = match host.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, host),
        };
        if !below && name.parse::<Ipv4Addr>().is_ok() {
            return Ok(Self {
                name: name.to_owned(),
                below,
                port,
            });
        }
        check_name(name)?;
        if below && !name.contains('.') {
            return Err(BadHost::Wildcard);
        }
        Ok(Self {
            name: name.to_owned(),
            below,
            port,
        })
    }
}

fn split_port(text: &str) -> Result<(&str, Option<u16>), BadHost> {
    let after_address = text.rfind(']').map_or(0, |at| at + 1);
    let tail = text.get(after_address..).unwrap_or_default();
    let Some(colon) = tail.find(':') else {
        return Ok((text, None));
    };
    let (host, port) = text.split_at(after_address + colon);
    let digits = port.get(1..).unwrap_or_default();
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse::<u16>() {
        Ok(port) if plain && port > 0 => Ok((host, Some(port))),
        _ => Err(BadHost::Port),
    }
}

fn check_name(name: &str) -> Result<(), BadHost> {
    if name.is_empty() || name.contains(['/', '@', ' ', '*']) {
        return Err(BadHost::Form);
    }
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !name.split('.').all(label) {
        return Err(BadHost::Spelling);
    }
    // What ends in a number is somebody's way to write an address.
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last
        .strip_prefix("0x")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    if hex || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BadHost::Form);
    }
    Ok(())
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.below {
            f.write_str("*.")?;
        }
        f.write_str(&self.name)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Serialize for HostPattern {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HostPattern {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Some hosts: named in the manifest, or in a URL that the admin enters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hosts {
    pub hosts: Vec<HostPattern>,
    /// JSON pointers into the configuration, each to a URL.
    pub hosts_from_config: Vec<String>,
}

impl Hosts {
    /// The patterns that hold for an installation. A setting that is empty or no
    /// URL adds nothing.
    #[must_use]
    pub fn under(&self, config: &Map<String, Value>) -> Vec<HostPattern> {
        let configured = self.hosts_from_config.iter().filter_map(|pointer| {
            let url = at(config, pointer)?.as_str()?;
            HostPattern::of_url(url).ok()
        });
        self.hosts.iter().cloned().chain(configured).collect()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.hosts_from_config.is_empty()
    }
}

/// In words, for whoever grants it.
impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nobody");
        }
        let named = self.hosts.iter().map(ToString::to_string);
        let configured = self.hosts_from_config.iter().map(|pointer| {
            format!(
                "the server in the setting {}",
                pointer.trim_start_matches('/')
            )
        });
        f.write_str(&named.chain(configured).collect::<Vec<_>>().join(", "))
    }
}

/// A value in a configuration by its JSON pointer.
pub(crate) fn at<'a>(config: &'a Map<String, Value>, pointer: &str) -> Option<&'a Value> {
    let mut steps = pointer
        .strip_prefix('/')?
        .split('/')
        .map(|step| step.replace("~1", "/").replace("~0", "~"));
    let mut value = config.get(&steps.next()?)?;
    for step in steps {
        value = match value {
            Value::Object(fields) => fields.get(&step)?,
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// `[capabilities]` of a manifest: what its capabilities are limited to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CapabilitySettings {
    /// Whom it may ask.
    pub http: Hosts,
}

/// `[secrets.NAME]` of a manifest: something an admin enters, that goes along with
/// requests to some hosts or is signed with, and that no guest ever sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSettings {
    pub title: String,
    #[serde(default)]
    pub description: String,
    /// Where it may be sent.
    #[serde(default)]
    pub to: Hosts,
    pub placement: Placement,
    /// It is not sent itself: tokens are got with it, and those are sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oauth2: Option<ClientCredentials>,
}

/// Where a secret stands in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Placement {
    /// In this header, after the prefix: `Authorization`, `Bearer `.
    Header { name: String, prefix: String },
    /// In this parameter of the URL.
    Query { name: String },
    /// In none: the host signs with it for the plugin.
    Signature,
    /// In none: the host checks with it what comes in by webhooks.
    Webhook,
}

impl Placement {
    /// Whether it goes out with requests at all.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        !matches!(self, Self::Signature | Self::Webhook)
    }

    /// Where tokens stand, if nothing else is said.
    #[must_use]
    pub fn bearer() -> Self {
        Self::Header {
            name: "Authorization".to_owned(),
            prefix: "Bearer ".to_owned(),
        }
    }
}

/// A secret as lists show it: whether it is there, never what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretView {
    pub name: String,
    pub title: String,
    pub description: String,
    /// Where it goes under the present configuration.
    pub hosts: Vec<String>,
    /// Tokens are got with it; it is not sent itself.
    pub oauth2: bool,
    pub set: bool,
    pub updated_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pattern(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_pattern_has_one_spelling() {
        for good in [
            "api.example.com",
            "*.example.com",
            "api.example.com:8443",
            "xn--bcher-kva.example",
            "192.0.2.7",
            "192.0.2.7:81",
            "[2001:db8::1]",
            "[2001:db8::1]:8443",
            "localhost:8080",
        ] {
            assert_eq!(pattern(good).to_string(), good);
        }
        for bad in [
            "",
            "*",
            "*.",
            "*.com",
            "a.*.com",
            "*.*.com",
            "**.example.com",
            "API.example.com",
            "api.example.com.",
            "api..example.com",
            ".example.com",
            "-a.example.com",
            "bücher.example",
            "https://api.example.com",
            "api.example.com/x",
            "ana@example.com",
            "a b.example.com",
            "a_b.example.com",
            "api.example.com:",
            "api.example.com:0",
            "api.example.com:65536",
            "api.example.com:+1",
            "api.example.com:80:80",
            "[::1",
            "::1",
            "2130706433",
            "0x7f000001",
            "127.1",
            "0177.0.0.1",
            "1.2.3.4.5",
            "a.0x1f",
            "*.192.0.2.7",
        ] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_star_is_one_label() {
        let star = pattern("*.example.com");
        assert!(star.matches("api.example.com", 443, 443));
        for other in [
            "example.com",
            "a.b.example.com",
            "badexample.com",
            ".example.com",
            "api.example.com.evil.test",
        ] {
            assert!(!star.matches(other, 443, 443), "{other}");
        }
        assert!(!star.matches("api.example.com", 8443, 443));
        assert!(pattern("a.test:8443").matches("a.test", 8443, 443));
        assert!(!pattern("a.test:8443").matches("a.test", 443, 443));
        assert!(pattern("a.test").matches("a.test", 80, 80));
    }

    #[test]
    fn a_url_in_the_configuration_names_its_host() {
        let of = |url: &str| HostPattern::of_url(url).map(|host| host.to_string());
        assert_eq!(
            of("https://API.example.com/o/{order_id}?a=b"),
            Ok("api.example.com".to_owned())
        );
        assert_eq!(of(" http://127.0.0.1:81#x "), Ok("127.0.0.1:81".to_owned()));
        for bad in [
            "",
            "api.example.com",
            "ftp://a.test/",
            "https://ana:secret@a.test/",
            "https://*.example.com/",
            "https:///x",
            "https://a.test\\@b.test/",
            "HTTPS://a.test/",
            "https://{host}/",
        ] {
            assert_eq!(of(bad), Err(BadHost::Url), "{bad}");
        }
        let hosts = Hosts {
            hosts: vec![pattern("a.test")],
            hosts_from_config: vec!["/api/0/url".to_owned(), "/gone".to_owned()],
        };
        let config = json!({ "api": [{ "url": "https://b.test/x" }] });
        let config = config.as_object().unwrap();
        assert_eq!(hosts.under(config), [pattern("a.test"), pattern("b.test")]);
    }
}
