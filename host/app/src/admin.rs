//! The desk's furniture: tenants, agents, teams, inboxes, canned responses,
//! plugins and their installations.
//!
//! One file each under `admin/`, all of one shape: check the input, change the
//! rows and tell of it in one transaction, answer the entity. What is told of is in
//! the audit log too, which `audit.rs` reads.

pub mod agents;
pub mod audit;
pub mod canned_responses;
mod difference;
pub mod inboxes;
pub mod installations;
pub mod parked_events;
mod plan;
pub mod plugins;
pub mod recordings;
pub mod secrets;
pub mod teams;
pub mod tenants;
pub mod upgrades;
pub mod webhooks;

use deskbell_domain::audit::{self as log, AuditEntry, Noted, Target};
use deskbell_domain::event::Changes;
use deskbell_domain::{Actor, Audience, AuditEntryId, EventBody};
use deskbell_store::Tx;

use crate::app::Surroundings;
use crate::error::Error;

/// Tells the whole desk of a change to its furniture, and notes it.
pub(crate) fn tell(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    body: EventBody,
    changes: Changes,
) -> Result<(), Error> {
    if let Some(noted) = log::of(&body, &changes) {
        note(tx, near, by, noted);
    }
    Ok(tx.emit(near.event(by, body, changes, Audience::desk()))?)
}

/// For the audit log alone.
pub(crate) fn note(tx: &Tx, near: &Surroundings, by: &Actor, noted: Noted) {
    note_from(tx, near, by, noted, by.address().map(str::to_owned));
}

/// As `note`, of somebody who is not logged in.
pub(crate) fn note_from(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    noted: Noted,
    address: Option<String>,
) {
    let Noted {
        action,
        kind,
        id,
        details,
    } = noted;
    tx.note(AuditEntry {
        id: AuditEntryId(near.ids.uuid()),
        at: near.now,
        actor: by.to_ref(),
        action: action.to_owned(),
        target: Target {
            kind: kind.to_owned(),
            id,
            name: None,
        },
        details,
        address,
    });
}
