//! The hook `lifecycle`: its exported functions.

use std::marker::PhantomData;

use serde_json::Value;

use crate::{Call, HookError, Lifecycle};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-lifecycle;
        world lifecycle {
            export deskbell:lifecycle/lifecycle@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/lifecycle"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use exports::deskbell::lifecycle::lifecycle as wire;

pub struct Exported<L>(PhantomData<L>);

impl<L: Lifecycle> wire::Guest for Exported<L> {
    fn validate_config(config: String) -> Result<(), Vec<wire::Finding>> {
        super::log_panics();
        // The host writes an object.
        let config: Value = serde_json::from_str(&config).unwrap_or_default();
        L::validate_config(&config).map_err(|found| {
            found
                .into_iter()
                .map(|one| wire::Finding {
                    pointer: one.pointer,
                    detail: one.detail,
                })
                .collect()
        })
    }

    fn on_upgrade(cx: wire::CallContext, from_version: String) -> Result<(), wire::HookError> {
        super::log_panics();
        L::on_upgrade(&call(cx), &from_version).map_err(refuse)
    }
}

fn call(cx: wire::CallContext) -> Call {
    Call {
        tenant_id: cx.tenant_id,
        installation_id: cx.installation_id,
        call_id: cx.call_id,
        now_ms: cx.now_ms,
        deadline_ms: cx.deadline_ms,
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
