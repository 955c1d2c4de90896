//! Doubles of the desk, for plain `cargo test` on your own machine.
//!
//! [`Host`] stands in for what the desk offers: it holds a configuration and a
//! directory, and keeps the lines that were logged. The builders make requests
//! with everything filled in that a test does not care about.
//!
//! ```
//! use deskbell_plugin_api::{config, log, testing};
//!
//! # #[derive(serde::Deserialize)]
//! # struct Config { greeting: String }
//! let host = testing::Host::new();
//! host.set_config(serde_json::json!({ "greeting": "Hello" }));
//!
//! let config: Config = config::get()?;
//! log::info(&config.greeting);
//!
//! assert_eq!(host.log(), ["info: Hello"]);
//! # Ok::<(), deskbell_plugin_api::HookError>(())
//! ```
//!
//! The double is not the sandbox: it has no limits, and it does not check a
//! configuration against the manifest. `deskbell plugin check` checks the rest.

mod bot;
pub(crate) mod crypto;
pub(crate) mod host;
mod integration;
pub(crate) mod kv;
mod requests;
mod sha256;
mod webhook;

pub use bot::{BotRequest, bot_answer, bot_choice, bot_message, bot_started, bot_woke};
pub use host::Host;
pub use integration::{ContextRequest, EventRequest, context_request, event, message_created};
pub use requests::{
    FilterRequest, RoutingRequest, VariablesRequest, call, filter_request, routing_request,
    variables_request,
};
pub use webhook::{WebhookRequest, webhook};
