//! Gives an answer that is too large for any hook, and small enough to be handed
//! over.

use deskbell_plugin_api::{Call, log};

fn attack(_: &Call) -> String {
    log::info("a few words");
    "x".repeat(300 << 10)
}

zoo_attack::everywhere!(attack);
