//! A desk in memory: its state is the `Source`, what happens to it is the feed.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use deskbell_domain::actor::{ActorKind, ActorRef};
use deskbell_domain::event::{Audience, Changes};
use deskbell_domain::message::MessageKind;
use deskbell_domain::{
    AgentId, AgentRef, ContactId, ContactRef, Conversation, ConversationId, Event, EventBody,
    EventId, InboxId, Message, MessageId, Priority, Status, TeamId, TenantId, Timestamp, VisitorId,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    Batch, Indexer, Place, SearchError, SearchIndex, SearchRequest, SearchResults, Source,
    SourceError, Viewer,
};

pub(super) const TENANT: TenantId = TenantId(Uuid::from_u128(0xA));

#[derive(Default)]
pub(super) struct Desk {
    pub state: Mutex<State>,
    /// Reading the state fails.
    pub broken: AtomicBool,
    /// How often messages were read.
    pub reads: AtomicU64,
}

#[derive(Default)]
pub(super) struct State {
    pub conversations: BTreeMap<(TenantId, ConversationId), (Conversation, Vec<Message>)>,
    pub feed: Vec<Event>,
    pub epoch: u32,
    ids: u128,
}

impl State {
    fn id(&mut self) -> Uuid {
        self.ids += 1;
        Uuid::from_u128(0x1000 + self.ids)
    }

    fn emit(&mut self, tenant: TenantId, of: ConversationId, body: EventBody, changes: Changes) {
        let event = Event {
            id: EventId(self.id()),
            seq: body.seq(),
            body,
            tenant_id: tenant,
            occurred_at: Timestamp(0),
            actor: ActorRef::system(),
            conversation_id: Some(of),
            changes,
            audience: Audience::desk(),
            depth: 0,
        };
        self.feed.push(event);
    }
}

pub(super) fn visitor(name: &str) -> ActorRef {
    sender(ActorKind::Visitor, name)
}

pub(super) fn agent(name: &str) -> ActorRef {
    sender(ActorKind::Agent, name)
}

fn sender(kind: ActorKind, name: &str) -> ActorRef {
    ActorRef {
        kind,
        id: None,
        name: Some(name.to_owned()),
    }
}

impl Desk {
    pub(super) fn start(
        &self,
        tenant: TenantId,
        contact: &str,
        subject: Option<&str>,
    ) -> ConversationId {
        let mut state = self.state.lock().unwrap();
        let id = ConversationId(state.id());
        let contact = ContactRef {
            id: ContactId(state.id()),
            name: Some(contact.to_owned()),
            email: None,
            verified: false,
            vip: false,
        };
        let conversation = opened(id, contact, subject);
        let body = EventBody::ConversationCreated {
            conversation: conversation.clone(),
        };
        let whole = serde_json::to_value(&conversation).unwrap();
        let changes = Changes::between(&serde_json::json!({}), &whole);
        state.emit(tenant, id, body, changes);
        let entry = (conversation, Vec::new());
        state.conversations.insert((tenant, id), entry);
        id
    }

    pub(super) fn say(
        &self,
        tenant: TenantId,
        to: ConversationId,
        sender: ActorRef,
        text: &str,
    ) -> MessageId {
        self.message(tenant, to, sender, text, false)
    }

    pub(super) fn message(
        &self,
        tenant: TenantId,
        to: ConversationId,
        sender: ActorRef,
        text: &str,
        private: bool,
    ) -> MessageId {
        let mut state = self.state.lock().unwrap();
        let id = MessageId(state.id());
        let (conversation, messages) = state.conversations.get_mut(&(tenant, to)).unwrap();
        conversation.last_seq += 1;
        conversation.version += 1;
        let message = Message {
            id,
            conversation_id: to,
            seq: conversation.last_seq,
            kind: MessageKind::Text,
            sender,
            client_msg_id: None,
            text: text.to_owned(),
            private,
            attributes: serde_json::Map::new(),
            created_at: Timestamp(1_700_000_000_000 + conversation.last_seq),
        };
        messages.push(message.clone());
        let body = EventBody::MessageCreated { message };
        state.emit(tenant, to, body, Changes::default());
        id
    }

    pub(super) fn change(
        &self,
        tenant: TenantId,
        id: ConversationId,
        change: impl FnOnce(&mut Conversation),
    ) {
        let mut state = self.state.lock().unwrap();
        let (conversation, _) = state.conversations.get_mut(&(tenant, id)).unwrap();
        let before = conversation.clone();
        change(conversation);
        conversation.version += 1;
        let after = conversation.clone();
        let changes = Changes::between(&before, &after);
        let body = EventBody::ConversationUpdated {
            conversation: after,
        };
        state.emit(tenant, id, body, changes);
    }

    pub(super) fn end(&self) -> Place {
        let state = self.state.lock().unwrap();
        Place {
            epoch: format!("epoch-{}", state.epoch),
            position: i64::try_from(state.feed.len()).unwrap(),
        }
    }

    /// The feed after a position.
    pub(super) fn after(&self, position: i64) -> Vec<Event> {
        let state = self.state.lock().unwrap();
        state.feed[usize::try_from(position).unwrap()..].to_vec()
    }

    fn read(&self) -> Result<std::sync::MutexGuard<'_, State>, SourceError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(SourceError("the database is away".into()));
        }
        Ok(self.state.lock().unwrap())
    }
}

fn opened(id: ConversationId, contact: ContactRef, subject: Option<&str>) -> Conversation {
    Conversation {
        id,
        inbox_id: InboxId(Uuid::from_u128(1)),
        contact,
        visitor_id: VisitorId(Uuid::from_u128(2)),
        team_id: None,
        assignee: None,
        status: Status::Queued,
        priority: Priority::Medium,
        subject: subject.map(str::to_owned),
        category: None,
        attributes: serde_json::Map::new(),
        last_seq: 0,
        public_seq: 0,
        visitor_delivered_seq: 0,
        visitor_read_seq: 0,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 0,
        visitor_unread_count: 0,
        last_message: None,
        last_message_at: None,
        previous_id: None,
        rating: None,
        reason: None,
        created_at: Timestamp(0),
        queued_at: None,
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 1,
    }
}

#[async_trait]
impl Source for Desk {
    async fn place(&self) -> Result<Place, SourceError> {
        Ok(self.end())
    }

    async fn conversations(&self, after: Option<String>) -> Result<Batch, SourceError> {
        const PAGE: usize = 7;
        let from: usize = after.map_or(0, |after| after.parse().unwrap());
        let state = self.read()?;
        let all = state.conversations.iter().skip(from).take(PAGE);
        let conversations: Vec<_> = all.map(|((t, _), (c, _))| (*t, c.clone())).collect();
        let next = (conversations.len() == PAGE).then(|| (from + PAGE).to_string());
        Ok(Batch {
            conversations,
            next,
        })
    }

    async fn contact_conversations(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, SourceError> {
        let state = self.read()?;
        let all = state.conversations.iter();
        let of = all.filter(|((t, _), (c, _))| *t == tenant && c.contact.id == contact);
        Ok(of.map(|((_, id), _)| *id).collect())
    }

    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, SourceError> {
        let state = self.read()?;
        Ok(state
            .conversations
            .get(&(tenant, id))
            .map(|(c, _)| c.clone()))
    }

    async fn messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        after_seq: i64,
    ) -> Result<Vec<Message>, SourceError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        let state = self.read()?;
        let (_, messages) = &state.conversations[&(tenant, conversation)];
        let after = messages.iter().filter(|m| m.seq > after_seq);
        Ok(after.take(2).cloned().collect())
    }
}

/// A desk with its index in a folder of its own.
pub(super) struct Office {
    pub desk: Arc<Desk>,
    pub index: SearchIndex,
    pub indexer: Indexer,
    pub folder: TempDir,
}

impl Office {
    pub(super) async fn new() -> Self {
        let desk = Arc::new(Desk::default());
        let office = Self::open(desk, tempfile::tempdir().unwrap());
        office.indexer.reindex().await.unwrap();
        office
    }

    pub(super) fn open(desk: Arc<Desk>, folder: TempDir) -> Self {
        let index = SearchIndex::open(folder.path()).unwrap();
        let indexer = Indexer::new(index.clone(), desk.clone());
        Self {
            desk,
            index,
            indexer,
            folder,
        }
    }

    /// Lets go of the index and its folder's lock.
    pub(super) fn close(self) -> (Arc<Desk>, TempDir) {
        let Self {
            desk,
            index,
            indexer,
            folder,
        } = self;
        drop((index, indexer));
        (desk, folder)
    }

    /// As after a crash: everything not on disk is gone.
    pub(super) fn restart(self) -> Self {
        let (desk, folder) = self.close();
        Self::open(desk, folder)
    }

    /// Takes in all that happened since.
    pub(super) async fn settle(&self) {
        let from = self.index.place().unwrap().position;
        let events = self.desk.after(from);
        let events: Vec<_> = events.iter().collect();
        self.indexer.follow(&events, self.desk.end()).await.unwrap();
    }

    pub(super) async fn ask(&self, request: SearchRequest) -> Result<SearchResults, SearchError> {
        self.index.search(request).await
    }

    /// The found messages' texts, best first; found parts in brackets.
    pub(super) async fn find(&self, q: &str) -> Vec<String> {
        let results = self.ask(request(TENANT, q)).await.unwrap();
        assert_eq!(results.total, results.hits.len(), "{q}");
        let drawn = results.hits.into_iter().map(|hit| {
            let draw = |s: crate::Segment| {
                if s.hit {
                    format!("[{}]", s.text)
                } else {
                    s.text
                }
            };
            hit.highlight.into_iter().map(draw).collect()
        });
        drawn.collect()
    }
}

pub(super) fn request(tenant: TenantId, q: &str) -> SearchRequest {
    SearchRequest {
        tenant,
        viewer: Viewer::All,
        q: q.to_owned(),
        limit: 50,
        cursor: None,
    }
}

pub(super) fn team(n: u128) -> TeamId {
    TeamId(Uuid::from_u128(n))
}

pub(super) fn agent_ref(n: u128) -> AgentRef {
    AgentRef {
        id: AgentId(Uuid::from_u128(n)),
        name: format!("Agent {n}"),
    }
}
