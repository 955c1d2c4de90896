//! The double of `crypto`: real digests and signatures under the secrets a test
//! set, and chance that is the same in every run.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::sha256::{hmac, sha256 as digest};
use crate::crypto::{Failure, MOST_RANDOM};

#[derive(Default)]
struct State {
    secrets: BTreeMap<String, Vec<u8>>,
    drawn: u64,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Everything goes.
pub(crate) fn forget() {
    STATE.take();
}

pub(crate) fn set_secret(name: &str, value: &str) {
    STATE.with_borrow_mut(|state| {
        let value = value.as_bytes().to_vec();
        state.secrets.insert(name.to_owned(), value)
    });
}

pub(crate) fn random(count: u32) -> Result<Vec<u8>, Failure> {
    if count > MOST_RANDOM {
        return Err(Failure::TooLarge);
    }
    let mut bytes = Vec::new();
    while bytes.len() < count as usize {
        let drawn = STATE.with_borrow_mut(|state| {
            state.drawn += 1;
            state.drawn
        });
        bytes.extend(digest(&drawn.to_be_bytes()));
    }
    bytes.truncate(count as usize);
    Ok(bytes)
}

pub(crate) fn sha256(data: &[u8]) -> Result<Vec<u8>, Failure> {
    Ok(digest(data).to_vec())
}

pub(crate) fn sign(secret: &str, data: &[u8]) -> Result<Vec<u8>, Failure> {
    STATE.with_borrow(|state| match state.secrets.get(secret) {
        Some(key) => Ok(hmac(key, data).to_vec()),
        None => Err(Failure::UnknownSecret),
    })
}

pub(crate) fn verify(secret: &str, data: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    Ok(sign(secret, data)? == signature)
}

#[cfg(test)]
mod tests {
    use crate::crypto::{self, Failure};
    use crate::testing::Host;

    #[test]
    fn chance_repeats_itself_and_a_new_host_knows_no_secret() {
        let host = Host::new();
        let first = crypto::random(40);
        assert_eq!(first.as_ref().map(Vec::len), Ok(40));
        assert_ne!(crypto::random(40), first);
        assert_eq!(crypto::random(1_025), Err(Failure::TooLarge));
        host.set_secret("key", "value");
        assert!(crypto::sign("key", b"data").is_ok());
        drop(host);
        let _host = Host::new();
        assert_eq!(crypto::random(40), first);
        assert_eq!(crypto::sign("key", b"data"), Err(Failure::UnknownSecret));
    }
}
