//! What a bot answers: actions in their order, and what it remembers.

use serde::Serialize;

use crate::HookError;

/// What is to be done, all of it or none, and what the bot remembers. Nothing at
/// all is a good answer too: `Reply::default()`.
///
/// ```
/// use deskbell_plugin_api::bot::{Question, Reply};
///
/// let reply = Reply::new()
///     .say("Hello.")
///     .ask(Question::new("What is it about?").choice("late", "It is late"))
///     .remember(&1)?;
/// assert_eq!(reply.actions.len(), 2);
/// # Ok::<(), deskbell_plugin_api::HookError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// At most 16, done in this order.
    pub actions: Vec<Action>,
    /// At most 32 KiB. `None` forgets.
    pub state: Option<Vec<u8>>,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// At most 4000 characters.
    Say(String),
    /// With buttons, or a form.
    Ask(Question),
    /// Shows the visitor that the bot writes, for at most 10000 ms.
    Typing(u32),
    /// Sets an attribute of the conversation.
    SetAttribute {
        /// Letters, digits, `_`, `-` and `.`.
        name: String,
        /// JSON: a text, a number, true or false; null removes it.
        json: String,
    },
    /// To people; the last action.
    HandOff(HandOff),
    /// Resolves the conversation, with a reason for the desk; the last action.
    Close(Option<String>),
    /// An event later on, in place of one asked for earlier.
    CallBack {
        /// 1 second to 24 hours.
        after_ms: u64,
        /// Comes back with the event.
        token: String,
    },
}

impl Reply {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn and(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// Says something.
    #[must_use]
    pub fn say(self, text: impl Into<String>) -> Self {
        self.and(Action::Say(text.into()))
    }

    /// Asks something.
    #[must_use]
    pub fn ask(self, question: Question) -> Self {
        self.and(Action::Ask(question))
    }

    /// Shows that the bot writes.
    #[must_use]
    pub fn typing(self, ms: u32) -> Self {
        self.and(Action::Typing(ms))
    }

    /// Sets an attribute of the conversation. A value that cannot be written as
    /// JSON removes it, as null does.
    #[must_use]
    pub fn set_attribute(self, name: impl Into<String>, value: impl Serialize) -> Self {
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        let name = name.into();
        self.and(Action::SetAttribute { name, json })
    }

    /// Hands the conversation to people. Nothing may follow.
    #[must_use]
    pub fn hand_off(self, to: HandOff) -> Self {
        self.and(Action::HandOff(to))
    }

    /// Resolves the conversation. Nothing may follow.
    #[must_use]
    pub fn close(self, reason: Option<&str>) -> Self {
        self.and(Action::Close(reason.map(str::to_owned)))
    }

    /// Asks to be called later.
    #[must_use]
    pub fn call_back(self, after_ms: u64, token: impl Into<String>) -> Self {
        let token = token.into();
        self.and(Action::CallBack { after_ms, token })
    }

    /// Remembers a value, as JSON, for [`Request::recall`](super::Request::recall).
    ///
    /// # Errors
    ///
    /// [`HookError::Failed`] when it cannot be written as JSON.
    pub fn remember(mut self, value: &impl Serialize) -> Result<Self, HookError> {
        let bytes = serde_json::to_vec(value);
        self.state = Some(bytes.map_err(|error| HookError::Failed(error.to_string()))?);
        Ok(self)
    }
}

/// A text with buttons, or with a form: one of the two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// At most 12 buttons.
    pub choices: Vec<Choice>,
    /// At most 8 fields.
    pub form: Vec<Field>,
}

impl Question {
    /// A question without buttons and fields yet.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            choices: Vec::new(),
            form: Vec::new(),
        }
    }

    /// One more button.
    #[must_use]
    pub fn choice(mut self, id: impl Into<String>, label: impl Into<String>) -> Self {
        self.choices.push(Choice {
            id: id.into(),
            label: label.into(),
        });
        self
    }

    /// One more field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.form.push(field);
        self
    }
}

/// A button, or one of a field's values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// For the bot: 1 to 64 letters, digits, `_`, `-` or `.`.
    pub id: String,
    /// For the visitor, at most 80 characters.
    pub label: String,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// For the bot, as a choice's id.
    pub name: String,
    /// For the visitor, at most 80 characters.
    pub label: String,
    /// What may be filled in.
    pub kind: FieldKind,
    /// It must not stay empty.
    pub required: bool,
    /// Of the kind [`FieldKind::Choice`] only.
    pub choices: Vec<Choice>,
}

impl Field {
    /// A field that must be filled in.
    #[must_use]
    pub fn new(name: impl Into<String>, label: impl Into<String>, kind: FieldKind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            required: true,
            choices: Vec::new(),
        }
    }

    /// It may stay empty.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

/// What may be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Any text.
    Text,
    /// An e-mail address.
    Email,
    /// A number.
    Number,
    /// One of the choices.
    Choice,
}

/// To people, and what they should know.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandOff {
    /// `team_…`; `None` stays in the conversation's team.
    pub team_id: Option<String>,
    /// A note for the people who take over; the visitor does not see it.
    pub summary: String,
    /// One line in the queue.
    pub reason: Option<String>,
}

impl HandOff {
    /// To the conversation's team, with a note for whoever takes over.
    #[must_use]
    pub fn new(summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            ..Self::default()
        }
    }

    /// To this team.
    #[must_use]
    pub fn to(mut self, team_id: impl Into<String>) -> Self {
        self.team_id = Some(team_id.into());
        self
    }

    /// With a line in the queue.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}
