//! The hook `routing`: its exported function, and both ways of its records.

use std::marker::PhantomData;

use crate::routing as api;
use crate::{Attributes, Call, HookError, Router};

wit_bindgen::generate!({
    inline: "
        package deskbell:plugin-api-routing;
        world routing {
            export deskbell:routing/router@0.1.0;
        }
    ",
    path: ["../wit/types", "../wit/routing"],
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export",
});

use deskbell::types::types as shared;
use exports::deskbell::routing::router as wire;

pub struct Exported<R>(PhantomData<R>);

impl<R: Router> wire::Guest for Exported<R> {
    fn route(
        cx: wire::CallContext,
        request: wire::Request,
    ) -> Result<wire::Decision, wire::HookError> {
        super::log_panics();
        match R::route(&call(cx), read(request)) {
            Ok(decision) => Ok(write(decision)),
            Err(error) => Err(refuse(error)),
        }
    }
}

fn call(cx: wire::CallContext) -> Call {
    Call {
        tenant_id: cx.tenant_id,
        installation_id: cx.installation_id,
        call_id: cx.call_id,
        now_ms: cx.now_ms,
        deadline_ms: cx.deadline_ms,
    }
}

fn attributes(list: Vec<shared::Attribute>) -> Attributes {
    Attributes::from_json(list.into_iter().map(|one| (one.name, one.json)))
}

fn read(request: wire::Request) -> api::Request {
    api::Request {
        conversation: conversation(request.conversation),
        contact: contact(request.contact),
        waiting_ms: request.waiting_ms,
        queue: api::Queue {
            team_id: request.queue.team_id,
            team_name: request.queue.team_name,
            waiting: request.queue.waiting,
            position: request.queue.position,
        },
        candidates: request.candidates.into_iter().map(candidate).collect(),
        candidates_total: request.candidates_total,
        retry_of: request.retry_of,
        attributes: attributes(request.attributes),
    }
}

fn conversation(conversation: wire::Conversation) -> api::Conversation {
    api::Conversation {
        id: conversation.id,
        inbox_id: conversation.inbox_id,
        subject: conversation.subject,
        category: conversation.category,
        priority: match conversation.priority {
            wire::Priority::Low => api::Priority::Low,
            wire::Priority::Medium => api::Priority::Medium,
            wire::Priority::High => api::Priority::High,
            wire::Priority::Urgent => api::Priority::Urgent,
        },
        attributes: attributes(conversation.attributes),
    }
}

fn contact(contact: wire::Contact) -> api::Contact {
    api::Contact {
        id: contact.id,
        name: contact.name,
        email: contact.email,
        verified: contact.verified,
        vip: contact.vip,
        attributes: attributes(contact.attributes),
    }
}

fn candidate(candidate: wire::Candidate) -> api::Candidate {
    let skills = candidate.skills.into_iter();
    api::Candidate {
        agent_id: candidate.agent_id,
        name: candidate.name,
        email: candidate.email,
        load: candidate.load,
        capacity: candidate.capacity,
        skills: skills
            .map(|skill| api::Skill {
                name: skill.name,
                level: skill.level,
            })
            .collect(),
        last_assigned_ms: candidate.last_assigned_ms,
        attributes: attributes(candidate.attributes),
    }
}

fn write(decision: api::Decision) -> wire::Decision {
    let verdict = match decision.verdict {
        api::Verdict::NoOpinion => wire::Verdict::NoOpinion,
        api::Verdict::Assign(agent) => wire::Verdict::Assign(agent),
        api::Verdict::Queue { team_id, priority } => wire::Verdict::Queue(wire::QueueTarget {
            team_id,
            priority: priority.map(|priority| match priority {
                api::Priority::Low => wire::Priority::Low,
                api::Priority::Medium => wire::Priority::Medium,
                api::Priority::High => wire::Priority::High,
                api::Priority::Urgent => wire::Priority::Urgent,
            }),
        }),
        api::Verdict::HoldUntil(ms) => wire::Verdict::HoldUntil(ms),
        api::Verdict::ToBot => wire::Verdict::ToBot,
    };
    wire::Decision {
        verdict,
        reason: decision.reason,
    }
}

fn refuse(error: HookError) -> wire::HookError {
    match error {
        HookError::InvalidConfig(text) => wire::HookError::InvalidConfig(text),
        HookError::Unavailable(text) => wire::HookError::Unavailable(text),
        HookError::Failed(text) => wire::HookError::Failed(text),
    }
}
