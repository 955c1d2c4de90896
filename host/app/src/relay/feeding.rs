//! From the feed into jobs: who follows, what each is told, how far the feed was
//! read.
//!
//! Everything is decided in the feed's order. An installation follows from the
//! event on that says it has the hook, so it begins at "now", and what is read
//! again after a crash comes to the same. Jobs and the place in the feed are
//! written together.

use std::collections::HashMap;
use std::sync::Arc;

use deskbell_domain::integration::{CAUSES_MAX, EVENT_TYPES};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{
    ContactId, ConversationId, Event, EventBody, EventId, InstallationId, JobId, TenantId,
    Timestamp,
};
use deskbell_store::follower::Follower;
use deskbell_store::jobs::NewJob;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::app::{App, stored};
use crate::error::Error;
use crate::relay::queue;
use crate::tail::FeedEvent;

/// Who follows.
type Key = (TenantId, InstallationId);

const CURSOR: &str = "relay";
const BATCH: u64 = 1_024;
/// The place in the feed is remembered with the jobs, and otherwise after so many
/// events.
const REMEMBER_EVERY: i64 = 4_096;

/// What an installation is to be told, as its job holds it. Conversation, contact
/// and message are read when it is told, so their texts are kept once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) id: EventId,
    pub(crate) kind: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) contact: Option<ContactId>,
    /// The message's number.
    pub(crate) seq: Option<i64>,
    pub(crate) attributes: Map<String, Value>,
    pub(crate) depth: u8,
}

impl Told {
    fn of(event: &Event) -> Self {
        let mut attributes = Map::new();
        attributes.insert("actor".to_owned(), value(&event.actor));
        let contact = match &event.body {
            EventBody::ContactCreated { contact } | EventBody::ContactUpdated { contact } => {
                Some(contact.id)
            }
            _ => None,
        };
        // Of a message, what it changes is its text once more.
        let message = matches!(event.body, EventBody::MessageCreated { .. });
        if !message && !event.changes.0.is_empty() {
            attributes.insert("changes".to_owned(), value(&event.changes));
        }
        if let Some(reason) = reason(&event.body) {
            attributes.insert("reason".to_owned(), reason.into());
        }
        Self {
            id: event.id,
            kind: event.body.name().to_owned(),
            occurred_at: event.occurred_at,
            conversation: event.conversation_id,
            contact,
            seq: event.seq.filter(|_| message),
            attributes,
            depth: event.depth,
        }
    }
}

/// Our own types have no map whose keys are no text.
fn value(it: &impl Serialize) -> Value {
    serde_json::to_value(it).unwrap_or_default()
}

fn reason(body: &EventBody) -> Option<String> {
    match body {
        EventBody::ConversationQueued { reason, .. }
        | EventBody::ConversationAssigned { reason, .. }
        | EventBody::ConversationUnassigned { reason, .. }
        | EventBody::ConversationTransferred { reason, .. }
        | EventBody::ConversationReopened { reason, .. }
        | EventBody::ConversationResolved { reason, .. }
        | EventBody::ConversationClosed { reason, .. }
        | EventBody::ConversationMissed { reason, .. } => reason.clone(),
        _ => None,
    }
}

/// Who follows, and how far the feed was read for them.
#[derive(Default)]
pub(super) struct Fed {
    followers: HashMap<TenantId, Vec<Follower>>,
    position: i64,
    remembered: i64,
    /// The rest comes by the tail.
    caught_up: bool,
}

/// What a batch of the feed comes to.
#[derive(Clone)]
enum Work {
    Tell(Box<(TenantId, NewJob)>),
    Follow(Follower),
    Leave(Key),
}

impl Fed {
    /// Where the last holder of the lease left off. Without a usable place, from
    /// here on, with whoever is installed.
    pub(super) async fn begin(app: &App) -> Result<Self, Error> {
        let sys = app.store.system_snapshot().await?;
        let cursor = sys.consumer_cursor(CURSOR, None).await?;
        let followers = sys.followers().await?;
        let tenants = sys.tenants_with_plugins().await?;
        drop(sys);
        let mut fed = Self::default();
        for follower in followers {
            let its = fed.followers.entry(follower.tenant).or_default();
            its.push(follower);
        }
        let floor = stored(app.store.feed_floor().await)?;
        let usable =
            cursor.filter(|it| it.epoch == app.store.feed_epoch() && it.position >= floor - 1);
        if let Some(cursor) = usable {
            fed.position = cursor.position;
            fed.remembered = cursor.position;
            return Ok(fed);
        }
        fed.position = app.position();
        let mut work = Vec::new();
        for (tenant, installation) in fed.keys() {
            fed.look_at(app, tenant, installation, fed.position, &mut work)
                .await?;
        }
        for tenant in tenants {
            let tx = app.store.snapshot(tenant).await?;
            let all = tx.installations().await?;
            drop(tx);
            for one in all {
                fed.look_at(app, tenant, one.id, fed.position, &mut work)
                    .await?;
            }
        }
        fed.write(app, work).await?;
        Ok(fed)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let all = self.followers.values().flatten();
        all.map(|it| (it.tenant, it.installation)).collect()
    }

    /// Reads on, and answers whose queues have something new.
    pub(super) async fn take_in(
        &mut self,
        app: &App,
        news: Vec<Arc<FeedEvent>>,
    ) -> Result<Vec<Key>, Error> {
        let mut fresh = Vec::new();
        while !self.caught_up {
            let up_to = app.position();
            let rows = stored(app.store.feed_news(self.position, up_to, BATCH).await)?;
            self.caught_up = (rows.len() as u64) < BATCH;
            let batch: Vec<_> = rows
                .into_iter()
                .map(|row| {
                    let cursor = app.store.cursor_at(row.position);
                    FeedEvent::of(row, cursor)
                })
                .collect();
            fresh.extend(self.read(app, &batch).await?);
            if self.caught_up {
                self.position = self.position.max(up_to);
            }
        }
        let behind = self.position;
        let news: Vec<_> = news.into_iter().filter(|it| it.position > behind).collect();
        fresh.extend(self.read(app, &news).await?);
        Ok(fresh)
    }

    async fn read(&mut self, app: &App, batch: &[Arc<FeedEvent>]) -> Result<Vec<Key>, Error> {
        let Some(last) = batch.last().map(|it| it.position) else {
            return Ok(Vec::new());
        };
        let (now, mut work, mut fresh) = (app.now(), Vec::new(), Vec::new());
        for one in batch {
            let (tenant, event) = (one.event.tenant_id, &one.event);
            if let Some(installation) = changed(&event.body) {
                self.look_at(app, tenant, installation, one.position, &mut work)
                    .await?;
                fresh.push((tenant, installation));
                continue;
            }
            for follower in self.followers.get(&tenant).into_iter().flatten() {
                if wants(follower, one.position, event)
                    && let Some(job) = job(follower, one.position, event, now)?
                {
                    fresh.push((tenant, follower.installation));
                    work.push(Work::Tell(Box::new((tenant, job))));
                }
            }
        }
        self.position = last;
        if !work.is_empty() || self.position - self.remembered >= REMEMBER_EVERY {
            self.write(app, work).await?;
        }
        Ok(fresh)
    }

    /// Something happened to an installation: whether it follows now.
    async fn look_at(
        &mut self,
        app: &App,
        tenant: TenantId,
        id: InstallationId,
        position: i64,
        work: &mut Vec<Work>,
    ) -> Result<(), Error> {
        let tx = app.store.snapshot(tenant).await?;
        let mut follows = None;
        if let Some(one) = tx.installation(id).await?
            && one.hooks.contains(&Hook::Events)
        {
            let file = tx.plugin_version(one.plugin_id, &one.plugin_version);
            let manifest = file.await?.map(|file| file.manifest);
            let settings = manifest.as_ref().and_then(|it| it.hooks.get(&Hook::Events));
            follows = Some(settings.and_then(|it| it.types.clone()));
        }
        drop(tx);
        let its = self.followers.entry(tenant).or_default();
        let before = its.iter().position(|it| it.installation == id);
        let before = before.map(|at| its.swap_remove(at));
        match (follows, before) {
            (Some(types), before) => {
                let follower = Follower {
                    tenant,
                    installation: id,
                    after: before.map_or(position, |it| it.after),
                    types,
                };
                its.push(follower.clone());
                work.push(Work::Follow(follower));
            }
            (None, Some(_)) => work.push(Work::Leave((tenant, id))),
            (None, None) => {}
        }
        if its.is_empty() {
            self.followers.remove(&tenant);
        }
        Ok(())
    }

    /// How far it came, for whoever reads on.
    pub(super) async fn remember(&mut self, app: &App) -> Result<(), Error> {
        if self.position > self.remembered {
            self.write(app, Vec::new()).await?;
        }
        Ok(())
    }

    async fn write(&mut self, app: &App, work: Vec<Work>) -> Result<(), Error> {
        let cursor = app.store.cursor_at(self.position);
        let work = Arc::new(work);
        let written = app.store.system(move |sys| {
            let work = work.clone();
            Box::pin(async move {
                let mut jobs = Vec::new();
                for one in work.iter() {
                    match one {
                        Work::Tell(job) => jobs.push((**job).clone()),
                        Work::Follow(follower) => sys.save_follower(follower).await?,
                        Work::Leave((tenant, installation)) => {
                            // What comes before it in this batch is for nobody.
                            let queue = queue(*installation, Hook::Events);
                            jobs.retain(|(_, job)| job.queue != queue);
                            sys.remove_follower(*tenant, *installation).await?;
                            sys.drop_queue(*tenant, &queue).await?;
                        }
                    }
                }
                sys.enqueue_jobs(&jobs).await?;
                sys.save_consumer_cursor(CURSOR, None, &cursor).await
            })
        });
        stored(written.await)?;
        self.remembered = self.position;
        Ok(())
    }
}

/// The installation that may follow or not from here on.
fn changed(body: &EventBody) -> Option<InstallationId> {
    match body {
        EventBody::PluginInstalled { installation }
        | EventBody::PluginEnabled { installation }
        | EventBody::PluginDisabled { installation, .. }
        | EventBody::PluginUpgraded { installation, .. }
        | EventBody::PluginRolledBack { installation, .. }
        | EventBody::InstallationUpdated { installation } => Some(installation.id),
        EventBody::InstallationDeleted { installation_id } => Some(*installation_id),
        _ => None,
    }
}

/// Never its own doing, nor what came of plugins answering each other for too long.
fn wants(follower: &Follower, position: i64, event: &Event) -> bool {
    let name = event.body.name();
    let asked_for = match &follower.types {
        Some(types) => types.iter().any(|it| it == name),
        None => true,
    };
    asked_for
        && EVENT_TYPES.contains(&name)
        && position > follower.after
        && event.depth < CAUSES_MAX
        && event.actor.id.as_deref() != Some(follower.installation.to_string().as_str())
}

/// In order for each conversation, and for each contact beside them. Its id tells
/// the order: by the place in the feed.
fn job(
    follower: &Follower,
    position: i64,
    event: &Event,
    now: Timestamp,
) -> Result<Option<NewJob>, Error> {
    let told = Told::of(event);
    let destination = match (told.conversation, told.contact) {
        (Some(conversation), _) => conversation.to_string(),
        (None, Some(contact)) => contact.to_string(),
        (None, None) => return Ok(None),
    };
    let payload = serde_json::to_string(&told).map_err(|e| Error::Internal(e.to_string()))?;
    let (_, low) = follower.installation.0.as_u64_pair();
    Ok(Some(NewJob {
        id: JobId(Uuid::from_u64_pair(position.unsigned_abs(), low)),
        queue: queue(follower.installation, Hook::Events),
        destination,
        payload,
        due_at: now,
        created_at: event.occurred_at,
    }))
}
