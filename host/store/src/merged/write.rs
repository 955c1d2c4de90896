//! What a batch, or a single case, came to: a statement a table, sent together.

use deskbell_domain::bot::Engagement;
use deskbell_domain::{Agent, Case, TenantId};

use crate::conversation::Written;
use crate::error::StoreError;
use crate::merged::working::Working;
use crate::open::Engine;
use crate::together::{self, Piece};
use crate::tx::Tx;
use crate::{agent, conversation, decision, engagement, message, timers};

pub(super) fn writing(engine: Engine, working: &Working) -> Result<Vec<Piece>, StoreError> {
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
    let agents: Vec<(TenantId, &Agent)> = working
        .agents_changed
        .iter()
        .filter_map(|key| Some((key.0, working.agents.get(key)?)))
        .collect();
    let bots: Vec<(TenantId, &Engagement)> = working
        .bots_changed
        .iter()
        .filter_map(|key| Some((key.0, working.bots.get(key)?)))
        .collect();
    let messages: Vec<_> = working
        .messages
        .iter()
        .map(|(tenant, m)| (*tenant, m))
        .collect();
    let decisions: Vec<_> = working
        .decisions
        .iter()
        .map(|(tenant, d)| (*tenant, d))
        .collect();
    let mut pieces = conversation::writing(engine, &written)?;
    pieces.extend(agent::writing_seats(engine, &agents));
    pieces.extend(engagement::writing(engine, &bots));
    pieces.extend(message::writing(engine, &messages)?);
    pieces.extend(decision::writing(engine, &decisions)?);
    pieces.extend(timers::writing(engine, &working.timers));
    Ok(pieces)
}

impl Tx {
    /// Writes a conversation that starts, with its message, timers and events.
    /// False, and nothing written: the contact has an open one in this inbox.
    pub async fn start_case(&self, case: &Case) -> Result<bool, StoreError> {
        let (link, tenant) = (self.link(), self.tenant());
        if !conversation::insert(link, tenant, &case.conversation).await? {
            return Ok(false);
        }
        let bot: Vec<_> = case.bot.iter().map(|bot| (tenant, bot)).collect();
        let messages: Vec<_> = case.effects.messages.iter().map(|m| (tenant, m)).collect();
        let decisions: Vec<_> = case.effects.decisions.iter().map(|d| (tenant, d)).collect();
        let timers: Vec<_> = case.effects.timers.iter().map(|t| (tenant, *t)).collect();
        let mut pieces = timers::writing(link.engine, &timers);
        pieces.extend(engagement::writing(link.engine, &bot));
        pieces.extend(message::writing(link.engine, &messages)?);
        pieces.extend(decision::writing(link.engine, &decisions)?);
        together::run(link, pieces).await?;
        case.effects
            .events
            .iter()
            .try_for_each(|event| self.emit(event.clone()))?;
        Ok(true)
    }
}
