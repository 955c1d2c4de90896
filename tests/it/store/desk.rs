//! A small desk to write to: one team with two agents, one inbox, and visitors
//! who have a conversation each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use deskbell_domain::actor::ActorKind;
use deskbell_domain::conversation::start::{self, Opening};
use deskbell_domain::conversation::talk;
use deskbell_domain::inbox::{Inbox, Look};
use deskbell_domain::message::Draft;
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::tenant::{Tenant, TenantSettings, TenantState};
use deskbell_domain::visitor::Whereabouts;
use deskbell_domain::*;
use deskbell_store::merged::{Dedupe, SubmitError, Submitted, Unit};
use deskbell_store::{Store, StoreError};
use serde_json::Map;
use uuid::Uuid;

pub(super) const NOW: Timestamp = Timestamp(1_767_603_600_000);

/// Ids in order: UUIDv7 by form.
#[derive(Debug, Default)]
pub(super) struct Ids(AtomicU64);

impl IdSource for Ids {
    fn uuid(&self) -> Uuid {
        let count = u128::from(self.0.fetch_add(1, Ordering::Relaxed) + 1);
        Uuid::from_u128((NOW.0 as u128) << 80 | 7 << 76 | 0b10 << 62 | count)
    }
}

#[derive(Clone)]
pub(super) struct Desk {
    pub(super) ids: Arc<Ids>,
    pub(super) settings: Arc<TenantSettings>,
    pub(super) tenant: TenantId,
    pub(super) team: TeamId,
    pub(super) inbox: InboxId,
    pub(super) agents: [AgentId; 2],
}

/// Somebody with an open conversation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    pub(super) contact: ContactId,
    pub(super) visitor: VisitorId,
    pub(super) conversation: ConversationId,
}

impl Desk {
    pub(super) async fn open(store: &Store) -> Self {
        Self::named(store, "demo", Arc::default()).await
    }

    pub(super) async fn named(store: &Store, slug: &'static str, ids: Arc<Ids>) -> Self {
        let desk = Self {
            tenant: TenantId(ids.uuid()),
            team: TeamId(ids.uuid()),
            inbox: InboxId(ids.uuid()),
            agents: [AgentId(ids.uuid()), AgentId(ids.uuid())],
            settings: Arc::default(),
            ids,
        };
        let tenant = Tenant {
            id: desk.tenant,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            state: TenantState::Active,
            settings: TenantSettings::default(),
            created_at: NOW,
        };
        let made = store
            .system(move |sys| {
                let tenant = tenant.clone();
                Box::pin(async move { sys.insert_tenant(&tenant).await })
            })
            .await;
        assert!(or_fail(made));
        let written = desk.clone();
        let made = store
            .write(desk.tenant, move |tx| {
                let desk = written.clone();
                Box::pin(async move {
                    let team = desk.team_entity();
                    tx.insert_team(&team).await?;
                    for n in [0, 1] {
                        assert!(tx.insert_agent(&desk.agent_entity(n), "hash").await?);
                    }
                    assert!(tx.insert_inbox(&desk.inbox_entity(slug)).await?);
                    Ok(())
                })
            })
            .await;
        or_fail(made);
        desk
    }

    pub(super) fn cx(&self) -> Context<'_> {
        Context {
            now: NOW,
            ids: &*self.ids,
            settings: &self.settings,
        }
    }

    fn team_entity(&self) -> Team {
        Team {
            id: self.team,
            name: "Support".to_owned(),
            strategy: Strategy::LeastLoaded,
            agent_ids: vec![],
            created_at: NOW,
            version: 1,
        }
    }

    pub(super) fn agent_entity(&self, n: usize) -> Agent {
        Agent {
            id: self.agents[n],
            email: format!("agent{n}@demo.test"),
            name: format!("Agent {n}"),
            role: Role::Agent,
            team_ids: vec![self.team],
            capacity: 5,
            load: 0,
            presence: Presence {
                connected: true,
                disconnected_at: None,
                choice: Availability::Online,
                last_active_at: NOW,
            },
            availability: Availability::Online,
            last_assigned_at: None,
            deactivated_at: None,
            created_at: NOW,
            version: 1,
        }
    }

    fn inbox_entity(&self, key: &str) -> Inbox {
        Inbox {
            id: self.inbox,
            key: key.to_owned(),
            name: "Web".to_owned(),
            channel: "web".to_owned(),
            default_team_id: self.team,
            allowed_origins: vec!["https://shop.test".to_owned()],
            look: Look::default(),
            bot: None,
            created_at: NOW,
            version: 1,
        }
    }

    /// A visitor who has rung and waits in the queue.
    pub(super) async fn caller(&self, store: &Store) -> Caller {
        let desk = self.clone();
        let made = store
            .write(self.tenant, move |tx| {
                let desk = desk.clone();
                Box::pin(async move {
                    let (contact, visitor) = desk.person(tx).await?;
                    let case = desk.case(&contact, visitor, "first");
                    assert!(tx.start_case(&case).await?);
                    Ok(Caller {
                        contact: contact.id,
                        visitor,
                        conversation: case.conversation.id,
                    })
                })
            })
            .await;
        or_fail(made)
    }

    /// A contact with a visitor, without a conversation.
    pub(super) async fn person(
        &self,
        tx: &deskbell_store::Tx,
    ) -> Result<(Contact, VisitorId), StoreError> {
        let contact = Contact {
            id: ContactId(self.ids.uuid()),
            name: Some("Mia".to_owned()),
            email: None,
            verified: false,
            vip: false,
            attributes: Map::new(),
            created_at: NOW,
            version: 1,
        };
        tx.insert_contact(&contact).await?;
        let visitor = Visitor {
            id: VisitorId(self.ids.uuid()),
            contact_id: contact.id,
            inbox_id: self.inbox,
            whereabouts: Whereabouts::default(),
            created_at: NOW,
            last_seen_at: NOW,
        };
        tx.insert_visitor(&visitor, visitor.id.0.as_bytes()).await?;
        Ok((contact, visitor.id))
    }

    /// A conversation that starts, not yet written.
    pub(super) fn case(&self, contact: &Contact, visitor: VisitorId, key: &str) -> Case {
        let opening = Opening {
            inbox_id: self.inbox,
            team_id: self.team,
            visitor_id: visitor,
            subject: None,
            category: None,
            attributes: Map::new(),
            previous_id: None,
            message: Some(draft(key)),
            bot: None,
        };
        let actor = sender(visitor);
        let started = start::start(&self.cx(), self.tenant, &actor, contact, opening);
        started.unwrap().0
    }

    /// The unit of a visitor's message.
    pub(super) fn send(&self, caller: &Caller, key: &str) -> Unit<MessageAck> {
        let (desk, actor, draft) = (self.clone(), sender(caller.visitor), draft(key));
        self.unit(caller.conversation, move |case| {
            talk::send(case, &desk.cx(), &actor, draft.clone())
        })
        .keyed(caller.visitor, key)
    }

    pub(super) fn unit<T>(
        &self,
        conversation: ConversationId,
        decide: impl Fn(&mut Case) -> Result<T, Refusal> + Send + Sync + 'static,
    ) -> Unit<T> {
        Unit {
            tenant: self.tenant,
            conversation,
            agents: vec![],
            with_assignee: false,
            with_bot: false,
            dedupe: None,
            timer: None,
            lease: None,
            decide: Arc::new(decide),
        }
    }

    pub(super) async fn conversation(&self, store: &Store, id: ConversationId) -> Conversation {
        let tx = store.snapshot(self.tenant).await.unwrap();
        tx.conversation(id).await.unwrap().unwrap()
    }

    pub(super) async fn agent(&self, store: &Store, id: AgentId) -> Agent {
        let tx = store.snapshot(self.tenant).await.unwrap();
        tx.agent(id).await.unwrap().unwrap()
    }

    pub(super) async fn texts(&self, store: &Store, id: ConversationId) -> Vec<String> {
        let range = deskbell_store::message::MessageRange {
            limit: 10_000,
            with_private: true,
            ..Default::default()
        };
        let tx = store.snapshot(self.tenant).await.unwrap();
        let messages = tx.messages(id, range).await.unwrap();
        let seqs: Vec<i64> = messages.iter().map(|m| m.seq).collect();
        assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>(), "dense");
        messages.into_iter().map(|m| m.text).collect()
    }
}

/// Adds the key of a repeated send.
pub(super) trait Keyed {
    #[must_use]
    fn keyed(self, visitor: VisitorId, key: &str) -> Self;
}

impl<T> Keyed for Unit<T> {
    fn keyed(mut self, visitor: VisitorId, key: &str) -> Self {
        self.dedupe = Some(Dedupe {
            sender_kind: ActorKind::Visitor,
            sender_id: visitor.0,
            client_msg_id: key.to_owned(),
        });
        self
    }
}

pub(super) fn sender(visitor: VisitorId) -> ActorRef {
    ActorRef {
        kind: ActorKind::Visitor,
        id: Some(visitor.to_string()),
        name: Some("Mia".to_owned()),
    }
}

pub(super) fn draft(key: &str) -> Draft {
    Draft {
        client_msg_id: key.to_owned(),
        text: format!("text {key}"),
        private: false,
        attributes: Map::new(),
    }
}

/// What a unit was decided to.
pub(super) fn done<T: std::fmt::Debug>(outcome: Result<Submitted<T>, SubmitError>) -> T {
    match outcome {
        Ok(Submitted::Done(value)) => value,
        other => panic!("not done: {other:?}"),
    }
}

/// An answer of the store that cannot be an error here.
pub(super) fn or_fail<T>(result: Result<T, StoreError>) -> T {
    result.unwrap_or_else(|error| panic!("the store failed: {error}"))
}
