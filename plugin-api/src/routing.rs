//! The hook `routing`: who gets a conversation.

use crate::{Attributes, Call, HookError};

/// Decides who gets a conversation that waits in a team's queue.
///
/// It is asked when a conversation arrives and when somebody has room for it, and
/// the desk waits for the answer: at most [`Call::deadline_ms`], then the team's
/// own strategy decides.
pub trait Router {
    /// The router's opinion about one conversation.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]. The next router is asked, at last the team's own
    /// strategy, and the text is kept with the decision.
    fn route(call: &Call, request: Request) -> Result<Decision, HookError>;
}

/// How soon a conversation should be taken, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Priority {
    /// After the others.
    Low,
    /// As conversations begin.
    #[default]
    Medium,
    /// Before most.
    High,
    /// Before all others.
    Urgent,
}

impl Priority {
    /// The word for it: `low`, `medium`, `high` or `urgent`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }

    /// The priority of this word; `None` if there is no such priority.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High, Self::Urgent]
            .into_iter()
            .find(|priority| priority.as_str() == word)
    }
}

/// What the router is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The conversation that waits.
    pub conversation: Conversation,
    /// The person behind it.
    pub contact: Contact,
    /// How long it has waited.
    pub waiting_ms: u64,
    /// The queue it waits in.
    pub queue: Queue,
    /// Agents who could take it now, at most 64, best first by the team's own
    /// strategy. May be empty.
    pub candidates: Vec<Candidate>,
    /// How many there are, listed or not.
    pub candidates_total: u32,
    /// Why the last answer could not be used, if this is a second try.
    pub retry_of: Option<String>,
    /// What a later desk may add.
    pub attributes: Attributes,
}

/// The conversation that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// `conv_…`
    pub id: String,
    /// The inbox it came in by (`inb_…`).
    pub inbox_id: String,
    /// What it is about, in the visitor's words.
    pub subject: Option<String>,
    /// What it is about, in the desk's words.
    pub category: Option<String>,
    /// Its priority now.
    pub priority: Priority,
    /// What the page said when it began, such as an order's number.
    pub attributes: Attributes,
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

/// The queue a conversation waits in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Queue {
    /// `team_…`
    pub team_id: String,
    /// What the desk calls the team.
    pub team_name: String,
    /// Conversations waiting in it, this one included.
    pub waiting: u32,
    /// The place of this one, from 1.
    pub position: u32,
}

/// An agent who could take the conversation now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Candidate {
    /// `agt_…`: what [`Decision::assign`] takes.
    pub agent_id: String,
    /// What colleagues and visitors call them.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// Chats they have.
    pub load: u32,
    /// Chats they take at most.
    pub capacity: u32,
    /// Empty on a desk that records no skills.
    pub skills: Vec<Skill>,
    /// When they last got a conversation, in milliseconds since 1970.
    pub last_assigned_ms: Option<u64>,
    /// What a later desk may add.
    pub attributes: Attributes,
}

/// What an agent is good at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Such as `spanish`.
    pub name: String,
    /// Higher is better.
    pub level: u32,
}

/// What a router says: a verdict, and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is to happen.
    pub verdict: Verdict,
    /// One sentence for the people at the desk: "why did I get this?"
    pub reason: Option<String>,
}

/// What is to happen with the conversation. The desk checks it: an answer it
/// cannot follow is as good as none, and is kept with the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The next router decides, at last the team's own strategy.
    NoOpinion,
    /// To this agent, who must be one of the candidates.
    Assign(String),
    /// Into another queue, or further up or down in this one.
    Queue {
        /// `None` stays in the team.
        team_id: Option<String>,
        /// `None` keeps the priority.
        priority: Option<Priority>,
    },
    /// To nobody before this time (milliseconds since 1970), at most an hour
    /// ahead.
    HoldUntil(u64),
    /// To a bot. A desk without one treats it as no opinion.
    ToBot,
}

impl Decision {
    /// Leaves it to the next router, at last to the team's own strategy.
    #[must_use]
    pub fn no_opinion() -> Self {
        Verdict::NoOpinion.into()
    }

    /// Gives the conversation to this candidate, named by their `agent_id`.
    #[must_use]
    pub fn assign(agent_id: impl Into<String>) -> Self {
        Verdict::Assign(agent_id.into()).into()
    }

    /// Leaves the conversation in its queue with another priority.
    #[must_use]
    pub fn set_priority(priority: Priority) -> Self {
        let queue = Verdict::Queue {
            team_id: None,
            priority: Some(priority),
        };
        queue.into()
    }

    /// Moves the conversation into the queue of this team (`team_…`).
    #[must_use]
    pub fn move_to_team(team_id: impl Into<String>) -> Self {
        let queue = Verdict::Queue {
            team_id: Some(team_id.into()),
            priority: None,
        };
        queue.into()
    }

    /// Gives the conversation to nobody before this time, in milliseconds since
    /// 1970; [`Call::now_ms`] is now. At most an hour ahead.
    #[must_use]
    pub fn hold_until(ms: u64) -> Self {
        Verdict::HoldUntil(ms).into()
    }

    /// The same decision with its reason: one sentence for the people at the
    /// desk.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        let reason = None;
        Self { verdict, reason }
    }
}

/// Makes a type the plugin's router: `export_router!(MyRouter);`, once in a
/// plugin. The type implements [`Router`].
#[macro_export]
macro_rules! export_router {
    ($router:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::routing::Exported<$router>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::routing::export!(Exported with_types_in $crate::bindings::routing);

            #[cfg(not(target_arch = "wasm32"))]
            const fn is_a_router<T: $crate::Router>() {}
            #[cfg(not(target_arch = "wasm32"))]
            is_a_router::<$router>();
        };
    };
}
