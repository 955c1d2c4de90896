//! A note in the CRM about what happened in a chat.
//!
//! The desk tells of an event at least once, so everything here can be done twice:
//! a contact is told apart by its address, a note by the event's id, and putting a
//! note to a contact again changes nothing.

use deskbell_plugin_api::HookError;
use deskbell_plugin_api::events::{Contact, Conversation, Event};
use serde_json::{Value, json};

use crate::config::Config;
use crate::crm::Crm;
use crate::{told, words};

pub(crate) fn note(
    config: &Config,
    crm: &Crm<'_>,
    event: &Event,
    conversation: &Conversation,
    contact: &Contact,
    email: &str,
) -> Result<(), HookError> {
    let contact_id = known(crm, contact, email)?;
    let body = body(config, event, conversation, contact);
    let note = crm.upsert_note(&config.note_key, &event.id, event.occurred_at_ms, &body)?;
    crm.attach(&note, &contact_id)?;
    told::remember(&contact_id, &conversation.id)
}

/// The contact's id in the CRM, where it is from now on. What a visitor only claims
/// to be called is written for somebody new, and over nobody's name.
fn known(crm: &Crm<'_>, contact: &Contact, email: &str) -> Result<String, HookError> {
    let there = crm.contact(email)?;
    match there {
        Some(there) if !contact.verified => Ok(there.id),
        _ => crm.upsert_contact(email, names(contact.name.as_deref())),
    }
}

/// The last word is the family's name, as far as anybody can tell.
fn names(name: Option<&str>) -> Value {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    match name.map(|name| name.rsplit_once(char::is_whitespace).unwrap_or((name, ""))) {
        None => json!({}),
        Some((first, "")) => json!({ "firstname": first }),
        Some((first, last)) => json!({ "firstname": first.trim(), "lastname": last }),
    }
}

/// HTML, as the CRM shows it. Nothing of a visitor's words is markup in it.
fn body(config: &Config, event: &Event, conversation: &Conversation, contact: &Contact) -> String {
    let happened = match event.kind.as_str() {
        "conversation.resolved" => "Chat resolved",
        _ => "Chat began",
    };
    let subject = conversation.subject.as_deref();
    let about = subject.map_or_else(String::new, |it| format!(": {}", words::html(it)));
    let mut lines = vec![format!("<strong>{happened}{about}</strong>")];
    let mut say = |label: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push(format!("{label}: {}", words::html(&words::short(&value))));
        }
    };
    say("Category", conversation.category.clone());
    say("Order", conversation.attributes.text("order_id"));
    say(
        "Priority",
        Some(conversation.priority.clone()).filter(|it| it != "medium"),
    );
    if event.kind == "conversation.resolved" {
        say(
            "With",
            conversation
                .assignee
                .as_ref()
                .map(|agent| agent.name.clone()),
        );
        say("Reason", event.attributes.text("reason"));
        let lasted = event
            .occurred_at_ms
            .saturating_sub(conversation.created_at_ms);
        say("Lasted", Some(words::length(lasted)));
    }
    if !contact.verified {
        lines.push("The visitor typed this address; nobody has checked it.".to_owned());
    }
    if !config.desk_url.is_empty() {
        let link = format!("{}/#/mine/{}", config.desk_url, conversation.id);
        let link = words::html(&link);
        lines.push(format!("<a href=\"{link}\">Open the chat in Deskbell</a>"));
    }
    lines.join("<br>")
}
