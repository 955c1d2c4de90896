//! Asking a bot about one event, and doing what it says.
//!
//! No lock and no transaction is held while it thinks. What it says is checked,
//! then applied by one unit that looks at the status and at the turn again: an
//! answer that comes after somebody took over does nothing. Without a usable
//! answer the conversation goes to people, and admins see why.

use std::sync::Arc;

use deskbell_domain::bot::{Action, Engagement, STATE_MAX_BYTES, check};
use deskbell_domain::conversation::bot::{self, Reply};
use deskbell_domain::plugin::{Digest, Hook};
use deskbell_domain::{Audience, Case, Context, Conversation, Refusal, TenantId};
use deskbell_store::merged::Unit;
use serde_json::json;

use crate::app::{App, Surroundings};
use crate::bell::{Signal, SignalName};
use crate::bots::look::News;
use crate::error::Error;
use crate::execute::submit_error;
use crate::hooks::{BotEvent, BotReply, BotRequest, HookError};
use crate::plugins::Installed;

/// The word for a bot that was switched off or taken away.
pub(super) const GONE: &str = "not_available";

pub(super) async fn ask(app: &App, tenant: TenantId, news: News) -> Result<(), Error> {
    let News {
        event,
        conversation,
        contact,
        said,
        row,
    } = news;
    let Some(installed) = at_work(app, tenant, &row).await? else {
        return give_up(app, tenant, &row, GONE).await;
    };
    app.make_callable(&installed).await;
    let handled_seq = match &event {
        BotEvent::Message(message) => Some(message.seq),
        BotEvent::Started | BotEvent::Woke(_) => None,
    };
    let request = BotRequest {
        event,
        conversation: conversation.clone(),
        contact,
        said,
        state: row.state.clone(),
    };
    let call = installed.call(app, Hook::Bot);
    let digest = call.digest;
    let said = app.hooks.bot_event(call, request).await;
    let answered = said.is_ok();
    let outcome = match said {
        Ok(reply) => match judge(app, tenant, &reply).await? {
            Ok(()) => {
                show_typing(app, tenant, &row, &conversation, &reply.actions);
                apply(app, tenant, &row, handled_seq, reply, digest).await?
            }
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(error) => {
            let about = Some(row.conversation_id);
            if answered {
                app.note_bad_answer(tenant, installed.id, Hook::Bot, &error, about);
            } else {
                app.note_plugin_failure(tenant, installed.id, Hook::Bot, &error, about);
            }
            give_up(app, tenant, &row, error.code()).await
        }
    }
}

/// The bot, if it may be asked. Memory may be behind after a start: the database
/// decides before a conversation is taken from a bot.
pub(super) async fn at_work(
    app: &App,
    tenant: TenantId,
    row: &Engagement,
) -> Result<Option<Arc<Installed>>, Error> {
    let find = || {
        let all = app.installed_for(tenant, Hook::Bot);
        all.into_iter()
            .find(|one| one.id == row.bot.installation_id)
    };
    if let Some(installed) = find() {
        return Ok(Some(installed));
    }
    app.refresh_plugins(tenant).await?;
    Ok(find())
}

/// What it says must make sense at this desk, all of it.
async fn judge(
    app: &App,
    tenant: TenantId,
    reply: &BotReply,
) -> Result<Result<(), HookError>, Error> {
    let bad = |why: String| Ok(Err(HookError::BadAnswer(why)));
    if reply
        .state
        .as_ref()
        .is_some_and(|state| state.len() > STATE_MAX_BYTES)
    {
        return bad(format!("its state is larger than {STATE_MAX_BYTES} bytes"));
    }
    if let Err(why) = check(&reply.actions) {
        return bad(why);
    }
    for action in &reply.actions {
        if let Action::HandOff(to) = action
            && let Some(team) = to.team
            && app
                .store
                .snapshot(tenant)
                .await?
                .team(team)
                .await?
                .is_none()
        {
            return bad(format!("{team} is no team of this desk"));
        }
    }
    Ok(Ok(()))
}

/// One unit, or nothing. An answer that comes too late is no failing of the bot's.
async fn apply(
    app: &App,
    tenant: TenantId,
    row: &Engagement,
    handled_seq: Option<i64>,
    reply: BotReply,
    digest: Digest,
) -> Result<Result<(), HookError>, Error> {
    let reply = Reply {
        turn: row.turn,
        handled_seq,
        actions: reply.actions,
        state: reply.state,
        digest,
    };
    let done = unit(app, tenant, row, move |case, cx| {
        bot::answer(case, cx, reply.clone())
    });
    match done.await {
        Err(Error::Refused(Refusal::Invalid(errors))) => {
            let why = errors.into_iter().next().map(|error| error.detail);
            Ok(Err(HookError::BadAnswer(why.unwrap_or_default())))
        }
        other => late(other).map(Ok),
    }
}

pub(super) async fn give_up(
    app: &App,
    tenant: TenantId,
    row: &Engagement,
    code: &str,
) -> Result<(), Error> {
    let (turn, code) = (row.turn, code.to_owned());
    let done = unit(app, tenant, row, move |case, cx| {
        bot::fail(case, cx, turn, &code)
    });
    late(done.await)
}

fn late(done: Result<(), Error>) -> Result<(), Error> {
    match done {
        Err(Error::Refused(refusal @ (Refusal::WrongStatus(_) | Refusal::Stale))) => {
            tracing::debug!(%refusal, "a bot's answer came too late");
            Ok(())
        }
        other => other,
    }
}

async fn unit(
    app: &App,
    tenant: TenantId,
    row: &Engagement,
    decide: impl Fn(&mut Case, &Context<'_>) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Result<(), Error> {
    let near: Surroundings = app.surroundings(&app.tenant(tenant).await?);
    let unit = Unit {
        tenant,
        conversation: row.conversation_id,
        agents: vec![],
        with_assignee: false,
        with_bot: true,
        dedupe: None,
        timer: None,
        lease: None,
        decide: Arc::new(move |case: &mut Case| decide(case, &near.cx())),
    };
    app.store.submit(unit).await.map_err(submit_error)?;
    app.ring();
    Ok(())
}

/// Only true now, so it is shown and not stored.
fn show_typing(
    app: &App,
    tenant: TenantId,
    row: &Engagement,
    conversation: &Conversation,
    actions: &[Action],
) {
    if !actions
        .iter()
        .any(|it| matches!(it, Action::Typing(ms) if *ms > 0))
    {
        return;
    }
    app.bell.signal(Signal {
        tenant,
        name: SignalName::Typing,
        actor: row.actor(),
        conversation_id: Some(conversation.id),
        audience: Audience::of_conversation(conversation),
        occurred_at: app.now(),
        data: json!({ "on": true }),
    });
}
