//! What belongs to one tenant is not there for another.

use deskbell_domain::{AgentId, TenantId};
use deskbell_store::conversation::ConversationFilter;
use deskbell_store::merged::SubmitError;
use deskbell_store::{Faults, Store};
use deskbell_tests::both_engines;

use super::desk::{Caller, Desk};
use super::fresh::Fresh;

/// How many of one tenant's things another tenant's transaction gets to see.
async fn leaks(store: &Store, stranger: TenantId, desk: &Desk, caller: &Caller) -> usize {
    let tx = store.snapshot(stranger).await.unwrap();
    let range = deskbell_store::message::MessageRange {
        limit: 10,
        ..Default::default()
    };
    let all = ConversationFilter::default();
    let agent: AgentId = desk.agents[0];
    [
        tx.conversation(caller.conversation)
            .await
            .unwrap()
            .is_some(),
        !tx.conversations(&all, None, 10).await.unwrap().is_empty(),
        !tx.messages(caller.conversation, range)
            .await
            .unwrap()
            .is_empty(),
        tx.agent(agent).await.unwrap().is_some(),
        tx.agent_login("agent0@demo.test").await.unwrap().is_some(),
        tx.team(desk.team).await.unwrap().is_some(),
        tx.inbox(desk.inbox).await.unwrap().is_some(),
        tx.contact(caller.contact).await.unwrap().is_some(),
        tx.visitor(caller.visitor).await.unwrap().is_some(),
        !tx.queued(None, 10).await.unwrap().is_empty(),
        tx.queue_place(caller.conversation).await.unwrap().is_some(),
        !tx.contact_conversations(caller.contact, 10)
            .await
            .unwrap()
            .is_empty(),
    ]
    .into_iter()
    .filter(|leak| *leak)
    .count()
}

async fn strangers(fresh: &Fresh) -> (Desk, Caller, TenantId) {
    let desk = Desk::open(&fresh.store).await;
    let caller = desk.caller(&fresh.store).await;
    (desk, caller, TenantId(uuid::Uuid::from_u128(77)))
}

both_engines! {
    async fn nothing_crosses_to_another_tenant(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let (desk, caller, stranger) = strangers(&fresh).await;
        assert_eq!(leaks(&fresh.store, stranger, &desk, &caller).await, 0);
        assert_eq!(leaks(&fresh.store, desk.tenant, &desk, &caller).await, 12);
        let mut unit = desk.unit(caller.conversation, |_| Ok(()));
        unit.tenant = stranger;
        let answer = fresh.store.submit(unit).await;
        assert!(matches!(answer, Err(SubmitError::NotFound)));
        fresh.done().await;
    }

    async fn a_forgotten_tenant_would_be_found(engine: Engine) {
        let faults = Faults { forget_tenant: true, ..Faults::default() };
        let fresh = Fresh::faulty(engine, faults).await;
        let (desk, caller, stranger) = strangers(&fresh).await;
        assert_ne!(leaks(&fresh.store, stranger, &desk, &caller).await, 0);
        fresh.done().await;
    }
}
