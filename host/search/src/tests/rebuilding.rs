//! The index is a cache: deleted, damaged or killed half-way, it comes back equal.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use deskbell_domain::{ContactId, Conversation, ConversationId, Message, Status, TenantId};
use tokio::sync::Notify;

use super::desk::{Desk, Office, TENANT, request, visitor};
use crate::{Batch, Hit, Place, SearchError, Source, SourceError};

/// Ninety messages in thirty conversations, and what a search for them gives.
async fn filled() -> (Office, Vec<Hit>) {
    let office = Office::new().await;
    for n in 0..30 {
        let id = office.desk.start(TENANT, "Vera", None);
        for m in 0..3 {
            let text = format!("common word {n} {m}");
            office.desk.say(TENANT, id, visitor("Vera"), &text);
        }
    }
    office.settle().await;
    let hits = everything(&office).await;
    assert_eq!(hits.len(), 90);
    (office, hits)
}

async fn everything(office: &Office) -> Vec<Hit> {
    let mut all = request(TENANT, "common");
    all.limit = 200;
    let mut hits = office.ask(all).await.unwrap().hits;
    hits.sort_by_key(|hit| hit.message_id);
    hits
}

#[tokio::test]
async fn a_rebuilt_index_is_equal() {
    let (office, before) = filled().await;
    office.indexer.reindex().await.unwrap();
    assert_eq!(everything(&office).await, before);
    let office = office.restart();
    assert_eq!(everything(&office).await, before);
    assert_eq!(office.index.place(), Some(office.desk.end()));
}

#[tokio::test]
async fn a_deleted_index_is_missing_then_comes_back_equal() {
    let (office, before) = filled().await;
    let (desk, folder) = office.close();
    std::fs::remove_dir_all(folder.path()).unwrap();
    let office = Office::open(desk, folder);
    assert_eq!(office.indexer.place(), None);
    let missing = office.ask(request(TENANT, "common")).await.unwrap_err();
    assert!(matches!(missing, SearchError::Building));
    office.indexer.reindex().await.unwrap();
    assert_eq!(everything(&office).await, before);
}

#[tokio::test]
async fn a_damaged_index_is_no_index() {
    let (office, before) = filled().await;
    let (desk, folder) = office.close();
    let current = std::fs::read_to_string(folder.path().join("CURRENT")).unwrap();
    std::fs::write(folder.path().join(current).join("meta.json"), "{").unwrap();
    let office = Office::open(desk, folder);
    assert_eq!(office.indexer.place(), None);
    office.indexer.reindex().await.unwrap();
    assert_eq!(everything(&office).await, before);
}

#[tokio::test]
async fn a_failed_rebuild_leaves_the_old_index_in_use() {
    let (office, before) = filled().await;
    office.desk.broken.store(true, Ordering::Relaxed);
    assert!(office.indexer.reindex().await.is_err());
    office.desk.broken.store(false, Ordering::Relaxed);
    assert_eq!(everything(&office).await, before);
    office.settle().await;
    let office = office.restart();
    assert_eq!(everything(&office).await, before);
}

/// Stops in the middle of reading the state until it is let go.
struct Halting {
    desk: Arc<Desk>,
    reached: Notify,
    go: Notify,
}

#[async_trait]
impl Source for Halting {
    async fn place(&self) -> Result<Place, SourceError> {
        self.desk.place().await
    }

    async fn conversations(&self, after: Option<String>) -> Result<Batch, SourceError> {
        let page = self.desk.conversations(after).await?;
        if page.next.is_none() {
            self.reached.notify_one();
            self.go.notified().await;
        }
        Ok(page)
    }

    async fn contact_conversations(
        &self,
        tenant: TenantId,
        contact: ContactId,
    ) -> Result<Vec<ConversationId>, SourceError> {
        self.desk.contact_conversations(tenant, contact).await
    }

    async fn conversation(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, SourceError> {
        self.desk.conversation(tenant, id).await
    }

    async fn messages(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
        after_seq: i64,
    ) -> Result<Vec<Message>, SourceError> {
        self.desk.messages(tenant, conversation, after_seq).await
    }
}

fn halting(office: &Office) -> Halting {
    Halting {
        desk: office.desk.clone(),
        reached: Notify::new(),
        go: Notify::new(),
    }
}

#[tokio::test]
async fn killed_in_the_middle_of_a_rebuild_the_old_index_is_whole() {
    let (office, before) = filled().await;
    let source = halting(&office);
    let start = office.desk.end();
    tokio::select! {
        done = office.index.reindex(&source, start) => panic!("{done:?}"),
        () = source.reached.notified() => {}
    }
    let half = std::fs::read_dir(office.folder.path()).unwrap().count();
    let office = office.restart();
    let swept = std::fs::read_dir(office.folder.path()).unwrap().count();
    assert_eq!(swept, half - 1, "the half generation is still there");
    assert_eq!(everything(&office).await, before);
    assert_eq!(office.indexer.place(), Some(office.desk.end()));
}

#[tokio::test]
async fn what_happens_during_a_rebuild_is_in_the_new_index() {
    let (office, before) = filled().await;
    let source = halting(&office);
    let during = async {
        source.reached.notified().await;
        let changed = before[0].conversation_id;
        office
            .desk
            .change(TENANT, changed, |c| c.status = Status::Resolved);
        let id = office.desk.start(TENANT, "Vera", None);
        office
            .desk
            .say(TENANT, id, visitor("Vera"), "common latecomer");
        office.settle().await;
        assert_eq!(
            office.find("latecomer").await.len(),
            1,
            "not stopped meanwhile"
        );
        source.go.notify_one();
    };
    let start = office.desk.end();
    let (done, ()) = tokio::join!(office.index.reindex(&source, start), during);
    done.unwrap();
    assert_eq!(office.find("latecomer").await.len(), 1);
    assert_eq!(office.find("status:resolved").await.len(), 3);
    assert_eq!(everything(&office).await.len(), 91);
    assert_eq!(office.index.place(), Some(office.desk.end()));
}

#[tokio::test]
async fn what_is_gone_from_the_state_is_gone_after_a_rebuild() {
    let (office, before) = filled().await;
    let gone = before[0].conversation_id;
    office
        .desk
        .state
        .lock()
        .unwrap()
        .conversations
        .remove(&(TENANT, gone));
    office.indexer.reindex().await.unwrap();
    assert_eq!(everything(&office).await.len(), 87);
}
