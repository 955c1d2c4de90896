//! Held messages: what no filter could look at waits, sealed, without a number and
//! without an event, and is shown again later.
//!
//! A timer for each conversation tries them in the order they came, at first after
//! ten seconds, then after twice as long each time. What a filter lets through is
//! sent as it would have been; the sender's own key keeps it from being sent twice.
//! After a day it is given up, and the sender hears so. On disk the words are
//! sealed, bound to their row: under the server's sealing key, and where it has
//! none, under a secret of the installation.

use std::sync::Arc;

use aws_lc_rs::hmac;
use deskbell_domain::event::Changes;
use deskbell_domain::message::{Draft, MessageAck};
use deskbell_domain::time::{DAY, MINUTE, Millis, SECOND};
use deskbell_domain::timer::{TimerKey, TimerKind};
use deskbell_domain::{
    Actor, ActorRef, Audience, Command, ConversationId, EventBody, Refusal, Status, TenantId, Who,
};
use deskbell_store::held::HeldMessage;
use deskbell_store::timers::DueTimer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::{App, found};
use crate::error::Error;
use crate::execute::filter::Filtered;
use crate::execute::{check_visible, sender_uuid};
use crate::sealing::SealingKey;

const SECRET: &str = "held_messages";
const FIRST: Millis = 10 * SECOND;
const LONGEST: Millis = 15 * MINUTE;
const GIVEN_UP: Millis = DAY;
/// In one conversation. Beyond that nothing is taken.
const MOST: usize = 200;

/// Everything of a message but its number.
#[derive(Serialize, Deserialize)]
struct Words {
    who: Who,
    client_msg_id: String,
    text: String,
    private: bool,
    attributes: Map<String, Value>,
}

/// Whether this could be held: a message of a person.
pub(super) fn can_be_held(actor: &Actor, command: &Command) -> bool {
    matches!(command, Command::SendMessage { .. })
        && matches!(actor.who, Who::Agent { .. } | Who::Visitor { .. })
}

impl Words {
    fn of(actor: &Actor, draft: Draft) -> Self {
        Self {
            who: actor.who.clone(),
            client_msg_id: draft.client_msg_id,
            text: draft.text,
            private: draft.private,
            attributes: draft.attributes,
        }
    }

    fn again(self, tenant: TenantId) -> (Actor, Draft) {
        let who = self.who;
        let draft = Draft {
            client_msg_id: self.client_msg_id,
            text: self.text,
            private: self.private,
            attributes: self.attributes,
        };
        (Actor { tenant, who }, draft)
    }
}

/// What came of one held message.
enum Tried {
    /// It is a message now, or never will be: the row goes.
    Done,
    Failed(&'static str, ActorRef),
    NotYet,
}

impl App {
    /// Holds it, or answers the acknowledgement it got before.
    pub(super) async fn hold(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        draft: Draft,
    ) -> Result<MessageAck, Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let now = self.surroundings(&tenant).now;
        let (sender_kind, sender_id) = (actor.to_ref().kind, sender_uuid(actor)?);
        let client_msg_id = draft.client_msg_id.clone();
        let words = Words::of(actor, draft);
        let id = self.ids.uuid();
        let place = place(actor.tenant, conversation, id);
        let plain = serde_json::to_vec(&words).map_err(|e| Error::Internal(e.to_string()))?;
        let keys = self.held_keys(actor.tenant).await?;
        let key = keys.first().ok_or_else(unsealed)?;
        let held = HeldMessage {
            id,
            conversation,
            sender_kind,
            sender_id,
            client_msg_id,
            sealed: key.seal(&place, &plain).map_err(|_| unsealed())?,
            tries: 0,
            created_at: now,
        };
        let (who, due) = (actor.clone(), now.plus(FIRST));
        let before = self.store.write(actor.tenant, move |tx| {
            let (who, held) = (who.clone(), held.clone());
            Box::pin(async move {
                let key = &held.client_msg_id;
                let before = tx.sent_before(sender_kind, sender_id, key).await?;
                if before.is_some() {
                    return Ok(before);
                }
                let there = found(tx.conversation(conversation).await?, "conversation")?;
                check_visible(&who, &there)?;
                if there.status == Status::Closed {
                    return Err(Refusal::Closed.into());
                }
                if tx.held_messages(conversation).await?.len() >= MOST {
                    return Err(Refusal::FilterUnavailable.into());
                }
                if tx.hold_message(&held).await? {
                    tx.set_timer(TimerKey::conversation(TimerKind::Held, conversation), due)
                        .await?;
                }
                Ok::<_, Error>(None)
            })
        });
        match before.await? {
            Some(ack) if ack.conversation_id == conversation => Ok(ack),
            Some(ack) => Err(Refusal::ClientMsgIdReused(ack.message_id).into()),
            None => Err(Refusal::MessageHeld.into()),
        }
    }

    /// A conversation's held messages once more, in the order they came; those
    /// behind one that has to wait wait with it.
    pub(crate) async fn release_held(&self, timer: &DueTimer) -> Result<(), Error> {
        let conversation = ConversationId(timer.key.subject);
        let tenant = timer.tenant;
        let tx = self.store.snapshot(tenant).await?;
        let held = tx.held_messages(conversation).await?;
        drop(tx);
        let keys = self.held_keys(tenant).await?;
        let mut tries = None;
        for one in &held {
            match self.try_held(tenant, one, &keys).await? {
                Tried::Done => self.drop_held(tenant, one, None).await?,
                Tried::Failed(code, by) => self.drop_held(tenant, one, Some((code, by))).await?,
                Tried::NotYet => {
                    tries = Some((one.id, one.tries + 1));
                    break;
                }
            }
        }
        let (key, due_at, now) = (timer.key, timer.due_at, self.now());
        let write = self.store.write(tenant, move |tx| {
            Box::pin(async move {
                if !tx.take_timer(key, due_at).await? {
                    return Ok(());
                }
                if let Some((id, tries)) = tries {
                    tx.held_message_tried(id, tries).await?;
                    tx.set_timer(key, now.plus(wait(tries))).await?;
                } else if !tx.held_messages(conversation).await?.is_empty() {
                    // One that came meanwhile.
                    tx.set_timer(key, now.plus(FIRST)).await?;
                }
                Ok::<_, Error>(())
            })
        });
        write.await
    }

    async fn try_held(
        &self,
        tenant: TenantId,
        one: &HeldMessage,
        keys: &[Arc<SealingKey>],
    ) -> Result<Tried, Error> {
        let place = place(tenant, one.conversation, one.id);
        let mut opened = keys.iter().map(|key| key.open(&place, &one.sealed));
        let plain = opened.find_map(Result::ok);
        let words = plain.and_then(|plain| serde_json::from_slice::<Words>(&plain).ok());
        let Some(words) = words else {
            tracing::error!(id = %one.id, "a held message cannot be read any more");
            return Ok(Tried::Failed("unreadable", ActorRef::system()));
        };
        let (actor, draft) = words.again(tenant);
        let by = actor.to_ref();
        if self.now().since(one.created_at) >= GIVEN_UP {
            return Ok(Tried::Failed("not_checked", by));
        }
        let command = Command::SendMessage {
            conversation: one.conversation,
            draft,
        };
        let command = match self.past_filters(&actor, command).await? {
            Filtered::Pass(command) => command,
            Filtered::Refused(_, Refusal::Rejected(_)) => {
                return Ok(Tried::Failed("message_rejected", by));
            }
            Filtered::Refused(..) => return Ok(Tried::NotYet),
        };
        match self.dispatch(&actor, command).await {
            Ok(_) => Ok(Tried::Done),
            Err(Error::Refused(refusal)) => Ok(Tried::Failed(refusal.code(), by)),
            Err(error) => Err(error),
        }
    }

    /// The row goes, and a sender whose message will never come hears of it.
    async fn drop_held(
        &self,
        tenant: TenantId,
        one: &HeldMessage,
        failed: Option<(&'static str, ActorRef)>,
    ) -> Result<(), Error> {
        let near = self.surroundings(&self.tenant(tenant).await?);
        let (id, of, key) = (one.id, one.conversation, one.client_msg_id.clone());
        let write = self.store.write(tenant, move |tx| {
            let (near, failed, client_msg_id) = (near.clone(), failed.clone(), key.clone());
            Box::pin(async move {
                let there = tx.delete_held_message(id).await?;
                let (true, Some((code, by))) = (there, failed) else {
                    return Ok(());
                };
                let Some(conversation) = tx.conversation(of).await? else {
                    return Ok(());
                };
                let body = EventBody::MessageFailed {
                    client_msg_id,
                    code: code.to_owned(),
                };
                let audience = Audience::of_conversation(&conversation);
                let actor = Actor::system(near.tenant.id);
                let mut event = near.event(&actor, body, Changes::default(), audience);
                event.actor = by;
                event.conversation_id = Some(of);
                tx.emit(event)?;
                Ok::<_, Error>(())
            })
        });
        write.await?;
        self.ring();
        Ok(())
    }

    /// What is sealed from now on is sealed with the first. The last is made of a
    /// secret beside the data: better than none, for a server that was given none.
    async fn held_keys(&self, tenant: TenantId) -> Result<Vec<Arc<SealingKey>>, Error> {
        let secret = self.installation_secret(SECRET).await?;
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let derived = hmac::sign(&secret, tenant.0.as_bytes());
        let derived = derived.as_ref().try_into().map_err(|_| unsealed())?;
        let derived = SealingKey::new(derived).ok_or_else(unsealed)?;
        let given = self.sealing.clone().into_iter();
        Ok(given.chain([Arc::new(derived)]).collect())
    }
}

/// Ten seconds, then twice as long each time, up to a quarter of an hour.
fn wait(tries: i64) -> Millis {
    let doublings = u32::try_from(tries).unwrap_or(u32::MAX).min(20);
    FIRST.saturating_mul(1 << doublings).min(LONGEST)
}

/// What a seal is bound to: moved into another row, it does not open.
fn place(tenant: TenantId, conversation: ConversationId, id: Uuid) -> Vec<u8> {
    let ids = [tenant.0, conversation.0, id];
    let ids = ids.iter().flat_map(|id| *id.as_bytes());
    b"held message".iter().copied().chain(ids).collect()
}

fn unsealed() -> Error {
    Error::Internal("a message could not be sealed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits = [0, 1, 2, 3, 50].map(|tries| wait(tries) / SECOND);
        assert_eq!(waits, [10, 20, 40, 80, 900]);
    }
}
