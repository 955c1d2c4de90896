//! The benches, one file each, and what they have in common: order and report.

mod ceiling;
mod durable;
mod e2e;
mod plugin;
mod router;
mod sockets;
mod start;

use crate::Settings;
use crate::error::Outcome;
use crate::subject::Subject;
use crate::{machine, postgres, report};

/// Repetitions of each subject, where nothing else is said.
const REPETITIONS: usize = 5;
const NAMES: [&str; 6] = ["e2e", "router", "durable", "sockets", "plugin", "start"];

pub async fn run(settings: Settings) -> Outcome<()> {
    if let Some(unknown) = settings
        .only
        .iter()
        .find(|name| !NAMES.contains(&name.as_str()))
    {
        return Err(format!(
            "there is no bench {unknown}; there are {}",
            NAMES.join(", ")
        )
        .into());
    }
    let mut facts = machine::facts()?;
    let database = postgres::settings(&settings.postgres).await?;
    facts.push(("PostgreSQL".to_owned(), database));
    let mut sections = Vec::new();
    for name in NAMES.into_iter().filter(|name| settings.wants(name)) {
        report::progress(name);
        sections.push(match name {
            "e2e" => e2e::run(&settings).await?,
            "router" => router::run(&settings).await?,
            "durable" => durable::run(&settings).await?,
            "sockets" => sockets::run(&settings).await?,
            "plugin" => plugin::run(&settings).await?,
            _ => start::run(&settings).await?,
        });
    }
    report::publish(&settings, &facts, &sections)
}

/// The subjects in another order each time, so that none is always first.
fn in_turn(
    subjects: &[Box<dyn Subject>],
    repetition: usize,
) -> impl Iterator<Item = (usize, &dyn Subject)> {
    let count = subjects.len();
    (0..count).map(move |n| {
        let n = (n + repetition) % count;
        (n, subjects[n].as_ref())
    })
}

/// How each subject was configured, for the report.
fn configurations(subjects: &[Box<dyn Subject>]) -> Vec<String> {
    let told = subjects.iter().map(|of| (of.name(), of.configuration()));
    told.map(|(name, how)| format!("{name}: {how}.")).collect()
}
