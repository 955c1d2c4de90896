//! A request as it would go out, for tools that answer it themselves: judged by the
//! same rules, with the secrets where they belong, and nobody is asked.

use hyper::header;

use crate::destination::Destination;
use crate::engine::within;
use crate::exchange;
use crate::failure::Failure;
use crate::request::{Request, Terms};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub url: String,
    /// Names in lower case; without those that say how the bytes travel.
    pub headers: Vec<(String, String)>,
}

/// What would be sent.
///
/// # Errors
///
/// It may not be asked, as far as can be said without looking its name up.
pub fn written(request: Request, terms: &Terms, allow_http: bool) -> Result<Written, Failure> {
    let destination = Destination::of(&request.url, allow_http)?;
    within(&destination, &request, terms, false)?;
    let scheme = if destination.tls { "https" } else { "http" };
    let authority = destination.authority();
    let mut outgoing = exchange::outgoing(destination, request, &terms.additions)?;
    let url = format!("{scheme}://{authority}{}", outgoing.uri());
    let headers = outgoing.headers_mut();
    for ours in [header::HOST, header::ACCEPT_ENCODING, header::CONNECTION] {
        headers.remove(ours);
    }
    Ok(Written {
        url,
        headers: exchange::texts(headers),
    })
}
