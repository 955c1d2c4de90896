//! Socket commands: a name and parameters become a domain command, an outcome
//! becomes the ack's result. The request types are those of the REST twins.

use deskbell_app::{Outcome, Plane};
use deskbell_domain::command::Command;
use deskbell_domain::{ConversationId, visitor_view};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::agent::{Agent, SetAvailability};
use super::canned::{CannedResponseUsed, UseCannedResponse};
use super::conversation::{Conversation, VisitorConversation};
use super::message::MessageAck;
use super::request::{
    Assign, Because, OnConversation, Rate, SendMessage, SendVisitorMessage,
    StartConversationRequest, Transfer, UpTo,
};
use super::visitor::StartedConversation;
use crate::extract::strict;
use crate::problem::Problem;

/// The command that `name` means on this plane. Pointers in a problem are
/// relative to `params`.
pub fn parse(name: &str, params: Value, plane: Plane) -> Result<Command, Problem> {
    match (plane, name) {
        (Plane::Agent, "send_message") => on_conversation::<SendMessage>(params),
        (Plane::Widget, "send_message") => on_conversation::<SendVisitorMessage>(params),
        (_, "mark_delivered") => {
            let (conversation, UpTo { seq }) = split(params)?;
            Ok(Command::MarkDelivered { conversation, seq })
        }
        (_, "mark_read") => {
            let (conversation, UpTo { seq }) = split(params)?;
            Ok(Command::MarkRead { conversation, seq })
        }
        (Plane::Widget, _) => parse_widget(name, params),
        (Plane::Agent, _) => parse_agent(name, params),
    }
}

fn parse_widget(name: &str, params: Value) -> Result<Command, Problem> {
    match name {
        "start_conversation" => {
            Ok(strict::typed::<StartConversationRequest>(params)?.into_command()?)
        }
        "end_conversation" => {
            let (conversation, Nothing {}) = split(params)?;
            Ok(Command::EndConversation { conversation })
        }
        "request_agent" => {
            let (conversation, Nothing {}) = split(params)?;
            Ok(Command::RequestAgent { conversation })
        }
        "rate_conversation" => on_conversation::<Rate>(params),
        _ => Err(unknown(name)),
    }
}

fn parse_agent(name: &str, params: Value) -> Result<Command, Problem> {
    match name {
        "assign" => on_conversation::<Assign>(params),
        "transfer" => on_conversation::<Transfer>(params),
        "unassign" => because(params, |conversation, reason| Command::Unassign {
            conversation,
            reason,
        }),
        "resolve" => because(params, |conversation, reason| Command::Resolve {
            conversation,
            reason,
        }),
        "close" => because(params, |conversation, reason| Command::Close {
            conversation,
            reason,
        }),
        "reopen" => because(params, |conversation, reason| Command::Reopen {
            conversation,
            reason,
        }),
        "use_canned_response" => Ok(strict::typed::<UseCannedResponse>(params)?.into_command()?),
        "set_availability" => {
            let SetAvailability { availability } = strict::typed(params)?;
            Ok(Command::SetAvailability {
                agent: None,
                availability: availability.into(),
            })
        }
        _ => Err(unknown(name)),
    }
}

/// The `result` of an ack.
pub fn result(outcome: Outcome, plane: Plane) -> Result<Value, Problem> {
    match outcome {
        Outcome::Sent { ack, new: _ } => json_of(MessageAck::from(ack)),
        Outcome::Started {
            conversation,
            new: _,
            ack,
        } => json_of(StartedConversation::new(&conversation, ack)),
        Outcome::Conversation(conversation) => match plane {
            Plane::Agent => json_of(Conversation::from(*conversation)),
            Plane::Widget => json_of(VisitorConversation::from(visitor_view::conversation(
                &conversation,
            ))),
        },
        Outcome::Done => Ok(json!({})),
        Outcome::Agent(agent) => json_of(Agent::from(*agent)),
        Outcome::Canned { text, missing, ack } => json_of(CannedResponseUsed {
            text,
            missing,
            ack: ack.map(Into::into),
        }),
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn on_conversation<T: OnConversation + DeserializeOwned>(
    params: Value,
) -> Result<Command, Problem> {
    let (conversation, request): (_, T) = split(params)?;
    Ok(request.into_command(conversation)?)
}

fn because(
    params: Value,
    command: impl FnOnce(ConversationId, Option<String>) -> Command,
) -> Result<Command, Problem> {
    let (conversation, Because { reason }) = split(params)?;
    Ok(command(conversation, reason))
}

/// Takes `conversation_id` out; the rest is what the REST twin has as its body.
fn split<T: DeserializeOwned>(mut params: Value) -> Result<(ConversationId, T), Problem> {
    let id = params
        .as_object_mut()
        .and_then(|fields| fields.remove("conversation_id"));
    let id = match id {
        Some(id) => strict::typed_at("/conversation_id", id)?,
        None if params.is_object() => {
            return Err(Problem::field(
                "/conversation_id",
                "required",
                "This field is required.",
            ));
        }
        None => return Err(Problem::field("", "wrong_type", "Expected an object.")),
    };
    Ok((id, strict::typed(params)?))
}

fn unknown(name: &str) -> Problem {
    let shown: String = name.chars().take(64).collect();
    Problem::field(
        "/name",
        "unknown_command",
        format!("There is no command `{shown}` here."),
    )
}

fn json_of(value: impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(Problem::internal)
}

#[cfg(test)]
mod tests;
