//! What `bindgen!` makes of the WIT of the hooks that have a floor. Generated, and
//! the only place of this crate where `unsafe` may stand: the macro's traits
//! describe how types lie in a guest's memory.

#![allow(unsafe_code, unreachable_pub, dead_code, reason = "generated")]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used)]

/// Records shared by all packages.
pub mod types {
    wasmtime::component::bindgen!({
        path: ["../wit/types"],
        inline: "package deskbell:bench@0.1.0; world w { import deskbell:types/types@0.1.0; }",
        world: "deskbell:bench/w",
    });
    pub use deskbell::types::types::CallContext;
}

pub mod router {
    wasmtime::component::bindgen!({
        path: ["../wit/types", "../wit/routing"],
        inline: "package deskbell:bench@0.1.0; world w { export deskbell:routing/router@0.1.0; }",
        world: "deskbell:bench/w",
        with: { "deskbell:types/types": crate::floor::bindings::types::deskbell::types::types },
    });
}

pub mod filter {
    wasmtime::component::bindgen!({
        path: ["../wit/types", "../wit/filter"],
        inline: "package deskbell:bench@0.1.0; world w { export deskbell:filter/message-filter@0.1.0; }",
        world: "deskbell:bench/w",
        with: { "deskbell:types/types": crate::floor::bindings::types::deskbell::types::types },
    });
}
