//! One request and its answer on a connection that is open: HTTP/1.1, counted.
//!
//! Redirects are answers like others. No compression is offered, and none is
//! taken: what is counted is what there is.

use std::convert::Infallible;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Body as _;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper_util::rt::TokioIo;

use deskbell_domain::reach::Placement;

use crate::destination::Destination;
use crate::failure::Failure;
use crate::outside::Stream;
use crate::request::{Addition, Method, Request, Response};

/// Of a request, beside our own.
const MOST_HEADERS: usize = 32;
const HEADER_BYTES: usize = 8 * 1024;

/// How large an answer may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Caps {
    pub(crate) headers: usize,
    pub(crate) header_bytes: usize,
    pub(crate) body: usize,
}

/// Headers that say how the bytes travel, or whose they are: ours to write.
const OURS: [HeaderName; 11] = [
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::ACCEPT_ENCODING,
    header::PROXY_AUTHORIZATION,
    header::FORWARDED,
];

pub(crate) type Outgoing = hyper::Request<Full<Bytes>>;

/// The request as it goes out, with the secrets that belong to its destination
/// and no others.
pub(crate) fn outgoing(
    mut destination: Destination,
    request: Request,
    additions: &[Addition],
) -> Result<Outgoing, Failure> {
    let mut headers = guests_headers(&request.headers)?;
    for addition in additions {
        if destination.is_on(&addition.hosts) {
            add(addition, &mut destination, &mut headers)?;
        }
    }
    let host = HeaderValue::from_str(&destination.authority());
    headers.insert(header::HOST, host.map_err(unwritable)?);
    headers.insert(
        header::ACCEPT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    if !headers.contains_key(header::USER_AGENT) {
        let agent = HeaderValue::from_static(concat!("deskbell/", env!("CARGO_PKG_VERSION")));
        headers.insert(header::USER_AGENT, agent);
    }
    let method = match request.method {
        Method::Get => hyper::Method::GET,
        Method::Head => hyper::Method::HEAD,
        Method::Post => hyper::Method::POST,
        Method::Put => hyper::Method::PUT,
        Method::Patch => hyper::Method::PATCH,
        Method::Delete => hyper::Method::DELETE,
    };
    let mut outgoing = hyper::Request::builder()
        .method(method)
        .uri(destination.path())
        .body(Full::new(request.body))
        .map_err(unwritable)?;
    *outgoing.headers_mut() = headers;
    Ok(outgoing)
}

/// Says nothing of what could not be written: it may be a secret.
fn unwritable<E>(_: E) -> Failure {
    Failure::denied("the request cannot be written")
}

fn guests_headers(given: &[(String, String)]) -> Result<HeaderMap, Failure> {
    let weight: usize = given
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if given.len() > MOST_HEADERS || weight > HEADER_BYTES {
        let why = format!("a request has at most {MOST_HEADERS} headers of {HEADER_BYTES} bytes");
        return Err(Failure::TooLarge(why));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
            return Err(Failure::denied("a header's name is none"));
        };
        let text = name.as_str();
        if OURS.contains(&name) || text.starts_with("proxy-") || text == "keep-alive" {
            let why = format!("the header {name} is not for plugins to set");
            return Err(Failure::Denied(why));
        }
        let Ok(value) = HeaderValue::from_str(value) else {
            let why = format!("the value of the header {name} cannot be sent");
            return Err(Failure::Denied(why));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

fn add(
    addition: &Addition,
    destination: &mut Destination,
    headers: &mut HeaderMap,
) -> Result<(), Failure> {
    let unfit = || {
        let why = format!("the secret {} cannot stand in a request", addition.name);
        Failure::Denied(why)
    };
    match &addition.placement {
        Placement::Header { name, prefix } => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
            let value = format!("{prefix}{}", addition.value);
            let mut value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
            value.set_sensitive(true);
            // In place of whatever the guest put there.
            headers.insert(name, value);
        }
        Placement::Query { name } => {
            let mut pairs = destination.url.query_pairs_mut();
            pairs.append_pair(name, &addition.value);
        }
        // What is signed or checked with goes nowhere.
        Placement::Signature | Placement::Webhook => return Err(unfit()),
    }
    Ok(())
}

/// Sends it and reads the answer, no further than the caps.
pub(crate) async fn exchange(
    stream: Box<dyn Stream>,
    request: Outgoing,
    host: &str,
    caps: Caps,
) -> Result<Response, Failure> {
    let broken = |error: hyper::Error| match error.is_parse_too_large() {
        true => Failure::TooLarge(format!("the headers of {host} are larger than allowed")),
        false if error.is_parse() => {
            Failure::Unreachable(format!("what {host} answered is not HTTP"))
        }
        false => Failure::Unreachable(format!("the connection to {host} broke")),
    };
    let handshake = http1::Builder::new()
        .max_headers(caps.headers)
        .max_buf_size(caps.header_bytes.max(64 * 1024))
        .max_header_size(caps.header_bytes)
        .handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(broken)?;
    // When the connection ends, what it had is still in the answer's hands.
    let drive = async {
        let _ended = connection.await;
        std::future::pending::<Infallible>().await
    };
    let answer = async {
        let response = sender.send_request(request).await.map_err(broken)?;
        let (head, mut body) = response.into_parts();
        if let Some(encoding) = encoded(&head.headers) {
            let why =
                format!("{host} answered in the encoding {encoding}, which was not asked for");
            return Err(Failure::Denied(why));
        }
        let too_large = || {
            let why = format!("the answer of {host} is larger than {} bytes", caps.body);
            Failure::TooLarge(why)
        };
        if body.size_hint().lower() > caps.body as u64 {
            return Err(too_large());
        }
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame.map_err(broken)?.into_data() {
                if read.len() + data.len() > caps.body {
                    return Err(too_large());
                }
                read.extend_from_slice(&data);
            }
        }
        Ok(Response {
            status: head.status.as_u16(),
            headers: texts(&head.headers),
            body: read.freeze(),
        })
    };
    tokio::select! {
        biased;
        answer = answer => answer,
        never = drive => match never {},
    }
}

fn encoded(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_ENCODING)?;
    let name = value.to_str().unwrap_or("of no name").trim();
    let plain = name.is_empty() || name.eq_ignore_ascii_case("identity");
    (!plain).then(|| name.chars().take(20).collect())
}

pub(crate) fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).collect()
}
