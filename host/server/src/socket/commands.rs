//! The commands of one socket: done in order, and yet together where that helps.
//!
//! Sends and receipts are started at once, up to a limit, so that the store can
//! merge them into one commit. They are polled in the order they came, and the
//! app hands each to the store before it first waits, so messages of one socket
//! keep their order. Any other command waits for all before it and holds up all
//! behind it. Answers leave in the order of the commands.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::ws::Utf8Bytes;
use deskbell_app::{Plane, SignalName};
use deskbell_domain::{Actor, Command};
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, StreamExt as _};
use tokio::task::coop;

use super::frame::{self, SignalFrame};
use crate::problem::Problem;
use crate::request_id;
use crate::state::AppState;
use crate::wire;

/// Commands taken from one socket before the first is answered.
const AT_ONCE: usize = 64;

/// An answer to write, if there is one.
type Answer = Option<Utf8Bytes>;

enum Job {
    Command { id: String, command: Command },
    Signal(SignalFrame),
}

impl Job {
    fn runs_beside_others(&self) -> bool {
        match self {
            Self::Signal(_) => true,
            Self::Command { command, .. } => matches!(
                command,
                Command::SendMessage { .. }
                    | Command::AnswerQuestion { .. }
                    | Command::MarkDelivered { .. }
                    | Command::MarkRead { .. }
            ),
        }
    }
}

pub(super) struct Commands<'a> {
    state: &'a AppState,
    plane: Plane,
    running: FuturesOrdered<BoxFuture<'static, Answer>>,
    /// What runs is one command that wants to be alone.
    alone: bool,
    waiting: VecDeque<(Arc<Actor>, Job)>,
}

impl<'a> Commands<'a> {
    pub(super) fn new(state: &'a AppState, plane: Plane) -> Self {
        Self {
            state,
            plane,
            running: FuturesOrdered::new(),
            alone: false,
            waiting: VecDeque::new(),
        }
    }

    /// Whether another frame may be read.
    pub(super) fn has_room(&self) -> bool {
        self.running.len() + self.waiting.len() < AT_ONCE
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty() && self.waiting.is_empty()
    }

    pub(super) fn command(&mut self, actor: Arc<Actor>, id: String, command: Command) {
        self.waiting
            .push_back((actor, Job::Command { id, command }));
        self.start();
    }

    pub(super) fn signal(&mut self, actor: Arc<Actor>, signal: SignalFrame) {
        self.waiting.push_back((actor, Job::Signal(signal)));
        self.start();
    }

    /// The next answer, in order. Pending for ever while there is nothing to do.
    pub(super) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        match self.running.poll_next_unpin(cx) {
            Poll::Ready(Some(answer)) => {
                self.start();
                Poll::Ready(answer)
            }
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn start(&mut self) {
        if self.running.is_empty() {
            self.alone = false;
        }
        while let Some((_, job)) = self.waiting.front() {
            let beside = job.runs_beside_others();
            if self.alone || !(beside || self.running.is_empty()) {
                return;
            }
            if let Some((actor, job)) = self.waiting.pop_front() {
                self.alone = !beside;
                let work = run(self.state.clone(), self.plane, actor, job);
                // Out of budget, the runtime would wake the futures of a burst in
                // reverse. The socket's own reads and writes still yield.
                self.running.push_back(Box::pin(coop::unconstrained(work)));
            }
        }
    }
}

async fn run(state: AppState, plane: Plane, actor: Arc<Actor>, job: Job) -> Answer {
    let id = request_id::text(state.app.ids.uuid());
    request_id::within(id, async {
        match job {
            Job::Command { id, command } => {
                Some(match execute(&state, plane, &actor, command).await {
                    Ok(result) => frame::ack(&id, result),
                    Err(problem) => frame::error(Some(&id), &problem),
                })
            }
            Job::Signal(signal) => {
                let passed = pass_on(&state, &actor, signal).await;
                passed.err().map(|problem| frame::error(None, &problem))
            }
        }
    })
    .await
}

async fn execute(
    state: &AppState,
    plane: Plane,
    actor: &Actor,
    command: Command,
) -> Result<serde_json::Value, Problem> {
    let outcome = state.app.execute(actor, command).await?;
    wire::command::result(outcome, plane)
}

/// The only signal clients send is `typing`; the others are the server's.
async fn pass_on(state: &AppState, actor: &Actor, signal: SignalFrame) -> Result<(), Problem> {
    #[derive(serde::Deserialize, serde::Serialize)]
    #[serde(deny_unknown_fields)]
    struct Typing {
        on: bool,
    }
    if signal.name != SignalName::Typing.as_str() {
        let detail = "Clients send the signal `typing` and no other.";
        return Err(Problem::field("/name", "unknown_signal", detail));
    }
    let Typing { on } = crate::extract::strict::typed_at("/data", signal.data)?;
    let data = serde_json::json!({ "on": on });
    let conversation = signal.conversation_id;
    Ok(state
        .app
        .signal(actor, SignalName::Typing, conversation, data)
        .await?)
}
