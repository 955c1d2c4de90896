//! `start`: from nothing to the first acked message, and what an idle server
//! takes.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::REPETITIONS;
use crate::Settings;
use crate::error::{Outcome, missing};
use crate::postgres::Database;
use crate::process::{self, Server};
use crate::report::{Section, Table, progress, spread};
use crate::stage::first_message;
use crate::subject::deskbell::{Deskbell, Engine};
use crate::subject::socketio::{self, SocketIo};
use crate::subject::{Cast, Subject as _};

const CAST: Cast = Cast {
    tenants: 1,
    agents: 1,
    visitors: 1,
};
const IDLE_AFTER: Duration = Duration::from_secs(3);

#[derive(Serialize, Default)]
struct Run {
    /// Milliseconds after the process was started.
    listening: f64,
    first_ack: f64,
    idle_mib: f64,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let (mut fresh, mut ours, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for repetition in 0..settings.repetitions(REPETITIONS) {
        progress(&format!("start {}", repetition + 1));
        fresh.push(on_nothing(settings).await?);
        ours.push(deskbell(settings).await?);
        theirs.push(reference(settings).await?);
    }
    let mut table = Table::new(
        "After the process was started:",
        &[
            "subject",
            "listening ms",
            "first message acked ms",
            "idle RSS MiB",
        ],
    );
    let rows = [
        ("Deskbell, no database yet (it is made)", &fresh),
        ("Deskbell, empty database", &ours),
        ("Socket.IO + PostgreSQL, empty database", &theirs),
    ];
    for (name, runs) in rows {
        let acked = runs
            .iter()
            .map(|run: &Run| run.first_ack)
            .filter(|ms| *ms > 0.0);
        table.row([
            name.to_owned(),
            spread(runs.iter().map(|run| run.listening), 0),
            spread(acked, 0),
            spread(runs.iter().map(|run| run.idle_mib), 1),
        ]);
    }
    let bytes = std::fs::metadata(&settings.deskbell)?.len();
    Ok(Section {
        title: "start",
        about: vec![
            format!("The program is {:.1} MiB, one file.", bytes as f64 / 1024.0 / 1024.0),
            "\"Listening\" is when it says where; the first message is a visitor's, over a socket opened then: log-in, ring, send, ack. The visitor's session is from before the start; the reference's PostgreSQL runs already.".to_owned(),
            format!("Idle RSS is that of the server's process {} s later; the reference needs a PostgreSQL besides.", IDLE_AFTER.as_secs()),
        ],
        tables: vec![table],
        runs: json!({ "no_database": fresh, "deskbell": ours, "reference": theirs }),
    })
}

fn since(server: &Server, then: Instant) -> f64 {
    then.saturating_duration_since(server.spawned).as_secs_f64() * 1e3
}

async fn on_nothing(settings: &Settings) -> Outcome<Run> {
    let folder = tempfile::TempDir::with_prefix("deskbell-bench-")?;
    let subject = Deskbell::new(&settings.deskbell, Engine::Sqlite);
    let server = Server::start(subject.command(folder.path(), None)?).await?;
    let listening = since(&server, Instant::now());
    tokio::time::sleep(IDLE_AFTER).await;
    let run = Run {
        listening,
        first_ack: 0.0,
        idle_mib: process::rss_kib(server.pid)? as f64 / 1024.0,
    };
    server.kill().await?;
    Ok(run)
}

async fn deskbell(settings: &Settings) -> Outcome<Run> {
    let subject = Deskbell::new(&settings.deskbell, Engine::Sqlite);
    // Once with somebody at the door, then from cold.
    let before = subject.start(&CAST).await?;
    let folder = missing(before.folder, "the data folder")?;
    before.server.stop().await?;
    let server = Server::start(subject.command(folder.path(), None)?).await?;
    let listening = since(&server, Instant::now());
    first_message(&server, &*before.dialect, &before.visitors[0]).await?;
    finish(server, listening).await
}

async fn reference(settings: &Settings) -> Outcome<Run> {
    let database = Database::create(&settings.postgres, "bench_start", None).await?;
    let subject = SocketIo {
        folder: settings.reference.clone(),
        postgres: settings.postgres.clone(),
    };
    let before = Server::start(subject.command(&database)).await?;
    let visitors = socketio::sessions(&before, "visitor", 1, 1).await?;
    before.stop().await?;
    let server = Server::start(subject.command(&database)).await?;
    let listening = since(&server, Instant::now());
    let dialect = crate::dialect::socketio::SocketIo;
    first_message(&server, &dialect, &visitors[0]).await?;
    let run = finish(server, listening).await?;
    database.drop().await?;
    Ok(run)
}

async fn finish(server: Server, listening: f64) -> Outcome<Run> {
    let first_ack = since(&server, Instant::now());
    tokio::time::sleep(IDLE_AFTER).await;
    let run = Run {
        listening,
        first_ack,
        idle_mib: process::rss_kib(server.pid)? as f64 / 1024.0,
    };
    server.kill().await?;
    Ok(run)
}
