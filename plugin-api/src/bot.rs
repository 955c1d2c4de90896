//! The hook `bot`: talks to visitors before people do.

mod reply;

pub use reply::{Action, Choice, Field, FieldKind, HandOff, Question, Reply};

use serde::de::DeserializeOwned;

use crate::{Attributes, Call, HookError};

/// Talks to a visitor. Told of one event at a time, it answers with actions, and
/// with a state that it gets back with the next event.
pub trait Bot {
    /// What to do about this event.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: people have the conversation from then on, and admins can
    /// read why.
    fn on_event(call: &Call, request: Request) -> Result<Reply, HookError>;
}

/// What the bot is told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// What happened.
    pub event: Event,
    /// Where it happened.
    pub conversation: Conversation,
    /// The person who writes.
    pub contact: Contact,
    /// The last lines of the thread, oldest first, at most 20.
    pub said: Vec<Line>,
    /// The bytes of the last answer; `None` at the beginning. [`Request::recall`]
    /// reads what [`Reply::remember`] wrote.
    pub state: Option<Vec<u8>>,
    /// What a later desk may add.
    pub attributes: Attributes,
}

impl Request {
    /// What [`Reply::remember`] wrote with the last answer. `None` at the
    /// beginning, and for what is no `T`: an older version of the plugin may have
    /// written it.
    #[must_use]
    pub fn recall<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(self.state.as_deref()?).ok()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The conversation came to the bot. A first message follows as an event of its
    /// own.
    Started,
    /// The visitor said something.
    Message(Message),
    /// The call the bot asked for, with its token.
    Woke(String),
}

/// What a visitor said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// `msg_…`
    pub id: String,
    /// Of an answer: the button's label, or a line for each field.
    pub text: String,
    /// `None` is free text, also where buttons were there.
    pub answer: Option<Answer>,
    /// What the page sent along.
    pub attributes: Attributes,
}

impl Message {
    /// The id of the button, if one was pressed.
    #[must_use]
    pub fn choice(&self) -> Option<String> {
        self.answer.as_ref()?.values.get("choice")
    }
}

/// What the visitor chose or filled in, checked against the question.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The bot's message that asked.
    pub message_id: String,
    /// `choice` with the button's id, or a form's fields by name.
    pub values: Attributes,
}

/// The conversation the bot has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// `conv_…`
    pub id: String,
    /// `inb_…`
    pub inbox_id: String,
    /// The team that gets it when it is handed off to none in particular.
    pub team_id: Option<String>,
    /// What it is about, in the visitor's words.
    pub subject: Option<String>,
    /// What it is about, in the desk's words.
    pub category: Option<String>,
    /// What the page said, and what the bot has set since.
    pub attributes: Attributes,
}

/// The person who writes.
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

/// A line of the thread.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// `msg_…`
    pub message_id: String,
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

/// Who said a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Speaker {
    /// The visitor.
    Visitor,
    /// This bot.
    Bot,
    /// A person at the desk.
    Agent,
    /// Deskbell itself.
    System,
}

#[cfg(not(target_arch = "wasm32"))]
impl Request {
    pub(crate) fn blank() -> Self {
        Self {
            event: Event::Started,
            conversation: Conversation {
                id: "conv_1".to_owned(),
                inbox_id: "inb_1".to_owned(),
                team_id: Some("team_1".to_owned()),
                subject: None,
                category: None,
                attributes: Attributes::default(),
            },
            contact: Contact {
                id: "con_1".to_owned(),
                name: None,
                email: None,
                verified: false,
                vip: false,
                attributes: Attributes::default(),
            },
            said: Vec::new(),
            state: None,
            attributes: Attributes::default(),
        }
    }
}

/// Makes a type the plugin's bot: `export_bot!(MyBot);`, once in a plugin. The type
/// implements [`Bot`].
#[macro_export]
macro_rules! export_bot {
    ($bot:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::bot::Exported<$bot>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::bot::export!(Exported with_types_in $crate::bindings::bot);

            #[cfg(not(target_arch = "wasm32"))]
            const fn is_bot<T: $crate::Bot>() {}
            #[cfg(not(target_arch = "wasm32"))]
            is_bot::<$bot>();
        };
    };
}
