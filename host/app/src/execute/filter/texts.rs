//! The texts of a command: everything a person types that will be stored.
//!
//! One list for reading and for writing, so that what a filter is shown is what it
//! may rewrite. A new command with a text does not compile until it is decided
//! here.

use deskbell_domain::command::StartConversation;
use deskbell_domain::text::RESERVED_ATTRIBUTES;
use deskbell_domain::{Actor, Command, ConversationId, Who};
use serde_json::{Map, Value};

use crate::hooks::{Direction, Field};

/// A filter wrote a field that is not there.
pub(super) struct NotShown;

/// Where a text stands.
enum Slot<'a> {
    /// There is no command without it.
    Needed(&'a mut String),
    /// May go; an empty text takes it away.
    Optional(&'a mut Option<String>),
    /// A text or a number, which a rewrite turns into a text.
    Value(&'a mut Value),
}

impl Slot<'_> {
    fn text(&self) -> String {
        match self {
            Self::Needed(text) => (*text).clone(),
            Self::Optional(text) => text.as_deref().unwrap_or_default().to_owned(),
            Self::Value(Value::String(text)) => text.clone(),
            Self::Value(other) => other.to_string(),
        }
    }

    fn write(&mut self, new: &str) {
        match self {
            Self::Needed(text) => new.clone_into(text),
            Self::Optional(text) => **text = Some(new.to_owned()).filter(|it| !it.is_empty()),
            Self::Value(value) => **value = Value::String(new.to_owned()),
        }
    }
}

/// Whether there is anything to look at. A saved reply has no text before it is
/// filled in, and comes by when it is.
pub(super) fn any(command: &Command) -> bool {
    match command {
        Command::StartConversation(_)
        | Command::SendMessage { .. }
        | Command::AnswerQuestion { .. }
        | Command::UpdateConversation { .. } => true,
        Command::RateConversation { comment, .. } => comment.is_some(),
        Command::Assign { reason, .. }
        | Command::Unassign { reason, .. }
        | Command::Transfer { reason, .. }
        | Command::Resolve { reason, .. }
        | Command::Close { reason, .. }
        | Command::Reopen { reason, .. } => reason.is_some(),
        // A plugin's text, no person's; what it was told has been filtered before.
        Command::ApplyEffects { .. } => false,
        Command::MarkDelivered { .. }
        | Command::MarkRead { .. }
        | Command::RequestAgent { .. }
        | Command::EndConversation { .. }
        | Command::UseCannedResponse(_)
        | Command::SetAvailability { .. } => false,
    }
}

fn slots(command: &mut Command) -> Vec<(String, Slot<'_>)> {
    let mut slots = Vec::new();
    match command {
        Command::StartConversation(start) => of_start(start, &mut slots),
        Command::SendMessage { draft, .. } => {
            slots.push(("text".to_owned(), Slot::Needed(&mut draft.text)));
            of_attributes(&mut draft.attributes, &mut slots);
        }
        Command::AnswerQuestion {
            answer, attributes, ..
        } => {
            of_answer(&mut answer.values, &mut slots);
            of_attributes(attributes, &mut slots);
        }
        Command::UpdateConversation { details, .. } => {
            optional("subject", details.subject.as_mut(), &mut slots);
            optional("category", details.category.as_mut(), &mut slots);
            of_attributes(&mut details.attributes, &mut slots);
        }
        Command::RateConversation { comment, .. } => {
            optional("comment", Some(comment), &mut slots);
        }
        Command::Assign { reason, .. }
        | Command::Unassign { reason, .. }
        | Command::Transfer { reason, .. }
        | Command::Resolve { reason, .. }
        | Command::Close { reason, .. }
        | Command::Reopen { reason, .. } => optional("reason", Some(reason), &mut slots),
        Command::MarkDelivered { .. }
        | Command::MarkRead { .. }
        | Command::RequestAgent { .. }
        | Command::EndConversation { .. }
        | Command::UseCannedResponse(_)
        | Command::ApplyEffects { .. }
        | Command::SetAvailability { .. } => {}
    }
    slots
}

fn of_start<'a>(start: &'a mut StartConversation, slots: &mut Vec<(String, Slot<'a>)>) {
    if let Some(draft) = &mut start.message {
        slots.push(("text".to_owned(), Slot::Needed(&mut draft.text)));
        of_attributes(&mut draft.attributes, slots);
    }
    optional("subject", Some(&mut start.subject), slots);
    optional("category", Some(&mut start.category), slots);
    optional("form.name", Some(&mut start.name), slots);
    optional("form.email", Some(&mut start.email), slots);
    of_attributes(&mut start.attributes, slots);
}

/// What was filled in. A button's id is not typed.
fn of_answer<'a>(all: &'a mut Map<String, Value>, slots: &mut Vec<(String, Slot<'a>)>) {
    for (name, value) in all.iter_mut().filter(|(name, _)| *name != "choice") {
        if matches!(value, Value::String(_) | Value::Number(_)) {
            slots.push((format!("answer.{name}"), Slot::Value(value)));
        }
    }
}

fn optional<'a>(
    name: &str,
    text: Option<&'a mut Option<String>>,
    slots: &mut Vec<(String, Slot<'a>)>,
) {
    if let Some(text @ Some(_)) = text {
        slots.push((name.to_owned(), Slot::Optional(text)));
    }
}

fn of_attributes<'a>(all: &'a mut Map<String, Value>, slots: &mut Vec<(String, Slot<'a>)>) {
    for (name, value) in all.iter_mut() {
        let ours = RESERVED_ATTRIBUTES.contains(&name.as_str());
        if !ours && matches!(value, Value::String(_) | Value::Number(_)) {
            slots.push((format!("attributes.{name}"), Slot::Value(value)));
        }
    }
}

pub(super) fn fields(command: &mut Command) -> Vec<Field> {
    let slots = slots(command).into_iter();
    slots
        .map(|(name, slot)| Field {
            text: slot.text(),
            name,
        })
        .collect()
}

/// Writes what a filter made of the fields; answers the names of those that are
/// not what they were.
pub(super) fn write(command: &mut Command, new: Vec<Field>) -> Result<Vec<String>, NotShown> {
    let mut slots = slots(command);
    let mut written = Vec::new();
    for field in new {
        let mut shown = false;
        for (name, slot) in slots.iter_mut().filter(|(name, _)| *name == field.name) {
            shown = true;
            if slot.text() != field.text {
                slot.write(&field.text);
                if !written.contains(name) {
                    written.push(name.clone());
                }
            }
        }
        if !shown {
            return Err(NotShown);
        }
    }
    Ok(written)
}

pub(super) fn direction(command: &Command, actor: &Actor) -> Direction {
    match command {
        Command::SendMessage { draft, .. } if draft.private => Direction::Note,
        Command::SendMessage { .. }
        | Command::AnswerQuestion { .. }
        | Command::UpdateConversation { .. } => match actor.who {
            Who::Visitor { .. } => Direction::Inbound,
            _ => Direction::Outbound,
        },
        Command::StartConversation(_) | Command::RateConversation { .. } => Direction::Inbound,
        // Reasons are the desk's own.
        _ => Direction::Note,
    }
}

pub(super) fn conversation(command: &Command) -> Option<ConversationId> {
    match command {
        Command::SendMessage { conversation, .. }
        | Command::AnswerQuestion { conversation, .. }
        | Command::RequestAgent { conversation }
        | Command::MarkDelivered { conversation, .. }
        | Command::MarkRead { conversation, .. }
        | Command::EndConversation { conversation }
        | Command::RateConversation { conversation, .. }
        | Command::UpdateConversation { conversation, .. }
        | Command::Assign { conversation, .. }
        | Command::Unassign { conversation, .. }
        | Command::Transfer { conversation, .. }
        | Command::Resolve { conversation, .. }
        | Command::Close { conversation, .. }
        | Command::Reopen { conversation, .. }
        | Command::ApplyEffects { conversation, .. } => Some(*conversation),
        Command::UseCannedResponse(used) => Some(used.conversation),
        Command::StartConversation(_) | Command::SetAvailability { .. } => None,
    }
}

/// The attributes of the message it makes, if it makes one.
pub(super) fn message(command: &mut Command) -> Option<&mut Map<String, Value>> {
    match command {
        Command::SendMessage { draft, .. } => Some(&mut draft.attributes),
        Command::AnswerQuestion { attributes, .. } => Some(attributes),
        Command::StartConversation(start) => {
            start.message.as_mut().map(|draft| &mut draft.attributes)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use deskbell_domain::message::Draft;
    use serde_json::json;

    use super::*;

    fn start() -> Command {
        let attributes = |value: Value| value.as_object().cloned().unwrap_or_default();
        Command::StartConversation(StartConversation {
            message: Some(Draft {
                client_msg_id: "k".to_owned(),
                text: "one".to_owned(),
                private: false,
                attributes: attributes(json!({ "order": "two" })),
            }),
            subject: Some("three".to_owned()),
            category: None,
            attributes: attributes(json!({ "order": 4, "paid": true })),
            team_id: None,
            name: Some("five".to_owned()),
            email: Some("six@x.test".to_owned()),
        })
    }

    fn shown(command: &mut Command) -> Vec<(String, String)> {
        let fields = fields(command).into_iter();
        fields.map(|field| (field.name, field.text)).collect()
    }

    #[test]
    fn what_is_shown_is_what_was_typed() {
        let expected = [
            ("text", "one"),
            ("attributes.order", "two"),
            ("subject", "three"),
            ("form.name", "five"),
            ("form.email", "six@x.test"),
            ("attributes.order", "4"),
        ];
        let expected = expected.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(shown(&mut start()), expected);
    }

    #[test]
    fn a_rewrite_reaches_every_place_of_that_name_and_no_other() {
        let mut command = start();
        let new = |name: &str, text: &str| Field {
            name: name.to_owned(),
            text: text.to_owned(),
        };
        let all = vec![
            new("attributes.order", "x"),
            new("subject", ""),
            new("text", "one"),
        ];
        let written = write(&mut command, all).ok().unwrap();
        assert_eq!(written, ["attributes.order", "subject"]);
        let now = shown(&mut command);
        let order = now.iter().filter(|(name, _)| name == "attributes.order");
        assert!(order.map(|(_, text)| text).eq(["x", "x"]), "{now:?}");
        assert!(now.iter().all(|(name, _)| name != "subject"), "{now:?}");
        assert!(write(&mut command, vec![new("subject", "y")]).is_err());
        assert!(write(&mut command, vec![new("attributes.paid", "y")]).is_err());
    }
}
