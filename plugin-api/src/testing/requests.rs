//! Requests for tests: say what matters, the rest is filled in.

use serde::Serialize;

use crate::routing::{self, Candidate, Priority, Skill};
use crate::{Attributes, Call, filter, variables};

/// The circumstances of a call in a test: 1 May 2026, noon, with time enough.
#[must_use]
pub fn call() -> Call {
    Call {
        tenant_id: "ten_1".to_owned(),
        installation_id: "ins_1".to_owned(),
        call_id: "call_1".to_owned(),
        now_ms: 1_777_636_800_000,
        deadline_ms: 100,
    }
}

/// A request for a router: a conversation of an unknown visitor, alone in the
/// queue of the team Support, and no candidates yet.
#[must_use]
pub fn routing_request() -> RoutingRequest {
    RoutingRequest(routing::Request {
        conversation: routing::Conversation {
            id: "conv_1".to_owned(),
            inbox_id: "inb_1".to_owned(),
            subject: None,
            category: None,
            priority: Priority::Medium,
            attributes: Attributes::default(),
        },
        contact: routing::Contact {
            id: "con_1".to_owned(),
            name: None,
            email: None,
            verified: false,
            vip: false,
            attributes: Attributes::default(),
        },
        waiting_ms: 0,
        queue: routing::Queue {
            team_id: "team_1".to_owned(),
            team_name: "Support".to_owned(),
            waiting: 1,
            position: 1,
        },
        candidates: Vec::new(),
        candidates_total: 0,
        retry_of: None,
        attributes: Attributes::default(),
    })
}

/// Builds a request for a router. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct RoutingRequest(routing::Request);

impl RoutingRequest {
    /// The contact is a VIP.
    #[must_use]
    pub fn vip(mut self) -> Self {
        self.0.contact.vip = true;
        self
    }

    /// The conversation's category.
    #[must_use]
    pub fn category(mut self, category: &str) -> Self {
        self.0.conversation.category = Some(category.to_owned());
        self
    }

    /// The conversation's priority.
    #[must_use]
    pub fn priority(mut self, priority: Priority) -> Self {
        self.0.conversation.priority = priority;
        self
    }

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

    /// How long the conversation has waited.
    #[must_use]
    pub fn waiting_ms(mut self, ms: u64) -> Self {
        self.0.waiting_ms = ms;
        self
    }

    /// One more candidate, ranked after those before. The first has the id
    /// `agt_1`, the next `agt_2`.
    #[must_use]
    pub fn candidate(mut self, name: &str, email: &str, load: u32, capacity: u32) -> Self {
        self.0.candidates_total += 1;
        self.0.candidates.push(Candidate {
            agent_id: format!("agt_{}", self.0.candidates_total),
            name: name.to_owned(),
            email: email.to_owned(),
            load,
            capacity,
            skills: Vec::new(),
            last_assigned_ms: None,
            attributes: Attributes::default(),
        });
        self
    }

    /// A skill of the candidate added last; nothing without one.
    #[must_use]
    pub fn skill(mut self, name: &str, level: u32) -> Self {
        if let Some(candidate) = self.0.candidates.last_mut() {
            candidate.skills.push(Skill {
                name: name.to_owned(),
                level,
            });
        }
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> routing::Request {
        self.0
    }
}

/// A request for the values of these names: a conversation of an unknown visitor,
/// and Ana is about to send.
#[must_use]
pub fn variables_request(names: &[&str]) -> VariablesRequest {
    VariablesRequest(variables::Request {
        names: names.iter().map(|&name| name.to_owned()).collect(),
        conversation: variables::Conversation {
            id: "conv_1".to_owned(),
            subject: None,
            category: None,
            attributes: Attributes::default(),
        },
        contact: variables::Contact {
            id: "con_1".to_owned(),
            name: None,
            email: None,
            verified: false,
            vip: false,
            attributes: Attributes::default(),
        },
        agent: variables::Agent {
            id: "agt_1".to_owned(),
            name: "Ana".to_owned(),
        },
        attributes: Attributes::default(),
    })
}

/// Builds a request for values. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct VariablesRequest(variables::Request);

impl VariablesRequest {
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
    pub fn build(self) -> variables::Request {
        self.0
    }
}

/// A request for a filter: a visitor writes into a conversation, and no field is
/// there yet.
#[must_use]
pub fn filter_request() -> FilterRequest {
    FilterRequest(filter::Request {
        direction: filter::Direction::Inbound,
        sender: filter::SenderKind::Visitor,
        conversation_id: Some("conv_1".to_owned()),
        inbox_id: Some("inb_1".to_owned()),
        fields: Vec::new(),
        attributes: Attributes::default(),
    })
}

/// Builds a request for a filter. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct FilterRequest(filter::Request);

impl FilterRequest {
    /// The message itself.
    #[must_use]
    pub fn text(self, text: &str) -> Self {
        self.field("text", text)
    }

    /// One more field.
    #[must_use]
    pub fn field(mut self, name: &str, text: &str) -> Self {
        self.0.fields.push(filter::Field::new(name, text));
        self
    }

    /// An agent writes to the visitor.
    #[must_use]
    pub fn outbound(self) -> Self {
        self.by_agent(filter::Direction::Outbound)
    }

    /// An agent writes for the desk only.
    #[must_use]
    pub fn note(self) -> Self {
        self.by_agent(filter::Direction::Note)
    }

    fn by_agent(mut self, direction: filter::Direction) -> Self {
        self.0.direction = direction;
        self.0.sender = filter::SenderKind::Agent;
        self.0.inbox_id = None;
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> filter::Request {
        self.0
    }
}
