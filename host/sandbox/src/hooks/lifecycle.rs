//! The hook `lifecycle`: a configuration in, findings out; and an upgrade to hear
//! of. Findings are cut to what people read, and their pointers checked for form.

use deskbell_app::hooks::{ConfigFinding, HookError, UpgradeRequest, ValidateRequest};
use deskbell_domain::plugin::Hook;

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::lifecycle as wit;
use crate::call::Asking;
use crate::words::{self, Weight};

/// Of one configuration.
const MOST_FINDINGS: usize = 50;
const LONGEST_POINTER: usize = 200;

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Lifecycle,
    interface: "deskbell:lifecycle/lifecycle@0.1.0",
    find: |component, exports| {
        exports.lifecycle = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| {
        let lifecycle = match lifecycle(asking) {
            Ok(lifecycle) => lifecycle,
            Err(error) => return Err(Unsuited::Signature(format!("{error:#}"))),
        };
        // Whether it finds something is the installation's business: here it is
        // enough that it answers.
        validate(asking, &lifecycle, "{}").map_err(Unsuited::Answer)?;
        Ok(())
    },
};

fn lifecycle(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.lifecycle.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

fn validate(
    asking: &mut Asking<'_>,
    lifecycle: &wit::Guest,
    config: &str,
) -> Result<Vec<ConfigFinding>, HookError> {
    asking.takes(config.weight())?;
    let said = asking.enter(|store, _| lifecycle.call_validate_config(store, config))?;
    let Err(findings) = said else {
        return Ok(Vec::new());
    };
    asking.gives(findings.weight())?;
    if findings.is_empty() {
        let detail = "it refused the configuration without a finding".to_owned();
        return Err(HookError::BadAnswer(detail));
    }
    findings
        .into_iter()
        .take(MOST_FINDINGS)
        .map(finding)
        .collect()
}

fn finding(said: wit::Finding) -> Result<ConfigFinding, HookError> {
    let pointer = said.pointer;
    let rooted = pointer.is_empty() || pointer.starts_with('/');
    let plain = !pointer.chars().any(char::is_control);
    if !rooted || !plain || pointer.len() > LONGEST_POINTER {
        let shown = words::sentence(&pointer);
        let detail = format!("`{shown}` is no place in a configuration");
        return Err(HookError::BadAnswer(detail));
    }
    let detail = words::sentence(&said.detail);
    if detail.is_empty() {
        let detail = "a finding says nothing".to_owned();
        return Err(HookError::BadAnswer(detail));
    }
    Ok(ConfigFinding { pointer, detail })
}

impl Weight for wit::Finding {
    fn weight(&self) -> usize {
        self.pointer.weight() + self.detail.weight()
    }
}

impl Question for ValidateRequest {
    type Answer = Vec<ConfigFinding>;
    const HOOK: Hook = Hook::Lifecycle;

    fn ask(self, asking: &mut Asking<'_>) -> Result<Self::Answer, HookError> {
        let lifecycle = lifecycle(asking).map_err(|error| asking.explain(&error))?;
        let config = serde_json::to_string(&*self.config)
            .map_err(|error| HookError::Sandbox(error.to_string()))?;
        validate(asking, &lifecycle, &config)
    }
}

impl Question for UpgradeRequest {
    type Answer = ();
    const HOOK: Hook = Hook::Lifecycle;

    fn ask(self, asking: &mut Asking<'_>) -> Result<(), HookError> {
        let lifecycle = lifecycle(asking).map_err(|error| asking.explain(&error))?;
        let from = self.from_version;
        let said = asking.enter(|store, cx| lifecycle.call_on_upgrade(store, cx, &from))?;
        said.map_err(told)
    }
}
