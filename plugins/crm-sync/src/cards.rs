//! The cards beside a chat: who this is to the CRM, and what is being sold to them.
//!
//! A person waits: the contact and the deals must come, a name for an owner or a
//! stage is only nicer.

use deskbell_plugin_api::context::{Card, Field};
use deskbell_plugin_api::{HookError, log};

use crate::config::{Config, link};
use crate::crm::{Crm, Record};
use crate::words;

pub(crate) fn of(config: &Config, crm: &Crm<'_>, email: &str) -> Result<Vec<Card>, HookError> {
    let Some(contact) = crm.contact(email)? else {
        return Ok(Vec::new());
    };
    let mut cards = vec![person(config, crm, &contact, email)];
    let deals = crm.open_deals(&contact.id)?;
    if !deals.is_empty() {
        cards.push(pipeline(config, crm, &deals));
    }
    Ok(cards)
}

fn person(config: &Config, crm: &Crm<'_>, contact: &Record, email: &str) -> Card {
    let name = words::joined([contact.get("firstname"), contact.get("lastname")], " ");
    let mut card = Card::new(words::short(name.as_deref().unwrap_or(email)));
    if let Some(link) = link(&config.contact_link, &contact.id) {
        card = card.link(link);
    }
    let owner = contact
        .get("hubspot_owner_id")
        .and_then(|id| owner(crm, id));
    let facts = [
        ("Company", contact.get("company").map(str::to_owned)),
        ("Owner", owner),
        (
            "Lifecycle stage",
            contact.get("lifecyclestage").map(words::lifecycle),
        ),
    ];
    for (label, value) in facts {
        if let Some(value) = value {
            card = card.text(label, words::short(&value));
        }
    }
    card
}

fn owner(crm: &Crm<'_>, id: &str) -> Option<String> {
    match crm.owner(id) {
        Ok(owner) => {
            let names = [owner.first_name.as_deref(), owner.last_name.as_deref()];
            words::joined(names, " ").or(owner.email)
        }
        Err(error) => {
            log::warn(format!("The owner's name is missing: {error}"));
            None
        }
    }
}

fn pipeline(config: &Config, crm: &Crm<'_>, deals: &[Record]) -> Card {
    let stages = crm.stages().unwrap_or_else(|error| {
        log::warn(format!("The stages have no names: {error}"));
        Default::default()
    });
    let title = if deals.len() == 1 {
        "Open deal"
    } else {
        "Open deals"
    };
    deals.iter().fold(Card::new(title), |card, deal| {
        let stage = deal.get("dealstage");
        let stage = stage.map(|id| stages.get(id).map_or(id, String::as_str));
        let amount = deal.get("amount");
        let amount = amount.map(|it| words::amount(it, deal.get("deal_currency_code")));
        let closes = deal.get("closedate").and_then(words::date);
        let closes = closes.map(|date| format!("closes {date}"));
        let said = words::joined([amount.as_deref(), stage, closes.as_deref()], ", ");
        let said = said.unwrap_or_else(|| "Open".to_owned());
        let name = deal.get("dealname").unwrap_or("Deal");
        let mut field = Field::new(words::short(name), words::short(&said));
        if let Some(link) = link(&config.deal_link, &deal.id) {
            field = field.link(link);
        }
        card.field(field)
    })
}
