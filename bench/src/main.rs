//! `deskbell-bench`: runs the benches and writes what they found.
//!
//! This program is the load generator; what it measures are other processes,
//! `deskbell` itself and the reference server, spoken to over their public
//! protocols. Start with `benches.rs` for what is run, `stage.rs` for how people
//! get on their sockets, `book.rs` for what makes a run void. It must not reach
//! into a server it measures; the one exception is `slow_disk.rs`.

mod benches;
mod book;
mod dialect;
mod error;
mod floor;
mod machine;
mod plan;
mod postgres;
mod process;
mod report;
mod run;
mod slow_disk;
mod stage;
mod subject;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::Outcome;

/// Measures Deskbell, and its peers beside it.
#[derive(Parser)]
#[command(name = "deskbell-bench")]
struct Arguments {
    #[command(subcommand)]
    command: What,
}

#[derive(Subcommand)]
enum What {
    /// Run benches and write the result file.
    Run(Settings),
    /// Serve Deskbell on a disk whose every sync takes longer (`durable` uses it).
    ServeSlowDisk {
        #[arg(long)]
        sync_delay_ms: u64,
    },
}

#[derive(Args, Clone)]
pub struct Settings {
    /// Only these: e2e, router, durable, sockets, plugin, start.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// One short repetition of everything: shows that it works, measures nothing.
    #[arg(long)]
    quick: bool,
    /// The program to measure.
    #[arg(long, default_value = "target/release/deskbell")]
    deskbell: PathBuf,
    /// The folder of the Socket.IO server.
    #[arg(long, default_value = "bench/reference/socketio")]
    reference: PathBuf,
    /// The folder of the plugins, built.
    #[arg(long, default_value = "plugins/dist")]
    plugins: PathBuf,
    /// Where the result file goes.
    #[arg(long, default_value = "bench/results")]
    results: PathBuf,
    /// A PostgreSQL of our own, with durability as it is by default.
    #[arg(long, env = "DESKBELL_TEST_POSTGRES", hide_env_values = true)]
    postgres: String,
    /// Today.
    #[arg(long)]
    date: String,
    /// What is measured.
    #[arg(long)]
    commit: String,
}

impl Settings {
    /// Repetitions of each subject.
    pub fn repetitions(&self, full: usize) -> usize {
        if self.quick { 1 } else { full }
    }

    pub fn duration(&self, full: Duration) -> Duration {
        if self.quick { full / 3 } else { full }
    }

    pub fn wants(&self, bench: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == bench)
    }
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(perform(Arguments::parse().command)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&format!("deskbell-bench: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: What) -> Outcome<()> {
    match command {
        What::Run(settings) => tokio::select! {
            done = benches::run(settings) => done,
            () = told_to_stop() => Err("interrupted".into()),
        },
        What::ServeSlowDisk { sync_delay_ms } => {
            slow_disk::serve(Duration::from_millis(sync_delay_ms)).await
        }
    }
}

/// Dropping what runs ends the servers it started.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
