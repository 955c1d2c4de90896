//! Values that stay from call to call, by key, for this installation alone. A
//! capability: an admin grants `kv`.
//!
//! A key has 1 to 256 bytes of text, a value at most 256 KiB; an installation has
//! 10,000 keys and 10 MiB of both. Inline hooks (routing) may read and not change.
//! What is set stays set even if the call fails afterwards.
//!
//! ```
//! use deskbell_plugin_api::{kv, testing};
//!
//! let _host = testing::Host::new();
//! kv::set("greeted", b"yes")?;
//! assert_eq!(kv::get("greeted")?.as_deref(), Some(b"yes".as_slice()));
//! assert!(!kv::compare_and_set("greeted", None, Some(b"again"))?);
//! # Ok::<(), kv::Failure>(())
//! ```

use std::error::Error;
use std::fmt;

use crate::HookError;

/// Why a key could not be read or changed. A key that is not there is no failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The installation has no room for it.
    Full,
    /// The key or the value has not the form or the size it may have.
    Unfit,
    /// This hook may only read.
    ReadOnly,
    /// The desk could not be reached just now.
    Unavailable,
    /// This call has used up its host calls.
    TooManyCalls,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "there is no room for more keys or values",
            Self::Unfit => "this key or value cannot be kept",
            Self::ReadOnly => "this hook may only read what is kept",
            Self::Unavailable => "what is kept could not be reached just now",
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

/// The value of this key.
///
/// # Errors
///
/// See [`Failure`].
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::kv_get(key);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::kv::get(key)
}

/// Sets the value of this key.
///
/// # Errors
///
/// See [`Failure`].
pub fn set(key: &str, value: &[u8]) -> Result<(), Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::kv_set(key, value);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::kv::set(key, value)
}

/// Takes the key away; true if it was there.
///
/// # Errors
///
/// See [`Failure`].
pub fn delete(key: &str) -> Result<bool, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::kv_delete(key);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::kv::delete(key)
}

/// The keys that begin with this, in order, behind `after`; at most 1,000.
///
/// # Errors
///
/// See [`Failure`].
pub fn list_keys(prefix: &str, after: Option<&str>) -> Result<Vec<String>, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::kv_list_keys(prefix, after);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::kv::list_keys(prefix, after)
}

/// Sets the key, or takes it away with `None`, if its value is the expected one
/// (`None`: it is not there); true if it was.
///
/// # Errors
///
/// See [`Failure`].
pub fn compare_and_set(
    key: &str,
    expected: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<bool, Failure> {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::kv_compare_and_set(key, expected, value);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::kv::compare_and_set(key, expected, value)
}
