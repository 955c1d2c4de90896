//! Recording calls of an installation: switched on by an admin, for an hour at most,
//! after which it ends by itself; reading what was recorded, and throwing it away.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::Installation;
use deskbell_domain::time::HOUR;
use deskbell_domain::{Actor, EventBody, InstallationId, Permission, Refusal, TenantId, Timestamp};
use deskbell_store::RecordingFacts;
use serde_json::{Value, json};

use crate::admin::tell;
use crate::app::{App, found, require};
use crate::error::Error;

/// As the API calls it.
const RECORDED: &str = "recorded_until";

impl App {
    /// Records its next calls until then; none stops it.
    pub async fn record_installation(
        &self,
        actor: &Actor,
        id: InstallationId,
        until: Option<Timestamp>,
    ) -> Result<Installation, Error> {
        require(actor, Permission::Administer)?;
        self.may_record_until(until)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let changed = self.store.write(actor.tenant, move |tx| {
            let (near, by) = (near.clone(), by.clone());
            Box::pin(async move {
                let before = found(tx.hold_installation(id).await?, "installation")?;
                let mut after = before.clone();
                after.version += 1;
                tx.save_installation(&after).await?;
                let recorded = tx.recorded_installations().await?;
                let was = recorded.into_iter().find(|(one, _)| *one == id);
                let was = was
                    .map(|(_, until)| until)
                    .filter(|until| *until > near.now);
                tx.record_installation(id, until).await?;
                let mut changes = Changes::between(&before.view(), &after.view());
                // It is no part of the installation, and this is how one hears of it.
                if was != until {
                    changes.0.insert(RECORDED.to_owned(), json!([was, until]));
                }
                let body = EventBody::InstallationUpdated {
                    installation: after.view(),
                };
                tell(tx, &near, &by, body, changes)?;
                Ok::<_, Error>(after)
            })
        });
        let changed = changed.await?;
        self.put_to_work(actor.tenant).await?;
        Ok(changed)
    }

    /// Refuses what `record_installation` would.
    pub fn may_record_until(&self, until: Option<Timestamp>) -> Result<(), Refusal> {
        let now = self.now();
        if until.is_some_and(|until| until <= now || until.since(now) > HOUR) {
            let detail = "In the future, and at most an hour from now.";
            return Err(Refusal::field("/recording/until", "out_of_range", detail));
        }
        Ok(())
    }

    /// Until when its calls are recorded, if they are, as this node knows it.
    #[must_use]
    pub fn recorded_until(&self, tenant: TenantId, id: InstallationId) -> Option<Timestamp> {
        let until = self.plugins.recorded_until(tenant, id)?;
        (until > self.now()).then_some(until)
    }

    /// What was recorded, the latest first.
    pub async fn plugin_recordings(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<RecordingFacts>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        Ok(tx.plugin_recordings(id).await?)
    }

    /// One of them, as a scenario.
    pub async fn plugin_recording(
        &self,
        actor: &Actor,
        id: InstallationId,
        n: i64,
    ) -> Result<Value, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        let (facts, sealed) = found(tx.plugin_recording(id, n).await?, "recording")?;
        drop(tx);
        self.open_recording(actor.tenant, id, facts.call_id, &sealed)
            .await
    }

    pub async fn delete_plugin_recordings(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        self.forget_recordings(actor.tenant, id).await
    }
}
