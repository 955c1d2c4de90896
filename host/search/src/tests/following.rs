//! The feed into the index: repeats, changes, failures, restarts.

use std::sync::atomic::Ordering;

use deskbell_domain::contact::Contact;
use deskbell_domain::event::Changes;
use deskbell_domain::{EventBody, Status};

use super::desk::{Office, TENANT, request, visitor};

#[tokio::test]
async fn a_message_is_found_at_once_and_costs_no_read_of_its_conversation() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    for n in 0..10 {
        office
            .desk
            .say(TENANT, id, visitor("Vera"), &format!("line {n}"));
        office.settle().await;
        assert_eq!(office.find("line").await.len(), n + 1);
    }
    assert_eq!(office.desk.reads.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn repeated_deliveries_change_nothing() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    office.desk.say(TENANT, id, visitor("Vera"), "hello");
    office
        .desk
        .change(TENANT, id, |c| c.status = Status::Active);
    office.desk.say(TENANT, id, visitor("Vera"), "hello again");
    let events = office.desk.after(0);
    for end in [4, 2, 3, 4, 4] {
        let batch: Vec<_> = events[..end].iter().collect();
        office
            .indexer
            .follow(&batch, office.desk.end())
            .await
            .unwrap();
    }
    assert_eq!(office.find("hello").await.len(), 2);
    assert_eq!(office.find("hello status:active").await.len(), 2);
}

#[tokio::test]
async fn a_changed_conversation_changes_all_its_messages() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", Some("Kettle"));
    for text in ["one", "two", "three"] {
        office.desk.say(TENANT, id, visitor("Vera"), text);
    }
    office.settle().await;
    office.desk.change(TENANT, id, |c| {
        c.status = Status::Closed;
        c.subject = Some("Teapot".to_owned());
    });
    office.desk.change(TENANT, id, |c| c.unread_count = 7);
    office.settle().await;
    assert_eq!(office.find("status:closed").await.len(), 3);
    assert_eq!(office.find("status:queued").await.len(), 0);
    assert_eq!(office.find("teapot").await.len(), 1);
    assert_eq!(office.find("kettle").await.len(), 0);
    // Two pages of its three messages, for the one change that counts.
    assert_eq!(office.desk.reads.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_renamed_contact_is_found_by_the_new_name() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Visitor 17", None);
    office.desk.say(TENANT, id, visitor("Visitor 17"), "hello");
    office.settle().await;
    {
        let mut state = office.desk.state.lock().unwrap();
        let (conversation, _) = state.conversations.get_mut(&(TENANT, id)).unwrap();
        conversation.contact.name = Some("Esmeralda".to_owned());
        let contact = Contact {
            id: conversation.contact.id,
            name: conversation.contact.name.clone(),
            email: None,
            verified: false,
            vip: false,
            attributes: serde_json::Map::new(),
            created_at: conversation.created_at,
            version: 2,
        };
        let mut event = state.feed[0].clone();
        event.body = EventBody::ContactUpdated { contact };
        event.conversation_id = None;
        event.changes = Changes::default();
        state.feed.push(event);
    }
    office.settle().await;
    assert_eq!(office.find("esmeralda").await, ["hello"]);
}

#[tokio::test]
async fn a_restart_goes_on_exactly_where_the_last_commit_was() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    office.desk.say(TENANT, id, visitor("Vera"), "first");
    office.settle().await;
    let place = office.index.place();
    assert_eq!(place, Some(office.desk.end()));

    let office = office.restart();
    assert_eq!(office.indexer.place(), place);
    assert_eq!(office.find("first").await.len(), 1);
    office.desk.say(TENANT, id, visitor("Vera"), "second");
    office.settle().await;
    let office = office.restart();
    assert_eq!(office.find("from:vera").await.len(), 2);
}

#[tokio::test]
async fn what_a_given_up_batch_concerned_comes_with_the_next() {
    let office = Office::new().await;
    let id = office.desk.start(TENANT, "Vera", None);
    office.settle().await;
    let office = office.restart();
    office.desk.say(TENANT, id, visitor("Vera"), "lost");
    let lost = office.desk.after(1);
    office.desk.broken.store(true, Ordering::Relaxed);
    let failed = office.indexer.follow(&[&lost[0]], office.desk.end()).await;
    assert!(failed.is_err());
    office.desk.broken.store(false, Ordering::Relaxed);

    let other = office.desk.start(TENANT, "Otto", None);
    office.desk.say(TENANT, other, visitor("Otto"), "next");
    let next = office.desk.after(2);
    let next: Vec<_> = next.iter().collect();
    office
        .indexer
        .follow(&next, office.desk.end())
        .await
        .unwrap();
    assert_eq!(office.find("lost").await.len(), 1);
    assert_eq!(office.find("next").await.len(), 1);
}

#[tokio::test]
async fn a_second_process_is_refused_by_name() {
    let office = Office::new().await;
    let refused = crate::SearchIndex::open(office.folder.path())
        .err()
        .unwrap();
    assert!(refused.to_string().contains("in use"), "{refused}");
    assert!(office.ask(request(TENANT, "x")).await.is_ok());
}
