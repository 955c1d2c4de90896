//! Compiled code: who may make it, and the one place where it is believed.
//!
//! `Compiled` can be made in two ways only: out of what our own compile child
//! wrote a moment ago, and out of a cache file whose seal was checked. Nothing
//! from outside becomes one.

use deskbell_domain::plugin::Digest;
use wasmtime::component::Component;
use wasmtime::{Engine, Result};

/// Machine code of ours.
pub(crate) struct Compiled {
    bytes: Vec<u8>,
}

impl Compiled {
    /// From our compile child (or compiler), over a pipe nobody else has.
    pub(crate) fn by_our_compiler(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// From a cache file, after its seal was found to be right.
    pub(crate) fn by_seal(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Makes it executable.
#[allow(unsafe_code, reason = "the one audited use; see SAFETY")]
pub(crate) fn load(engine: &Engine, code: &Compiled) -> Result<Component> {
    // SAFETY: `deserialize` trusts its input as one trusts a program. Both ways to
    // make a `Compiled` give bytes that wasmtime of this very version and settings
    // wrote in our own process or child: the pipe is private, and the cache file's
    // HMAC covers engine, digest and bytes under a key that only this installation
    // has. wasmtime itself checks version and settings again. Files that users
    // upload are WebAssembly and never come here.
    let component = unsafe { Component::deserialize(engine, code.bytes()) }?;
    // The first call need not pay for it.
    component.initialize_copy_on_write_image()?;
    Ok(component)
}

pub(crate) fn digest(file: &[u8]) -> Digest {
    let mut bytes = [0; 32];
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, file);
    bytes.copy_from_slice(hash.as_ref());
    Digest(bytes)
}
