//! One call of each hook through the sandbox, beside wasmtime alone where that is
//! worth knowing: the hooks in the path of a message.

use std::time::{Duration, Instant};

use deskbell_app::hooks::{Call, FilterVerdict, Verdict};
use deskbell_sandbox::Sandbox;
use serde::Serialize;
use serde_json::Value;

use super::desk::{Desk, Installed};
use super::times::{Clock, Times};
use super::{CALLS, FILES, WARM_UP, samples};
use crate::Settings;
use crate::benches::REPETITIONS;
use crate::error::Outcome;
use crate::floor::{FilterFloor, RouterFloor};
use crate::report::progress;

#[derive(Serialize)]
pub(super) struct Run {
    pub(super) hook: &'static str,
    pub(super) floor: Option<Times>,
    /// Until the app has the answer.
    pub(super) sandbox: Times,
    /// Of it, on the guest's thread.
    pub(super) on_thread: Times,
}

/// A call that has an answer: until the app had it, and on the guest's thread.
pub(super) struct Took {
    pub(super) whole: Duration,
    pub(super) inside: Duration,
}

/// The plugins of one tenant.
pub(super) struct Plugins {
    pub(super) router: Call,
    pub(super) filter: Call,
    pub(super) bot: Call,
}

impl Plugins {
    /// In the order of `FILES`.
    pub(super) fn of([router, filter, bot]: [Installed; 3]) -> Self {
        Self {
            router: router.call,
            filter: filter.call,
            bot: bot.call,
        }
    }
}

pub(super) async fn run(settings: &Settings) -> Outcome<Vec<Run>> {
    let desk = Desk::new(settings)?;
    let plugins = Plugins::of(super::install(settings, &desk, 2, None).await?);
    let text = samples::text();
    let router = RouterFloor::new(
        &settings.plugins.join(FILES[0]),
        &Value::Object(samples::router_config()).to_string(),
        &samples::names(),
    )?;
    let filter = FilterFloor::new(
        &settings.plugins.join(FILES[1]),
        &Value::Object(samples::filter_config()).to_string(),
        &text,
    )?;
    let calls = if settings.quick { CALLS / 10 } else { CALLS };
    let mut runs = Vec::new();
    for repetition in 0..=settings.repetitions(REPETITIONS) {
        let warming = repetition == 0;
        let calls = if warming { WARM_UP } else { calls };
        let sandbox = &desk.sandbox;
        let round = [
            round("routing", calls, async || {
                let (floor, chosen) = timed(|| router.call())?;
                let (took, said) = route(sandbox, &plugins.router).await?;
                if said != chosen {
                    return Err(format!("they disagree: {said:?}, {chosen:?}").into());
                }
                Ok((Some(floor), took))
            })
            .await?,
            round("filter", calls, async || {
                let (floor, left) = timed(|| filter.call())?;
                let (took, said) = look(sandbox, &plugins.filter, &text).await?;
                if said != left {
                    return Err(format!("they disagree: {said:?}, {left:?}").into());
                }
                Ok((Some(floor), took))
            })
            .await?,
            round("bot", calls, async || {
                Ok((None, greet(sandbox, &plugins.bot).await?))
            })
            .await?,
        ];
        if warming {
            continue;
        }
        let told: Vec<_> = round
            .iter()
            .map(|run| format!("{} {:.0} µs", run.hook, run.on_thread.p50))
            .collect();
        progress(&format!("plugin {repetition}: {}", told.join(", ")));
        runs.extend(round);
    }
    Ok(runs)
}

async fn round(
    hook: &'static str,
    calls: usize,
    once: impl AsyncFn() -> Outcome<(Option<Duration>, Took)>,
) -> Outcome<Run> {
    let (mut alone, mut whole, mut inside) = (Clock::new()?, Clock::new()?, Clock::new()?);
    let mut has_floor = false;
    for _ in 0..calls {
        let (floor, took) = once().await?;
        if let Some(floor) = floor {
            has_floor = true;
            alone.record(floor);
        }
        whole.record(took.whole);
        inside.record(took.inside);
    }
    Ok(Run {
        hook,
        floor: has_floor.then(|| alone.times()),
        sandbox: whole.times(),
        on_thread: inside.times(),
    })
}

fn timed<T>(work: impl FnOnce() -> Outcome<T>) -> Outcome<(Duration, T)> {
    let began = Instant::now();
    let answer = work()?;
    Ok((began.elapsed(), answer))
}

/// Answers whom the plugin chose.
pub(super) async fn route(sandbox: &Sandbox, call: &Call) -> Outcome<(Took, Option<String>)> {
    let (call, request) = (call.clone(), samples::route());
    let began = Instant::now();
    let (opinion, report) = sandbox.measure_route(call, request).await;
    let took = Took {
        whole: began.elapsed(),
        inside: report.wall,
    };
    match opinion?.verdict {
        Verdict::Assign(agent) => Ok((took, Some(agent.to_string()))),
        _ => Ok((took, None)),
    }
}

/// Answers what became of the text, if it was to be changed.
pub(super) async fn look(
    sandbox: &Sandbox,
    call: &Call,
    text: &str,
) -> Outcome<(Took, Option<String>)> {
    let (call, request) = (call.clone(), samples::filter(text));
    let began = Instant::now();
    let (decision, report) = sandbox.measure_filter(call, request).await;
    let took = Took {
        whole: began.elapsed(),
        inside: report.wall,
    };
    match decision?.verdict {
        FilterVerdict::Rewrite(mut fields) => Ok((took, fields.pop().map(|field| field.text))),
        _ => Ok((took, None)),
    }
}

pub(super) async fn greet(sandbox: &Sandbox, call: &Call) -> Outcome<Took> {
    let (call, request) = (call.clone(), samples::bot());
    let began = Instant::now();
    let (reply, report) = sandbox.measure_bot(call, request).await;
    let took = Took {
        whole: began.elapsed(),
        inside: report.wall,
    };
    match reply?.actions.is_empty() {
        true => Err("the bot said nothing".into()),
        false => Ok(took),
    }
}
