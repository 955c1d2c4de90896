//! What guests may call: one file an interface.
//!
//! `log` and `config` are always linked. A capability is linked only into the
//! linker of the grants that have it, so what was not granted is not there.

pub(crate) mod config;
pub(crate) mod crypto;
pub(crate) mod directory;
pub(crate) mod http;
pub(crate) mod kv;
pub(crate) mod log;
mod waiting;

use deskbell_domain::plugin::Capability;
use wasmtime::component::Linker;
use wasmtime::{Engine, Result};

use crate::guest::Guest;

/// Imports that need no grant. `types` holds records and nothing to call.
pub(crate) const ALWAYS: [&str; 3] = [log::INTERFACE, config::INTERFACE, TYPES];

const TYPES: &str = "deskbell:types/types@0.1.0";

/// The interface behind a capability.
pub(crate) const fn interface(capability: Capability) -> &'static str {
    match capability {
        Capability::Directory => directory::INTERFACE,
        Capability::Http => http::INTERFACE,
        Capability::Kv => kv::INTERFACE,
        Capability::Crypto => crypto::INTERFACE,
    }
}

fn link(capability: Capability, linker: &mut Linker<Guest>) -> Result<()> {
    match capability {
        Capability::Directory => directory::link(linker),
        Capability::Http => http::link(linker),
        Capability::Kv => kv::link(linker),
        Capability::Crypto => crypto::link(linker),
    }
}

/// A linker with exactly these capabilities.
pub(crate) fn linker(engine: &Engine, granted: &[Capability]) -> Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    log::link(&mut linker)?;
    config::link(&mut linker)?;
    for capability in granted {
        link(*capability, &mut linker)?;
    }
    Ok(linker)
}
