//! One run on a stage: an open loop at a rate, or a closed one with so many in
//! flight. Answers what the book says and what the servers used.

use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::mpsc;

use crate::book::Figures;
use crate::error::Outcome;
use crate::plan::{Tick, open_loop};
use crate::process;
use crate::stage::{Order, Stage};
use crate::subject::Started;

/// For what was sent to arrive, after the last was sent.
const DRAIN: Duration = Duration::from_secs(8);
const LOOK_EVERY: Duration = Duration::from_millis(5);

#[derive(Debug, Clone, Serialize)]
pub struct Measured {
    pub figures: Figures,
    /// Messages a second: offered in an open loop, acked in a closed one.
    pub rate: f64,
    /// CPU time per message, in microseconds.
    pub server_cpu: f64,
    pub database_cpu: f64,
    pub generator_cpu: f64,
}

impl Measured {
    pub fn is_void(&self) -> bool {
        self.figures.void.is_some()
    }
}

/// How a run is to go.
#[derive(Debug, Clone)]
pub struct Score {
    pub length: Duration,
    /// Of it, not timed.
    pub warm_up: Duration,
    /// Who speaks.
    pub visitors: Range<usize>,
    pub seed: u64,
}

/// Sends at `rate`, whatever the answers.
pub async fn at_rate(
    stage: &Stage,
    started: &Started,
    rate: f64,
    score: &Score,
) -> Outcome<Measured> {
    let ticks = open_loop(rate, score.length, score.visitors.len(), score.seed);
    let before = Meter::read(started)?;
    let began = stage
        .book
        .begin(stage.visitors.len(), stage.receivers, score.warm_up);
    let speakers = stage.visitors[score.visitors.clone()].to_vec();
    tokio::task::spawn_blocking(move || pace(began, &ticks, &speakers)).await?;
    drain(stage).await;
    before.measured(started, stage.book.figures(), rate)
}

/// Each of `speakers` says the next thing as soon as the last is acked.
pub async fn in_flight(
    stage: &Stage,
    started: &Started,
    speakers: &[usize],
    score: &Score,
) -> Outcome<Measured> {
    stage
        .book
        .begin(stage.visitors.len(), stage.receivers, score.warm_up);
    let before = Meter::read(started)?;
    stage.closed_loop.store(true, Ordering::Relaxed);
    for &speaker in speakers {
        stage.visitors[speaker].send(Order::SayOn)?;
    }
    tokio::time::sleep(score.length).await;
    stage.closed_loop.store(false, Ordering::Relaxed);
    let timed = stage.book.now().saturating_sub(score.warm_up);
    drain(stage).await;
    let figures = stage.book.figures();
    let rate = figures.timed_acks as f64 / timed.as_secs_f64();
    before.measured(started, figures, rate)
}

/// Gives each order at its instant. A thread of its own: a runtime's timers know
/// milliseconds only.
fn pace(began: Instant, ticks: &[Tick], speakers: &[mpsc::UnboundedSender<Order>]) {
    for tick in ticks {
        loop {
            let wait = tick.at.saturating_sub(began.elapsed());
            if wait.is_zero() {
                break;
            }
            std::thread::park_timeout(wait);
        }
        // A socket that is gone has said so in the book.
        let _ = speakers[tick.visitor].send(Order::Say(tick.at));
    }
}

async fn drain(stage: &Stage) {
    let until = Instant::now() + DRAIN;
    while !stage.book.settled() && Instant::now() < until {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What everybody had used at some point.
struct Meter {
    server: Duration,
    database: Duration,
    generator: Duration,
}

impl Meter {
    fn read(started: &Started) -> Outcome<Self> {
        let used = started.used()?;
        Ok(Self {
            server: used.server,
            database: used.database,
            generator: process::cpu(std::process::id())?,
        })
    }

    fn measured(&self, started: &Started, figures: Figures, rate: f64) -> Outcome<Measured> {
        let now = Self::read(started)?;
        let each = |now: Duration, before: Duration| {
            now.saturating_sub(before).as_secs_f64() * 1e6 / figures.sent.max(1) as f64
        };
        Ok(Measured {
            rate,
            server_cpu: each(now.server, self.server),
            database_cpu: each(now.database, self.database),
            generator_cpu: each(now.generator, self.generator),
            figures,
        })
    }
}
