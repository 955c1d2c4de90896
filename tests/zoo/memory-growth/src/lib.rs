//! Takes memory without end, a mebibyte at a time.

use std::hint::black_box;

use deskbell_plugin_api::{Call, log};

fn attack(_: &Call) -> String {
    log::info("more and more");
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(Vec::<u8>::with_capacity(1 << 20)));
    }
}

zoo_attack::everywhere!(attack);
