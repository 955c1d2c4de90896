//! `deskbell:host/kv`: what a plugin keeps for itself between two calls, for those
//! who were granted it. Reading is for every hook; an inline hook changes nothing,
//! since everybody waits for it.

use std::sync::Arc;

use bytes::Bytes;
use deskbell_app::hooks::{Expected, Keys, KeysFailed, LogLevel};
use deskbell_domain::reach::{KEY_BYTES, VALUE_BYTES};
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use super::waiting;
use crate::bindings::host::kv as wit;
use crate::guest::Guest;

pub(crate) const INTERFACE: &str = "deskbell:host/kv@0.1.0";

type Kept<T> = std::result::Result<T, wit::Failure>;

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let mut kv = linker.instance(INTERFACE)?;
    kv.func_wrap(
        "get",
        |mut store: StoreContextMut<'_, Guest>, (key,): (String,)| {
            let ask = |keys: Arc<dyn Keys>| async move { keys.get(key).await };
            let found = asked(store.data_mut(), ask)?;
            Ok((found.map(|found| found.map(Vec::from)),))
        },
    )?;
    kv.func_wrap(
        "list-keys",
        |mut store: StoreContextMut<'_, Guest>, (prefix, after): (String, Option<String>)| {
            let ask = |keys: Arc<dyn Keys>| async move { keys.list(prefix, after).await };
            Ok((asked(store.data_mut(), ask)?,))
        },
    )?;
    kv.func_wrap(
        "set",
        |mut store: StoreContextMut<'_, Guest>, (key, value): (String, Vec<u8>)| {
            let changed = change(store.data_mut(), key, Expected::Anything, Some(value))?;
            Ok((changed.map(|_| ()),))
        },
    )?;
    kv.func_wrap(
        "delete",
        |mut store: StoreContextMut<'_, Guest>, (key,): (String,)| {
            Ok((change(store.data_mut(), key, Expected::Anything, None)?,))
        },
    )?;
    kv.func_wrap(
        "compare-and-set",
        |mut store: StoreContextMut<'_, Guest>,
         (key, expected, value): (String, Option<Vec<u8>>, Option<Vec<u8>>)| {
            let expected = Expected::Exactly(expected.map(Bytes::from));
            Ok((change(store.data_mut(), key, expected, value)?,))
        },
    )
}

/// Changes a key. The outer error stops the guest.
fn change(
    guest: &mut Guest,
    key: String,
    expected: Expected,
    value: Option<Vec<u8>>,
) -> Result<Kept<bool>> {
    if !guest.meter.host_call() {
        return Ok(Err(wit::Failure::TooManyCalls));
    }
    if !guest.meter.limits.keeps && !guest.meter.faults.no_read_only {
        guest
            .log
            .write(LogLevel::Warn, "kv: this hook may only read");
        return Ok(Err(wit::Failure::ReadOnly));
    }
    let bytes = value.as_ref().map_or(0, Vec::len);
    let plain = !key.is_empty() && key.len() <= KEY_BYTES && !key.chars().any(char::is_control);
    if !plain || bytes > VALUE_BYTES {
        return Ok(Err(wit::Failure::Unfit));
    }
    let ask = |keys: Arc<dyn Keys>| async move {
        keys.change(key, expected, value.map(Bytes::from)).await
    };
    answered(guest, ask)
}

/// Asks the app. The outer error stops the guest: its time is up.
fn asked<T, A>(guest: &mut Guest, ask: impl FnOnce(Arc<dyn Keys>) -> A) -> Result<Kept<T>>
where
    T: Send + 'static,
    A: Future<Output = std::result::Result<T, KeysFailed>> + Send + 'static,
{
    if !guest.meter.host_call() {
        return Ok(Err(wit::Failure::TooManyCalls));
    }
    answered(guest, ask)
}

/// As `asked`, of a call that was counted.
fn answered<T, A>(guest: &mut Guest, ask: impl FnOnce(Arc<dyn Keys>) -> A) -> Result<Kept<T>>
where
    T: Send + 'static,
    A: Future<Output = std::result::Result<T, KeysFailed>> + Send + 'static,
{
    let Some(keys) = guest.keys.clone() else {
        return Ok(Err(wit::Failure::Unavailable));
    };
    let failed = match waiting::for_answer(guest, ask(keys))? {
        Some(Ok(kept)) => return Ok(Ok(kept)),
        Some(Err(failed)) => failed,
        None => KeysFailed::Unavailable,
    };
    guest.log.write(LogLevel::Warn, &format!("kv: {failed}"));
    Ok(Err(match failed {
        KeysFailed::Full(_) => wit::Failure::Full,
        KeysFailed::Unavailable => wit::Failure::Unavailable,
    }))
}
