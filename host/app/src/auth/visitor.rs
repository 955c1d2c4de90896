//! A visitor's session: bound to a secret that only their browser keeps.
//!
//! The same secret is the same visitor again. A typed name or address is never an
//! identity; an unknown secret is simply somebody new.

use deskbell_domain::contact::Contact;
use deskbell_domain::event::Changes;
use deskbell_domain::inbox::Inbox;
use deskbell_domain::session::Session;
use deskbell_domain::text::Check;
use deskbell_domain::visitor::Whereabouts;
use deskbell_domain::{Actor, Audience, ContactId, EventBody, SessionId, Visitor, VisitorId, Who};
use serde_json::Map;

use crate::app::{App, found};
use crate::auth::{Client, Plane};
use crate::error::Error;
use crate::token::{VISITOR_LIFE, secret_hash, secret_text};

#[derive(Debug, Clone, Default)]
pub struct OpenVisitorSession {
    pub inbox_key: String,
    pub secret: Option<String>,
    pub whereabouts: Whereabouts,
}

#[derive(Debug, Clone)]
pub struct VisitorSession {
    pub token: String,
    /// Seconds.
    pub expires_in: i64,
    pub visitor_id: VisitorId,
    pub secret: String,
    pub inbox: Inbox,
}

impl App {
    pub async fn open_visitor_session(
        &self,
        open: OpenVisitorSession,
        client: Client,
    ) -> Result<VisitorSession, Error> {
        let mut check = Check::new();
        open.whereabouts.check(&mut check);
        check.done()?;
        let inbox = self
            .store
            .system_snapshot()
            .await?
            .inbox_by_key(&open.inbox_key)
            .await?;
        let (tenant_id, inbox) = found(inbox, "inbox")?;
        let tenant = self.tenant(tenant_id).await?;
        let near = self.surroundings(&tenant);
        let fresh = secret_text("dbv", self.secrets.bytes());
        let inbox_id = inbox.id;
        let (known, whereabouts) = (open.secret, open.whereabouts);
        let (visitor_id, session_id, secret) = self
            .store
            .write(tenant_id, move |tx| {
                let (near, fresh, client) = (near.clone(), fresh.clone(), client.clone());
                let (known, whereabouts) = (known.clone(), whereabouts.clone());
                Box::pin(async move {
                    let old = match &known {
                        Some(secret) => tx.visitor_by_secret(&secret_hash(secret)).await?,
                        None => None,
                    };
                    let old = old.filter(|visitor| visitor.inbox_id == inbox_id);
                    let (id, secret) = match (old, known) {
                        (Some(visitor), Some(secret)) => {
                            let whereabouts = whereabouts.or(visitor.whereabouts);
                            tx.move_visitor(visitor.id, whereabouts, near.now).await?;
                            (visitor.id, secret)
                        }
                        _ => (
                            newcomer(tx, &near, inbox_id, &fresh, whereabouts).await?,
                            fresh,
                        ),
                    };
                    let session = Session {
                        id: SessionId(near.ids.uuid()),
                        agent_id: None,
                        visitor_id: Some(id),
                        user_agent: client.user_agent,
                        address: client.address,
                        created_at: near.now,
                        last_used_at: near.now,
                        expires_at: near.now.plus(VISITOR_LIFE),
                        revoked_at: None,
                    };
                    tx.insert_session(&session).await?;
                    Ok::<_, Error>((id, session.id, secret))
                })
            })
            .await?;
        self.ring();
        let subject = visitor_id.to_string();
        let (token, expires_in) = self
            .sign(Plane::Widget, tenant_id, subject, session_id, VISITOR_LIFE)
            .await?;
        Ok(VisitorSession {
            token,
            expires_in,
            visitor_id,
            secret,
            inbox,
        })
    }

    /// The inbox of a public key, for its look and its origins.
    pub async fn inbox_by_key(&self, key: &str) -> Result<Inbox, Error> {
        let inbox = self
            .store
            .system_snapshot()
            .await?
            .inbox_by_key(key)
            .await?;
        Ok(found(inbox, "inbox")?.1)
    }

    /// The inbox a visitor rings at.
    pub async fn inbox_of(&self, actor: &Actor) -> Result<Inbox, Error> {
        let Who::Visitor { inbox, .. } = actor.who else {
            return Err(deskbell_domain::Refusal::NotFound("inbox").into());
        };
        found(
            self.store
                .snapshot(actor.tenant)
                .await?
                .inbox(inbox)
                .await?,
            "inbox",
        )
    }
}

async fn newcomer(
    tx: &deskbell_store::Tx,
    near: &crate::app::Surroundings,
    inbox_id: deskbell_domain::InboxId,
    secret: &str,
    whereabouts: Whereabouts,
) -> Result<VisitorId, Error> {
    let contact = Contact {
        id: ContactId(near.ids.uuid()),
        name: None,
        email: None,
        verified: false,
        vip: false,
        attributes: Map::new(),
        created_at: near.now,
        version: 1,
    };
    tx.insert_contact(&contact).await?;
    let visitor = Visitor {
        id: VisitorId(near.ids.uuid()),
        contact_id: contact.id,
        inbox_id,
        whereabouts,
        created_at: near.now,
        last_seen_at: near.now,
    };
    tx.insert_visitor(&visitor, &secret_hash(secret)).await?;
    let by = Actor::system(near.tenant.id);
    let body = EventBody::ContactCreated { contact };
    // Somebody who only opened the page is no news to agents, but to supervisors.
    tx.emit(near.event(&by, body, Changes::default(), Audience::default()))?;
    Ok(visitor.id)
}
