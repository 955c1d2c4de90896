//! The hot path: conversation commands that share their statements.
//!
//! Every conversation command has one shape (`domain/case.rs`): load a
//! conversation, decide, write. Units that gathered while the last commit synced
//! are run together: one statement loads all their conversations, the decisions
//! run in order in memory (each sees what the ones before it did), one statement
//! per table writes the result. So the number of statements does not grow with
//! the number of units. `merged/load.rs` reads, `merged/working.rs` decides,
//! `merged/write.rs` writes.

mod load;
mod working;
mod write;

use std::sync::Arc;

use deskbell_domain::actor::ActorKind;
use deskbell_domain::timer::TimerKey;
use deskbell_domain::{AgentId, Case, ConversationId, MessageAck, Refusal, TenantId, Timestamp};
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::StoreError;
use crate::feed::{self, NewEvent};
use crate::lease::Lease;
use crate::link::Link;
use crate::open::Store;
use crate::timers::DueTimer;
use crate::together;

pub type Decide<T> = Arc<dyn Fn(&mut Case) -> Result<T, Refusal> + Send + Sync>;

/// One conversation command.
pub struct Unit<T> {
    pub tenant: TenantId,
    pub conversation: ConversationId,
    /// Agents the decision needs besides the assignee. Missing ones are left out
    /// of the case.
    pub agents: Vec<AgentId>,
    /// The current assignee's row is needed, and held.
    pub with_assignee: bool,
    /// The bot's row is needed.
    pub with_bot: bool,
    pub dedupe: Option<Dedupe>,
    /// Taken in this transaction, unless it was moved past the time it was seen
    /// due at. Taken whatever the decision says: a refusal means that the deadline
    /// no longer applies.
    pub timer: Option<(TimerKey, Timestamp)>,
    /// The lease and epoch that must still be current.
    pub lease: Option<(&'static str, i64)>,
    /// Pure; may be run again. What it changed counts only if it answers `Ok`.
    pub decide: Decide<T>,
}

/// The key under which a repeated send finds the first one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Dedupe {
    pub sender_kind: ActorKind,
    pub sender_id: Uuid,
    pub client_msg_id: String,
}

/// What came of a unit that was not refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted<T> {
    Done(T),
    /// Sent before: the first answer. Nothing was decided.
    Duplicate(MessageAck),
    /// Somebody else executed the timer, or it was moved. Nothing was decided.
    TimerGone,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    #[error(transparent)]
    Refused(Refusal),
    #[error("there is no such conversation")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Runs a unit, together with others. Not cancelled when the caller goes.
    pub async fn submit<T: Send + 'static>(
        &self,
        unit: Unit<T>,
    ) -> Result<Submitted<T>, SubmitError> {
        let (reply, answer) = oneshot::channel();
        let wants = Wants {
            tenant: unit.tenant,
            conversation: unit.conversation,
            agents: unit.agents,
            with_assignee: unit.with_assignee,
            with_bot: unit.with_bot,
            dedupe: unit.dedupe,
            timer: unit.timer.map(|(key, due_at)| DueTimer {
                tenant: unit.tenant,
                key,
                due_at,
            }),
            lease: unit.lease.map(|(name, epoch)| Lease {
                name: name.to_owned(),
                epoch,
            }),
        };
        let waiting = Waiting {
            wants,
            decide: unit.decide,
            outcome: None,
            reply: Some(reply),
        };
        self.inner.writer.merged(Box::new(waiting)).await?;
        answer
            .await
            .unwrap_or_else(|_| Err(StoreError::closed().into()))
    }
}

/// What a unit needs to be loaded.
pub(crate) struct Wants {
    pub(crate) tenant: TenantId,
    pub(crate) conversation: ConversationId,
    pub(crate) agents: Vec<AgentId>,
    pub(crate) with_assignee: bool,
    pub(crate) with_bot: bool,
    pub(crate) dedupe: Option<Dedupe>,
    pub(crate) timer: Option<DueTimer>,
    pub(crate) lease: Option<Lease>,
}

/// Why a unit was not even decided.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Undecided {
    Duplicate(MessageAck),
    TimerGone,
    NotFound,
    LeaseLost,
}

/// A unit with its caller, whatever it answers. Can be run again: what an earlier
/// run left in it is overwritten.
pub(crate) trait Pending: Send {
    fn wants(&self) -> &Wants;
    /// True: write what became of the case.
    fn decide(&mut self, case: &mut Case) -> bool;
    fn settle(&mut self, why: Undecided);
    fn answer(&mut self, verdict: Result<(), StoreError>);
}

type Answer<T> = Result<Submitted<T>, SubmitError>;

struct Waiting<T> {
    wants: Wants,
    decide: Decide<T>,
    outcome: Option<Answer<T>>,
    reply: Option<oneshot::Sender<Answer<T>>>,
}

impl<T: Send> Pending for Waiting<T> {
    fn wants(&self) -> &Wants {
        &self.wants
    }

    fn decide(&mut self, case: &mut Case) -> bool {
        let decided = (self.decide)(case);
        let keep = decided.is_ok();
        self.outcome = Some(decided.map(Submitted::Done).map_err(SubmitError::Refused));
        keep
    }

    fn settle(&mut self, why: Undecided) {
        self.outcome = Some(match why {
            Undecided::Duplicate(ack) => Ok(Submitted::Duplicate(ack)),
            Undecided::TimerGone => Ok(Submitted::TimerGone),
            Undecided::NotFound => Err(SubmitError::NotFound),
            Undecided::LeaseLost => Err(SubmitError::Refused(Refusal::LeaseLost)),
        });
    }

    fn answer(&mut self, verdict: Result<(), StoreError>) {
        let Some(reply) = self.reply.take() else {
            return;
        };
        let outcome = match verdict {
            Err(error) => Err(error.into()),
            Ok(()) => self.outcome.take().unwrap_or_else(|| {
                Err(StoreError::Refused("the unit was not run".to_owned()).into())
            }),
        };
        // Nobody listening any more is no reason to undo it.
        let _ = reply.send(outcome);
    }
}

/// What a batch leaves for the feed.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<NewEvent>,
    /// They are written, and this is the position of the last, where the engine
    /// tells.
    pub(crate) written: Option<Option<i64>>,
}

/// Runs units in the given transaction: one statement loads, one writes. The
/// events are part of it if the batch is `whole`; else they are still to be
/// written, last. After an error nothing of the transaction may be kept.
pub(crate) async fn run(
    link: &Link,
    units: &mut [Box<dyn Pending>],
    whole: bool,
) -> Result<Told, StoreError> {
    if units.is_empty() {
        return Ok(Told::default());
    }
    let wants: Vec<&Wants> = units.iter().map(|unit| unit.wants()).collect();
    let mut working = load::load(link, &wants).await?;
    working.decide(units);
    let mut pieces = write::writing(link.engine, &working)?;
    let events = working.events.into_iter().map(NewEvent::of);
    let events: Vec<NewEvent> = events.collect::<Result<_, _>>()?;
    if whole {
        pieces.extend(feed::appending(link.engine, &events));
    }
    let done = together::run(link, pieces).await?;
    let written = whole.then(|| feed::end(link.engine, done).filter(|_| !events.is_empty()));
    Ok(Told { events, written })
}
