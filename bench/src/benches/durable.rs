//! `durable`: acked messages a second over sockets, closed loop, beside what the
//! store below could do at all.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::{REPETITIONS, ceiling, configurations, in_turn};
use crate::Settings;
use crate::error::Outcome;
use crate::report::{Section, Table, middle, millis, progress, spread};
use crate::run::{Measured, Score, in_flight};
use crate::stage::Stage;
use crate::subject::deskbell::{Deskbell, Engine};
use crate::subject::socketio::SocketIo;
use crate::subject::{Cast, Subject};

const CAST: Cast = Cast {
    tenants: 8,
    agents: 0,
    visitors: 64,
};
const IN_FLIGHT: [usize; 4] = [1, 8, 64, 512];
const DELAYS: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(5)];

#[derive(Serialize)]
struct Run {
    subject: usize,
    repetition: usize,
    in_flight: usize,
    measured: Measured,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let postgres = settings.postgres.clone();
    let mut subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Deskbell::new(&settings.deskbell, Engine::Sqlite)),
        Box::new(Deskbell::new(
            &settings.deskbell,
            Engine::Postgres(postgres.clone()),
        )),
        Box::new(SocketIo {
            folder: settings.reference.clone(),
            postgres: postgres.clone(),
        }),
    ];
    for delay in DELAYS {
        let mut slow = Deskbell::new(&settings.deskbell, Engine::Sqlite);
        slow.sync_delay = delay;
        subjects.push(Box::new(slow));
    }
    let score = Score {
        length: settings.duration(Duration::from_millis(1_500)),
        warm_up: Duration::from_millis(300),
        visitors: 0..0,
        seed: 0,
    };
    let (mut runs, mut ceilings) = (Vec::new(), Vec::new());
    for repetition in 0..settings.repetitions(REPETITIONS) {
        progress(&format!("durable {}: the stores alone", repetition + 1));
        ceilings.push(ceiling::measure(&postgres, score.length / 2, &DELAYS).await?);
        for (subject, of) in in_turn(&subjects, repetition) {
            progress(&format!("durable {}: {}", repetition + 1, of.name()));
            let started = of.start(&CAST).await?;
            let mut stage = Stage::set(&started, &CAST, true).await?;
            stage.calm(Duration::from_millis(300)).await;
            for in_flight_now in IN_FLIGHT {
                // Spread over all tenants and connections.
                let apart = stage.visitors.len() / in_flight_now;
                let speakers: Vec<_> = (0..in_flight_now).map(|n| n * apart).collect();
                let measured = in_flight(&stage, &started, &speakers, &score).await?;
                let void = measured.figures.void.as_deref().unwrap_or("");
                progress(&format!(
                    "  {in_flight_now:>4} in flight: {:.0}/s {void}",
                    measured.rate
                ));
                runs.push(Run {
                    subject,
                    repetition,
                    in_flight: in_flight_now,
                    measured,
                });
            }
            drop(stage);
            started.end().await?;
        }
    }
    Ok(section(&subjects, &runs, &ceilings))
}

fn section(
    subjects: &[Box<dyn Subject>],
    runs: &[Run],
    ceilings: &[Vec<ceiling::Ceiling>],
) -> Section {
    let mut rates = Table::new(
        "Acked messages/s over sockets, by messages in flight:",
        &[
            "subject",
            "1",
            "8",
            "64",
            "512",
            "ack p99 ms at 512",
            "CPU µs/message at 512: server",
            "database",
            "void",
        ],
    );
    for (n, subject) in subjects.iter().enumerate() {
        let own: Vec<_> = runs.iter().filter(|run| run.subject == n).collect();
        let good = |depth: usize| {
            let fits = move |run: &&&Run| run.in_flight == depth && !run.measured.is_void();
            own.iter().filter(fits).map(|run| &run.measured)
        };
        let mut row = vec![subject.name()];
        for depth in IN_FLIGHT {
            row.push(spread(good(depth).map(|run| run.rate), 0));
        }
        row.push(spread(good(512).map(|run| millis(run.figures.ack_p99)), 1));
        row.push(spread(good(512).map(|run| run.server_cpu), 0));
        row.push(spread(good(512).map(|run| run.database_cpu), 0));
        let void = own.iter().filter(|run| run.measured.is_void()).count();
        row.push(format!("{void} of {}", own.len()));
        rates.row(row);
    }
    let mut raw = Table::new(
        "The stores alone: rows/s of a message's size into a table with two unique indexes, nothing else done:",
        &["store", "rows/s"],
    );
    let names = ceilings
        .first()
        .into_iter()
        .flatten()
        .map(|ceiling| &ceiling.name);
    for (place, name) in names.enumerate() {
        let values = ceilings
            .iter()
            .filter_map(|all| all.get(place))
            .map(|c| c.rows);
        raw.row([name.clone(), spread(values, 0)]);
    }
    let mut about = vec![
        "Each of so many visitor sockets sends its next message when the last is acked. No agents are there; each message comes back to its visitor, and the run is void if one does not, or twice, or out of order.".to_owned(),
        "\"sync + n ms\": every commit waits n ms more, by the runtime's timer, which adds up to a millisecond. It is Deskbell as `deskbell serve` builds it, with a fault of the store that no setting reaches. PostgreSQL is measured on its real disk only.".to_owned(),
    ];
    about.extend(configurations(subjects));
    if let Some(times) = group_commit(runs, ceilings) {
        about.push(times);
    }
    Section {
        title: "durable",
        about,
        tables: vec![rates, raw],
        runs: json!({ "sockets": runs, "ceilings": ceilings }),
    }
}

/// What group commit is worth on the slowest disk: the last subject at 512 beside
/// the last ceiling, one row a commit with the same delay.
fn group_commit(runs: &[Run], ceilings: &[Vec<ceiling::Ceiling>]) -> Option<String> {
    let last = runs.iter().map(|run| run.subject).max()?;
    let fits = |run: &&Run| run.subject == last && run.in_flight == 512 && !run.measured.is_void();
    let grouped = middle(runs.iter().filter(fits).map(|run| run.measured.rate))?;
    let single = middle(ceilings.iter().filter_map(|all| all.last()).map(|c| c.rows))?;
    let times = grouped / single;
    Some(format!(
        "On the slowest disk, 512 in flight over sockets make {times:.0} × what one row a commit makes without a server."
    ))
}
