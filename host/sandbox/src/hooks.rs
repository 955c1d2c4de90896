//! The hooks: one file each, and this table.
//!
//! A hook's file says how a request becomes the guest's records and what of its
//! answer is believed. To add one: its WIT, its module in `bindings.rs`, its file
//! here, and a line in `Exports` and in `ADAPTERS`.

pub(crate) mod bot;
pub(crate) mod context;
pub(crate) mod events;
pub(crate) mod filter;
pub(crate) mod lifecycle;
pub(crate) mod routing;
pub(crate) mod variables;
pub(crate) mod webhook;

use deskbell_app::hooks::HookError;
use deskbell_domain::ConversationId;
use deskbell_domain::plugin::{Hook, VariableDefinition};
use wasmtime::component::InstancePre;

use crate::bindings::{self, types};
use crate::call::Asking;
use crate::guest::Guest;
use crate::limits::Class;
use crate::words::sentence;

/// One question to a guest, with what it takes to ask it.
pub(crate) trait Question: Send + 'static {
    type Answer: Send + 'static;
    const HOOK: Hook;
    const CLASS: Class = Class::of(Self::HOOK);

    /// The one it is about, if there is one.
    fn conversation(&self) -> Option<ConversationId> {
        None
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<Self::Answer, HookError>;
}

/// Where a component exports its hooks, looked up once when it is prepared.
#[derive(Default)]
pub(crate) struct Exports {
    routing: Option<bindings::routing::GuestIndices>,
    variables: Option<bindings::variables::GuestIndices>,
    filter: Option<bindings::filter::GuestIndices>,
    bot: Option<bindings::bot::GuestIndices>,
    events: Option<bindings::events::GuestIndices>,
    context: Option<bindings::context::GuestIndices>,
    webhook: Option<bindings::webhook::GuestIndices>,
    lifecycle: Option<bindings::lifecycle::GuestIndices>,
}

/// What admission needs to know of a hook.
pub(crate) struct Adapter {
    pub(crate) hook: Hook,
    pub(crate) interface: &'static str,
    /// Looks up the exports by name.
    pub(crate) find: fn(&InstancePre<Guest>, &mut Exports) -> wasmtime::Result<()>,
    /// Loads them, which compares their types; asks what is asked at admission.
    pub(crate) probe: fn(&mut Asking<'_>, &mut Probed) -> Result<(), Unsuited>,
}

pub(crate) const ADAPTERS: [Adapter; Hook::ALL.len()] = [
    routing::ADAPTER,
    variables::ADAPTER,
    filter::ADAPTER,
    bot::ADAPTER,
    events::ADAPTER,
    context::ADAPTER,
    webhook::ADAPTER,
    lifecycle::ADAPTER,
];

/// What the trial start found out.
#[derive(Debug, Default)]
pub(crate) struct Probed {
    pub(crate) variables: Vec<VariableDefinition>,
}

/// Why a hook's exports are of no use.
#[derive(Debug)]
pub(crate) enum Unsuited {
    /// Another signature than ours.
    Signature(String),
    /// It was called and gave no good answer.
    Answer(HookError),
}

/// What a guest says of its own failure.
fn told(error: types::HookError) -> HookError {
    HookError::Failed(match error {
        types::HookError::InvalidConfig(text) => {
            format!("the configuration does not make sense: {}", sentence(&text))
        }
        types::HookError::Unavailable(text) => format!("not available: {}", sentence(&text)),
        types::HookError::Failed(text) => sentence(&text),
    })
}
