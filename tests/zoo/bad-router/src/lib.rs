//! A router that misbehaves as its configuration says. Start at `Mode`.

use std::hint::black_box;

use deskbell_plugin_api::routing::{Decision, Priority, Request, Verdict};
use deskbell_plugin_api::{Call, HookError, Router, config, export_router, log};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
enum Mode {
    /// Panics, which ends in a trap.
    Trap,
    /// Computes without end.
    Loop,
    /// Takes memory without end.
    Grow,
    /// Calls itself without end.
    Recurse,
    /// An agent nobody has.
    UnknownAgent,
    /// This agent, candidate or not: from another tenant, offline, full.
    NamedAgent {
        agent_id: String,
    },
    /// No id at all.
    MalformedAgent,
    /// A reason of so many bytes.
    HugeAnswer {
        #[serde(default = "megabytes")]
        bytes: usize,
    },
    /// Its own error, in its own words.
    SaysError {
        #[serde(default)]
        text: String,
    },
    /// Says that its configuration is not right.
    InvalidConfig,
    /// So many lines of a kilobyte each, then no opinion.
    LogFlood {
        #[serde(default = "lines")]
        lines: u32,
    },
    /// So many host calls, then no opinion.
    CallFlood {
        #[serde(default = "lines")]
        calls: u32,
    },
    /// The first candidate: what a good router might do.
    AssignFirst,
    /// Nobody for so many milliseconds.
    Hold {
        ms: u64,
    },
    /// Another team or another priority.
    Queue {
        team_id: Option<String>,
        priority: Option<String>,
    },
    ToBot,
    NoOpinion,
    /// Nobody until the end of time.
    GarbageTime,
    /// Says in its reason what it was asked.
    Echo,
}

fn megabytes() -> usize {
    4 << 20
}

fn lines() -> u32 {
    10_000
}

struct BadRouter;

impl Router for BadRouter {
    fn route(call: &Call, request: Request) -> Result<Decision, HookError> {
        match config::get()? {
            Mode::Trap => panic!("as configured"),
            Mode::Loop => spin(),
            Mode::Grow => grow(),
            Mode::Recurse => Ok(Decision::hold_until(recurse(u64::MAX))),
            Mode::UnknownAgent => Ok(Decision::assign("agt_00000000000000000000000000000bad")),
            Mode::NamedAgent { agent_id } => Ok(Decision::assign(agent_id)),
            Mode::MalformedAgent => Ok(Decision::assign("'; drop table agents; --")),
            Mode::HugeAnswer { bytes } => Ok(Decision::no_opinion().because("x".repeat(bytes))),
            Mode::SaysError { text } => Err(HookError::Failed(text)),
            Mode::InvalidConfig => Err(HookError::InvalidConfig("as configured".to_owned())),
            Mode::LogFlood { lines } => {
                let line = "y".repeat(1024);
                (0..lines).for_each(|_| log::warn(&line));
                Ok(Decision::no_opinion())
            }
            Mode::CallFlood { calls } => {
                (0..calls).for_each(|_| drop(black_box(config::json())));
                Ok(Decision::no_opinion())
            }
            Mode::AssignFirst => Ok(match request.candidates.first() {
                Some(first) => Decision::assign(&first.agent_id).because("The first takes it."),
                None => Decision::no_opinion(),
            }),
            Mode::Hold { ms } => Ok(Decision::hold_until(call.now_ms + ms).because("Not yet.")),
            Mode::Queue { team_id, priority } => {
                let priority = priority.as_deref().and_then(Priority::parse);
                Ok(Decision::from(Verdict::Queue { team_id, priority }).because("Elsewhere."))
            }
            Mode::ToBot => Ok(Verdict::ToBot.into()),
            Mode::NoOpinion => Ok(Decision::no_opinion()),
            Mode::GarbageTime => Ok(Decision::hold_until(u64::MAX)),
            Mode::Echo => Ok(Decision::no_opinion().because(format!("{call:?} {request:?}"))),
        }
    }
}

fn spin() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

fn grow() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

#[inline(never)]
fn recurse(n: u64) -> u64 {
    let here = black_box([n; 64]);
    if n == 0 {
        0
    } else {
        recurse(here[7] - 1) + here[9]
    }
}

export_router!(BadRouter);
