//! Write Deskbell plugins in Rust.
//!
//! A plugin implements one or more *hooks*: places where the desk asks it
//! something. It answers with an opinion or with values; the desk checks the
//! answer and does what follows. A plugin never writes, keeps nothing between
//! two calls, and reaches only what is in this crate.
//!
//! | hook | implement | and export with |
//! | --- | --- | --- |
//! | who gets a conversation | [`Router`] | [`export_router!`] |
//! | values for `{{name}}` in canned responses | [`Variables`] | [`export_variables!`] |
//! | what people write, before it is stored | [`Filter`] | [`export_filter!`] |
//! | what visitors hear before people answer | [`Bot`] | [`export_bot!`] |
//! | what happened, for other systems | [`Events`] | [`export_events!`] |
//! | what other systems know, beside a chat | [`Context`] | [`export_context!`] |
//! | what other systems tell | [`Webhook`] | [`export_webhook!`] |
//! | its own configuration, and an upgrade | [`Lifecycle`] | [`export_lifecycle!`] |
//!
//! One plugin may export several. What it may ask the desk for:
//!
//! | module | for | offered |
//! | --- | --- | --- |
//! | [`log`] | lines for the plugin's own log | always |
//! | [`config`] | the configuration the admin gave it | always |
//! | [`directory`] | agents and teams by id | with the capability `directory` |
//! | [`http`] | services outside, at the hosts in the manifest | with the capability `http` |
//! | [`kv`] | values that stay from call to call | with the capability `kv` |
//! | [`crypto`] | chance, digests and signatures | with the capability `crypto` |
//!
//! A capability that the code does not use is not asked for: the compiler drops
//! it, and nobody has to grant it.
//!
//! # A router
//!
//! ```
//! use deskbell_plugin_api::routing::{Decision, Request};
//! use deskbell_plugin_api::{Call, HookError, Router, export_router};
//!
//! struct VipToTheFirst;
//!
//! impl Router for VipToTheFirst {
//!     fn route(_call: &Call, request: Request) -> Result<Decision, HookError> {
//!         let Some(first) = request.candidates.first() else {
//!             return Ok(Decision::no_opinion());
//!         };
//!         if !request.contact.vip {
//!             return Ok(Decision::no_opinion());
//!         }
//!         Ok(Decision::assign(&first.agent_id).because(format!("{} takes VIP chats.", first.name)))
//!     }
//! }
//!
//! export_router!(VipToTheFirst);
//!
//! # #[cfg(not(target_arch = "wasm32"))] {
//! // On your own machine, with plain `cargo test`:
//! use deskbell_plugin_api::testing;
//! let request = testing::routing_request()
//!     .vip()
//!     .candidate("Ana", "ana@example.com", 1, 5)
//!     .build();
//! let decision = VipToTheFirst::route(&testing::call(), request)?;
//! assert_eq!(decision.reason.as_deref(), Some("Ana takes VIP chats."));
//! # }
//! # Ok::<(), HookError>(())
//! ```
//!
//! # When it fails
//!
//! Return a [`HookError`]; admins of the tenant read its text. A panic ends the
//! call as well: its message goes to the plugin's log first. Either way the desk
//! goes on without the plugin.

mod attributes;
pub mod bot;
mod call;
pub mod config;
pub mod context;
pub mod crypto;
pub mod directory;
pub mod events;
pub mod filter;
pub mod http;
pub mod kv;
pub mod lifecycle;
pub mod log;
pub mod routing;
pub mod variables;
pub mod webhook;

#[cfg(not(target_arch = "wasm32"))]
pub mod testing;

/// What the export macros expand to. Not for plugins to call.
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]
pub mod bindings;

pub use attributes::Attributes;
pub use bot::Bot;
pub use call::{Call, HookError};
pub use context::Context;
pub use events::Events;
pub use filter::Filter;
pub use lifecycle::Lifecycle;
pub use routing::Router;
pub use variables::Variables;
pub use webhook::Webhook;
