//! The hook `routing` in writing.

use deskbell_domain::plugin::Hook;
use deskbell_domain::routing::Candidate;
use deskbell_domain::time::HOUR;
use deskbell_domain::{AgentId, Availability, TeamId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::people::{ContactForm, ConversationForm};
use super::{Ids, Written, filled_in, put_down, some_room};
use crate::hooks::{Opinion, RouteCandidate, RouteRequest, SHOWN_CANDIDATES, Verdict};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    conversation: ConversationForm,
    contact: ContactForm,
    waiting_ms: i64,
    queue: QueueForm,
    candidates: Vec<CandidateForm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates_total: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_of: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct QueueForm {
    team_id: String,
    team_name: String,
    waiting: usize,
    position: usize,
}

impl Default for QueueForm {
    fn default() -> Self {
        Self {
            team_id: "team".to_owned(),
            team_name: "Support".to_owned(),
            waiting: 1,
            position: 1,
        }
    }
}

/// Without an id, the name in lower case stands for one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateForm {
    #[serde(default)]
    agent_id: Option<String>,
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    load: i64,
    #[serde(default = "some_room")]
    capacity: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_assigned_at: Option<Timestamp>,
}

impl CandidateForm {
    fn candidate(self, ids: &mut Ids) -> RouteCandidate {
        let id = self.agent_id.unwrap_or_else(|| self.name.to_lowercase());
        RouteCandidate {
            candidate: Candidate {
                id: ids.read(&id, AgentId),
                name: self.name,
                availability: Availability::Online,
                load: self.load,
                capacity: self.capacity,
                last_assigned_at: self.last_assigned_at,
            },
            email: self.email,
        }
    }
}

impl Written for RouteRequest {
    const HOOK: Hook = Hook::Routing;
    type Answer = Opinion;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let contact = form.contact.contact(ids, now);
        let conversation = form.conversation.conversation(&contact, ids, now);
        let candidates = form.candidates.into_iter();
        let candidates: Vec<_> = candidates.map(|one| one.candidate(ids)).collect();
        Ok(Self {
            conversation,
            contact,
            waiting_ms: form.waiting_ms,
            team_id: ids.read(&form.queue.team_id, TeamId),
            team_name: form.queue.team_name,
            waiting: form.queue.waiting,
            position: form.queue.position,
            candidates_total: form.candidates_total.unwrap_or(candidates.len()),
            candidates,
            retry_of: form.retry_of,
        })
    }

    fn write(&self) -> Value {
        let candidates = self.candidates.iter().take(SHOWN_CANDIDATES);
        put_down(Form {
            conversation: (&self.conversation).into(),
            contact: (&self.contact).into(),
            waiting_ms: self.waiting_ms,
            queue: QueueForm {
                team_id: self.team_id.to_string(),
                team_name: self.team_name.clone(),
                waiting: self.waiting,
                position: self.position,
            },
            candidates: candidates
                .map(|RouteCandidate { candidate, email }| CandidateForm {
                    agent_id: Some(candidate.id.to_string()),
                    name: candidate.name.clone(),
                    email: email.clone(),
                    load: candidate.load,
                    capacity: candidate.capacity,
                    last_assigned_at: candidate.last_assigned_at,
                })
                .collect(),
            candidates_total: Some(self.candidates_total),
            retry_of: self.retry_of.clone(),
        })
    }

    fn answer(opinion: &Opinion, ids: &Ids) -> Value {
        let mut out = match &opinion.verdict {
            Verdict::NoOpinion => json!({ "verdict": "no_opinion" }),
            Verdict::Assign(id) => json!({ "verdict": "assign", "agent_id": ids.word(id.0, id) }),
            Verdict::Queue { team, priority } => {
                let mut out = Map::new();
                out.insert("verdict".to_owned(), "queue".into());
                if let Some(team) = team {
                    out.insert("team_id".to_owned(), ids.word(team.0, team).into());
                }
                if let Some(priority) = priority {
                    out.insert("priority".to_owned(), priority.as_str().into());
                }
                Value::Object(out)
            }
            Verdict::HoldUntil(at) => json!({ "verdict": "hold_until", "at": put_down(at) }),
            Verdict::ToBot => json!({ "verdict": "to_bot" }),
        };
        if let (Some(reason), Some(fields)) = (&opinion.reason, out.as_object_mut()) {
            fields.insert("reason".to_owned(), reason.clone().into());
        }
        out
    }

    fn unfit(&self, opinion: &Opinion, now: Timestamp) -> Option<String> {
        match opinion.verdict {
            Verdict::Assign(id) if !self.candidates.iter().any(|one| one.candidate.id == id) => {
                Some(format!("{id} is not among the candidates"))
            }
            Verdict::HoldUntil(at) if at <= now => {
                Some("it would hold until a time that is past".to_owned())
            }
            Verdict::HoldUntil(at) if at.since(now) > HOUR => {
                Some("it would hold for more than an hour".to_owned())
            }
            _ => None,
        }
    }
}
