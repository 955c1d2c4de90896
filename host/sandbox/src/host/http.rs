//! `deskbell:host/http`: asking a service outside, for those who were granted it.
//! Counted here; whereto and with which secrets is decided by the app's `Outgoing`.
//! What is refused is a line in the plugin's log, for its author.

use std::time::Duration;

use deskbell_app::outside::{OutboundFailure, OutboundMethod, OutboundRequest, OutboundResponse};
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use super::waiting;
use crate::bindings::host::http as wit;
use crate::guest::Guest;
use crate::meter::Stop;
use crate::words::sentence;
use deskbell_app::hooks::LogLevel;

pub(crate) const INTERFACE: &str = "deskbell:host/http@0.1.0";

type Sent = std::result::Result<wit::Response, wit::Failure>;

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    linker.instance(INTERFACE)?.func_wrap(
        "send",
        |mut store: StoreContextMut<'_, Guest>, (request,): (wit::Request,)| {
            let sent = send(store.data_mut(), request)?;
            Ok((sent,))
        },
    )
}

/// The outer error stops the guest: it is out of time or of calls.
fn send(guest: &mut Guest, request: wit::Request) -> Result<Sent> {
    if !guest.meter.host_call() {
        return Err(Stop::HostCalls.into());
    }
    let sent = match ask(guest, request) {
        Ok(asking) => asking?,
        Err(refused) => Err(refused),
    };
    if let Err(failure) = &sent {
        let line = format!("http: {failure}");
        guest.log.write(LogLevel::Warn, &line);
    }
    Ok(match sent {
        Ok(response) => Ok(wit::Response {
            status: response.status,
            headers: response
                .headers
                .into_iter()
                .map(|(name, value)| wit::Header { name, value })
                .collect(),
            body: response.body.into(),
        }),
        Err(OutboundFailure::Denied(why)) => Err(wit::Failure::Denied(sentence(&why))),
        Err(OutboundFailure::Timeout(_)) => Err(wit::Failure::Timeout),
        Err(OutboundFailure::TooLarge(_)) => Err(wit::Failure::TooLarge),
        Err(OutboundFailure::Unreachable(why)) => Err(wit::Failure::Unreachable(sentence(&why))),
        Err(OutboundFailure::TooManyRequests(_)) => Err(wit::Failure::TooManyRequests),
    })
}

type Answer = std::result::Result<OutboundResponse, OutboundFailure>;

/// Refused here, or asked; the inner error stops the guest.
fn ask(
    guest: &mut Guest,
    request: wit::Request,
) -> std::result::Result<Result<Answer>, OutboundFailure> {
    let limits = guest.meter.limits;
    if !guest.meter.request() {
        return Err(match limits.requests {
            0 => OutboundFailure::Denied(
                "this hook may not ask the outside, or not for this tenant".to_owned(),
            ),
            most => OutboundFailure::TooManyRequests(format!("a call has {most} requests")),
        });
    }
    if request.body.len() > limits.output && !guest.meter.faults.no_output_limit {
        let why = format!("a request has at most {} bytes here", limits.output);
        return Err(OutboundFailure::TooLarge(why));
    }
    let Some(outgoing) = guest.outgoing.clone() else {
        return Err(OutboundFailure::Denied(
            "nobody can be asked now".to_owned(),
        ));
    };
    // Something is left for the guest to say what became of it.
    let remaining = guest.meter.remaining() * 9 / 10;
    let asked = OutboundRequest {
        method: method(request.method),
        url: request.url,
        headers: request
            .headers
            .into_iter()
            .map(|header| (header.name, header.value))
            .collect(),
        body: request.body.into(),
        timeout: match request.timeout_ms {
            Some(wanted) => remaining.min(Duration::from_millis(wanted.into())),
            None => remaining,
        },
        response_bytes: limits.input,
    };
    let asking = async move { outgoing.send(asked).await };
    let gone = || OutboundFailure::Unreachable("the server is stopping".to_owned());
    Ok(waiting::for_answer(guest, asking)
        .map(|answer| answer.unwrap_or_else(|| Err(gone())))
        .map_err(Into::into))
}

const fn method(method: wit::Method) -> OutboundMethod {
    match method {
        wit::Method::Get => OutboundMethod::Get,
        wit::Method::Head => OutboundMethod::Head,
        wit::Method::Post => OutboundMethod::Post,
        wit::Method::Put => OutboundMethod::Put,
        wit::Method::Patch => OutboundMethod::Patch,
        wit::Method::Delete => OutboundMethod::Delete,
    }
}
