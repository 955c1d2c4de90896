//! What `bindgen!` makes of the WIT of the router hook. Generated, and the only
//! place of this crate where `unsafe` may stand: the macro's traits describe how
//! types lie in a guest's memory.

#![allow(unsafe_code, unreachable_pub, dead_code, reason = "generated")]
#![allow(clippy::all, clippy::unwrap_used, clippy::expect_used)]

wasmtime::component::bindgen!({
    path: ["../wit/types", "../wit/routing"],
    inline: "package deskbell:bench@0.1.0; world w { export deskbell:routing/router@0.1.0; }",
    world: "deskbell:bench/w",
});
