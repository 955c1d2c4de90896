//! `sockets`: what an idle visitor's socket costs.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;

use super::{configurations, in_turn};
use crate::Settings;
use crate::error::Outcome;
use crate::process;
use crate::report::{Section, Table, progress, spread};
use crate::stage::Stage;
use crate::subject::deskbell::{Deskbell, Engine};
use crate::subject::socketio::SocketIo;
use crate::subject::{Cast, Subject};

const CAST: Cast = Cast {
    tenants: 10,
    agents: 0,
    visitors: 1_050,
};
const REPETITIONS: usize = 3;
/// One heartbeat of everybody falls into it.
const WATCHED: Duration = Duration::from_secs(25);
const REST: Duration = Duration::from_secs(5);

#[derive(Serialize)]
struct Run {
    subject: usize,
    repetition: usize,
    base_mib: f64,
    full_mib: f64,
    kib_each: f64,
    idle_cpu_us_each: f64,
    connect_cpu_us_each: f64,
    void: Option<String>,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Deskbell::new(&settings.deskbell, Engine::Sqlite)),
        Box::new(SocketIo {
            folder: settings.reference.clone(),
            postgres: settings.postgres.clone(),
        }),
    ];
    let cast = Cast {
        visitors: if settings.quick { 100 } else { CAST.visitors },
        ..CAST
    };
    let watched = if settings.quick { REST } else { WATCHED };
    let sockets = (cast.tenants * cast.visitors) as f64;
    let mut runs = Vec::new();
    for repetition in 0..settings.repetitions(REPETITIONS) {
        for (n, subject) in in_turn(&subjects, repetition) {
            progress(&format!("sockets {}: {}", repetition + 1, subject.name()));
            let started = subject.start(&cast).await?;
            let pid = started.server.pid;
            tokio::time::sleep(REST / 2).await;
            let (base, before) = (process::rss_kib(pid)?, process::cpu(pid)?);
            let stage = Stage::set(&started, &cast, false).await?;
            let connected = process::cpu(pid)?;
            tokio::time::sleep(REST).await;
            let idle_from = process::cpu(pid)?;
            tokio::time::sleep(watched).await;
            let idle = process::cpu(pid)?.saturating_sub(idle_from);
            let full = process::rss_kib(pid)?;
            let each = |cpu: Duration| cpu.as_secs_f64() * 1e6 / sockets;
            let run = Run {
                subject: n,
                repetition,
                base_mib: base as f64 / 1024.0,
                full_mib: full as f64 / 1024.0,
                kib_each: full.saturating_sub(base) as f64 / sockets,
                idle_cpu_us_each: each(idle) / watched.as_secs_f64(),
                connect_cpu_us_each: each(connected.saturating_sub(before)),
                void: stage.book.figures().void,
            };
            progress(&format!("  {:.1} KiB each, {:?}", run.kib_each, run.void));
            runs.push(run);
            drop(stage);
            started.end().await?;
        }
    }
    let mut table = Table::new(
        format!("{sockets:.0} idle sockets:"),
        &[
            "subject",
            "RSS before MiB",
            "RSS with all MiB",
            "KiB each",
            "idle CPU µs/s each",
            "CPU µs to connect one",
            "void",
        ],
    );
    for (n, subject) in subjects.iter().enumerate() {
        let own: Vec<_> = runs.iter().filter(|run| run.subject == n).collect();
        let good = || own.iter().filter(|run| run.void.is_none());
        table.row([
            subject.name(),
            spread(good().map(|run| run.base_mib), 1),
            spread(good().map(|run| run.full_mib), 1),
            spread(good().map(|run| run.kib_each), 1),
            spread(good().map(|run| run.idle_cpu_us_each), 1),
            spread(good().map(|run| run.connect_cpu_us_each), 0),
            format!("{} of {}", own.len() - good().count(), own.len()),
        ]);
    }
    let mut about = vec![
        format!("Visitors, each with a session of its own, subscribed to what concerns it, one heartbeat every 25 s, watched for {} s after {} s of rest. Void if one socket is closed.", watched.as_secs(), REST.as_secs()),
        "\"Before\" is measured when all sessions exist and no socket is open. The kernel's own memory for a socket (about 5 KiB) is in no process's RSS.".to_owned(),
        "CPU is that of the server; the reference's database is idle here.".to_owned(),
    ];
    about.extend(configurations(&subjects));
    Ok(Section {
        title: "sockets",
        about,
        tables: vec![table],
        runs: json!(runs),
    })
}
