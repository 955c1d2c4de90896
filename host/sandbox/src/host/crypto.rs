//! `deskbell:host/crypto`: chance, digests and signatures, for those who were
//! granted it. The work is done here, on the guest thread, so that it counts as the
//! guest's CPU; the secrets are opened by the app for the moment they are used.

use aws_lc_rs::{digest, hmac};
use deskbell_app::hooks::SigningFailed;
use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::bindings::host::crypto::Failure;
use crate::guest::Guest;

pub(crate) const INTERFACE: &str = "deskbell:host/crypto@0.1.0";

/// Random bytes of one call.
const MOST_RANDOM: usize = 1_024;
/// No secret's name is longer.
const LONGEST_NAME: usize = 64;

type Done<T> = std::result::Result<T, Failure>;

pub(crate) fn link(linker: &mut Linker<Guest>) -> Result<()> {
    let mut crypto = linker.instance(INTERFACE)?;
    crypto.func_wrap(
        "random",
        |mut store: StoreContextMut<'_, Guest>, (count,): (u32,)| {
            Ok((random(store.data_mut(), count),))
        },
    )?;
    crypto.func_wrap(
        "sha256",
        |mut store: StoreContextMut<'_, Guest>, (data,): (Vec<u8>,)| {
            let digested = begin(store.data_mut(), data.len())
                .map(|()| digest::digest(&digest::SHA256, &data).as_ref().to_vec());
            Ok((digested,))
        },
    )?;
    crypto.func_wrap(
        "sign",
        |mut store: StoreContextMut<'_, Guest>, (secret, data): (String, Vec<u8>)| {
            let key = key(store.data_mut(), &secret, data.len());
            Ok((key.map(|key| hmac::sign(&key, &data).as_ref().to_vec()),))
        },
    )?;
    crypto.func_wrap(
        "verify",
        |mut store: StoreContextMut<'_, Guest>,
         (secret, data, signature): (String, Vec<u8>, Vec<u8>)| {
            let size = data.len().saturating_add(signature.len());
            let key = key(store.data_mut(), &secret, size);
            // In constant time, and false for another length.
            Ok((key.map(|key| hmac::verify(&key, &data, &signature).is_ok()),))
        },
    )
}

/// Counts the call and weighs what it hands over.
fn begin(guest: &mut Guest, size: usize) -> Done<()> {
    if !guest.meter.host_call() {
        return Err(Failure::TooManyCalls);
    }
    if size > guest.meter.limits.input && !guest.meter.faults.no_input_limit {
        return Err(Failure::TooLarge);
    }
    Ok(())
}

fn random(guest: &mut Guest, count: u32) -> Done<Vec<u8>> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    begin(guest, 0)?;
    if count > MOST_RANDOM {
        return Err(Failure::TooLarge);
    }
    let Some(signing) = &guest.signing else {
        return Err(Failure::Unavailable);
    };
    let mut bytes = Vec::with_capacity(count + 32);
    while bytes.len() < count {
        bytes.extend(signing.chance());
    }
    bytes.truncate(count);
    Ok(bytes)
}

fn key(guest: &mut Guest, secret: &str, size: usize) -> Done<hmac::Key> {
    begin(guest, size)?;
    if secret.len() > LONGEST_NAME {
        return Err(Failure::UnknownSecret);
    }
    let Some(signing) = &guest.signing else {
        return Err(Failure::Unavailable);
    };
    match signing.secret(secret) {
        Ok(value) => Ok(hmac::Key::new(hmac::HMAC_SHA256, &value)),
        Err(SigningFailed::Unknown) => Err(Failure::UnknownSecret),
        Err(SigningFailed::Unavailable) => Err(Failure::Unavailable),
    }
}
