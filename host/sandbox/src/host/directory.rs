//! `deskbell:host/directory`: agents and teams of the tenant by id, for those who
//! were granted it. The guest thread waits for the app's answer, at most until
//! the call's deadline; waiting costs the guest no CPU.

use std::sync::Arc;

use deskbell_app::hooks::{Directory, DirectoryFailed};
use deskbell_domain::Agent;
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use super::waiting;
use crate::bindings::host as wit;
use crate::guest::Guest;

pub(crate) const INTERFACE: &str = "deskbell:host/directory@0.1.0";

/// No id, name or address is longer.
const LONGEST_KEY: usize = 320;

type Found<T> = std::result::Result<Option<T>, wit::Failure>;

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let mut directory = linker.instance(INTERFACE)?;
    directory.func_wrap(
        "find-agent",
        |store: StoreContextMut<'_, Guest>, (key,): (String,)| {
            let found = look_up(store, key, |directory, key| async move {
                directory.find_agent(&key).await
            })?;
            Ok((found.map(|found| found.map(agent)),))
        },
    )?;
    directory.func_wrap(
        "find-team",
        |store: StoreContextMut<'_, Guest>, (key,): (String,)| {
            let found = look_up(store, key, |directory, key| async move {
                directory.find_team(&key).await
            })?;
            let team = |(id, name): (deskbell_domain::TeamId, String)| wit::Team {
                id: id.to_string(),
                name,
            };
            Ok((found.map(|found| found.map(team)),))
        },
    )
}

/// Asks the app. The outer error stops the guest: its time is up.
fn look_up<T, A>(
    mut store: StoreContextMut<'_, Guest>,
    key: String,
    ask: impl FnOnce(Arc<dyn Directory>, String) -> A,
) -> Result<Found<T>>
where
    T: Send + 'static,
    A: Future<Output = std::result::Result<Option<T>, DirectoryFailed>> + Send + 'static,
{
    let guest = store.data_mut();
    if !guest.meter.host_call() {
        return Ok(Err(wit::Failure::TooManyCalls));
    }
    if key.len() > LONGEST_KEY {
        return Ok(Ok(None));
    }
    let Some(directory) = guest.directory.clone() else {
        return Ok(Err(wit::Failure::Unavailable));
    };
    let found = waiting::for_answer(guest, ask(directory, key))?;
    Ok(match found {
        Some(Ok(found)) => Ok(found),
        Some(Err(DirectoryFailed)) | None => Err(wit::Failure::Unavailable),
    })
}

fn agent(agent: Agent) -> wit::Agent {
    let count = |n: i64| u32::try_from(n).unwrap_or(0);
    wit::Agent {
        id: agent.id.to_string(),
        name: agent.name,
        email: agent.email,
        availability: agent.availability.as_str().to_owned(),
        load: count(agent.load),
        capacity: count(agent.capacity),
        team_ids: agent.team_ids.iter().map(ToString::to_string).collect(),
    }
}
