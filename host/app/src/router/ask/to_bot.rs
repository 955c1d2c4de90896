//! A plugin wants the inbox's bot to have a conversation: only one that is at work
//! there, and only once.

use deskbell_domain::plugin::Hook;
use deskbell_domain::routing::Consultation;
use deskbell_domain::{Conversation, InstallationId, TenantId};

use super::{Ask, Followed, Judged};
use crate::app::{App, found};
use crate::error::Error;

pub(super) async fn judge(
    app: &App,
    tenant: TenantId,
    ask: &Ask,
    conversation: &Conversation,
) -> Judged {
    if !ask.may_move {
        return Judged::too_many_moves();
    }
    let (bot, had_one) = match look(app, tenant, conversation).await {
        Ok(found) => found,
        Err(error) => {
            tracing::warn!(%error, "a conversation goes to no bot: its inbox was not read");
            return Judged::cannot("unavailable", "the inbox could not be read");
        }
    };
    if had_one {
        let detail = "it has been with a bot, and goes to one only once";
        return Judged::cannot("had_a_bot", detail);
    }
    let Some(bot) = bot else {
        return Judged::cannot("no_bot", "the inbox has no bot");
    };
    let at_work = app.installed_for(tenant, Hook::Bot).into_iter();
    let mut its = at_work.filter(|one| one.id == bot);
    let Some(bot) = its.next() else {
        return Judged::cannot("no_bot", "the inbox's bot is not at work");
    };
    if !app.plugin_may_be_called(&bot, Hook::Bot) {
        let detail = "the inbox's bot failed too often and is not asked for a while";
        return Judged::cannot("breaker_open", detail);
    }
    Judged::Follow(Consultation::ToBot, Followed::Engage(bot.id))
}

/// The inbox's bot, and whether the conversation had one already.
async fn look(
    app: &App,
    tenant: TenantId,
    conversation: &Conversation,
) -> Result<(Option<InstallationId>, bool), Error> {
    let tx = app.store.snapshot(tenant).await?;
    let inbox = found(tx.inbox(conversation.inbox_id).await?, "inbox")?;
    let had_one = tx.engagement(conversation.id).await?.is_some();
    Ok((inbox.bot, had_one))
}
