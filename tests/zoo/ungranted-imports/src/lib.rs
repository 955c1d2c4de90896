//! Uses what it may not have been granted: reads who works here, and what is kept.

use deskbell_plugin_api::{Call, directory, kv, log};

fn attack(_: &Call) -> String {
    log::info("looking around");
    let owner = directory::find_agent("owner@demo.test");
    format!("{owner:?} {:?}", kv::list_keys("", None))
}

zoo_attack::everywhere!(attack);
