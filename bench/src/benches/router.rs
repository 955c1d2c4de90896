//! `router`: what the router plugin costs the messages, at 1,000 a second while
//! visitors ring anew and are routed.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::e2e::{CAST, QUIET, latency_row, latency_table};
use super::{REPETITIONS, configurations, in_turn};
use crate::Settings;
use crate::error::Outcome;
use crate::report::{Section, Table, middle, millis, progress, spread};
use crate::run::{Measured, Score, at_rate};
use crate::stage::{News, Order, Stage};
use crate::subject::deskbell::{Deskbell, Engine};
use crate::subject::{Started, Subject};

const RATE: f64 = 1_000.0;
/// Visitors who talk; the others ring.
const TALKERS: usize = 800;
const RING_EVERY: Duration = Duration::from_millis(20);

#[derive(Serialize)]
struct Run {
    subject: usize,
    repetition: usize,
    measured: Measured,
    rings: usize,
    /// From ringing to the desk's hearing who has it, in milliseconds.
    assigned: Vec<f64>,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let mut with_plugin = Deskbell::new(&settings.deskbell, Engine::Sqlite);
    with_plugin.router_plugin = true;
    let subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Deskbell::new(&settings.deskbell, Engine::Sqlite)),
        Box::new(with_plugin),
    ];
    let mut runs = Vec::new();
    for repetition in 0..settings.repetitions(REPETITIONS) {
        for (n, subject) in in_turn(&subjects, repetition) {
            progress(&format!("router {}: {}", repetition + 1, subject.name()));
            let started = subject.start(&CAST).await?;
            let score = Score {
                length: settings.duration(Duration::from_secs(6)),
                warm_up: Duration::from_millis(500),
                visitors: 0..TALKERS,
                seed: repetition as u64,
            };
            let (measured, rings, assigned) = one(&started, &score).await?;
            started.end().await?;
            runs.push(Run {
                subject: n,
                repetition,
                measured,
                rings,
                assigned,
            });
        }
    }
    Ok(section(&subjects, &runs))
}

async fn one(started: &Started, score: &Score) -> Outcome<(Measured, usize, Vec<f64>)> {
    let mut stage = Stage::set(started, &CAST, true).await?;
    stage.calm(QUIET).await;
    let (_quiet, none) = tokio::sync::mpsc::unbounded_channel();
    let mut news = std::mem::replace(&mut stage.news, none);
    let ringers: Vec<_> = (TALKERS..stage.visitors.len()).collect();
    let ringing = async {
        let mut rang = HashMap::new();
        let mut rings = 0;
        let mut assigned_at = HashMap::new();
        let mut times = Vec::new();
        let mut interval = tokio::time::interval(RING_EVERY);
        let until = Instant::now() + score.length;
        let mut next = ringers.iter().cycle();
        loop {
            tokio::select! {
                _ = interval.tick() => {
                    if Instant::now() > until + QUIET {
                        return Outcome::Ok((rings, times));
                    }
                    // The last ones are only waited for.
                    if Instant::now() < until && let Some(&visitor) = next.next() {
                        rings += 1;
                        rang.insert(visitor, Instant::now());
                        stage.visitors[visitor].send(Order::RingAnew)?;
                    }
                }
                told = news.recv() => match told {
                    Some(News::Rung(visitor, id)) => {
                        let Some(since) = rang.remove(&visitor) else { continue };
                        match assigned_at.remove(&id) {
                            Some(at) => times.push(milliseconds(since, at)),
                            None => { assigned_at.insert(id, since); }
                        }
                    }
                    Some(News::Assigned(id)) => {
                        let now = Instant::now();
                        match assigned_at.remove(&id) {
                            Some(since) => times.push(milliseconds(since, now)),
                            None => { assigned_at.insert(id, now); }
                        }
                    }
                    _ => {}
                },
            }
        }
    };
    let talking = at_rate(&stage, started, RATE, score);
    let (measured, rung) = tokio::join!(talking, ringing);
    let (rings, times) = rung?;
    Ok((measured?, rings, times))
}

fn milliseconds(since: Instant, until: Instant) -> f64 {
    until.saturating_duration_since(since).as_secs_f64() * 1e3
}

fn section(subjects: &[Box<dyn Subject>], runs: &[Run]) -> Section {
    let mut messages = latency_table("Messages while others ring:");
    let mut routing = Table::new(
        "From ringing to an agent's having it:",
        &["subject", "rings/s", "assigned of rung", "p50 ms", "p99 ms"],
    );
    let mut medians = Vec::new();
    for (n, subject) in subjects.iter().enumerate() {
        let own: Vec<&Run> = runs.iter().filter(|run| run.subject == n).collect();
        let measured: Vec<_> = own.iter().map(|run| &run.measured).collect();
        messages.row(latency_row(&subject.name(), RATE, &measured));
        let good = measured.iter().filter(|run| !run.is_void());
        medians.push(middle(good.map(|run| millis(run.figures.delivery_p50))));
        let rings: usize = own.iter().map(|run| run.rings).sum();
        let assigned: usize = own.iter().map(|run| run.assigned.len()).sum();
        routing.row([
            subject.name(),
            format!("{:.0}", 1.0 / RING_EVERY.as_secs_f64()),
            format!("{assigned} of {rings}"),
            spread(own.iter().map(|run| quantile(&run.assigned, 0.5)), 1),
            spread(own.iter().map(|run| quantile(&run.assigned, 0.99)), 1),
        ]);
    }
    let mut about = vec![format!(
        "{TALKERS} visitors talk at {RATE:.0}/s in all; the other {} end their conversation and ring anew, one every {} ms. With the plugin, skills-router is installed on every desk with a rule that fits each of them.",
        CAST.tenants * CAST.visitors - TALKERS,
        RING_EVERY.as_millis()
    )];
    if let [Some(without), Some(with)] = medians[..] {
        let more = (with / without - 1.0) * 100.0;
        about.push(format!(
            "The plugin changes the messages' p50 by {more:+.1} %."
        ));
    }
    about.extend(configurations(subjects));
    Section {
        title: "router",
        about,
        tables: vec![messages, routing],
        runs: json!(runs),
    }
}

fn quantile(values: &[f64], q: f64) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let place = (values.len() as f64 * q) as usize;
    let last = values.len().saturating_sub(1);
    values.get(place.min(last)).copied().unwrap_or(f64::NAN)
}
