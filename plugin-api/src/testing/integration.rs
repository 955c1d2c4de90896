//! Events, and requests for cards, in tests: say what matters, the rest is filled in.

use serde::Serialize;

use crate::Attributes;
use crate::context;
use crate::events::{Agent, Contact, Conversation, Event, Message, SenderKind};

const NOW_MS: u64 = 1_777_636_800_000;

/// An event of this type, in an active conversation of an unknown visitor. One of
/// the type `contact.…` has no conversation.
#[must_use]
pub fn event(kind: &str) -> EventRequest {
    let conversation = Conversation {
        id: "conv_1".to_owned(),
        inbox_id: "inb_1".to_owned(),
        team_id: Some("team_1".to_owned()),
        status: "active".to_owned(),
        priority: "medium".to_owned(),
        subject: None,
        category: None,
        assignee: None,
        created_at_ms: NOW_MS,
        attributes: Attributes::default(),
    };
    let mut attributes = Attributes::default();
    attributes.set(
        "actor",
        std::collections::BTreeMap::from([("type", "system")]),
    );
    EventRequest(Event {
        id: "evt_1".to_owned(),
        kind: kind.to_owned(),
        occurred_at_ms: NOW_MS,
        attempt: 1,
        conversation: (!kind.starts_with("contact.")).then_some(conversation),
        contact: Some(Contact {
            id: "con_1".to_owned(),
            name: None,
            email: None,
            verified: false,
            vip: false,
            attributes: Attributes::default(),
        }),
        message: None,
        attributes,
    })
}

/// The visitor wrote this.
#[must_use]
pub fn message_created(text: &str) -> EventRequest {
    let mut created = event("message.created");
    created.0.message = Some(Message {
        id: "msg_1".to_owned(),
        seq: 1,
        sender: SenderKind::Visitor,
        sender_name: None,
        text: text.to_owned(),
        private: false,
        created_at_ms: NOW_MS,
        attributes: Attributes::default(),
    });
    created
}

/// Builds an event. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct EventRequest(Event);

impl EventRequest {
    /// The event's id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.0.id = id.to_owned();
        self
    }

    /// It is told again.
    #[must_use]
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.0.attempt = attempt;
        self
    }

    /// The conversation's status.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        if let Some(conversation) = &mut self.0.conversation {
            conversation.status = status.to_owned();
        }
        self
    }

    /// What the conversation is about.
    #[must_use]
    pub fn subject(mut self, subject: &str) -> Self {
        if let Some(conversation) = &mut self.0.conversation {
            conversation.subject = Some(subject.to_owned());
        }
        self
    }

    /// Who has the conversation.
    #[must_use]
    pub fn assignee(mut self, name: &str) -> Self {
        if let Some(conversation) = &mut self.0.conversation {
            conversation.assignee = Some(Agent {
                id: "agt_1".to_owned(),
                name: name.to_owned(),
            });
        }
        self
    }

    /// An attribute of the conversation.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Serialize) -> Self {
        if let Some(conversation) = &mut self.0.conversation {
            conversation.attributes.set(name, value);
        }
        self
    }

    /// The contact is a VIP.
    #[must_use]
    pub fn vip(mut self) -> Self {
        if let Some(contact) = &mut self.0.contact {
            contact.vip = true;
        }
        self
    }

    /// The contact's name.
    #[must_use]
    pub fn contact_name(mut self, name: &str) -> Self {
        if let Some(contact) = &mut self.0.contact {
            contact.name = Some(name.to_owned());
        }
        self
    }

    /// The contact's name and e-mail address, vouched for by the site.
    #[must_use]
    pub fn verified_contact(mut self, name: &str, email: &str) -> Self {
        if let Some(contact) = &mut self.0.contact {
            contact.name = Some(name.to_owned());
            contact.email = Some(email.to_owned());
            contact.verified = true;
        }
        self
    }

    /// The event.
    #[must_use]
    pub fn build(self) -> Event {
        self.0
    }
}

/// A request for cards: an agent looks at the conversation of an unknown visitor.
#[must_use]
pub fn context_request() -> ContextRequest {
    ContextRequest(context::Request {
        conversation: context::Conversation {
            id: "conv_1".to_owned(),
            inbox_id: "inb_1".to_owned(),
            subject: None,
            category: None,
            attributes: Attributes::default(),
        },
        contact: context::Contact {
            id: "con_1".to_owned(),
            name: None,
            email: None,
            verified: false,
            vip: false,
            attributes: Attributes::default(),
        },
        attributes: Attributes::default(),
    })
}

/// Builds a request for cards. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct ContextRequest(context::Request);

impl ContextRequest {
    /// An attribute of the conversation.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.conversation.attributes.set(name, value);
        self
    }

    /// An attribute of the contact.
    #[must_use]
    pub fn contact_attribute(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.contact.attributes.set(name, value);
        self
    }

    /// The contact's name and e-mail address, vouched for by the site.
    #[must_use]
    pub fn verified_contact(mut self, name: &str, email: &str) -> Self {
        self.0.contact.name = Some(name.to_owned());
        self.0.contact.email = Some(email.to_owned());
        self.0.contact.verified = true;
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> context::Request {
        self.0
    }
}
