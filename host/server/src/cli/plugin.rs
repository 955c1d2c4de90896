//! `deskbell plugin`: for authors of plugins. Nothing here touches a server or a
//! database. One file a command; `plugin/file.rs` reads what they are given.

mod build;
mod check;
mod file;
mod inspect;
mod new;

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
        /// What it does: routing, variables, bot, events, context, or several with
        /// commas between.
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
    Bot,
    Events,
    Context,
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
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
