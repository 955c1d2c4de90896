//! Whether a browser's `Origin` is the server's own.
//!
//! With a public address configured that is it; without one the own origin
//! follows the `Host` header, so that a fresh installation works under whatever
//! name it is reached. A request without an Origin is no browser's.

use axum::http::{HeaderMap, HeaderValue, Uri, header};

#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// `https://chat.example.com`, without a path.
    public: Option<String>,
}

impl Origins {
    #[must_use]
    pub fn new(public_address: Option<&str>) -> Self {
        Self {
            public: public_address.map(|address| normal(address.trim_end_matches('/'))),
        }
    }

    /// True when there is no Origin, or it is ours.
    #[must_use]
    pub fn allows_own(&self, headers: &HeaderMap) -> bool {
        match origin_of(headers) {
            None => true,
            Some(origin) => self.is_own(&origin, headers),
        }
    }

    fn is_own(&self, origin: &str, headers: &HeaderMap) -> bool {
        if let Some(public) = &self.public {
            return origin == public;
        }
        let host = headers.get(header::HOST).and_then(text);
        let (Some(host), Some(authority)) = (host, authority(origin)) else {
            return false;
        };
        // A proxy in front may have taken the TLS off, so the scheme is not
        // compared, and a default port may be written or not.
        without_port_80_443(&authority) == without_port_80_443(&host.to_ascii_lowercase())
    }
}

/// The Origin header in its normal form; `null` stays `null` and is nobody's.
#[must_use]
pub fn origin_of(headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?;
    Some(text(origin).map_or_else(|| "null".to_owned(), normal))
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

fn normal(origin: &str) -> String {
    origin.trim().to_ascii_lowercase()
}

fn authority(origin: &str) -> Option<String> {
    let uri: Uri = origin.parse().ok()?;
    matches!(uri.scheme_str(), Some("http" | "https")).then_some(())?;
    (uri.path() == "/" || uri.path().is_empty()).then_some(())?;
    uri.authority().map(ToString::to_string)
}

fn without_port_80_443(host: &str) -> &str {
    host.strip_suffix(":80")
        .or_else(|| host.strip_suffix(":443"))
        .unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(origin: Option<&'static str>, host: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
        }
        headers
    }

    #[test]
    fn follows_host_unless_told() {
        // public address, Origin, Host, allowed
        let rows = [
            (None, None, "a.test", true),
            (None, Some("http://a.test"), "a.test", true),
            (None, Some("https://A.test"), "a.test", true),
            (None, Some("http://a.test:8080"), "a.test:8080", true),
            (None, Some("https://a.test"), "a.test:443", true),
            (None, Some("http://a.test:8080"), "a.test", false),
            (None, Some("http://b.test"), "a.test", false),
            (None, Some("null"), "a.test", false),
            (None, Some("file://a.test"), "a.test", false),
            (None, Some("http://a.test.evil.test"), "a.test", false),
            (Some("https://a.test/"), Some("https://a.test"), "x", true),
            (Some("https://a.test"), Some("http://a.test"), "x", false),
            (Some("https://a.test"), Some("https://x"), "x", false),
        ];
        for (public, origin, host, allowed) in rows {
            let got = Origins::new(public).allows_own(&request(origin, host));
            assert_eq!(got, allowed, "{public:?} {origin:?} {host}");
        }
    }
}
