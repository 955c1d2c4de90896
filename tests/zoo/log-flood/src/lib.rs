//! Writes more into its log than anybody reads, in as many lines as it has calls.

use deskbell_plugin_api::{Call, log};

fn attack(_: &Call) -> String {
    let line = "y".repeat(1024);
    (0..190).for_each(|_| log::warn(&line));
    "190 lines".to_owned()
}

zoo_attack::everywhere!(attack);
