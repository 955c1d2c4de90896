//! Asks the desk the same thing without end: each call is short, and none is its own
//! computing.

use std::hint::black_box;

use deskbell_plugin_api::{Call, config, log};

fn attack(_: &Call) -> String {
    log::info("asking and asking");
    loop {
        drop(black_box(config::json()));
    }
}

zoo_attack::everywhere!(attack);
