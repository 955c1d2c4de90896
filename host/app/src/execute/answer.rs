//! A visitor answers a bot's question, by a button or a form.
//!
//! What may be answered is in the question itself, so the answer is checked against
//! that message, and put into words. A question is open while it is the bot's last
//! message and the bot still has the conversation; the latter is checked again in
//! the unit.

use std::sync::Arc;

use deskbell_domain::actor::ActorKind;
use deskbell_domain::bot::Answer;
use deskbell_domain::message::Draft;
use deskbell_domain::{Actor, Case, ConversationId, Message, Refusal, Status};
use deskbell_store::Tx;
use deskbell_store::merged::{Dedupe, Submitted, Unit};
use deskbell_store::message::MessageRange;

use crate::app::{App, found};
use crate::error::Error;
use crate::execute::{Outcome, check_visible, sender_uuid, submit_error};

/// The last bot message is among so many, or nobody can answer it any more.
const RECENT: u64 = 64;

impl App {
    pub(super) async fn answer_question(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        mut draft: Draft,
        answer: Answer,
    ) -> Result<Outcome, Error> {
        let (by, sender) = (actor.to_ref(), sender_uuid(actor)?);
        self.visible_conversation(actor, conversation).await?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let before = tx
            .sent_before(by.kind, sender, &draft.client_msg_id)
            .await?;
        if let Some(ack) = before {
            if ack.conversation_id != conversation {
                return Err(Refusal::ClientMsgIdReused(ack.message_id).into());
            }
            return Ok(Outcome::Sent { ack, new: false });
        }
        let asked = asked(&tx, conversation, &answer).await?;
        drop(tx);
        let question = asked.question().ok_or(Refusal::NotAsked)?;
        draft.text = answer.text(&question)?;
        draft
            .attributes
            .insert("answer".to_owned(), answer.attribute());
        let near = self.surroundings(&self.tenant(actor.tenant).await?);
        let (who, key) = (actor.clone(), draft.client_msg_id.clone());
        let unit = Unit {
            tenant: actor.tenant,
            conversation,
            agents: vec![],
            with_assignee: false,
            with_bot: false,
            dedupe: Some(Dedupe {
                sender_kind: by.kind,
                sender_id: sender,
                client_msg_id: key,
            }),
            timer: None,
            lease: None,
            decide: Arc::new(move |case: &mut Case| {
                check_visible(&who, &case.conversation)?;
                if case.conversation.status != Status::Bot {
                    return Err(Refusal::NotAsked);
                }
                deskbell_domain::conversation::talk::send(case, &near.cx(), &by, draft.clone())
            }),
        };
        match self.store.submit(unit).await.map_err(submit_error)? {
            Submitted::Done(ack) => {
                self.ring();
                Ok(Outcome::Sent { ack, new: true })
            }
            Submitted::Duplicate(ack) => Ok(Outcome::Sent { ack, new: false }),
            Submitted::TimerGone => Err(Error::Internal("an answer has no timer".to_owned())),
        }
    }
}

/// The question, if it is the bot's last word and has no answer yet.
async fn asked(tx: &Tx, conversation: ConversationId, answer: &Answer) -> Result<Message, Error> {
    let unknown = || {
        let detail = "There is no such question.";
        Refusal::field("/answer/message_id", "unknown", detail)
    };
    let message = tx.message(answer.message_id).await?;
    let ours = |message: &Message| {
        message.conversation_id == conversation && message.sender.kind == ActorKind::Bot
    };
    let message = message.filter(|it| ours(it) && !it.private);
    let message = message.ok_or_else(unknown)?;
    let status = found(tx.conversation(conversation).await?, "conversation")?.status;
    let since = MessageRange {
        after_seq: Some(message.seq),
        limit: RECENT,
        ..MessageRange::default()
    };
    let later = tx.messages(conversation, since).await?;
    let over = later.iter().any(|it| {
        let answered = it
            .attributes
            .get("answer")
            .and_then(|a| a.get("message_id"));
        let to_it = answered.is_some_and(|id| *id == message.id.to_string());
        to_it || it.sender.kind == ActorKind::Bot
    });
    if status != Status::Bot || over {
        return Err(Refusal::NotAsked.into());
    }
    Ok(message)
}
