//! The hook `lifecycle`: what a plugin is told of its own installation.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Call, HookError};

/// Looks at a configuration before it is stored, and hears of an upgrade.
///
/// Whoever has this hook is asked, whatever else an admin granted: it concerns
/// nobody's conversation.
pub trait Lifecycle {
    /// Whether the plugin can work with this configuration. With findings the
    /// installation, the change or the upgrade is refused, and the admin reads them
    /// beside the settings they are about.
    ///
    /// The schema in the manifest was checked before, and defaults are filled in;
    /// [`config::get`](crate::config::get) reads the same configuration here. It may
    /// look into the directory, if it was granted; outside, kept values and
    /// signatures are not there. Once, when the file is uploaded, it is asked with
    /// `{}`: then any answer will do, but a panic refuses the file.
    ///
    /// # Errors
    ///
    /// What is wrong, each with its place.
    fn validate_config(config: &Value) -> Result<(), Vec<Finding>>;

    /// This code has taken the place of `from_version`, which may be newer or older.
    /// Whatever the plugin keeps is as that version left it.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: the desk goes back to `from_version`, and the admin reads
    /// why.
    fn on_upgrade(call: &Call, from_version: &str) -> Result<(), HookError> {
        let _ = (call, from_version);
        Ok(())
    }
}

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// A JSON pointer, as in `/patterns/2`; empty is all of it.
    pub pointer: String,
    /// A sentence for the admin: what is wrong, and what to do.
    pub detail: String,
}

impl Finding {
    /// A finding at this place.
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// The configuration as a `T`, or the finding that it is none.
///
/// # Errors
///
/// One finding about the whole configuration.
pub fn read<T: DeserializeOwned>(config: &Value) -> Result<T, Vec<Finding>> {
    T::deserialize(config).map_err(|error| {
        let detail = format!("The configuration cannot be read: {error}.");
        vec![Finding::new("", detail)]
    })
}

/// Exports a type as the plugin's lifecycle.
///
/// ```
/// use deskbell_plugin_api::lifecycle::Finding;
/// use deskbell_plugin_api::{Lifecycle, export_lifecycle};
/// use serde_json::{Value, json};
///
/// struct Hours;
///
/// impl Lifecycle for Hours {
///     fn validate_config(config: &Value) -> Result<(), Vec<Finding>> {
///         if config["opens"].as_u64() < config["closes"].as_u64() {
///             return Ok(());
///         }
///         let detail = "Closing comes after opening. Enter a later hour.";
///         Err(vec![Finding::new("/closes", detail)])
///     }
/// }
///
/// export_lifecycle!(Hours);
///
/// # #[cfg(not(target_arch = "wasm32"))] {
/// assert!(Hours::validate_config(&json!({ "opens": 9, "closes": 17 })).is_ok());
/// let found = Hours::validate_config(&json!({ "opens": 9, "closes": 8 })).unwrap_err();
/// assert_eq!(found[0].pointer, "/closes");
/// # }
/// ```
#[macro_export]
macro_rules! export_lifecycle {
    ($lifecycle:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::lifecycle::Exported<$lifecycle>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::lifecycle::export!(Exported with_types_in $crate::bindings::lifecycle);

            #[cfg(not(target_arch = "wasm32"))]
            const fn is_a_lifecycle<T: $crate::Lifecycle>() {}
            #[cfg(not(target_arch = "wasm32"))]
            is_a_lifecycle::<$lifecycle>();
        };
    };
}
