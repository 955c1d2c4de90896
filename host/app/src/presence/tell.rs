//! What is true only now, told to whoever may know: typing, presence, places.
//!
//! Signals go through the bell and are never stored. A socket that arrives is
//! told what it cannot have heard before.

use deskbell_domain::{
    Actor, ActorRef, AgentId, Audience, ContactId, ConversationId, Status, TenantId, Timestamp,
};
use serde_json::{Value, json};

use crate::app::App;
use crate::bell::{Signal, SignalName};
use crate::error::Error;

impl App {
    /// Passes on what is true only now, to whoever may see the conversation.
    pub async fn signal(
        &self,
        actor: &Actor,
        name: SignalName,
        conversation: ConversationId,
        data: Value,
    ) -> Result<(), Error> {
        let seen = self.visible_conversation(actor, conversation).await?;
        self.bell.signal(Signal {
            tenant: actor.tenant,
            name,
            actor: actor.to_ref(),
            conversation_id: Some(conversation),
            audience: Audience::of_conversation(&seen),
            occurred_at: self.now(),
            data,
        });
        Ok(())
    }

    /// Tells the desk, for each open conversation of a contact, whether a page of
    /// theirs is open anywhere.
    pub(crate) async fn tell_presence(
        &self,
        actor: &Actor,
        contact: ContactId,
    ) -> Result<(), Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        let open = tx.contact_conversations(contact, 10).await?;
        let online = tx.contact_connected(contact).await?;
        for conversation in open.iter().filter(|c| c.status.is_open()) {
            let audience = Audience {
                contact: None,
                ..Audience::of_conversation(conversation)
            };
            self.bell
                .signal(self.presence_signal(actor, conversation.id, audience, online));
        }
        Ok(())
    }

    /// An agent who arrives hears which of their visitors are there.
    pub(super) async fn tell_who_is_there(
        &self,
        actor: &Actor,
        agent: AgentId,
    ) -> Result<(), Error> {
        let tx = self.store.snapshot(actor.tenant).await?;
        for id in tx.active_of(agent).await? {
            let Some(conversation) = tx.conversation(id).await? else {
                continue;
            };
            let online = tx.contact_connected(conversation.contact.id).await?;
            let audience = Audience {
                agents: vec![agent],
                ..Audience::default()
            };
            let system = Actor::system(actor.tenant);
            self.bell
                .signal(self.presence_signal(&system, id, audience, online));
        }
        Ok(())
    }

    fn presence_signal(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        audience: Audience,
        online: bool,
    ) -> Signal {
        Signal {
            tenant: actor.tenant,
            name: SignalName::Presence,
            actor: actor.to_ref(),
            conversation_id: Some(conversation),
            audience,
            occurred_at: self.now(),
            data: json!({ "online": online }),
        }
    }

    /// A visitor who arrives hears at once where they stand.
    pub(super) async fn tell_place(
        &self,
        tenant: TenantId,
        contact: ContactId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let tx = self.store.snapshot(tenant).await?;
        let theirs = tx.contact_conversations(contact, 10).await?;
        for conversation in theirs.iter().filter(|c| c.status == Status::Queued) {
            if let Some(place) = tx.queue_place(conversation.id).await? {
                let id = conversation.id;
                self.bell
                    .signal(place_signal(tenant, contact, id, place, None, now));
            }
        }
        Ok(())
    }
}

/// The visitor's place in the queue, as the router and a fresh socket tell it.
pub(crate) fn place_signal(
    tenant: TenantId,
    contact: ContactId,
    conversation: ConversationId,
    place: i64,
    expected_wait_ms: Option<i64>,
    now: Timestamp,
) -> Signal {
    Signal {
        tenant,
        name: SignalName::QueuePosition,
        actor: ActorRef::system(),
        conversation_id: Some(conversation),
        audience: Audience {
            contact: Some(contact),
            ..Audience::default()
        },
        occurred_at: now,
        data: json!({ "position": place, "expected_wait_ms": expected_wait_ms }),
    }
}
