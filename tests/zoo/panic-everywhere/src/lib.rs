//! Panics in each hook.

use deskbell_plugin_api::Call;

fn attack(_: &Call) -> String {
    panic!("on purpose")
}

zoo_attack::everywhere!(attack);
