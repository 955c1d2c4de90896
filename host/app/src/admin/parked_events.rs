//! Events that a plugin did not take: seen, told again, thrown away.

use deskbell_domain::{
    Actor, ConversationId, EventId, InstallationId, JobId, Permission, Timestamp,
};
use deskbell_store::jobs::DeadJob;

use crate::app::{App, found, require};
use crate::error::Error;
use crate::relay::{Told, queue};

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
    fn of(dead: DeadJob) -> Result<Self, Error> {
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
}

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
        let dead = tx.dead_letters(&queue(id), MOST).await?;
        dead.into_iter().map(ParkedEvent::of).collect()
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
                let revived = tx.revive_letter(&queue(id), event, now).await?;
                found(revived.then_some(()), "event")
            })
        });
        revived.await?;
        self.wakes.wake((actor.tenant, id));
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
                let dropped = tx.drop_letter(&queue(id), event).await?;
                found(dropped.then_some(()), "event")
            })
        });
        dropped.await
    }
}
