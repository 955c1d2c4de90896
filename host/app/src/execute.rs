//! The one door: every conversation command goes through `App::execute`, whether
//! it came by socket, REST, timer or a plugin.
//!
//! Each arm turns a command into one unit: which rows it needs, and the pure
//! function to run on them. Visibility is checked inside the unit, on the very
//! rows it changes, so there is no gap between looking and doing.

mod answer;
mod canned;
mod effects;
pub(crate) mod filter;
mod start;

use std::sync::Arc;

use deskbell_domain::agent::AgentView;
use deskbell_domain::command::TransferTo;
use deskbell_domain::conversation::bot;
use deskbell_domain::conversation::flow::{self, Seat, Target};
use deskbell_domain::conversation::talk::{self, Receipt};
use deskbell_domain::message::{Draft, MessageAck};
use deskbell_domain::{
    Actor, ActorRef, AgentId, Case, Command, Context, Conversation, ConversationId, Permission,
    Refusal, Status, TeamId, Who,
};
use deskbell_store::merged::{Dedupe, SubmitError, Submitted, Unit};

use crate::app::{App, found, require};
use crate::error::Error;

/// What a command answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// `new` is false when the send was a repeat.
    Sent {
        ack: MessageAck,
        new: bool,
    },
    Started {
        conversation: Box<Conversation>,
        new: bool,
        ack: Option<MessageAck>,
    },
    Conversation(Box<Conversation>),
    Done,
    Agent(Box<AgentView>),
    Canned {
        text: String,
        missing: Vec<String>,
        ack: Option<MessageAck>,
    },
}

/// Who needs to be loaded besides the conversation.
#[derive(Default)]
pub(crate) struct Needs {
    pub agents: Vec<AgentId>,
    pub assignee: bool,
}

type Decision = dyn Fn(&mut Case, &Context<'_>, &ActorRef) -> Result<(), Refusal> + Send + Sync;

impl App {
    pub async fn execute(&self, actor: &Actor, command: Command) -> Result<Outcome, Error> {
        command.check()?;
        self.may(actor, &command)?;
        let outcome = if self.must_be_filtered(actor, &command) {
            Box::pin(self.dispatch_filtered(actor, command)).await?
        } else {
            self.dispatch(actor, command).await?
        };
        // After the command, so that those behind it do not overtake it; and what
        // is committed stays answered, whatever becomes of this.
        if let Err(error) = self.note_activity(actor).await {
            tracing::warn!(%error, "an agent's activity was not noted");
        }
        Ok(outcome)
    }

    async fn dispatch(&self, actor: &Actor, command: Command) -> Result<Outcome, Error> {
        match command {
            Command::StartConversation(start) => self.start_conversation(actor, start).await,
            Command::SendMessage {
                conversation,
                draft,
            } => {
                let (ack, new) = self.send_message(actor, conversation, draft).await?;
                Ok(Outcome::Sent { ack, new })
            }
            Command::AnswerQuestion {
                conversation,
                client_msg_id,
                answer,
                attributes,
            } => {
                let draft = Draft {
                    client_msg_id,
                    text: String::new(),
                    private: false,
                    attributes,
                };
                self.answer_question(actor, conversation, draft, answer)
                    .await
            }
            Command::MarkDelivered { conversation, seq } => {
                self.mark(actor, conversation, Receipt::Delivered, seq)
                    .await
            }
            Command::MarkRead { conversation, seq } => {
                self.mark(actor, conversation, Receipt::Read, seq).await
            }
            Command::UseCannedResponse(used) => self.use_canned_response(actor, used).await,
            Command::ApplyEffects {
                conversation,
                event,
                depth,
                effects,
            } => {
                self.apply_effects(actor, conversation, event, depth, effects)
                    .await
            }
            Command::SetAvailability {
                agent,
                availability,
            } => {
                let agent = self.set_availability(actor, agent, availability).await?;
                Ok(Outcome::Agent(Box::new(agent.view())))
            }
            other => self.change_conversation(actor, other).await,
        }
    }

    /// What each kind of actor may ask at all; which conversation, the unit checks.
    fn may(&self, actor: &Actor, command: &Command) -> Result<(), Error> {
        let effects = matches!(command, Command::ApplyEffects { .. });
        if effects || matches!(actor.who, Who::Plugin { .. }) {
            return match actor.who {
                Who::Plugin { .. } if effects => Ok(()),
                _ => Err(Refusal::Forbidden.into()),
            };
        }
        let visitors = match command {
            Command::StartConversation(_)
            | Command::AnswerQuestion { .. }
            | Command::RequestAgent { .. }
            | Command::EndConversation { .. }
            | Command::RateConversation { .. } => {
                return match actor.who {
                    Who::Visitor { .. } => Ok(()),
                    _ => Err(Refusal::Forbidden.into()),
                };
            }
            Command::SendMessage { draft, .. } => !draft.private,
            Command::MarkDelivered { .. } | Command::MarkRead { .. } => true,
            _ => false,
        };
        match actor.who {
            Who::Visitor { .. } if visitors => Ok(()),
            _ => require(actor, Permission::Converse),
        }
    }

    /// The commands that answer the conversation as it is then.
    async fn change_conversation(&self, actor: &Actor, command: Command) -> Result<Outcome, Error> {
        let with_assignee = Needs {
            assignee: true,
            ..Needs::default()
        };
        let (id, needs, decide): (_, _, Box<Decision>) = match command {
            Command::EndConversation { conversation } => {
                (conversation, with_assignee, Box::new(flow::end))
            }
            Command::RequestAgent { conversation } => {
                (conversation, Needs::default(), Box::new(bot::request_agent))
            }
            Command::RateConversation {
                conversation,
                score,
                comment,
            } => (
                conversation,
                Needs::default(),
                Box::new(move |case, cx, by| talk::rate(case, cx, by, score, comment.clone())),
            ),
            Command::UpdateConversation {
                conversation,
                details,
            } => (
                conversation,
                Needs::default(),
                Box::new(move |case, cx, by| talk::update(case, cx, by, details.clone())),
            ),
            Command::Assign {
                conversation,
                agent,
                over_capacity,
                reason,
            } => {
                let seat = self.seat(actor, agent, over_capacity)?;
                let needs = Needs {
                    agents: vec![seat.agent],
                    assignee: true,
                };
                let decide = move |case: &mut Case, cx: &Context<'_>, by: &ActorRef| {
                    flow::assign(case, cx, by, seat, reason.clone())
                };
                (conversation, needs, Box::new(decide))
            }
            Command::Unassign {
                conversation,
                reason,
            } => (
                conversation,
                with_assignee,
                Box::new(move |case, cx, by| flow::unassign(case, cx, by, reason.clone())),
            ),
            Command::Transfer {
                conversation,
                to,
                over_capacity,
                reason,
            } => {
                let (target, agents) = self.target(actor, to, over_capacity).await?;
                let decide = move |case: &mut Case, cx: &Context<'_>, by: &ActorRef| {
                    flow::transfer(case, cx, by, target, reason.clone())
                };
                (
                    conversation,
                    Needs {
                        agents,
                        assignee: true,
                    },
                    Box::new(decide),
                )
            }
            Command::Resolve {
                conversation,
                reason,
            } => (
                conversation,
                with_assignee,
                Box::new(move |case, cx, by| flow::resolve(case, cx, by, reason.clone())),
            ),
            Command::Close {
                conversation,
                reason,
            } => (
                conversation,
                with_assignee,
                Box::new(move |case, cx, by| flow::close(case, cx, by, reason.clone())),
            ),
            Command::Reopen {
                conversation,
                reason,
            } => (
                conversation,
                with_assignee,
                Box::new(move |case, cx, by| flow::reopen(case, cx, by, reason.clone())),
            ),
            other => return Err(Error::Internal(format!("no unit for {other:?}"))),
        };
        let conversation = self.unit(actor, id, needs, decide).await?;
        Ok(Outcome::Conversation(Box::new(conversation)))
    }

    fn seat(
        &self,
        actor: &Actor,
        agent: Option<AgentId>,
        over_capacity: bool,
    ) -> Result<Seat, Error> {
        if over_capacity {
            require(actor, Permission::Supervise)?;
        }
        let agent = found(agent.or(actor.agent_id()), "agent")?;
        Ok(Seat {
            agent,
            over_capacity,
        })
    }

    async fn target(
        &self,
        actor: &Actor,
        to: TransferTo,
        over_capacity: bool,
    ) -> Result<(Target, Vec<AgentId>), Error> {
        match to {
            TransferTo::Agent(agent) => {
                let seat = self.seat(actor, Some(agent), over_capacity)?;
                Ok((Target::Agent(seat), vec![agent]))
            }
            TransferTo::Team(team) => {
                self.team_exists(actor, team).await?;
                Ok((Target::Team(team), vec![]))
            }
        }
    }

    pub(crate) async fn team_exists(&self, actor: &Actor, team: TeamId) -> Result<(), Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.team(team).await?, "team").map(|_| ())
    }

    async fn mark(
        &self,
        actor: &Actor,
        id: ConversationId,
        receipt: Receipt,
        seq: i64,
    ) -> Result<Outcome, Error> {
        let decide = move |case: &mut Case, cx: &Context<'_>, by: &ActorRef| {
            talk::mark(case, cx, by, receipt, seq)
        };
        self.unit(actor, id, Needs::default(), Box::new(decide))
            .await?;
        Ok(Outcome::Done)
    }

    /// One unit on a conversation this actor can see; answers it as it is then.
    pub(crate) async fn unit(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        needs: Needs,
        decide: Box<Decision>,
    ) -> Result<Conversation, Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let (near, who) = (self.surroundings(&tenant), actor.clone());
        let unit = Unit {
            tenant: actor.tenant,
            conversation,
            agents: needs.agents,
            with_assignee: needs.assignee,
            with_bot: false,
            dedupe: None,
            timer: None,
            lease: None,
            decide: Arc::new(move |case: &mut Case| {
                check_visible(&who, &case.conversation)?;
                decide(case, &near.cx(), &who.to_ref())?;
                Ok(case.conversation.clone())
            }),
        };
        match self.store.submit(unit).await.map_err(submit_error)? {
            Submitted::Done(conversation) => {
                self.ring();
                Ok(conversation)
            }
            Submitted::Duplicate(_) | Submitted::TimerGone => Err(Error::Internal(
                "a plain unit answered as a repeat".to_owned(),
            )),
        }
    }

    /// Sends; a repeat of the sender's key answers the first ack, with `false`.
    pub(crate) async fn send_message(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        draft: Draft,
    ) -> Result<(MessageAck, bool), Error> {
        // Only a message into a resolved conversation needs its last assignee's
        // row; the usual one is spared the statement.
        for with_assignee in [false, true] {
            let unit = self
                .send_unit(actor, conversation, &draft, with_assignee)
                .await?;
            match self.store.submit(unit).await.map_err(submit_error)? {
                Submitted::Done(Some(ack)) => {
                    self.ring();
                    return Ok((ack, true));
                }
                Submitted::Done(None) => {}
                Submitted::Duplicate(ack) if ack.conversation_id != conversation => {
                    return Err(Refusal::ClientMsgIdReused(ack.message_id).into());
                }
                Submitted::Duplicate(ack) => return Ok((ack, false)),
                Submitted::TimerGone => break,
            }
        }
        Err(Error::Internal(
            "a send found no way to be decided".to_owned(),
        ))
    }

    async fn send_unit(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        draft: &Draft,
        with_assignee: bool,
    ) -> Result<Unit<Option<MessageAck>>, Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let (near, who, draft) = (self.surroundings(&tenant), actor.clone(), draft.clone());
        let by = actor.to_ref();
        let dedupe = Dedupe {
            sender_kind: by.kind,
            sender_id: sender_uuid(actor)?,
            client_msg_id: draft.client_msg_id.clone(),
        };
        Ok(Unit {
            tenant: actor.tenant,
            conversation,
            agents: vec![],
            with_assignee,
            with_bot: false,
            dedupe: Some(dedupe),
            timer: None,
            lease: None,
            decide: Arc::new(move |case: &mut Case| {
                check_visible(&who, &case.conversation)?;
                let wakes = case.conversation.status == Status::Resolved && !draft.private;
                if wakes && !with_assignee && case.conversation.assignee.is_some() {
                    return Ok(None);
                }
                talk::send(case, &near.cx(), &by, draft.clone()).map(Some)
            }),
        })
    }
}

/// Another visitor's conversation, and one of teams that are not the agent's, is
/// as good as not there.
pub(crate) fn check_visible(actor: &Actor, c: &Conversation) -> Result<(), Refusal> {
    if sees(actor, c) {
        Ok(())
    } else {
        Err(Refusal::NotFound("conversation"))
    }
}

pub(crate) fn sees(actor: &Actor, c: &Conversation) -> bool {
    match &actor.who {
        Who::System | Who::Plugin { .. } => true,
        Who::Visitor { contact, .. } => *contact == c.contact.id,
        Who::Agent {
            id, role, teams, ..
        } => {
            role.sees_all()
                || c.team_id.is_none_or(|team| teams.contains(&team))
                || c.assignee.as_ref().is_some_and(|agent| agent.id == *id)
        }
    }
}

pub(crate) fn submit_error(error: SubmitError) -> Error {
    match error {
        SubmitError::Refused(refusal) => refusal.into(),
        SubmitError::NotFound => Refusal::NotFound("conversation").into(),
        SubmitError::Store(error) => error.into(),
    }
}

pub(crate) fn sender_uuid(actor: &Actor) -> Result<uuid::Uuid, Error> {
    match &actor.who {
        Who::Agent { id, .. } => Ok(id.0),
        Who::Visitor { id, .. } => Ok(id.0),
        Who::Plugin { id, .. } => Ok(id.0),
        Who::System => Err(Error::Internal(
            "the system sends no messages yet".to_owned(),
        )),
    }
}
