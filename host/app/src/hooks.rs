//! What the app asks of plugins; `hooks/offered.rs` is what it lets them ask back.
//!
//! `Hooks` is implemented by the sandbox. Nothing here writes: a hook returns an
//! opinion, and the app checks it and applies it through the same door as
//! people's commands. A call never outlasts its deadline, whatever the guest does.

mod lifecycle;
mod nobody;
mod offered;

pub use lifecycle::{ConfigFinding, UpgradeRequest, ValidateRequest};
pub use nobody::{NoKeys, NoOutgoing, NoSigning, NoSink};
pub use offered::{
    Directory, DirectoryFailed, Expected, Keys, KeysFailed, Outgoing, Signing, SigningFailed,
};

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_domain::bot::Action;
use deskbell_domain::integration::{Card, Effect};
pub use deskbell_domain::invocation::LogLevel;
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Capability, Digest, Hook, Manifest, VariableDefinition};
use deskbell_domain::refusal::FieldError;
use deskbell_domain::routing::Candidate;
use deskbell_domain::time::Millis;
use deskbell_domain::webhook::Change;
use deskbell_domain::{
    AgentId, AgentRef, Contact, Conversation, ConversationId, EventId, InboxId, InstallationId,
    Message, Priority, TeamId, TenantId, Timestamp, actor::ActorKind,
};
use serde_json::{Map, Value};
use uuid::Uuid;

pub use crate::plugins::recording::{Kept, Recorder, Recording};

/// At most so many candidates are shown to a routing plugin.
pub const SHOWN_CANDIDATES: usize = 64;
/// At most so many messages are shown to a bot.
pub const SAID_LINES: usize = 20;

/// Every question is passed on to the one beneath, unless it is answered here. So
/// whoever stands around another names only what it does differently; the sandbox,
/// beneath all of them, answers everything itself. Where nobody is beneath, no plugin
/// runs.
#[async_trait]
pub trait Hooks: Send + Sync {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Err(HookError::NotReady)
    }

    /// Checks a file from end to end: structure, manifest, imports, compiling, a
    /// trial start. Whoever passes can be prepared.
    async fn admit(&self, file: Bytes) -> Result<Admitted, NotAdmitted> {
        match self.beneath() {
            Ok(beneath) => beneath.admit(file).await,
            Err(_) => {
                let why = "this process runs no plugins".to_owned();
                Err(NotAdmitted::Unavailable(why))
            }
        }
    }

    /// Makes an admitted file callable on this node. Compiling may take seconds;
    /// from the cache it takes milliseconds.
    async fn prepare(&self, digest: Digest, file: Bytes) -> Result<(), HookError> {
        self.beneath()?.prepare(digest, file).await
    }

    fn is_ready(&self, digest: Digest) -> bool {
        self.beneath().is_ok_and(|it| it.is_ready(digest))
    }

    /// Lets go of everything but these.
    fn keep_only(&self, digests: &HashSet<Digest>) {
        if let Ok(beneath) = self.beneath() {
            beneath.keep_only(digests);
        }
    }

    async fn route(&self, call: Call, request: RouteRequest) -> Result<Opinion, HookError> {
        self.beneath()?.route(call, request).await
    }

    /// Values for the names it knows; a name may be missing in the answer.
    async fn resolve_variables(
        &self,
        call: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        self.beneath()?.resolve_variables(call, request).await
    }

    /// What is to become of words that nobody has stored yet.
    async fn filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> Result<FilterDecision, HookError> {
        self.beneath()?.filter(call, request).await
    }

    /// What a bot does about one event of its conversation.
    async fn bot_event(&self, call: Call, request: BotRequest) -> Result<BotReply, HookError> {
        self.beneath()?.bot_event(call, request).await
    }

    /// What a plugin wants done about something that happened.
    async fn on_event(&self, call: Call, request: EventRequest) -> Result<Vec<Effect>, HookError> {
        self.beneath()?.on_event(call, request).await
    }

    /// What a plugin knows about a contact.
    async fn look_up(&self, call: Call, request: ContextRequest) -> Result<Vec<Card>, HookError> {
        self.beneath()?.look_up(call, request).await
    }

    /// What a plugin wants done about what another system told it.
    async fn handle_webhook(
        &self,
        call: Call,
        request: WebhookRequest,
    ) -> Result<Vec<Change>, HookError> {
        self.beneath()?.handle_webhook(call, request).await
    }

    /// What the plugin itself finds wrong with a configuration.
    async fn validate_config(
        &self,
        call: Call,
        request: ValidateRequest,
    ) -> Result<Vec<ConfigFinding>, HookError> {
        self.beneath()?.validate_config(call, request).await
    }

    /// Its code has taken another version's place.
    async fn upgraded(&self, call: Call, request: UpgradeRequest) -> Result<(), HookError> {
        self.beneath()?.upgraded(call, request).await
    }

    /// What one call for this hook may use at most.
    fn limits_of(&self, hook: Hook) -> CallLimits {
        let beneath = self.beneath();
        beneath.map_or_else(|_| CallLimits::default(), |it| it.limits_of(hook))
    }
}

/// What admission found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Admitted {
    pub digest: Digest,
    pub size: usize,
    pub manifest: Manifest,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    pub variables: Vec<VariableDefinition>,
}

/// Why a file is refused: each finding says where (`/component`, `/manifest/…`,
/// `/imports/…`, `/exports/…`), what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAdmitted {
    Refused(Vec<FieldError>),
    /// The host could not judge it just now.
    Unavailable(String),
}

/// Which installation is called, and what it may use in this call.
#[derive(Clone)]
pub struct Call {
    pub id: Uuid,
    pub tenant: TenantId,
    pub installation: InstallationId,
    pub digest: Digest,
    pub capabilities: Arc<[Capability]>,
    pub config: Arc<Map<String, Value>>,
    pub timeout_ms: Option<u32>,
    /// What the tenant lets it use, where that is less.
    pub limits: CallLimits,
    pub now: Timestamp,
    pub directory: Arc<dyn Directory>,
    /// Hears how the call went.
    pub sink: Arc<dyn CallSink>,
    /// Its way to the outside.
    pub outgoing: Arc<dyn Outgoing>,
    /// What it keeps.
    pub keys: Arc<dyn Keys>,
    /// What it signs with.
    pub signing: Arc<dyn Signing>,
}

/// Hears of one call: before it begins, and when it is over. Called in the path
/// of the call, so it waits for nothing.
pub trait CallSink: Send + Sync {
    /// False: the guest is not to be started, as it failed too often of late.
    fn may_begin(&self) -> bool;

    fn called(&self, record: CallRecord);

    /// Who wants to keep all of this call; mostly nobody.
    fn recorder(&self) -> Option<Arc<dyn Recorder>> {
        None
    }
}

/// How a call went, and what it used. Whose call it was the sink knows.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    pub id: Uuid,
    pub conversation: Option<ConversationId>,
    /// None: it has an answer.
    pub failed: Option<HookError>,
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_memory: usize,
    pub host_calls: u32,
    pub log: Vec<LogLine>,
}

/// A line a plugin wrote, without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub level: LogLevel,
    pub text: String,
}

#[derive(Debug, Clone)]
pub struct RouteRequest {
    pub conversation: Conversation,
    pub contact: Contact,
    pub waiting_ms: Millis,
    pub team_id: TeamId,
    pub team_name: String,
    /// Conversations waiting in the team, and the place of this one.
    pub waiting: usize,
    pub position: usize,
    /// Eligible, best first by the team's strategy, at most `SHOWN_CANDIDATES`.
    pub candidates: Vec<RouteCandidate>,
    pub candidates_total: usize,
    pub retry_of: Option<String>,
}

#[derive(Debug, Clone)]
pub struct RouteCandidate {
    pub candidate: Candidate,
    pub email: String,
}

/// What a routing plugin said. Ids are as it wrote them, unchecked but for form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    pub verdict: Verdict,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    NoOpinion,
    Assign(AgentId),
    Queue {
        team: Option<TeamId>,
        priority: Option<Priority>,
    },
    HoldUntil(Timestamp),
    ToBot,
}

#[derive(Debug, Clone)]
pub struct VariablesRequest {
    pub names: Vec<String>,
    pub conversation: Conversation,
    pub contact: Contact,
    pub agent: AgentRef,
}

/// Words that somebody typed, before anything of them is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRequest {
    pub direction: Direction,
    pub sender: ActorKind,
    pub conversation: Option<ConversationId>,
    /// Of what a visitor writes.
    pub inbox: Option<InboxId>,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From a visitor.
    Inbound,
    /// To a visitor.
    Outbound,
    /// For the desk only.
    Note,
}

/// One text by its name, such as `text`, `subject`, `attributes.order_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub text: String,
}

/// What a filter said. Nothing of it is checked but its size.
#[derive(Debug, Clone, PartialEq)]
pub struct FilterDecision {
    pub verdict: FilterVerdict,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FilterVerdict {
    Allow,
    Annotate(Map<String, Value>),
    /// New texts for some of the fields.
    Rewrite(Vec<Field>),
    /// Not now, with the reason for admins.
    Hold(String),
    /// Never; a sentence for whoever sent it.
    Reject(String),
}

/// One event of a conversation, for the bot that has it.
#[derive(Debug, Clone)]
pub struct BotRequest {
    pub event: BotEvent,
    pub conversation: Conversation,
    pub contact: Contact,
    /// The last public messages, ascending, at most `SAID_LINES`.
    pub said: Vec<Message>,
    /// As the bot left it; None at the beginning.
    pub state: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
pub enum BotEvent {
    /// The conversation came to the bot.
    Started,
    /// The visitor said something, or answered a question.
    Message(Box<Message>),
    /// It is called back, as it asked to be.
    Woke(String),
}

/// What a bot said. Ids are as it wrote them, unchecked but for form.
#[derive(Debug, Clone, PartialEq)]
pub struct BotReply {
    pub actions: Vec<Action>,
    pub state: Option<Vec<u8>>,
}

/// Something that happened, for a plugin that tells other systems.
#[derive(Debug, Clone)]
pub struct EventRequest {
    pub id: EventId,
    /// The public type.
    pub kind: String,
    pub occurred_at: Timestamp,
    /// From 1.
    pub attempt: u32,
    /// As they are now.
    pub conversation: Option<Conversation>,
    pub contact: Option<Contact>,
    pub message: Option<Message>,
    /// Who did it, what changed, and why.
    pub attributes: Map<String, Value>,
}

/// What another system told a plugin. Who that is was checked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRequest {
    /// The same at every try.
    pub id: Uuid,
    /// The webhook's, in the manifest.
    pub name: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    pub received_at: Timestamp,
    /// From 1.
    pub attempt: u32,
}

/// Whom an agent wants to know more about.
#[derive(Debug, Clone)]
pub struct ContextRequest {
    pub conversation: Conversation,
    pub contact: Contact,
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HookError {
    #[error("the plugin is still being prepared on this node")]
    NotReady,
    #[error("the tenant's plugins are busy")]
    Busy,
    #[error("it failed too often and is not asked for a while")]
    BreakerOpen,
    #[error("it used up its CPU time of {0} ms")]
    CpuExceeded(u32),
    #[error("it gave no answer within {0} ms")]
    DeadlineExceeded(u32),
    #[error("it wanted more than {0} MiB of memory")]
    MemoryExceeded(u32),
    #[error("it wanted more than {0}")]
    LimitExceeded(String),
    #[error("it trapped: {0}")]
    Trapped(String),
    #[error("the call was larger than {0} bytes")]
    InputTooLarge(usize),
    #[error("its answer was larger than {0} bytes")]
    OutputTooLarge(usize),
    /// Its own words.
    #[error("it said: {0}")]
    Failed(String),
    #[error("its answer made no sense: {0}")]
    BadAnswer(String),
    /// Somebody else's doing: a webhook was not what the recipe says.
    #[error("a request was turned away: {0}")]
    TurnedAway(String),
    #[error("the sandbox failed: {0}")]
    Sandbox(String),
}

impl HookError {
    /// The stable word in decision records, failure rows and metrics.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotReady => "not_ready",
            Self::Busy => "busy",
            Self::BreakerOpen => "breaker_open",
            Self::CpuExceeded(_) => "cpu_exceeded",
            Self::DeadlineExceeded(_) => "deadline_exceeded",
            Self::MemoryExceeded(_) => "memory_exceeded",
            Self::LimitExceeded(_) => "limit_exceeded",
            Self::Trapped(_) => "trapped",
            Self::InputTooLarge(_) => "input_too_large",
            Self::OutputTooLarge(_) => "output_too_large",
            Self::Failed(_) => "plugin_failed",
            Self::BadAnswer(_) => "bad_answer",
            Self::TurnedAway(_) => "turned_away",
            Self::Sandbox(_) => "sandbox_failed",
        }
    }
}

impl HookError {
    /// Whether the plugin is to blame. What the host could not do, and what a
    /// visitor may have caused by its size, switches nobody's plugin off.
    #[must_use]
    pub fn is_the_plugins(&self) -> bool {
        !matches!(
            self,
            Self::NotReady
                | Self::Busy
                | Self::BreakerOpen
                | Self::InputTooLarge(_)
                | Self::TurnedAway(_)
                | Self::Sandbox(_)
        )
    }
}

/// For commands that never call a plugin (`deskbell migrate`, `deskbell admin`).
pub struct NoHooks;

impl Hooks for NoHooks {}
