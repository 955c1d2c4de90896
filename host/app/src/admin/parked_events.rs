//! Events, and what came in by webhooks, that a plugin did not take: seen, told again,
//! thrown away.

use deskbell_domain::plugin::Hook;
use deskbell_domain::{
    Actor, ConversationId, EventId, InstallationId, JobId, Permission, Refusal, Timestamp,
};
use deskbell_store::jobs::DeadJob;

use crate::app::{App, found, require};
use crate::error::Error;
use crate::relay::{Told, queue};
use crate::webhooks::Received;

/// Shown at a time; the rest when these are dealt with.
const MOST: u64 = 200;

/// An event that was tried for a day, and set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedEvent {
    pub id: JobId,
    pub event_id: EventId,
    pub kind: String,
    pub conversation_id: Option<ConversationId>,
    pub occurred_at: Timestamp,
    /// How often it was told.
    pub attempts: i64,
    /// What went wrong last.
    pub error: String,
    pub parked_at: Timestamp,
}

impl ParkedEvent {
    fn of(dead: DeadJob, hook: Hook) -> Result<Self, Error> {
        if hook == Hook::Webhook {
            return Self::sent(dead);
        }
        let told: Told = serde_json::from_str(&dead.job.payload)
            .map_err(|error| Error::Internal(format!("a parked event: {error}")))?;
        Ok(Self {
            id: dead.job.id,
            event_id: told.id,
            kind: told.kind,
            conversation_id: told.conversation,
            occurred_at: told.occurred_at,
            attempts: dead.job.attempts,
            error: dead.job.error.unwrap_or_default(),
            parked_at: dead.died_at,
        })
    }

    /// What another system sent: of that only the webhook's name is shown.
    fn sent(dead: DeadJob) -> Result<Self, Error> {
        let received: Received = serde_json::from_str(&dead.job.payload)
            .map_err(|error| Error::Internal(format!("a parked request: {error}")))?;
        Ok(Self {
            id: dead.job.id,
            event_id: EventId(dead.job.id.0),
            kind: format!("webhook.{}", received.name),
            conversation_id: None,
            occurred_at: received.received_at,
            attempts: dead.job.attempts,
            error: dead.job.error.unwrap_or_default(),
            parked_at: dead.died_at,
        })
    }
}

/// The hooks whose jobs may be set aside.
const HOOKS: [Hook; 2] = [Hook::Events, Hook::Webhook];

impl App {
    /// The oldest of them, in the order in which they happened.
    pub async fn parked_events(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<ParkedEvent>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        let mut all = Vec::new();
        for hook in HOOKS {
            for dead in tx.dead_letters(&queue(id, hook), MOST).await? {
                all.push(ParkedEvent::of(dead, hook)?);
            }
        }
        Ok(all)
    }

    /// It is told again, for another day; events that came after it went on before.
    pub async fn retry_parked_event(
        &self,
        actor: &Actor,
        id: InstallationId,
        event: JobId,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let now = self.now();
        let revived = self.store.write(actor.tenant, move |tx| {
            Box::pin(async move {
                found(tx.installation(id).await?, "installation")?;
                for hook in HOOKS {
                    if tx.revive_letter(&queue(id, hook), event, now).await? {
                        return Ok(hook);
                    }
                }
                Err(Error::from(Refusal::NotFound("event")))
            })
        });
        let hook = revived.await?;
        self.wakes.wake((actor.tenant, id, hook));
        Ok(())
    }

    /// Nobody is going to hear of it.
    pub async fn discard_parked_event(
        &self,
        actor: &Actor,
        id: InstallationId,
        event: JobId,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let dropped = self.store.write(actor.tenant, move |tx| {
            Box::pin(async move {
                found(tx.installation(id).await?, "installation")?;
                for hook in HOOKS {
                    if tx.drop_letter(&queue(id, hook), event).await? {
                        return Ok(tx.drop_webhook_contents(event).await?);
                    }
                }
                Err(Error::from(Refusal::NotFound("event")))
            })
        });
        dropped.await
    }
}
