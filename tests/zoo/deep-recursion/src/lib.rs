//! Calls itself deeper than a guest's stack, and no deeper than a guest thread's.

use std::hint::black_box;

use deskbell_plugin_api::{Call, log};

const DEPTH: u32 = 30_000;

#[inline(never)]
fn deeper(n: u32) -> u32 {
    match n {
        0 => 0,
        _ => black_box(deeper(n - 1)).wrapping_add(1),
    }
}

fn attack(_: &Call) -> String {
    log::info("deeper and deeper");
    format!("{} deep", deeper(black_box(DEPTH)))
}

zoo_attack::everywhere!(attack);
