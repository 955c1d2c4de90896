//! Sealing: what must be kept and must not be read by whoever gets hold of the
//! database. AES-256-GCM under a key that lies outside of it, bound to the place
//! it is for, so that a sealed value moved to another row opens nowhere.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};

/// Goes into the fingerprint, so that it is good for nothing else.
const FINGERPRINT: &[u8] = b"deskbell sealing key 1";

pub struct SealingKey {
    key: RandomizedNonceKey,
    fingerprint: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it was not sealed with this key, or not for this place")]
pub struct NotOpened;

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl SealingKey {
    /// None only if the cryptographic library refuses.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Option<Self> {
        let mut fingerprint = [0; 32];
        let of = [FINGERPRINT, bytes.as_slice()].concat();
        fingerprint.copy_from_slice(digest(&SHA256, &of).as_ref());
        Some(Self {
            key: RandomizedNonceKey::new(&AES_256_GCM, bytes).ok()?,
            fingerprint,
        })
    }

    /// Tells keys apart without telling the key.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }

    pub(crate) fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let mut sealed = plain.to_vec();
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(place), &mut sealed)
            .map_err(|_| NotOpened)?;
        let mut whole = nonce.as_ref().to_vec();
        whole.append(&mut sealed);
        Ok(whole)
    }

    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, NotOpened> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
        let mut rest = rest.to_vec();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(place), &mut rest)
            .map_err(|_| NotOpened)?;
        Ok(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_with_its_key_at_its_place_and_nowhere_else() {
        let key = SealingKey::new(&[1; 32]).unwrap();
        let other = SealingKey::new(&[2; 32]).unwrap();
        let sealed = key.seal(b"here", b"s3cr3t").unwrap();
        assert_eq!(key.open(b"here", &sealed).unwrap(), b"s3cr3t");
        assert_ne!(sealed, key.seal(b"here", b"s3cr3t").unwrap());
        assert!(!sealed.windows(6).any(|bytes| bytes == b"s3cr3t"));
        assert_eq!(key.open(b"there", &sealed), Err(NotOpened));
        assert_eq!(other.open(b"here", &sealed), Err(NotOpened));
        let mut changed = sealed.clone();
        changed[NONCE_LEN] ^= 1;
        assert_eq!(key.open(b"here", &changed), Err(NotOpened));
        assert_eq!(key.open(b"here", &sealed[..5]), Err(NotOpened));
        assert_ne!(key.fingerprint(), other.fingerprint());
    }
}
