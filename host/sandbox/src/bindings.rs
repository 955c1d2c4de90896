//! What `bindgen!` makes of the WIT files: records, and typed handles on exports.
//!
//! Generated code, and the only place beside `code.rs` where `unsafe` may stand:
//! the traits that describe a type's layout to wasmtime are unsafe to implement,
//! and the macro derives them from the WIT. Nothing is written by hand here. A
//! new hook adds its module; what the records mean is in `hooks/`.

#![allow(unsafe_code, unreachable_pub, dead_code, reason = "generated")]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used)]

/// Records shared by all packages.
pub(crate) mod types {
    wasmtime::component::bindgen!({
        path: ["../../wit/types"],
        inline: "package deskbell:server@0.1.0; world w { import deskbell:types/types@0.1.0; }",
        world: "deskbell:server/w",
    });
    pub(crate) use deskbell::types::types::{Attribute, CallContext, HookError};
}

/// What guests may call.
pub(crate) mod host {
    wasmtime::component::bindgen!({
        path: ["../../wit/host"],
        inline: "package deskbell:server@0.1.0; world w {
            import deskbell:host/log@0.1.0;
            import deskbell:host/config@0.1.0;
            import deskbell:host/directory@0.1.0;
            import deskbell:host/http@0.1.0;
            import deskbell:host/kv@0.1.0;
            import deskbell:host/crypto@0.1.0;
        }",
        world: "deskbell:server/w",
    });
    pub(crate) use deskbell::host::crypto;
    pub(crate) use deskbell::host::directory::{Agent, Failure, Team};
    pub(crate) use deskbell::host::http;
    pub(crate) use deskbell::host::kv;
    pub(crate) use deskbell::host::log::Level;
}

pub(crate) mod routing {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/routing"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:routing/router@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::routing::router::*;
}

pub(crate) mod variables {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/variables"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:variables/variables@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::variables::variables::*;
}

pub(crate) mod filter {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/filter"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:filter/message-filter@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::filter::message_filter::*;
}

pub(crate) mod bot {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/bot"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:bot/bot@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::bot::bot::*;
}

pub(crate) mod events {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/integration"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:integration/events@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::integration::events::*;
}

pub(crate) mod context {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/integration"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:integration/context@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::integration::context::*;
}

pub(crate) mod webhook {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/integration"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:integration/webhook@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::integration::webhook::*;
}

pub(crate) mod lifecycle {
    wasmtime::component::bindgen!({
        path: ["../../wit/types", "../../wit/lifecycle"],
        inline: "package deskbell:server@0.1.0; world w { export deskbell:lifecycle/lifecycle@0.1.0; }",
        world: "deskbell:server/w",
        with: { "deskbell:types/types": crate::bindings::types::deskbell::types::types },
    });
    pub(crate) use exports::deskbell::lifecycle::lifecycle::*;
}
