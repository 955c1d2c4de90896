//! The plugin `crm-sync`: what a CRM knows of a contact beside the chat, and a note
//! in the CRM when a chat begins and when it is resolved; and a note in the chat when the
//! CRM tells that a deal was closed.
//!
//! `config.rs` is what an admin fills in, `crm.rs` asks the CRM, `cards.rs` shows
//! what it knows, `push.rs` tells it what happened, `told.rs` is what it tells, `words.rs` writes dates, amounts
//! and names for people. It has no secret: the desk signs its requests.

mod cards;
mod config;
mod crm;
mod push;
mod told;
mod words;

#[cfg(test)]
mod tests;

use deskbell_plugin_api::context::{self, Card};
use deskbell_plugin_api::events::{Effects, Event};
use deskbell_plugin_api::webhook::{self, Changes};
use deskbell_plugin_api::{
    Call, Context, Events, HookError, Webhook, export_context, export_events, export_webhook, log,
};

use crate::config::Config;
use crate::crm::Crm;

struct CrmSync;

impl Context for CrmSync {
    fn lookup(_: &Call, request: context::Request) -> Result<Vec<Card>, HookError> {
        let config = Config::read()?;
        let contact = &request.contact;
        match config.address(contact.email.as_deref(), contact.verified) {
            Some(email) => cards::of(&config, &Crm::new(&config), email),
            None => Ok(Vec::new()),
        }
    }
}

impl Events for CrmSync {
    fn on_event(_: &Call, event: Event) -> Result<Effects, HookError> {
        let config = Config::read()?;
        let (Some(conversation), Some(contact)) = (&event.conversation, &event.contact) else {
            return Ok(Effects::none());
        };
        if !config.write_notes {
            return Ok(Effects::none());
        }
        match config.address(contact.email.as_deref(), contact.verified) {
            Some(email) => {
                push::note(
                    &config,
                    &Crm::new(&config),
                    &event,
                    conversation,
                    contact,
                    email,
                )?;
            }
            None => log::info("No e-mail address that may be used, so nothing was written."),
        }
        Ok(Effects::none())
    }
}

impl Webhook for CrmSync {
    fn handle(_: &Call, request: webhook::Request) -> Result<Changes, HookError> {
        let config = Config::read()?;
        told::changes(&config, &Crm::new(&config), &request)
    }
}

export_webhook!(CrmSync);
export_context!(CrmSync);
export_events!(CrmSync);
