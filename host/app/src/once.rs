//! A request with an idempotency key is executed once, however often it comes.
//!
//! The key is taken before, and its answer kept after. A repeat gets the answer;
//! one that comes while the first is under way, or after the process died in the
//! middle, is told so and never executed: then only a look at the state can say.

use deskbell_domain::{Actor, Refusal, Who};
use deskbell_store::idempotency::{Answer, IdempotencyKey};

use crate::app::{App, stored};
use crate::error::Error;

/// What makes two requests the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Method and path.
    pub route: String,
    pub key: String,
    pub body_hash: Vec<u8>,
}

pub enum Begun {
    /// Execute it, then `keep_answer` or `forget_request`.
    First(IdempotencyKey),
    Repeat {
        status: u16,
        body: String,
    },
}

impl App {
    pub async fn begin_request(&self, actor: &Actor, once: Once) -> Result<Begun, Error> {
        let key = IdempotencyKey {
            actor: match &actor.who {
                Who::Agent { id, .. } => id.0,
                Who::Visitor { id, .. } => id.0,
                Who::Plugin { id, .. } => id.0,
                Who::System => uuid::Uuid::nil(),
            },
            route: once.route,
            key: once.key,
        };
        let (hash, now, asked) = (once.body_hash, self.now(), key.clone());
        let before = self
            .store
            .write(actor.tenant, move |tx| {
                let (hash, key) = (hash.clone(), asked.clone());
                Box::pin(async move {
                    if tx.take_key(&key, &hash, now).await? {
                        return Ok(None);
                    }
                    let before = tx.remembered(&key).await?;
                    let before = before.ok_or(Refusal::KeyInUse)?;
                    if before.body_hash != hash {
                        return Err(Refusal::KeyReused.into());
                    }
                    Ok::<_, Error>(Some(before.answer.ok_or(Refusal::KeyInUse)?))
                })
            })
            .await?;
        Ok(match before {
            None => Begun::First(key),
            Some(answer) => Begun::Repeat {
                status: u16::try_from(answer.status).unwrap_or(200),
                body: answer.body,
            },
        })
    }

    pub async fn keep_answer(
        &self,
        actor: &Actor,
        key: IdempotencyKey,
        status: u16,
        body: String,
    ) -> Result<(), Error> {
        let status = i16::try_from(status).unwrap_or(i16::MAX);
        let answer = Answer { status, body };
        let kept = self.store.write(actor.tenant, move |tx| {
            let (key, answer) = (key.clone(), answer.clone());
            Box::pin(async move { tx.answer_key(&key, &answer).await })
        });
        stored(kept.await)
    }

    /// The request was refused: the same key may try again.
    pub async fn forget_request(&self, actor: &Actor, key: IdempotencyKey) -> Result<(), Error> {
        let freed = self.store.write(actor.tenant, move |tx| {
            let key = key.clone();
            Box::pin(async move { tx.free_key(&key).await })
        });
        stored(freed.await)
    }
}
