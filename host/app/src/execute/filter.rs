//! Filters: whatever a person typed goes past the tenant's plugins before anything
//! of it is stored, logged or told.
//!
//! The one place where they are asked: `execute` comes here after limits and
//! permission, and a filled saved reply before it is sent. Each filter sees what
//! the one before made of it. Which texts a command has is in `filter/texts.rs`,
//! whose turn it is in `filter/turns.rs`, and what waits for a filter in
//! `filter/held.rs`. A tenant without filters pays one look
//! into memory.

mod held;
mod texts;
mod turns;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use deskbell_domain::message::{Draft, MessageAck};
use deskbell_domain::plugin::{Hook, OnFailure};
use deskbell_domain::text::{Check, FILTER_MARK};
use deskbell_domain::{Actor, Case, Command, ConversationId, Refusal, Who};
use deskbell_store::merged::{Dedupe, Submitted, Unit};
use futures_util::future::poll_fn;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::Error;
use crate::execute::{Outcome, check_visible, sender_uuid, submit_error};
use crate::hooks::{FilterDecision, FilterRequest, FilterVerdict, HookError};
use crate::plugins::{Filters, Installed};

pub(crate) use turns::Turns;

/// How long a message waits for a node that is just starting and has not loaded
/// its plugins. After that it is a failure like any other.
const START_UP: Duration = Duration::from_secs(2);

/// For a rejection without words.
const NOT_TAKEN: &str = "This message is not taken here.";

/// What the filters left of a command.
enum Filtered {
    Pass(Command),
    Refused(Command, Refusal),
}

/// What one filter's usable answer comes to.
enum Effect {
    None,
    Mark(Map<String, Value>),
    Rewritten(Box<Command>, Map<String, Value>),
    Hold(String),
    Reject(String),
}

/// What becomes of a draft after the filters.
pub(super) enum Sending {
    Now(Draft),
    /// It was sent before: the first answer.
    Before(MessageAck),
}

impl App {
    /// Whether somebody must look at this command first. No wait, no allocation
    /// where nobody filters.
    pub(super) fn must_be_filtered(&self, actor: &Actor, command: &Command) -> bool {
        (!self.plugins_known() || self.filters(actor.tenant).is_some()) && texts::any(command)
    }

    /// Past the filters, then on as ever. A sender's messages keep their order:
    /// one is looked at after the other, and the next is let in when this one is
    /// with the writer.
    pub(super) async fn dispatch_filtered(
        &self,
        actor: &Actor,
        command: Command,
    ) -> Result<Outcome, Error> {
        let turn = match command {
            Command::SendMessage { .. } | Command::AnswerQuestion { .. } => {
                Some(self.turns.take(actor).await)
            }
            _ => None,
        };
        match self.past_filters(actor, command).await? {
            Filtered::Pass(command) => {
                let mut done = pin!(self.dispatch(actor, command));
                // As far as it comes without waiting, which is to the writer.
                let first = poll_fn(|cx| Poll::Ready(done.as_mut().poll(cx))).await;
                drop(turn);
                match first {
                    Poll::Ready(done) => done,
                    Poll::Pending => done.await,
                }
            }
            Filtered::Refused(command, refusal) => self.refused(actor, command, refusal).await,
        }
    }

    /// For what becomes a message inside a command: a filled saved reply.
    pub(super) async fn filter_draft(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        draft: Draft,
    ) -> Result<Sending, Error> {
        let command = Command::SendMessage {
            conversation,
            draft,
        };
        if !self.must_be_filtered(actor, &command) {
            return draft_of(command).map(Sending::Now);
        }
        match self.past_filters(actor, command).await? {
            Filtered::Pass(command) => draft_of(command).map(Sending::Now),
            Filtered::Refused(command, refusal) => {
                match self.refused(actor, command, refusal).await? {
                    Outcome::Sent { ack, .. } => Ok(Sending::Before(ack)),
                    other => Err(Error::Internal(format!("a draft became {other:?}"))),
                }
            }
        }
    }

    async fn past_filters(&self, actor: &Actor, mut command: Command) -> Result<Filtered, Error> {
        let mut marks = Map::new();
        for one in self.filters_now(actor).await?.iter() {
            let said = self.ask_filter(one, actor, &mut command).await;
            let answered = said.is_ok();
            let answer = said.and_then(|decision| judge(&command, decision));
            match answer {
                Ok(Effect::None) => {}
                Ok(Effect::Mark(mark)) => {
                    marks.insert(one.key.clone(), mark.into());
                }
                Ok(Effect::Rewritten(next, mark)) => {
                    command = *next;
                    marks.insert(one.key.clone(), mark.into());
                }
                Ok(Effect::Hold(why)) => {
                    tracing::debug!(installation = %one.id, why, "a filter holds a message");
                    return Ok(not_yet(actor, command));
                }
                Ok(Effect::Reject(why)) => {
                    return Ok(Filtered::Refused(command, Refusal::Rejected(why)));
                }
                Err(error) => {
                    let about = texts::conversation(&command);
                    let (tenant, hook) = (actor.tenant, Hook::Filter);
                    if answered {
                        self.note_bad_answer(tenant, one.id, hook, &error, about);
                    } else {
                        self.note_plugin_failure(tenant, one.id, hook, &error, about);
                    }
                    if one.on_failure == OnFailure::Hold {
                        return Ok(not_yet(actor, command));
                    }
                    marks.insert(one.key.clone(), json!({ "unfiltered": error.code() }));
                }
            }
        }
        if let (false, Some(attributes)) = (marks.is_empty(), texts::message(&mut command)) {
            attributes.insert(FILTER_MARK.to_owned(), marks.into());
        }
        Ok(Filtered::Pass(command))
    }

    /// A node that has just started may not have read yet who filters.
    async fn filters_now(&self, actor: &Actor) -> Result<Filters, Error> {
        if !self.plugins_known() {
            self.refresh_plugins(actor.tenant).await?;
        }
        Ok(self.filters(actor.tenant).unwrap_or_default())
    }

    async fn ask_filter(
        &self,
        one: &Arc<Installed>,
        actor: &Actor,
        command: &mut Command,
    ) -> Result<FilterDecision, HookError> {
        let request = FilterRequest {
            direction: texts::direction(command, actor),
            sender: actor.to_ref().kind,
            conversation: texts::conversation(command),
            inbox: match &actor.who {
                Who::Visitor { inbox, .. } => Some(*inbox),
                _ => None,
            },
            fields: texts::fields(command),
        };
        if !self.hooks.is_ready(one.digest) {
            let preparing = self.prepare_plugins(Some(actor.tenant));
            match tokio::time::timeout(START_UP, preparing).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "a filter could not be prepared"),
                Err(_) => tracing::warn!("a filter is still being prepared"),
            }
        }
        self.hooks
            .filter(one.call(self, Hook::Filter), request)
            .await
    }

    /// The refusal, unless this very message was taken before: a repeat answers
    /// the first acknowledgement, whatever filters say by now.
    async fn refused(
        &self,
        actor: &Actor,
        command: Command,
        refusal: Refusal,
    ) -> Result<Outcome, Error> {
        match command {
            Command::SendMessage {
                conversation,
                draft,
            } => {
                let ack = match refusal {
                    Refusal::MessageHeld => self.hold(actor, conversation, draft).await?,
                    refusal => self.sent_or(actor, conversation, draft, refusal).await?,
                };
                Ok(Outcome::Sent { ack, new: false })
            }
            Command::AnswerQuestion {
                conversation,
                client_msg_id,
                attributes,
                ..
            } => {
                let draft = Draft {
                    client_msg_id,
                    text: String::new(),
                    private: false,
                    attributes,
                };
                let ack = self.sent_or(actor, conversation, draft, refusal).await?;
                Ok(Outcome::Sent { ack, new: false })
            }
            Command::StartConversation(start) => {
                let Some(draft) = start.message else {
                    return Err(refusal.into());
                };
                let kind = actor.to_ref().kind;
                let tx = self.store.snapshot(actor.tenant).await?;
                let before = tx.sent_before(kind, sender_uuid(actor)?, &draft.client_msg_id);
                let before = before.await?;
                drop(tx);
                let ack = before.ok_or(refusal)?;
                let conversation = self
                    .visible_conversation(actor, ack.conversation_id)
                    .await?;
                Ok(Outcome::Started {
                    conversation: Box::new(conversation),
                    new: false,
                    ack: Some(ack),
                })
            }
            _ => Err(refusal.into()),
        }
    }

    /// Decided where sends are, so that a repeat meets the first one even while
    /// that one is being written.
    async fn sent_or(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        draft: Draft,
        refusal: Refusal,
    ) -> Result<MessageAck, Error> {
        let who = actor.clone();
        let unit = Unit::<()> {
            tenant: actor.tenant,
            conversation,
            agents: vec![],
            with_assignee: false,
            with_bot: false,
            dedupe: Some(Dedupe {
                sender_kind: actor.to_ref().kind,
                sender_id: sender_uuid(actor)?,
                client_msg_id: draft.client_msg_id,
            }),
            timer: None,
            lease: None,
            decide: Arc::new(move |case: &mut Case| {
                check_visible(&who, &case.conversation)?;
                Err(refusal.clone())
            }),
        };
        match self.store.submit(unit).await.map_err(submit_error)? {
            Submitted::Duplicate(ack) if ack.conversation_id == conversation => Ok(ack),
            Submitted::Duplicate(ack) => Err(Refusal::ClientMsgIdReused(ack.message_id).into()),
            Submitted::Done(()) | Submitted::TimerGone => {
                Err(Error::Internal("a refusal was done".to_owned()))
            }
        }
    }
}

/// A message waits; anything else its sender has to say again.
fn not_yet(actor: &Actor, command: Command) -> Filtered {
    let refusal = match held::can_be_held(actor, &command) {
        true => Refusal::MessageHeld,
        false => Refusal::FilterUnavailable,
    };
    Filtered::Refused(command, refusal)
}

fn draft_of(command: Command) -> Result<Draft, Error> {
    match command {
        Command::SendMessage { draft, .. } => Ok(draft),
        other => Err(Error::Internal(format!("a draft became {other:?}"))),
    }
}

/// What an answer comes to, if it is one that can be followed. A rewritten command
/// keeps to the limits of what people type, like any other.
fn judge(command: &Command, decision: FilterDecision) -> Result<Effect, HookError> {
    let mut mark = Map::new();
    if let Some(reason) = decision.reason {
        mark.insert("reason".to_owned(), reason.into());
    }
    match decision.verdict {
        FilterVerdict::Allow => Ok(Effect::None),
        FilterVerdict::Annotate(said) => {
            let mut check = Check::new();
            check.attributes("", &said);
            check
                .done()
                .map_err(|refusal| unfit("an annotation", &refusal))?;
            mark.extend(said);
            Ok(Effect::Mark(mark))
        }
        FilterVerdict::Rewrite(fields) => {
            let mut next = command.clone();
            let written = texts::write(&mut next, fields).map_err(|texts::NotShown| {
                HookError::BadAnswer("it rewrote a field that it was not shown".to_owned())
            })?;
            next.check().map_err(|refusal| unfit("a text", &refusal))?;
            if written.is_empty() {
                return Ok(Effect::None);
            }
            mark.insert("rewritten".to_owned(), written.into());
            Ok(Effect::Rewritten(Box::new(next), mark))
        }
        FilterVerdict::Hold(why) => Ok(Effect::Hold(why)),
        FilterVerdict::Reject(why) if why.is_empty() => Ok(Effect::Reject(NOT_TAKEN.to_owned())),
        FilterVerdict::Reject(why) => Ok(Effect::Reject(why)),
    }
}

/// Says which rule was broken and where, and nothing of the text.
fn unfit(what: &str, refusal: &Refusal) -> HookError {
    let where_and_why = match refusal {
        Refusal::Invalid(wrong) => wrong.first().map(|it| (it.pointer.as_str(), it.code)),
        _ => None,
    };
    let (at, code) = where_and_why.unwrap_or_default();
    HookError::BadAnswer(format!("{what} cannot be taken: {at} is `{code}`"))
}
