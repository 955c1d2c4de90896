//! Computes without end.

use std::hint::black_box;

use deskbell_plugin_api::{Call, log};

fn attack(_: &Call) -> String {
    log::info("round and round");
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

zoo_attack::everywhere!(attack);
