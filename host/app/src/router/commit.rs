//! A choice becomes a unit: everything is checked again on the rows themselves.

use std::sync::Arc;

use deskbell_domain::conversation::{bot, flow, redirect};
use deskbell_domain::plugin::Hook;
use deskbell_domain::routing::RoutingDecision;
use deskbell_domain::{Case, Conversation, ConversationId, DecisionId, Refusal, TenantId};
use deskbell_store::merged::{SubmitError, Submitted, Unit};

use crate::app::{App, found};
use crate::error::Error;
use crate::execute::submit_error;
use crate::router::LEASE;
use crate::router::choose::{Choice, What};

/// A commit that is through, or not.
pub(super) struct Landed {
    pub conversation: ConversationId,
    /// What a plugin had wished for.
    pub advised: Option<What>,
    pub outcome: Result<Box<Conversation>, Error>,
}

/// A move is recorded too, as a decision without a winner: it says why something
/// waits where it does, also after a restart. A hold changes nothing and has no
/// record of its own; the assignment's tells of both.
pub(super) async fn commit(app: App, tenant: TenantId, epoch: i64, choice: Choice) -> Landed {
    let conversation = choice.conversation;
    let advised = choice.advice.as_ref().map(|_| choice.what);
    Landed {
        conversation,
        advised,
        outcome: submit(&app, tenant, epoch, choice).await.map(Box::new),
    }
}

async fn submit(
    app: &App,
    tenant: TenantId,
    epoch: i64,
    choice: Choice,
) -> Result<Conversation, Error> {
    let known = app.tenant(tenant).await?;
    let near = app.surroundings(&known);
    let (conversation, what, advice) = (choice.conversation, choice.what, choice.advice);
    let (winner, bot) = match what {
        What::Seat(agent) => (Some(agent), None),
        What::Move(_) => (None, None),
        What::Engage(id) => {
            let at_work = app.installed_for(tenant, Hook::Bot).into_iter();
            let mut its = at_work.filter(|one| one.id == id);
            (None, Some(found(its.next(), "bot")?.bot()))
        }
    };
    let decision = RoutingDecision {
        id: DecisionId(app.ids.uuid()),
        conversation_id: conversation,
        team_id: choice.team,
        strategy: choice.strategy,
        candidates: choice.considered,
        winner_id: winner,
        decided_at: near.now,
        duration_us: choice.duration_us,
        consulted: choice.consulted,
    };
    let unit = Unit {
        tenant,
        conversation,
        agents: winner.into_iter().collect(),
        with_assignee: false,
        with_bot: bot.is_some(),
        dedupe: None,
        timer: None,
        lease: Some((LEASE, epoch)),
        decide: Arc::new(move |case: &mut Case| {
            let decision = decision.clone();
            match (what, &advice, &bot) {
                (What::Seat(agent), advice, _) => {
                    flow::route(case, &near.cx(), agent, decision, advice.as_ref())?;
                }
                (What::Move(to), Some(advice), _) => {
                    redirect::redirect(case, &near.cx(), to, decision, advice)?;
                }
                (What::Engage(_), Some(advice), Some(bot)) => {
                    bot::route_to_bot(case, &near.cx(), bot.clone(), decision, advice)?;
                }
                // Nobody moves but by a plugin's word.
                (What::Move(_) | What::Engage(_), ..) => return Err(Refusal::Forbidden),
            }
            Ok(case.conversation.clone())
        }),
    };
    match app.store.submit(unit).await {
        Ok(Submitted::Done(conversation)) => Ok(conversation),
        Ok(_) => Err(Error::Internal(
            "a routing unit answered as a repeat".to_owned(),
        )),
        Err(SubmitError::NotFound) => Err(Refusal::NotFound("conversation").into()),
        Err(error) => Err(submit_error(error)),
    }
}
