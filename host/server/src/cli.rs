//! The command line: what `deskbell` can be told, and the only part that prints.
//!
//! Every failure is one line that names the setting or the argument, on standard
//! error, with exit code 2. `cli/serve.rs` runs the server, `cli/admin.rs` is for
//! the operator.

mod admin;
mod plugin;
mod serve;

use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, Wrong};
use crate::guests::with_plugins;
use crate::indexing::Indexing;
use crate::serve::{Parts, StartError, app, open_search, store_options};
use crate::{demo, events_doc, logging, openapi};

/// Open-source, self-hosted live chat and customer support.
#[derive(Parser)]
#[command(name = "deskbell", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server until it is told to stop.
    Serve {
        /// Add a demo tenant with published passwords.
        #[arg(long)]
        demo: bool,
    },
    /// Bring the database up to date, and nothing else.
    Migrate,
    /// Tenants and agents from the command line.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Write, build and check plugins.
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Put the demo data into the database.
    Seed,
    /// The search index.
    #[command(subcommand)]
    Search(Search),
    /// Print the API description.
    Openapi {
        /// Print the document of events (docs/events.md) instead.
        #[arg(long)]
        events: bool,
    },
    /// The settings.
    #[command(subcommand)]
    Config(Settings),
    /// What a server starts to compile a plugin: from standard input to standard
    /// output, within limits.
    #[command(hide = true)]
    CompilePlugin {
        /// The code counts what it does.
        #[arg(long)]
        fuel: bool,
    },
}

#[derive(Subcommand)]
enum Search {
    /// Build the index anew from the database. Not while the server runs.
    Reindex,
}

#[derive(Subcommand)]
enum Settings {
    /// Say whether the settings are right, and what is wrong.
    Check,
    /// Print the commented file with every key and its default.
    Default,
}

/// Why a command did not work, in one line.
#[derive(Debug)]
struct Failure(String);

impl<T: Display> From<T> for Failure {
    fn from(error: T) -> Self {
        Self(error.to_string().replace(['\n', '\r'], " "))
    }
}

type Outcome = Result<(), Failure>;

/// The whole program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Command::CompilePlugin { fuel } = arguments.command {
        return deskbell_sandbox::compile_child(fuel);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return complain(&format!("the runtime does not start: {error}")),
    };
    let outcome = runtime.block_on(run(arguments.command));
    // What blocks a thread by now is no longer needed.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(line)) => complain(&line),
    }
}

fn complain(line: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "deskbell: {line}");
    ExitCode::from(2)
}

/// To standard output. Nobody there to read it is no failure.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn run(command: Command) -> Outcome {
    match command {
        Command::Openapi { events } => {
            let text = if events {
                events_doc::text()
            } else {
                openapi::text().to_owned()
            };
            say(text.trim_end());
            Ok(())
        }
        Command::Config(Settings::Default) => {
            say(config::DEFAULT_FILE.trim_end());
            Ok(())
        }
        Command::Config(Settings::Check) => check(),
        Command::Serve { demo } => serve::run(configured()?, demo).await,
        Command::Migrate => migrate(configured()?).await,
        Command::Seed => seed(configured()?).await,
        Command::Search(Search::Reindex) => reindex(configured()?).await,
        Command::Plugin(command) => plugin::run(command).await,
        // Done in `main`: it needs no runtime, and its limits allow for none.
        Command::CompilePlugin { .. } => Ok(()),
        Command::Admin(command) => admin::run(configured()?, command).await,
    }
}

/// The settings, with the log already going where they say.
fn configured() -> Result<Config, Failure> {
    let config = Config::load()?;
    logging::start(&config.log);
    for name in config::unknown_variables() {
        tracing::warn!("{name} is no setting of this version");
    }
    Ok(config)
}

fn check() -> Outcome {
    Config::load()?;
    if let Some(name) = config::unknown_variables().first() {
        return Err(Wrong::new(name, "there is no such setting".to_owned()).into());
    }
    say("The settings are right.");
    Ok(())
}

/// Opens the database for a command, with the parts a server has.
async fn open(config: &Config) -> Result<Parts, StartError> {
    Parts::of(config, store_options(config)).await
}

async fn close(parts: Parts) {
    parts.tasks.finish(Duration::from_secs(1)).await;
    parts.store.close().await;
}

async fn migrate(mut config: Config) -> Outcome {
    config.migrate = true;
    close(open(&config).await?).await;
    say("The database is up to date.");
    Ok(())
}

async fn seed(config: Config) -> Outcome {
    let parts = with_plugins(&config, open(&config).await?).await?;
    let seeded = demo::seed(&app(&parts)).await;
    close(parts).await;
    seeded?;
    say("The demo data is there.");
    Ok(())
}

async fn reindex(config: Config) -> Outcome {
    let parts = open(&config).await?;
    let (index, app) = (open_search(&config)?, app(&parts));
    let reindexed = Indexing::new(index, app).reindex().await;
    close(parts).await;
    reindexed?;
    say("The search index is built.");
    Ok(())
}
