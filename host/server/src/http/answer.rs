//! From what a command answers to what its route answers.

use axum::http::StatusCode;
use deskbell_app::Outcome;
use deskbell_domain::visitor_view;

use crate::extract::Json;
use crate::problem::Problem;
use crate::wire::agent::Agent;
use crate::wire::canned::CannedResponseUsed;
use crate::wire::conversation::{Conversation, VisitorConversation};
use crate::wire::list::Done;
use crate::wire::message::MessageAck;
use crate::wire::visitor::StartedConversation;

/// A command answered something else than its route expects: our mistake.
#[derive(Debug, thiserror::Error)]
#[error("a command answered {0}")]
struct Unexpected(String);

fn unexpected(outcome: &Outcome) -> Problem {
    Problem::internal(Unexpected(
        format!("{outcome:?}").chars().take(80).collect(),
    ))
}

pub(super) fn created_if(new: bool) -> StatusCode {
    if new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    }
}

pub(super) fn conversation(outcome: Outcome) -> Result<Json<Conversation>, Problem> {
    match outcome {
        Outcome::Conversation(conversation) => Ok(Json((*conversation).into())),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn visitor_conversation(outcome: Outcome) -> Result<Json<VisitorConversation>, Problem> {
    match outcome {
        Outcome::Conversation(conversation) => {
            Ok(Json(visitor_view::conversation(&conversation).into()))
        }
        other => Err(unexpected(&other)),
    }
}

pub(super) fn started(
    outcome: Outcome,
) -> Result<(StatusCode, Json<StartedConversation>), Problem> {
    match outcome {
        Outcome::Started {
            conversation,
            new,
            ack,
        } => {
            let started = StartedConversation::new(&conversation, ack);
            Ok((created_if(new), Json(started)))
        }
        other => Err(unexpected(&other)),
    }
}

pub(super) fn sent(outcome: Outcome) -> Result<(StatusCode, Json<MessageAck>), Problem> {
    match outcome {
        Outcome::Sent { ack, new } => Ok((created_if(new), Json(ack.into()))),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn done(outcome: Outcome) -> Result<Json<Done>, Problem> {
    match outcome {
        Outcome::Done => Ok(Json(Done {})),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn agent(outcome: Outcome) -> Result<Json<Agent>, Problem> {
    match outcome {
        Outcome::Agent(agent) => Ok(Json((*agent).into())),
        other => Err(unexpected(&other)),
    }
}

pub(super) fn canned(outcome: Outcome) -> Result<Json<CannedResponseUsed>, Problem> {
    match outcome {
        Outcome::Canned { text, missing, ack } => Ok(Json(CannedResponseUsed {
            text,
            missing,
            ack: ack.map(Into::into),
        })),
        other => Err(unexpected(&other)),
    }
}
