//! Asking the routing plugins about one conversation, in their order, until one
//! has an opinion that makes sense.
//!
//! Runs beside the router's own state, so that a slow plugin keeps only its own
//! tenant's team waiting. An answer is judged here against what was asked; the
//! desk judges it again against what is so by then (`consult.rs`).

mod to_bot;

use std::collections::HashSet;
use std::sync::Arc;

use deskbell_domain::conversation::redirect::Redirect;
use deskbell_domain::plugin::Hook;
use deskbell_domain::routing::{Advice, Consultation, ConsultationFailure, Consulted};
use deskbell_domain::time::{HOUR, Millis};
use deskbell_domain::{AgentId, ConversationId, InstallationId, TeamId, TenantId, Timestamp};
use tokio::time::Instant;

use crate::app::{App, found};
use crate::error::Error;
use crate::hooks::{HookError, Opinion, RouteCandidate, RouteRequest, Verdict};
use crate::plugins::Installed;
use crate::router::choose::micros;
use crate::router::consult::{Read, Retry};

/// The furthest a plugin may put a conversation off.
const HOLD_MAX: Millis = HOUR;
/// Of what a plugin says in words, this much is kept.
const WORDS_MAX: usize = 300;

/// A question about one conversation, as the desk was when it was put.
pub(super) struct Ask {
    pub conversation: ConversationId,
    /// Read if the desk has it not.
    pub whole: Option<Arc<deskbell_domain::Conversation>>,
    pub contact: Option<Arc<deskbell_domain::Contact>>,
    pub team: TeamId,
    pub team_name: String,
    /// Waits since.
    pub since: Timestamp,
    pub waiting: usize,
    pub position: usize,
    pub candidates: Vec<RouteCandidate>,
    pub candidates_total: usize,
    pub teams: HashSet<TeamId>,
    pub may_move: bool,
    pub retry: Option<Retry>,
}

pub(super) struct Answer {
    pub conversation: ConversationId,
    pub team: TeamId,
    /// What it was about, for the next time.
    pub read: Option<Read>,
    pub consulted: Vec<Consulted>,
    /// None: the built-in strategy decides.
    pub followed: Option<(Advice, Followed)>,
    pub duration_us: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Followed {
    Assign(AgentId),
    Move(Redirect),
    Hold(Timestamp),
    /// To this bot.
    Engage(InstallationId),
}

/// What an opinion comes to.
enum Judged {
    Nothing,
    Follow(Consultation, Followed),
    /// Good, but it cannot be done here and now; not the plugin's failing.
    Cannot(ConsultationFailure),
}

impl Judged {
    fn cannot(code: &str, detail: &str) -> Self {
        Self::Cannot(ConsultationFailure {
            code: code.to_owned(),
            detail: detail.to_owned(),
        })
    }

    fn too_many_moves() -> Self {
        Self::cannot(
            "too_many_moves",
            "plugins moved this conversation often enough",
        )
    }
}

pub(super) async fn ask(
    app: App,
    tenant: TenantId,
    chain: Vec<Arc<Installed>>,
    ask: Ask,
) -> Answer {
    let begun = Instant::now();
    let mut answer = Answer {
        conversation: ask.conversation,
        team: ask.team,
        read: None,
        consulted: vec![],
        followed: None,
        duration_us: 0,
    };
    for installed in rest_of(&chain, ask.retry.as_ref()) {
        if !app.plugin_may_be_called(installed, Hook::Routing) {
            answer.consulted.push(left_out(installed));
            continue;
        }
        let about = match answer.read.take() {
            Some(read) => read,
            None => match subject(&app, tenant, &ask).await {
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!(%error, "plugins were not asked: the conversation was not read");
                    break;
                }
            },
        };
        let (consulted, followed) = consult(&app, installed, &ask, &about).await;
        answer.read = Some(about);
        answer.consulted.push(consulted);
        answer.followed = followed;
        if answer.followed.is_some() {
            break;
        }
    }
    answer.duration_us = micros(begun);
    answer
}

/// From the plugin on whose agent was lost, if it is still there.
fn rest_of<'a>(chain: &'a [Arc<Installed>], retry: Option<&Retry>) -> &'a [Arc<Installed>] {
    let place = retry.and_then(|retry| chain.iter().position(|one| one.id == retry.of));
    chain.get(place.unwrap_or(0)..).unwrap_or_default()
}

/// The conversation and its contact: from the desk's memory, or from one read.
async fn subject(app: &App, tenant: TenantId, ask: &Ask) -> Result<Read, Error> {
    if let (Some(conversation), Some(contact)) = (&ask.whole, &ask.contact) {
        return Ok(Read {
            conversation: conversation.clone(),
            contact: contact.clone(),
        });
    }
    let tx = app.store.snapshot(tenant).await?;
    let conversation = match &ask.whole {
        Some(whole) => whole.clone(),
        None => {
            let read = tx.conversation(ask.conversation).await?;
            Arc::new(found(read, "conversation")?)
        }
    };
    let contact = match &ask.contact {
        Some(contact) => contact.clone(),
        None => {
            let read = tx.contact(conversation.contact.id).await?;
            Arc::new(found(read, "contact")?)
        }
    };
    Ok(Read {
        conversation,
        contact,
    })
}

/// It failed too often of late: nobody waits for it, and the record says so.
fn left_out(installed: &Installed) -> Consulted {
    let error = HookError::BreakerOpen;
    Consulted {
        installation_id: installed.id,
        plugin_name: installed.name.clone(),
        outcome: Consultation::Failed,
        reason: None,
        failure: Some(ConsultationFailure {
            code: error.code().to_owned(),
            detail: error.to_string(),
        }),
        duration_us: 0,
    }
}

async fn consult(
    app: &App,
    installed: &Installed,
    ask: &Ask,
    subject: &Read,
) -> (Consulted, Option<(Advice, Followed)>) {
    let begun = Instant::now();
    let (tenant, now) = (installed.tenant, app.now());
    let mut answered = false;
    let call = installed.call(app, Hook::Routing);
    let said = app.hooks.route(call, request(ask, subject, now)).await;
    let mut consulted = Consulted {
        installation_id: installed.id,
        plugin_name: installed.name.clone(),
        outcome: Consultation::Failed,
        reason: None,
        failure: None,
        duration_us: micros(begun),
    };
    let judged = match said {
        Ok(opinion) => {
            answered = true;
            consulted.reason = opinion.reason.as_deref().and_then(sentence);
            match opinion.verdict {
                Verdict::ToBot => Ok(to_bot::judge(app, tenant, ask, &subject.conversation).await),
                _ => judge(ask, subject, &opinion, now),
            }
        }
        Err(error) => Err(error),
    };
    let followed = match judged {
        Ok(Judged::Nothing) => {
            consulted.outcome = Consultation::NoOpinion;
            None
        }
        Ok(Judged::Follow(outcome, followed)) => {
            consulted.outcome = outcome;
            let advice = Advice {
                installation_id: installed.id,
                plugin_name: installed.name.clone(),
                reason: consulted.reason.clone(),
            };
            Some((advice, followed))
        }
        Ok(Judged::Cannot(failure)) => {
            consulted.failure = Some(failure);
            None
        }
        Err(error) => {
            consulted.failure = Some(ConsultationFailure {
                code: error.code().to_owned(),
                detail: sentence(&error.to_string()).unwrap_or_default(),
            });
            let (hook, about) = (Hook::Routing, Some(ask.conversation));
            if answered {
                app.note_bad_answer(tenant, installed.id, hook, &error, about);
            } else {
                app.note_plugin_failure(tenant, installed.id, hook, &error, about);
            }
            None
        }
    };
    (consulted, followed)
}

fn request(ask: &Ask, subject: &Read, now: Timestamp) -> RouteRequest {
    RouteRequest {
        conversation: (*subject.conversation).clone(),
        contact: (*subject.contact).clone(),
        waiting_ms: now.since(ask.since).max(0),
        team_id: ask.team,
        team_name: ask.team_name.clone(),
        waiting: ask.waiting,
        position: ask.position,
        candidates: ask.candidates.clone(),
        candidates_total: ask.candidates_total,
        retry_of: ask.retry.as_ref().map(|retry| retry.why.clone()),
    }
}

/// An answer that names what it was not shown is no answer.
fn judge(
    ask: &Ask,
    subject: &Read,
    opinion: &Opinion,
    now: Timestamp,
) -> Result<Judged, HookError> {
    let bad = |why: String| Err(HookError::BadAnswer(why));
    match opinion.verdict {
        // `to_bot` is asked about the one, beside this.
        Verdict::NoOpinion | Verdict::ToBot => Ok(Judged::Nothing),
        Verdict::Assign(agent) => {
            let mut shown = ask.candidates.iter();
            if shown.any(|shown| shown.candidate.id == agent) {
                let followed = Followed::Assign(agent);
                Ok(Judged::Follow(Consultation::Assigned, followed))
            } else {
                bad(format!("{agent} is not among the candidates"))
            }
        }
        Verdict::Queue { team, priority } => {
            if let Some(team) = team
                && !ask.teams.contains(&team)
            {
                return bad(format!("{team} is no team of this desk"));
            }
            let team = team.filter(|team| *team != ask.team);
            let priority = priority.filter(|it| *it != subject.conversation.priority);
            if team.is_none() && priority.is_none() {
                return Ok(Judged::Nothing);
            }
            if !ask.may_move {
                return Ok(Judged::too_many_moves());
            }
            let followed = Followed::Move(Redirect { team, priority });
            Ok(Judged::Follow(Consultation::Queued, followed))
        }
        Verdict::HoldUntil(until) if until <= now => {
            bad("it would hold until a time that is past".to_owned())
        }
        Verdict::HoldUntil(until) if until.since(now) > HOLD_MAX => {
            bad("it would hold for more than an hour".to_owned())
        }
        Verdict::HoldUntil(until) => Ok(Judged::Follow(Consultation::Held, Followed::Hold(until))),
    }
}

/// A guest's words on one line, without what would break it; None if none are left.
fn sentence(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .take(4 * WORDS_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let words: Vec<_> = plain.split_whitespace().collect();
    let line: String = words.join(" ").chars().take(WORDS_MAX).collect();
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guests_words_become_one_line() {
        assert_eq!(
            sentence("  a\n\u{0}b\u{1b}[31m  c "),
            Some("a b [31m c".to_owned())
        );
        assert_eq!(sentence("\u{7}\n "), None);
        let long = sentence(&"é".repeat(100_000)).unwrap();
        assert_eq!(long.chars().count(), WORDS_MAX);
    }
}
