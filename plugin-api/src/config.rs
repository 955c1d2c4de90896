//! The installation's configuration: what the tenant's admin filled in.

use serde::de::DeserializeOwned;

use crate::HookError;

/// The configuration as a `T`.
///
/// The host has checked it against the JSON Schema in the plugin's manifest and
/// filled in the defaults, so a `T` that follows the schema can always be read.
///
/// # Errors
///
/// [`HookError::InvalidConfig`] when it is no `T`: the schema in `deskbell.toml`
/// allows what the type does not.
pub fn get<T: DeserializeOwned>() -> Result<T, HookError> {
    let text = json();
    serde_json::from_str(&text).map_err(|error| HookError::InvalidConfig(error.to_string()))
}

/// The configuration as JSON text: an object, `{}` if the plugin has none.
#[must_use]
pub fn json() -> String {
    #[cfg(target_arch = "wasm32")]
    return crate::bindings::host::deskbell::host::config::get();
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::host::config()
}
