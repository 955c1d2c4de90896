//! Hands the desk a string of many megabytes, for which the desk would have to make
//! room.

use deskbell_plugin_api::{Call, log};

fn attack(_: &Call) -> String {
    log::info("a word");
    log::info("x".repeat(8 << 20));
    "the desk took it".to_owned()
}

zoo_attack::everywhere!(attack);
