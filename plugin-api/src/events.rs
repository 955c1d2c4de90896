//! The hook `events`: hears of what happened, after it was stored.

use serde::Serialize;

use crate::{Attributes, Call, HookError};

/// Hears of what happened and tells other systems, or asks for small things to be
/// done.
///
/// Nobody waits for it. It is told at least once, in the order in which things
/// happened in a conversation, and never of what it did itself. The manifest says
/// which types it wants: `[hooks.events] types = ["conversation.created"]`; without
/// them it hears of all there are.
pub trait Events {
    /// What to do about this event. Nothing is a good answer: `Effects::none()`.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: the event is told again later, for 24 hours at most, and
    /// what comes behind it in the same conversation waits meanwhile.
    fn on_event(call: &Call, event: Event) -> Result<Effects, HookError>;
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// `evt_…`, the same at every try: for a service that must not do a thing twice.
    pub id: String,
    /// The type, such as `conversation.created`.
    pub kind: String,
    /// When, in milliseconds since 1970.
    pub occurred_at_ms: u64,
    /// 1 at first, more when it is told again.
    pub attempt: u32,
    /// As it is now, which may be later than the event. `None` for events of a
    /// contact.
    pub conversation: Option<Conversation>,
    /// The person it is about, as they are now.
    pub contact: Option<Contact>,
    /// Of `message.created`.
    pub message: Option<Message>,
    /// `actor`, `changes` and `reason`, and what a later desk may add.
    pub attributes: Attributes,
}

/// The conversation in which it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// `conv_…`
    pub id: String,
    /// `inb_…`
    pub inbox_id: String,
    /// `team_…`
    pub team_id: Option<String>,
    /// `bot`, `queued`, `active`, `resolved`, `closed` or `missed`.
    pub status: String,
    /// `low`, `medium`, `high` or `urgent`.
    pub priority: String,
    /// What it is about, in the visitor's words.
    pub subject: Option<String>,
    /// What it is about, in the desk's words.
    pub category: Option<String>,
    /// Who has it.
    pub assignee: Option<Agent>,
    /// When it began, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// What the page said, and what was set since.
    pub attributes: Attributes,
}

/// Somebody at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agent {
    /// `agt_…`
    pub id: String,
    /// What colleagues and visitors call them.
    pub name: String,
}

/// The person behind a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// `con_…`
    pub id: String,
    /// Their name, if they gave one.
    pub name: Option<String>,
    /// A claim by the visitor unless `verified`.
    pub email: Option<String>,
    /// The site vouched for who they are.
    pub verified: bool,
    /// The desk marked them.
    pub vip: bool,
    /// What the desk knows about them.
    pub attributes: Attributes,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SenderKind {
    /// Somebody on a page.
    Visitor,
    /// Somebody at the desk.
    Agent,
    /// A plugin that talks with visitors.
    Bot,
    /// Another plugin.
    Plugin,
    /// The desk itself.
    System,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// `msg_…`
    pub id: String,
    /// Its number in the conversation, from 1.
    pub seq: u64,
    /// Who wrote it.
    pub sender: SenderKind,
    /// What others call them.
    pub sender_name: Option<String>,
    /// The words.
    pub text: String,
    /// A note, which the visitor does not see.
    pub private: bool,
    /// When, in milliseconds since 1970.
    pub created_at_ms: u64,
    /// What came along with it.
    pub attributes: Attributes,
}

/// What is to be done in the event's conversation: all of it, or nothing if the desk
/// cannot follow one of them.
///
/// ```
/// use deskbell_plugin_api::events::Effects;
///
/// let effects = Effects::none()
///     .set_attribute("crm_case", "C-17")
///     .add_note("The case C-17 was opened.");
/// assert_eq!(effects.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effects(Vec<Effect>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sets an attribute of the conversation.
    SetAttribute {
        /// Letters, digits, `_`, `-` and `.`.
        name: String,
        /// JSON: a text, a number, true or false; null removes it.
        json: String,
    },
    /// A note for the desk; the visitor does not see it.
    AddNote(String),
}

impl Effects {
    /// Nothing is to be done.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn and(mut self, effect: Effect) -> Self {
        self.0.push(effect);
        self
    }

    /// Sets an attribute of the conversation. A value that cannot be written as JSON
    /// removes it, as null does.
    #[must_use]
    pub fn set_attribute(self, name: impl Into<String>, value: impl Serialize) -> Self {
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        let name = name.into();
        self.and(Effect::SetAttribute { name, json })
    }

    /// Adds a note for the desk.
    #[must_use]
    pub fn add_note(self, text: impl Into<String>) -> Self {
        self.and(Effect::AddNote(text.into()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// In their order.
impl IntoIterator for Effects {
    type Item = Effect;
    type IntoIter = std::vec::IntoIter<Effect>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Makes a type the one that hears of events: `export_events!(MyEvents);`, once in a
/// plugin. The type implements [`Events`].
///
/// ```
/// use deskbell_plugin_api::events::{Effects, Event};
/// use deskbell_plugin_api::{Call, Events, HookError, export_events};
///
/// struct Greeter;
///
/// impl Events for Greeter {
///     fn on_event(_call: &Call, event: Event) -> Result<Effects, HookError> {
///         let Some(contact) = event.contact.filter(|contact| contact.vip) else {
///             return Ok(Effects::none());
///         };
///         let name = contact.name.unwrap_or_else(|| "A VIP".to_owned());
///         Ok(Effects::none().add_note(format!("{name} is here again.")))
///     }
/// }
///
/// export_events!(Greeter);
///
/// # #[cfg(not(target_arch = "wasm32"))] {
/// use deskbell_plugin_api::testing;
/// let event = testing::event("conversation.created").vip().contact_name("Ana").build();
/// let effects = Greeter::on_event(&testing::call(), event)?;
/// assert_eq!(effects, Effects::none().add_note("Ana is here again."));
/// # }
/// # Ok::<(), HookError>(())
/// ```
#[macro_export]
macro_rules! export_events {
    ($events:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::events::Exported<$events>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::events::export!(Exported with_types_in $crate::bindings::events);

            #[cfg(not(target_arch = "wasm32"))]
            const fn hears_events<T: $crate::Events>() {}
            #[cfg(not(target_arch = "wasm32"))]
            hears_events::<$events>();
        };
    };
}
