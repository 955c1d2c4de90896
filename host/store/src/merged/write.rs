//! Writes what a batch, or a single case, came to: a statement a table.

use deskbell_domain::{Agent, Case, TenantId};

use crate::conversation::Written;
use crate::error::StoreError;
use crate::feed::NewEvent;
use crate::link::Link;
use crate::merged::working::Working;
use crate::tx::Tx;
use crate::{agent, conversation, decision, message, timers};

pub(super) async fn write(link: &Link, working: &Working) -> Result<Vec<NewEvent>, StoreError> {
    let written: Vec<Written<'_>> = working
        .conversations
        .iter()
        .filter(|(_, loaded)| loaded.changed)
        .map(|((tenant, _), loaded)| Written {
            tenant: *tenant,
            before: &loaded.before,
            after: &loaded.now,
        })
        .collect();
    conversation::write(link, &written).await?;
    let agents: Vec<(TenantId, &Agent)> = working
        .agents_changed
        .iter()
        .filter_map(|key| Some((key.0, working.agents.get(key)?)))
        .collect();
    agent::write_seats(link, &agents).await?;
    let messages: Vec<_> = working
        .messages
        .iter()
        .map(|(tenant, m)| (*tenant, m))
        .collect();
    message::write(link, &messages).await?;
    let decisions: Vec<_> = working
        .decisions
        .iter()
        .map(|(tenant, d)| (*tenant, d))
        .collect();
    decision::write(link, &decisions).await?;
    timers::write(link, &working.timers).await?;
    working.events.iter().map(NewEvent::of).collect()
}

impl Tx {
    /// Writes a conversation that starts, with its message, timers and events.
    /// False, and nothing written: the contact has an open one in this inbox.
    pub async fn start_case(&self, case: &Case) -> Result<bool, StoreError> {
        let (link, tenant) = (self.link(), self.tenant());
        if !conversation::insert(link, tenant, &case.conversation).await? {
            return Ok(false);
        }
        let messages: Vec<_> = case.effects.messages.iter().map(|m| (tenant, m)).collect();
        message::write(link, &messages).await?;
        let decisions: Vec<_> = case.effects.decisions.iter().map(|d| (tenant, d)).collect();
        decision::write(link, &decisions).await?;
        let timers: Vec<_> = case.effects.timers.iter().map(|t| (tenant, *t)).collect();
        timers::write(link, &timers).await?;
        case.effects
            .events
            .iter()
            .try_for_each(|event| self.emit(event))?;
        Ok(true)
    }
}
