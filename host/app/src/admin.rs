//! The desk's furniture: tenants, agents, teams, inboxes, canned responses,
//! plugins and their installations.
//!
//! One file each under `admin/`, all of one shape: check the input, change the
//! rows and tell of it in one transaction, answer the entity.

pub mod agents;
pub mod canned_responses;
pub mod inboxes;
pub mod installations;
pub mod plugins;
pub mod recordings;
pub mod secrets;
pub mod teams;
pub mod tenants;
pub mod upgrades;

use deskbell_domain::event::Changes;
use deskbell_domain::{Actor, Audience, EventBody};
use deskbell_store::Tx;

use crate::app::Surroundings;
use crate::error::Error;

/// Tells the whole desk of a change to its furniture.
pub(crate) fn tell(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    body: EventBody,
    changes: Changes,
) -> Result<(), Error> {
    Ok(tx.emit(near.event(by, body, changes, Audience::desk()))?)
}
