//! Chance, digests and signatures. A capability: an admin grants `crypto`.
//!
//! A secret to sign with stands in the manifest with `sign = true`; an admin enters
//! it, and the plugin names it without ever seeing it. Hex and base64 are the
//! plugin's own business.
//!
//! ```
//! use deskbell_plugin_api::{crypto, testing};
//!
//! let host = testing::Host::new();
//! host.set_secret("webhook", "correct horse");
//! let signature = crypto::sign("webhook", b"order 7")?;
//! assert!(crypto::verify("webhook", b"order 7", &signature)?);
//! assert!(!crypto::verify("webhook", b"order 8", &signature)?);
//! assert_eq!(crypto::sign("other", b""), Err(crypto::Failure::UnknownSecret));
//! # Ok::<(), crypto::Failure>(())
//! ```

use std::error::Error;
use std::fmt;

use crate::HookError;

/// The most random bytes at once.
pub const MOST_RANDOM: u32 = 1_024;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The manifest names no such secret for signing.
    UnknownSecret,
    /// Nobody has entered it yet, or it cannot be opened on this server.
    Unavailable,
    /// More than may be handed over, or more random bytes than [`MOST_RANDOM`].
    TooLarge,
    /// This call has used up its host calls.
    TooManyCalls,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownSecret => "the manifest names no such secret for signing",
            Self::Unavailable => "the secret was not entered, or cannot be opened",
            Self::TooLarge => "this is more than may be handed over",
            Self::TooManyCalls => "this call has used up its host calls",
        })
    }
}

impl Error for Failure {}

impl From<Failure> for HookError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::Unavailable(failure.to_string()),
            _ => Self::Failed(failure.to_string()),
        }
    }
}

/// Bytes nobody can foresee, at most [`MOST_RANDOM`].
///
/// # Errors
///
/// See [`Failure`].
pub fn random(count: u32) -> Result<Vec<u8>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::random(count);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::crypto::random(count)
}

/// The SHA-256 of the data: 32 bytes.
///
/// # Errors
///
/// See [`Failure`].
pub fn sha256(data: &[u8]) -> Result<Vec<u8>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::sha256(data);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::crypto::sha256(data)
}

/// The HMAC-SHA-256 of the data under this secret: 32 bytes.
///
/// # Errors
///
/// See [`Failure`].
pub fn sign(secret: &str, data: &[u8]) -> Result<Vec<u8>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::sign(secret, data);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::crypto::sign(secret, data)
}

/// Whether this is the data's signature under this secret.
///
/// # Errors
///
/// See [`Failure`].
pub fn verify(secret: &str, data: &[u8], signature: &[u8]) -> Result<bool, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::verify(secret, data, signature);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::crypto::verify(secret, data, signature)
}
