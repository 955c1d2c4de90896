//! The hook `routing`: a waiting conversation and its candidates in, a verdict
//! with a reason out. Ids are checked for form here, for sense by the router.

use deskbell_app::hooks::{
    HookError, Opinion, RouteCandidate, RouteRequest, SHOWN_CANDIDATES, Verdict,
};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ConversationId, Priority, Timestamp};

use super::{Adapter, Question, Unsuited, told};
use crate::bindings::routing as wit;
use crate::call::Asking;
use crate::words::{self, ContactWords, Weight};

pub(super) const ADAPTER: Adapter = Adapter {
    hook: Hook::Routing,
    interface: "deskbell:routing/router@0.1.0",
    find: |component, exports| {
        exports.routing = Some(wit::GuestIndices::new(component)?);
        Ok(())
    },
    probe: |asking, _| match router(asking) {
        Ok(_) => Ok(()),
        Err(error) => Err(Unsuited::Signature(format!("{error:#}"))),
    },
};

fn router(asking: &mut Asking<'_>) -> wasmtime::Result<wit::Guest> {
    asking.load(
        |exports| exports.routing.as_ref(),
        |found, store, instance| found.load(store, instance),
    )
}

impl Question for RouteRequest {
    type Answer = Opinion;
    const HOOK: Hook = Hook::Routing;

    fn conversation(&self) -> Option<ConversationId> {
        Some(self.conversation.id)
    }

    fn ask(self, asking: &mut Asking<'_>) -> Result<Opinion, HookError> {
        let request = request(self);
        asking.takes(request.weight())?;
        let router = router(asking).map_err(|error| asking.explain(&error))?;
        let said = asking.enter(|store, cx| router.call_route(store, cx, &request))?;
        let said = said.map_err(told)?;
        asking.gives(said.weight())?;
        opinion(said)
    }
}

fn request(from: RouteRequest) -> wit::Request {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let conversation = from.conversation;
    let contact = ContactWords::from(from.contact);
    wit::Request {
        conversation: wit::Conversation {
            id: conversation.id.to_string(),
            inbox_id: conversation.inbox_id.to_string(),
            subject: conversation.subject,
            category: conversation.category,
            priority: match conversation.priority {
                Priority::Low => wit::Priority::Low,
                Priority::Medium => wit::Priority::Medium,
                Priority::High => wit::Priority::High,
                Priority::Urgent => wit::Priority::Urgent,
            },
            attributes: words::attributes(&conversation.attributes),
        },
        contact: wit::Contact {
            id: contact.id,
            name: contact.name,
            email: contact.email,
            verified: contact.verified,
            vip: contact.vip,
            attributes: contact.attributes,
        },
        waiting_ms: u64::try_from(from.waiting_ms).unwrap_or(0),
        queue: wit::Queue {
            team_id: from.team_id.to_string(),
            team_name: from.team_name,
            waiting: count(from.waiting),
            position: count(from.position),
        },
        candidates: from
            .candidates
            .into_iter()
            .take(SHOWN_CANDIDATES)
            .map(candidate)
            .collect(),
        candidates_total: count(from.candidates_total),
        retry_of: from.retry_of,
        attributes: Vec::new(),
    }
}

fn candidate(from: RouteCandidate) -> wit::Candidate {
    let count = |n: i64| u32::try_from(n).unwrap_or(0);
    let RouteCandidate { candidate, email } = from;
    wit::Candidate {
        agent_id: candidate.id.to_string(),
        name: candidate.name,
        email,
        load: count(candidate.load),
        capacity: count(candidate.capacity),
        // Nobody has skills on this desk yet.
        skills: Vec::new(),
        last_assigned_ms: candidate
            .last_assigned_at
            .and_then(|at| u64::try_from(at.0).ok()),
        attributes: Vec::new(),
    }
}

impl Weight for wit::Request {
    fn weight(&self) -> usize {
        let conversation = &self.conversation;
        let contact = &self.contact;
        let candidates: usize = self
            .candidates
            .iter()
            .map(|c| c.agent_id.weight() + c.name.weight() + c.email.weight() + 64)
            .sum();
        conversation.id.weight()
            + conversation.inbox_id.weight()
            + conversation.subject.weight()
            + conversation.category.weight()
            + conversation.attributes.weight()
            + contact.id.weight()
            + contact.name.weight()
            + contact.email.weight()
            + contact.attributes.weight()
            + self.queue.team_id.weight()
            + self.queue.team_name.weight()
            + self.retry_of.weight()
            + candidates
    }
}

impl Weight for wit::Decision {
    fn weight(&self) -> usize {
        let verdict = match &self.verdict {
            wit::Verdict::Assign(id) => id.weight(),
            wit::Verdict::Queue(target) => target.team_id.weight(),
            wit::Verdict::NoOpinion | wit::Verdict::HoldUntil(_) | wit::Verdict::ToBot => 0,
        };
        verdict + self.reason.weight()
    }
}

fn opinion(said: wit::Decision) -> Result<Opinion, HookError> {
    let verdict = match said.verdict {
        wit::Verdict::NoOpinion => Verdict::NoOpinion,
        wit::Verdict::Assign(id) => Verdict::Assign(parsed(&id, "an agent's id")?),
        wit::Verdict::Queue(target) => Verdict::Queue {
            team: match target.team_id {
                Some(id) => Some(parsed(&id, "a team's id")?),
                None => None,
            },
            priority: target.priority.map(|priority| match priority {
                wit::Priority::Low => Priority::Low,
                wit::Priority::Medium => Priority::Medium,
                wit::Priority::High => Priority::High,
                wit::Priority::Urgent => Priority::Urgent,
            }),
        },
        wit::Verdict::HoldUntil(at) => match i64::try_from(at) {
            Ok(at) => Verdict::HoldUntil(Timestamp(at)),
            Err(_) => return Err(HookError::BadAnswer("hold-until is no time".to_owned())),
        },
        wit::Verdict::ToBot => Verdict::ToBot,
    };
    let reason = said.reason.map(|reason| words::sentence(&reason));
    Ok(Opinion {
        verdict,
        reason: reason.filter(|reason| !reason.is_empty()),
    })
}

fn parsed<T: std::str::FromStr>(id: &str, what: &str) -> Result<T, HookError> {
    id.parse()
        .map_err(|_| HookError::BadAnswer(format!("`{}` is not {what}", words::sentence(id))))
}
