//! What a plugin may ask of the host.

use crate::directory::{Agent, Failure, Team};
use crate::{crypto, http, kv};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-host;
        world host {
            import deskbell:host/log@0.1.0;
            import deskbell:host/config@0.1.0;
            import deskbell:host/directory@0.1.0;
            import deskbell:host/http@0.1.0;
            import deskbell:host/kv@0.1.0;
            import deskbell:host/crypto@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/host"],
    generate_all,
});

use deskbell::host::crypto as signing;
use deskbell::host::directory;
use deskbell::host::http as wire;
use deskbell::host::kv as kept;

pub(crate) fn find_agent(id_or_email: &str) -> Result<Option<Agent>, Failure> {
    let found = directory::find_agent(id_or_email).map_err(failure)?;
    Ok(found.map(|agent| Agent {
        id: agent.id,
        name: agent.name,
        email: agent.email,
        availability: agent.availability,
        load: agent.load,
        capacity: agent.capacity,
        team_ids: agent.team_ids,
    }))
}

pub(crate) fn find_team(id_or_name: &str) -> Result<Option<Team>, Failure> {
    let found = directory::find_team(id_or_name).map_err(failure)?;
    Ok(found.map(|team| Team {
        id: team.id,
        name: team.name,
    }))
}

fn failure(failure: directory::Failure) -> Failure {
    match failure {
        directory::Failure::Unavailable => Failure::Unavailable,
        directory::Failure::TooManyCalls => Failure::TooManyCalls,
    }
}

pub(crate) fn send(request: http::Request) -> Result<http::Response, http::Failure> {
    let sent = wire::send(&wire::Request {
        method: match request.method {
            http::Method::Get => wire::Method::Get,
            http::Method::Head => wire::Method::Head,
            http::Method::Post => wire::Method::Post,
            http::Method::Put => wire::Method::Put,
            http::Method::Patch => wire::Method::Patch,
            http::Method::Delete => wire::Method::Delete,
        },
        url: request.url,
        headers: request
            .headers
            .into_iter()
            .map(|(name, value)| wire::Header { name, value })
            .collect(),
        body: request.body,
        timeout_ms: request.timeout_ms,
    });
    match sent {
        Ok(response) => Ok(http::Response {
            status: response.status,
            headers: response
                .headers
                .into_iter()
                .map(|header| (header.name, header.value))
                .collect(),
            body: response.body,
        }),
        Err(failure) => Err(match failure {
            wire::Failure::Denied(why) => http::Failure::Denied(why),
            wire::Failure::Timeout => http::Failure::Timeout,
            wire::Failure::TooLarge => http::Failure::TooLarge,
            wire::Failure::Unreachable(why) => http::Failure::Unreachable(why),
            wire::Failure::TooManyRequests => http::Failure::TooManyRequests,
        }),
    }
}

pub(crate) fn kv_get(key: &str) -> Result<Option<Vec<u8>>, kv::Failure> {
    kept::get(key).map_err(not_kept)
}

pub(crate) fn kv_set(key: &str, value: &[u8]) -> Result<(), kv::Failure> {
    kept::set(key, value).map_err(not_kept)
}

pub(crate) fn kv_delete(key: &str) -> Result<bool, kv::Failure> {
    kept::delete(key).map_err(not_kept)
}

pub(crate) fn kv_list_keys(prefix: &str, after: Option<&str>) -> Result<Vec<String>, kv::Failure> {
    kept::list_keys(prefix, after).map_err(not_kept)
}

pub(crate) fn kv_compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<bool, kv::Failure> {
    kept::compare_and_set(key, expected, value).map_err(not_kept)
}

fn not_kept(failure: kept::Failure) -> kv::Failure {
    match failure {
        kept::Failure::Full => kv::Failure::Full,
        kept::Failure::Unfit => kv::Failure::Unfit,
        kept::Failure::ReadOnly => kv::Failure::ReadOnly,
        kept::Failure::Unavailable => kv::Failure::Unavailable,
        kept::Failure::TooManyCalls => kv::Failure::TooManyCalls,
    }
}

pub(crate) fn random(count: u32) -> Result<Vec<u8>, crypto::Failure> {
    signing::random(count).map_err(not_done)
}

pub(crate) fn sha256(data: &[u8]) -> Result<Vec<u8>, crypto::Failure> {
    signing::sha256(data).map_err(not_done)
}

pub(crate) fn sign(secret: &str, data: &[u8]) -> Result<Vec<u8>, crypto::Failure> {
    signing::sign(secret, data).map_err(not_done)
}

pub(crate) fn verify(secret: &str, data: &[u8], signature: &[u8]) -> Result<bool, crypto::Failure> {
    signing::verify(secret, data, signature).map_err(not_done)
}

fn not_done(failure: signing::Failure) -> crypto::Failure {
    match failure {
        signing::Failure::UnknownSecret => crypto::Failure::UnknownSecret,
        signing::Failure::Unavailable => crypto::Failure::Unavailable,
        signing::Failure::TooLarge => crypto::Failure::TooLarge,
        signing::Failure::TooManyCalls => crypto::Failure::TooManyCalls,
    }
}
