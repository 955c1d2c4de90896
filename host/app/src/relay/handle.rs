//! Giving one plugin what another system sent it, and doing what it says.
//!
//! As with events, what is done comes before the job is taken away, so a crash between
//! the two repeats the call and not what came of it. An answer may concern several
//! conversations: that all of them are there is looked at before anything is done in
//! one of them.

use std::sync::Arc;

use deskbell_domain::integration::{Effect, check_effects};
use deskbell_domain::plugin::Hook;
use deskbell_domain::webhook::Change;
use deskbell_domain::{Actor, Command, ConversationId, EventId, Who};
use deskbell_store::jobs::Job;
use uuid::Uuid;

use crate::app::{App, stored};
use crate::error::Error;
use crate::hooks::{HookError, WebhookRequest};
use crate::plugins::Installed;
use crate::relay::tell::{Failed, failed, outcome, put_off};
use crate::webhooks::{Contents, Received};

pub(super) async fn handle(app: App, installed: Arc<Installed>, job: Job) -> Result<(), Error> {
    let Some(request) = read(&app, &job).await? else {
        let error = "what was sent cannot be read any more";
        return put_off(&app, &job, error, None).await;
    };
    app.make_callable(&installed).await;
    let call = installed.call(&app, Hook::Webhook);
    let said = app.hooks.handle_webhook(call, request).await;
    let answered = said.is_ok();
    let done = match said {
        Ok(changes) => apply(&app, &installed, &job, changes).await?,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => finish(&app, &job).await,
        Err(error) => {
            let failure = Failed {
                hook: Hook::Webhook,
                about: None,
                error: &error,
                answered,
            };
            failed(&app, &installed, &job, failure).await
        }
    }
}

async fn read(app: &App, job: &Job) -> Result<Option<WebhookRequest>, Error> {
    let Ok(received) = serde_json::from_str::<Received>(&job.payload) else {
        return Ok(None);
    };
    let tx = app.store.snapshot(job.tenant).await?;
    let sealed = tx.webhook_contents(job.id.0).await?;
    drop(tx);
    let contents = sealed.and_then(|it| Contents::open(app, job.tenant, job.id.0, &it));
    Ok(contents.map(|contents| WebhookRequest {
        id: job.id.0,
        name: received.name,
        headers: contents.headers,
        body: contents.body,
        received_at: received.received_at,
        attempt: u32::try_from(job.attempts).unwrap_or(u32::MAX),
    }))
}

/// For each conversation all of it or nothing, in the order in which they are named.
async fn apply(
    app: &App,
    installed: &Installed,
    job: &Job,
    changes: Vec<Change>,
) -> Result<Result<(), HookError>, Error> {
    let all: Vec<_> = changes.iter().map(|it| it.effect.clone()).collect();
    if let Err(why) = check_effects(&all) {
        return Ok(Err(HookError::BadAnswer(why)));
    }
    let mut by_conversation: Vec<(ConversationId, Vec<Effect>)> = Vec::new();
    for change in changes {
        let id = change.conversation;
        match by_conversation.iter_mut().find(|(known, _)| *known == id) {
            Some((_, effects)) => effects.push(change.effect),
            None => by_conversation.push((id, vec![change.effect])),
        }
    }
    let tx = app.store.snapshot(job.tenant).await?;
    for (id, _) in &by_conversation {
        if tx.conversation(*id).await?.is_none() {
            let why = format!("there is no conversation {id} in this tenant");
            return Ok(Err(HookError::BadAnswer(why)));
        }
    }
    drop(tx);
    let actor = Actor {
        tenant: job.tenant,
        who: Who::Plugin {
            id: installed.id,
            name: installed.name.clone(),
        },
    };
    for (conversation, effects) in by_conversation {
        let command = Command::ApplyEffects {
            conversation,
            event: cause(job, conversation),
            depth: 1,
            effects,
        };
        if let Err(error) = outcome(app.execute(&actor, command).await)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// What the effects' keys are made of: another one for each conversation, the same at
/// every try.
fn cause(job: &Job, conversation: ConversationId) -> EventId {
    EventId(Uuid::from_u128(
        job.id.0.as_u128() ^ conversation.0.as_u128(),
    ))
}

/// What was sent goes with the job.
async fn finish(app: &App, job: &Job) -> Result<(), Error> {
    let job = job.clone();
    let finished = app.store.system(move |sys| {
        let job = job.clone();
        Box::pin(async move {
            if sys.finish_job(&job).await? {
                sys.drop_webhook_contents(job.tenant, job.id).await?;
            }
            Ok(())
        })
    });
    stored(finished.await)
}
