//! What a bot may do in a conversation, and the row that says how far it has come.
//!
//! A bot is a plugin in a conversation's first chair: it is told what happens one
//! event at a time and answers with actions. What the actions do is in
//! `conversation/bot.rs`; what a visitor answers to a question in `bot/answer.rs`.

mod answer;
mod limits;

pub use answer::Answer;
pub use limits::{
    ACTIONS_MAX, CALL_BACK_MAX, CALL_BACK_MIN, STATE_MAX_BYTES, TOKEN_MAX_BYTES, TYPING_MAX, check,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::actor::ActorRef;
use crate::id::{ConversationId, InstallationId, TeamId};
use crate::plugin::Digest;
use crate::time::Millis;

/// Which bot a conversation goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotRef {
    pub installation_id: InstallationId,
    /// What visitors see.
    pub name: String,
}

/// A conversation's time with a bot: one row, kept when it is over, so that a
/// conversation goes to a bot once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engagement {
    pub conversation_id: ConversationId,
    pub bot: BotRef,
    /// Grows with every answer that was applied. An answer names the turn it was
    /// asked in, and one of an earlier turn is refused.
    pub turn: i64,
    /// The last visitor's message it was told of. None: not even that it began.
    pub handled_seq: Option<i64>,
    /// Its own memory, as it left it.
    pub state: Option<Vec<u8>>,
    /// The file that was asked last.
    pub digest: Option<Digest>,
    /// What it wants to hear when it is called back.
    pub wake_token: Option<String>,
    /// The time to call it back has come.
    pub woken: bool,
}

impl Engagement {
    #[must_use]
    pub fn new(conversation_id: ConversationId, bot: BotRef) -> Self {
        Self {
            conversation_id,
            bot,
            turn: 1,
            handled_seq: None,
            state: None,
            digest: None,
            wake_token: None,
            woken: false,
        }
    }

    /// As what it speaks.
    #[must_use]
    pub fn actor(&self) -> ActorRef {
        ActorRef::bot(self.bot.installation_id, &self.bot.name)
    }
}

/// What a bot wants done, in its order.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Say(String),
    Ask {
        text: String,
        question: Question,
    },
    /// Shows that it writes, for so long.
    Typing(Millis),
    /// A null removes it.
    SetAttribute {
        name: String,
        value: Value,
    },
    /// To people. Nothing may follow.
    HandOff(HandOff),
    /// Done. Nothing may follow.
    Close {
        reason: Option<String>,
    },
    /// In place of an earlier one.
    CallBack {
        after: Millis,
        token: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HandOff {
    /// None: the team it is with.
    pub team: Option<TeamId>,
    /// For the people who take it over.
    pub summary: String,
    pub reason: Option<String>,
}

/// What a message of a bot asks for beside its text; its JSON is the message's
/// attribute `question`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Question {
    pub choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub form: Vec<Field>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    pub label: String,
    #[serde(rename = "type")]
    pub kind: FieldKind,
    pub required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    Text,
    Email,
    Number,
    Choice,
}
