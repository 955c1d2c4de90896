//! `e2e`: from a visitor's sending to the desk's sockets, open loop.
//!
//! First a ladder of fixed rates, then a search for the highest rate that stays
//! clean, then 70 % of what the reference reached.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::{REPETITIONS, configurations, in_turn};
use crate::Settings;
use crate::error::Outcome;
use crate::report::{Section, Table, middle, millis, progress, spread};
use crate::run::{Measured, Score, at_rate};
use crate::stage::Stage;
use crate::subject::deskbell::{Deskbell, Engine};
use crate::subject::socketio::SocketIo;
use crate::subject::{Cast, Started, Subject};

pub(super) const CAST: Cast = Cast {
    tenants: 10,
    agents: 5,
    visitors: 100,
};
const RATES: [f64; 5] = [100.0, 500.0, 1_000.0, 2_000.0, 4_000.0];
/// A clean rate is no void run and this p99.
const CLEAN_P99: Duration = Duration::from_millis(50);
const SEARCH_STEPS: usize = 4;
/// After the beginning: until nobody was assigned anything for so long.
pub(super) const QUIET: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Run {
    subject: usize,
    repetition: usize,
    step: Step,
    measured: Measured,
}

#[derive(Serialize, PartialEq, Clone, Copy)]
enum Step {
    Ladder,
    Search,
    SeventyPercent,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let postgres = settings.postgres.clone();
    let subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(SocketIo {
            folder: settings.reference.clone(),
            postgres: postgres.clone(),
        }),
        Box::new(Deskbell::new(&settings.deskbell, Engine::Sqlite)),
        Box::new(Deskbell::new(
            &settings.deskbell,
            Engine::Postgres(postgres),
        )),
    ];
    let mut bench = Bench {
        score: Score {
            length: settings.duration(Duration::from_millis(3_000)),
            warm_up: Duration::from_millis(500),
            visitors: 0..CAST.tenants * CAST.visitors,
            seed: 1,
        },
        runs: Vec::new(),
        limits: vec![Vec::new(); subjects.len()],
    };
    for repetition in 0..settings.repetitions(REPETITIONS) {
        for (n, subject) in in_turn(&subjects, repetition) {
            progress(&format!("e2e {}: {}", repetition + 1, subject.name()));
            let started = subject.start(&CAST).await?;
            bench.climb(n, repetition, &started).await?;
            started.end().await?;
        }
    }
    Ok(bench.section(&subjects))
}

struct Bench {
    score: Score,
    runs: Vec<Run>,
    /// The highest clean rates of each subject.
    limits: Vec<Vec<f64>>,
}

fn is_clean(measured: &Measured) -> bool {
    let p99 = Duration::from_micros(measured.figures.delivery_p99);
    !measured.is_void() && p99 <= CLEAN_P99
}

impl Bench {
    async fn climb(&mut self, n: usize, repetition: usize, started: &Started) -> Outcome<()> {
        let mut stage = Stage::set(started, &CAST, true).await?;
        stage.calm(QUIET).await;
        let (mut clean, mut unclean) = (0.0, None);
        for rate in RATES {
            if self
                .is_clean_at(n, repetition, &stage, started, rate)
                .await?
            {
                (clean, unclean) = (rate, None);
            } else if unclean.is_none() {
                unclean = Some(rate);
            }
            if !stage.rests().await {
                break;
            }
        }
        // The reference's own comes after its search.
        if n != 0 {
            self.seventy_percent(n, repetition, started, &stage).await?;
        }
        for _ in 0..SEARCH_STEPS {
            if !stage.rests().await {
                break;
            }
            let rate = unclean.map_or(clean * 1.5, |unclean| f64::midpoint(clean, unclean));
            let measured = self.one(&stage, started, rate).await?;
            if is_clean(&measured) {
                clean = rate;
            } else {
                unclean = Some(rate);
            }
            self.note(n, repetition, Step::Search, measured);
        }
        self.limits[n].push(clean);
        if n == 0 && stage.rests().await {
            self.seventy_percent(n, repetition, started, &stage).await?;
        }
        Ok(())
    }

    /// A step of the ladder; a void run is tried once more, since a hiccup of the
    /// machine is no limit of the subject. Both are in the table.
    async fn is_clean_at(
        &mut self,
        n: usize,
        repetition: usize,
        stage: &Stage,
        started: &Started,
        rate: f64,
    ) -> Outcome<bool> {
        for _ in 0..2 {
            let measured = self.one(stage, started, rate).await?;
            let (clean, void) = (is_clean(&measured), measured.is_void());
            self.note(n, repetition, Step::Ladder, measured);
            if !void || !stage.rests().await {
                return Ok(clean);
            }
        }
        Ok(false)
    }

    async fn seventy_percent(
        &mut self,
        n: usize,
        repetition: usize,
        started: &Started,
        stage: &Stage,
    ) -> Outcome<()> {
        let Some(&limit) = self.limits[0].first().filter(|limit| **limit > 0.0) else {
            return Ok(());
        };
        let measured = self.one(stage, started, limit * 0.7).await?;
        self.note(n, repetition, Step::SeventyPercent, measured);
        Ok(())
    }

    async fn one(&mut self, stage: &Stage, started: &Started, rate: f64) -> Outcome<Measured> {
        self.score.seed += 1;
        at_rate(stage, started, rate, &self.score).await
    }

    fn note(&mut self, subject: usize, repetition: usize, step: Step, measured: Measured) {
        let void = measured.figures.void.as_deref();
        progress(&format!(
            "  {:>6.0}/s p50 {:.2} ms, p99 {:.2} ms{}",
            measured.rate,
            millis(measured.figures.delivery_p50),
            millis(measured.figures.delivery_p99),
            void.map(|why| format!(", void: {why}")).unwrap_or_default(),
        ));
        self.runs.push(Run {
            subject,
            repetition,
            step,
            measured,
        });
    }

    fn section(self, subjects: &[Box<dyn Subject>]) -> Section {
        let mut times = latency_table("Visitor to desk, by offered rate:");
        for rate in RATES {
            for (n, subject) in subjects.iter().enumerate() {
                let fits = |run: &&Run| {
                    run.subject == n && run.step == Step::Ladder && run.measured.rate == rate
                };
                let runs: Vec<_> = self
                    .runs
                    .iter()
                    .filter(fits)
                    .map(|run| &run.measured)
                    .collect();
                times.row(latency_row(&subject.name(), rate, &runs));
            }
        }
        let mut seventy = latency_table("At 70 % of the reference's highest clean rate:");
        let mut limits = Table::new(
            "Highest clean rate (not void, p99 at most 50 ms):",
            &["subject", "messages/s", "times the reference"],
        );
        let reference = middle(self.limits[0].iter().copied()).unwrap_or(f64::NAN);
        for (n, subject) in subjects.iter().enumerate() {
            let fits = |run: &&Run| run.subject == n && run.step == Step::SeventyPercent;
            let runs: Vec<_> = self
                .runs
                .iter()
                .filter(fits)
                .map(|run| &run.measured)
                .collect();
            let rate = runs.first().map_or(f64::NAN, |run| run.rate);
            seventy.row(latency_row(&subject.name(), rate, &runs));
            let own = &self.limits[n];
            let times = middle(own.iter().copied()).unwrap_or(f64::NAN) / reference;
            limits.row([
                subject.name(),
                spread(own.iter().copied(), 0),
                format!("{times:.1}"),
            ]);
        }
        let people = format!(
            "{} visitor and {} agent sockets in {} tenants; 200-byte messages from visitors, \
             each to the {} agents of its tenant and back to its own visitor.",
            CAST.tenants * CAST.visitors,
            CAST.tenants * CAST.agents,
            CAST.tenants,
            CAST.agents
        );
        let mut about = vec![
            people,
            "Latency: from the scheduled instant to each agent's or visitor's socket, for every delivery. Ack: to the sender's ack, after the commit.".to_owned(),
            "A void run (something lost, twice or out of order, or the generator late) is counted, not averaged.".to_owned(),
        ];
        about.extend(configurations(subjects));
        Section {
            title: "e2e",
            about,
            tables: vec![times, seventy, limits],
            runs: json!(self.runs),
        }
    }
}

pub(super) fn latency_table(caption: &str) -> Table {
    Table::new(
        caption,
        &[
            "rate/s",
            "subject",
            "p50 ms",
            "p99 ms",
            "ack p99 ms",
            "CPU µs/message: server",
            "database",
            "void",
        ],
    )
}

pub(super) fn latency_row(subject: &str, rate: f64, runs: &[&Measured]) -> Vec<String> {
    let good = || runs.iter().filter(|run| !run.is_void());
    vec![
        format!("{rate:.0}"),
        subject.to_owned(),
        spread(good().map(|run| millis(run.figures.delivery_p50)), 2),
        spread(good().map(|run| millis(run.figures.delivery_p99)), 2),
        spread(good().map(|run| millis(run.figures.ack_p99)), 2),
        spread(good().map(|run| run.server_cpu), 0),
        spread(good().map(|run| run.database_cpu), 0),
        format!("{} of {}", runs.len() - good().count(), runs.len()),
    ]
}
