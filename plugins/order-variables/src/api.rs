//! The shop's order API: one GET for one order, and JSON with what is known of it.

use std::fmt::Write as _;

use deskbell_plugin_api::{HookError, http, log};

use crate::Known;

/// Where the order's number goes in the configured URL.
const HOLE: &str = "{order_id}";

/// None, if the API knows no such order.
pub(crate) fn ask(url: &str, number: &str) -> Result<Option<Known>, HookError> {
    if !url.contains(HOLE) {
        let text = format!("The order API's address has no {HOLE} in it.");
        return Err(HookError::InvalidConfig(text));
    }
    let url = url.replace(HOLE, &encoded(number.trim()));
    let answer = http::get(url).header("accept", "application/json").send()?;
    if answer.status == 404 {
        log::info("The order API knows no order of this number.");
        return Ok(None);
    }
    Ok(Some(answer.read()?))
}

/// The number comes from a page: it must stay one step of the path.
fn encoded(number: &str) -> String {
    number.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => out.push(char::from(byte)),
            other => {
                let _ = write!(out, "%{other:02X}");
            }
        }
        out
    })
}
