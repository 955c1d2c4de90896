//! What the CRM tells: a deal that was closed becomes a note in the chat of whoever it
//! is with.
//!
//! The message only says that a deal changed; what it is now is asked. Which chat it
//! belongs to was kept when the chat was written into the CRM: the last one of each
//! contact.

use deskbell_plugin_api::webhook::{Changes, Request};
use deskbell_plugin_api::{HookError, kv, log};
use serde::Deserialize;

use crate::config::Config;
use crate::crm::{Crm, Deal};
use crate::words;

/// Asked about in one call; a note each.
const MOST: usize = 12;

/// One entry of the list the CRM sends, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    subscription_type: String,
    object_id: u64,
    #[serde(default)]
    property_name: String,
}

/// The chat to look for when the CRM tells of this contact.
pub(crate) fn remember(contact: &str, conversation: &str) -> Result<(), HookError> {
    Ok(kv::set(&key(contact), conversation.as_bytes())?)
}

fn key(contact: &str) -> String {
    format!("contact/{contact}")
}

pub(crate) fn changes(
    config: &Config,
    crm: &Crm<'_>,
    request: &Request,
) -> Result<Changes, HookError> {
    let told: Vec<Told> = request.json()?;
    let about_a_stage = |it: &&Told| {
        it.subscription_type == "deal.propertyChange" && it.property_name == "dealstage"
    };
    let mut deals: Vec<u64> = told
        .iter()
        .filter(about_a_stage)
        .map(|it| it.object_id)
        .collect();
    deals.sort_unstable();
    deals.dedup();
    if deals.len() > MOST {
        log::warn(format!(
            "{} deals at once; {MOST} are looked at.",
            deals.len()
        ));
    }
    let mut changes = Changes::none();
    for id in deals.into_iter().take(MOST) {
        let Some(deal) = crm.deal(id)?.filter(Deal::is_closed) else {
            continue;
        };
        let note = note(config, crm, &deal, id);
        for contact in &deal.contacts {
            if let Some(conversation) = kv::get(&key(contact))? {
                let conversation = String::from_utf8_lossy(&conversation).into_owned();
                changes = changes.add_note(conversation, note.clone());
            }
        }
    }
    Ok(changes)
}

/// "The deal Second kiln was closed: 12,500 EUR, Closed won."
fn note(config: &Config, crm: &Crm<'_>, deal: &Deal, id: u64) -> String {
    let stage = deal.record.get("dealstage").map(|id| {
        let stages = crm.stages().unwrap_or_default();
        stages.get(id).cloned().unwrap_or_else(|| id.to_owned())
    });
    let amount = deal.record.get("amount");
    let amount = amount.map(|it| words::amount(it, deal.record.get("deal_currency_code")));
    let name = words::short(deal.record.get("dealname").unwrap_or("without a name"));
    let facts = words::joined([amount.as_deref(), stage.as_deref()], ", ");
    let facts = facts.map_or_else(String::new, |facts| format!(": {facts}"));
    let link = crate::config::link(&config.deal_link, &id.to_string());
    let link = link.map_or_else(String::new, |link| format!("\n{link}"));
    format!("The deal {name} was closed{facts}.{link}")
}
