//! Waits past its deadline, for somebody who never answers: computing nothing, so
//! that no budget of CPU time ends it.

use deskbell_plugin_api::{Call, http, log};

fn attack(_: &Call) -> String {
    log::info("good night");
    for _ in 0..8 {
        // Woken too early, it turns over.
        if http::get("https://silent.test/").send().is_ok() {
            break;
        }
    }
    "good morning".to_owned()
}

zoo_attack::everywhere!(attack);
