//! Telling one plugin of one event, and doing what it says.
//!
//! What is done comes before the job is taken away: after a crash between the two
//! the plugin is told again, and what was done is not done twice.

use std::sync::Arc;

use deskbell_domain::plugin::Hook;
use deskbell_domain::time::{MINUTE, Millis, SECOND};
use deskbell_domain::{Actor, Command, ConversationId, Refusal, TenantId, Who};
use deskbell_store::jobs::{Backoff, Job};
use deskbell_store::message::MessageRange;

use crate::app::{App, stored};
use crate::error::Error;
use crate::hooks::{EventRequest, HookError};
use crate::plugins::{Installed, plain};
use crate::relay::KEPT_FOR;
use crate::relay::feeding::Told;

/// From a second to a quarter of an hour; how often, the time decides.
const BACKOFF: Backoff = Backoff {
    first_ms: SECOND,
    most_ms: 15 * MINUTE,
    tries: i64::MAX,
};
/// What is no fault of the plugin's is tried again so soon.
const SOON: Millis = 5 * SECOND;

pub(super) async fn tell(app: App, installed: Arc<Installed>, job: Job) -> Result<(), Error> {
    let Ok(told) = serde_json::from_str::<Told>(&job.payload) else {
        let error = "what it was to be told cannot be read";
        return put_off(&app, &job, error, None).await;
    };
    let Some(request) = read(&app, job.tenant, &told, job.attempts).await? else {
        // It is gone, and there is nothing to tell of it any more.
        return finish(&app, &job).await;
    };
    app.make_callable(&installed).await;
    let call = installed.call(&app, Hook::Events);
    let said = app.hooks.on_event(call, request).await;
    let answered = said.is_ok();
    let done = match said {
        Ok(effects) if effects.is_empty() => Ok(()),
        Ok(effects) => match told.conversation {
            Some(conversation) => {
                let actor = Actor {
                    tenant: job.tenant,
                    who: Who::Plugin {
                        id: installed.id,
                        name: installed.name.clone(),
                    },
                };
                let command = Command::ApplyEffects {
                    conversation,
                    event: told.id,
                    depth: told.depth.saturating_add(1),
                    effects,
                };
                outcome(app.execute(&actor, command).await)?
            }
            None => {
                let why = "effects, and there is no conversation".to_owned();
                Err(HookError::BadAnswer(why))
            }
        },
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => finish(&app, &job).await,
        Err(error) => {
            let failure = Failed {
                hook: Hook::Events,
                about: told.conversation,
                error: &error,
                answered,
            };
            failed(&app, &installed, &job, failure).await
        }
    }
}

/// What is not to be done is the plugin's mistake; what cannot be done any more is
/// nobody's.
pub(super) fn outcome<T>(done: Result<T, Error>) -> Result<Result<(), HookError>, Error> {
    match done {
        Ok(_) => Ok(Ok(())),
        Err(Error::Refused(Refusal::Invalid(errors))) => {
            let why = errors.into_iter().next().map(|error| error.detail);
            Ok(Err(HookError::BadAnswer(why.unwrap_or_default())))
        }
        Err(Error::Refused(refusal)) => {
            tracing::debug!(%refusal, "what a plugin wanted done came too late");
            Ok(Ok(()))
        }
        Err(error) => Err(error),
    }
}

/// All that goes with the event, as it is now.
async fn read(
    app: &App,
    tenant: TenantId,
    told: &Told,
    attempts: i64,
) -> Result<Option<EventRequest>, Error> {
    let tx = app.store.snapshot(tenant).await?;
    let conversation = match told.conversation {
        Some(id) => match tx.conversation(id).await? {
            Some(conversation) => Some(conversation),
            None => return Ok(None),
        },
        None => None,
    };
    let about = conversation.as_ref().map(|it| it.contact.id);
    let contact = match told.contact.or(about) {
        Some(id) => tx.contact(id).await?,
        None => None,
    };
    let message = match (told.conversation, told.seq) {
        (Some(id), Some(seq)) => {
            let range = MessageRange {
                after_seq: Some(seq - 1),
                limit: 1,
                with_private: true,
                ..MessageRange::default()
            };
            tx.messages(id, range).await?.into_iter().next()
        }
        _ => None,
    };
    Ok(Some(EventRequest {
        id: told.id,
        kind: told.kind.clone(),
        occurred_at: told.occurred_at,
        attempt: u32::try_from(attempts).unwrap_or(u32::MAX),
        conversation,
        contact,
        message,
        attributes: told.attributes.clone(),
    }))
}

/// What went wrong with a call, and whether there was an answer that nobody can use.
pub(super) struct Failed<'a> {
    pub(super) hook: Hook,
    pub(super) about: Option<ConversationId>,
    pub(super) error: &'a HookError,
    pub(super) answered: bool,
}

/// Noted, and later again, until a day is over. An event that fails again and again
/// says nothing new of the plugin: only its first failure counts for the breaker, or
/// one event that does not go down would switch the plugin off for all others.
pub(super) async fn failed(
    app: &App,
    installed: &Installed,
    job: &Job,
    failure: Failed<'_>,
) -> Result<(), Error> {
    let Failed {
        hook,
        about,
        error,
        answered,
    } = failure;
    let (tenant, id) = (job.tenant, installed.id);
    match (job.attempts, answered) {
        (1, true) => app.note_bad_answer(tenant, id, hook, error, about),
        (1, false) => app.note_plugin_failure(tenant, id, hook, error, about),
        (_, _) => app.note_failure_again(tenant, id, hook, error, about),
    }
    let wait = match error.is_the_plugins() || matches!(error, HookError::InputTooLarge(_)) {
        true => BACKOFF.after(job.attempts),
        false => Some(SOON),
    };
    let over = app.now().since(job.created_at) >= KEPT_FOR;
    let wait = wait.filter(|_| !over);
    put_off(app, job, &error.to_string(), wait).await
}

async fn finish(app: &App, job: &Job) -> Result<(), Error> {
    let job = job.clone();
    let finished = app.store.system(move |sys| {
        let job = job.clone();
        Box::pin(async move { sys.finish_job(&job).await })
    });
    // Whoever has the claim by now tells it again.
    stored(finished.await).map(|_| ())
}

pub(super) async fn put_off(
    app: &App,
    job: &Job,
    error: &str,
    wait: Option<Millis>,
) -> Result<(), Error> {
    let (id, now, error) = (job.id, app.now(), plain(error));
    let job = job.clone();
    let parked = app.store.system(move |sys| {
        let (job, error) = (job.clone(), error.clone());
        Box::pin(async move { sys.put_off_job(&job, now, &error, wait).await })
    });
    if stored(parked.await)? {
        tracing::warn!(event = %id, "something is set aside: a plugin did not take it");
    }
    Ok(())
}
