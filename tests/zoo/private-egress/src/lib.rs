//! Asks for what is on no public network: in more than 200 spellings, where a
//! redirect leads, and by a name that changes its mind. Start at `attack`.

use deskbell_plugin_api::{Call, http, log};

/// Addresses that are nobody's business.
const PRIVATE: [[u8; 4]; 12] = [
    [127, 0, 0, 1],
    [127, 255, 255, 254],
    [10, 0, 0, 1],
    [10, 255, 255, 255],
    [172, 16, 0, 1],
    [172, 31, 255, 255],
    [192, 168, 0, 1],
    [192, 168, 255, 255],
    [169, 254, 169, 254],
    [100, 64, 0, 1],
    [0, 0, 0, 0],
    [224, 0, 0, 1],
];

/// Everything that some program somewhere takes for this address.
fn spellings([a, b, c, d]: [u8; 4]) -> Vec<String> {
    let whole = u32::from_be_bytes([a, b, c, d]);
    let (high, low) = (whole >> 16, whole & 0xffff);
    let last = u32::from(c) << 8 | u32::from(d);
    vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{whole}"),
        format!("0x{whole:x}"),
        format!("0X{whole:08X}"),
        format!("0{whole:o}"),
        format!("0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}"),
        format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
        format!("{a}.{b}.{last}"),
        format!("{a}.{}", u32::from(b) << 16 | last),
        format!("{a}.{b}.{c}.0x{d:x}"),
        format!("[::ffff:{a}.{b}.{c}.{d}]"),
        format!("[::ffff:{high:x}:{low:x}]"),
        format!("[0:0:0:0:0:ffff:{high:x}:{low:x}]"),
        format!("[::{high:x}:{low:x}]"),
        format!("[64:ff9b::{high:x}:{low:x}]"),
        format!("[2002:{high:x}:{low:x}::1]"),
        format!("{a}%2e{b}%2e{c}%2e{d}"),
        format!("user@{a}.{b}.{c}.{d}"),
    ]
}

fn heard(url: &str) -> bool {
    http::get(url).send().is_ok()
}

/// Goes where the answer says.
fn follow(url: &str) -> bool {
    let Ok(first) = http::get(url).send() else {
        return false;
    };
    let location = first.header("location").unwrap_or_default().to_owned();
    !location.is_empty() && heard(&location)
}

fn attack(_: &Call) -> String {
    log::info("knocking");
    let all: Vec<String> = PRIVATE.into_iter().flat_map(spellings).collect();
    let inside = all.iter().filter(|host| heard(&format!("http://{host}/")));
    let inside = inside.count();
    // The first look at the name is a good one, those after it are not.
    let rebound = (0..2).filter(|_| heard("http://rebound.test/")).count();
    let moved = follow("http://moved.test/");
    format!(
        "{inside} of {}, {rebound} rebound, moved {moved}",
        all.len()
    )
}

zoo_attack::everywhere!(attack);
