//! Keeps as much as it can: values of the largest size first, then many keys.

use deskbell_plugin_api::{Call, kv, log};

const LARGEST: usize = 256 << 10;

fn fill(prefix: &str, many: usize, value: &[u8]) -> String {
    for number in 0..many {
        if let Err(failure) = kv::set(&format!("{prefix}{number:05}"), value) {
            return format!("{number} of {prefix}: {failure}");
        }
    }
    format!("{many} of {prefix}")
}

fn attack(_: &Call) -> String {
    log::info("filling");
    let large = fill("large", 45, &vec![b'x'; LARGEST]);
    format!("{large}; {}", fill("small", 200, b""))
}

zoo_attack::everywhere!(attack);
