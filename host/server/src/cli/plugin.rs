//! `deskbell plugin`: for authors of plugins. Nothing here touches a database, and
//! only `install` and `logs` ask a server. One file a command; `plugin/file.rs`
//! reads what they are given, `plugin/trial.rs` calls a plugin.

mod bench;
mod build;
mod check;
mod file;
mod inspect;
mod install;
mod logs;
mod new;
mod remote;
mod replay;
mod run;
mod scenario;
mod show;
mod test;
mod trial;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use deskbell_domain::plugin::Hook;
use deskbell_domain::refusal::FieldError;

use super::{Outcome, say};

#[derive(Subcommand)]
pub(super) enum Plugin {
    /// Write a new project that builds and tests at once.
    New {
        /// Its id and its folder: lower-case letters, digits and dashes.
        name: String,
        /// What it does: routing, variables, filter, bot, events, context, webhook, or
        /// several with commas between.
        #[arg(long, value_delimiter = ',', default_value = "routing")]
        hook: Vec<HookName>,
        #[arg(long, default_value = "rust")]
        lang: Language,
    },
    /// Compile a project and pack it into one file.
    Build {
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Do what a server does with an upload: would it take this file?
    Check {
        /// A plugin file, or a project, which is built first.
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Run a plugin's scenarios: files that say what it is asked and what is to come
    /// of it.
    Test {
        /// A project, which is built first, or a plugin file.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// Where they are; else `scenarios` in the project.
        #[arg(long)]
        scenarios: Option<PathBuf>,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Ask a plugin once, and say what it answers and what that took.
    Run {
        /// A project, which is built first, or a plugin file.
        #[arg(default_value = ".")]
        path: PathBuf,
        /// A scenario, with or without expectations; `-` is standard input.
        #[arg(long)]
        scenario: PathBuf,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Run a recorded call again, and say whether it comes to the same.
    Replay {
        /// What a server gave as a recording; `-` is standard input.
        file: PathBuf,
        /// A project, which is built first, or a plugin file.
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Measure how long a call takes on this machine, a fresh instance each.
    Bench {
        /// A project, which is built first, or a plugin file.
        #[arg(default_value = ".")]
        path: PathBuf,
        #[arg(long)]
        scenario: PathBuf,
        #[arg(long, default_value_t = 2_000)]
        calls: u32,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Upload a plugin to a server and put it to work, after showing what it wants.
    Install {
        /// A project, which is built first, or a plugin file.
        #[arg(default_value = ".")]
        path: PathBuf,
        #[command(flatten)]
        server: remote::Server,
        /// Its configuration, as TOML or JSON.
        #[arg(long)]
        config: Option<PathBuf>,
        /// Grant what it wants without being asked.
        #[arg(long)]
        yes: bool,
    },
    /// Show what a plugin wrote into its log on a server.
    Logs {
        /// The plugin's id, or the installation's.
        name: String,
        #[command(flatten)]
        server: remote::Server,
        /// Go on until stopped.
        #[arg(long)]
        follow: bool,
        /// This level and graver ones: debug, info, warn or error.
        #[arg(long, default_value = "debug")]
        level: String,
    },
    /// Say what is in a plugin file.
    Inspect {
        file: PathBuf,
        /// As one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HookName {
    Routing,
    Variables,
    Filter,
    Bot,
    Events,
    Context,
    Webhook,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Language {
    Rust,
}

pub(super) async fn run(command: Plugin) -> Outcome {
    match command {
        Plugin::New { name, hook, lang } => match lang {
            Language::Rust => new::run(&name, &hook),
        },
        Plugin::Build { dir } => build::run(&dir),
        Plugin::Check { path } => check::run(&path).await,
        Plugin::Test {
            path,
            scenarios,
            json,
        } => test::run(&path, scenarios.as_deref(), json).await,
        Plugin::Run {
            path,
            scenario,
            json,
        } => run::run(&path, &scenario, json).await,
        Plugin::Replay { file, path } => replay::run(&file, &path).await,
        Plugin::Bench {
            path,
            scenario,
            calls,
            json,
        } => bench::run(&path, &scenario, calls, json).await,
        Plugin::Install {
            path,
            server,
            config,
            yes,
        } => install::run(&path, server, config.as_deref(), yes).await,
        Plugin::Logs {
            name,
            server,
            follow,
            level,
        } => logs::run(&name, server, follow, &level).await,
        Plugin::Inspect { file, json } => inspect::run(&file, json).await,
    }
}

/// One line for each.
fn list(findings: &[FieldError]) {
    for finding in findings {
        say(&line(finding));
    }
}

fn line(finding: &FieldError) -> String {
    let line = format!("{}: {} ({})", finding.pointer, finding.detail, finding.code);
    line.replace(['\n', '\r'], " ")
}

/// A hook in words.
fn what_it_does(hook: Hook) -> &'static str {
    match hook {
        Hook::Routing => "decides who gets a conversation",
        Hook::Variables => "fills in variables of canned responses",
        Hook::Filter => "reads what people write before it is stored, and may change or refuse it",
        Hook::Bot => "talks to visitors before people do",
        Hook::Events => "hears of what happened, to tell other systems",
        Hook::Context => "shows what other systems know, beside a chat",
        Hook::Webhook => "is told of something by other systems",
        Hook::Lifecycle => "looks at its configuration, and hears of an upgrade",
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
