//! Many tenants with plugins of their own: what it takes to make them callable,
//! what they weigh, and whether one tenant's call gets slower because the others
//! are there.
//!
//! Each tenant's files differ (by a section that means nothing), so that nothing
//! of one is used for another: a desk of many authors, not of one catalogue.

use serde::Serialize;

use super::calls::{Plugins, greet, look, route};
use super::desk::Desk;
use super::times::{Clock, Times};
use super::{FILES, samples};
use crate::Settings;
use crate::error::Outcome;
use crate::process::rss_kib;
use crate::report::progress;

const TENANTS: u128 = 100;
/// Calls of each hook in a column of the table.
const CALLS: usize = 3_000;

#[derive(Serialize)]
pub(super) struct Crowd {
    pub(super) tenants: u128,
    pub(super) files: Vec<File>,
    /// Of the process, for each plugin that was made callable.
    pub(super) kib_each: f64,
    pub(super) calls: Vec<Called>,
}

#[derive(Serialize)]
pub(super) struct File {
    pub(super) name: &'static str,
    pub(super) kib: usize,
    pub(super) admission: Times,
    pub(super) loading: Times,
}

/// Until the app has the answer.
#[derive(Serialize)]
pub(super) struct Called {
    pub(super) hook: &'static str,
    pub(super) one: Times,
    pub(super) in_turn: Times,
}

pub(super) async fn run(settings: &Settings) -> Outcome<Crowd> {
    let tenants = if settings.quick { 4 } else { TENANTS };
    let calls = if settings.quick { CALLS / 10 } else { CALLS };
    let desk = Desk::new(settings)?;
    let before = rss_kib(std::process::id())?;
    let mut clocks = Vec::new();
    for _ in FILES {
        clocks.push((0, Clock::new()?, Clock::new()?));
    }
    let mut crowd = Vec::new();
    for tenant in 1..=tenants {
        let installed = super::install(settings, &desk, tenant, Some(tenant)).await?;
        for (clock, one) in clocks.iter_mut().zip(&installed) {
            clock.0 = one.kib;
            clock.1.record(one.admission);
            clock.2.record(one.loading);
        }
        crowd.push(Plugins::of(installed));
        if tenant % 25 == 0 {
            progress(&format!("plugin: {tenant} tenants"));
        }
    }
    let after = rss_kib(std::process::id())?;
    let alone = measure(&desk, &crowd[..1], calls).await?;
    let in_turn = measure(&desk, &crowd, calls).await?;
    let hooks = ["routing", "filter", "bot"]
        .into_iter()
        .zip(alone)
        .zip(in_turn);
    Ok(Crowd {
        tenants,
        kib_each: after.saturating_sub(before) as f64 / (tenants * FILES.len() as u128) as f64,
        files: FILES
            .into_iter()
            .zip(&clocks)
            .map(|(name, (kib, admission, loading))| File {
                name,
                kib: *kib,
                admission: admission.times(),
                loading: loading.times(),
            })
            .collect(),
        calls: hooks
            .map(|((hook, one), in_turn)| Called { hook, one, in_turn })
            .collect(),
    })
}

/// Each hook, by these tenants in turn.
async fn measure(desk: &Desk, tenants: &[Plugins], calls: usize) -> Outcome<[Times; 3]> {
    let (mut routing, mut filter, mut bot) = (Clock::new()?, Clock::new()?, Clock::new()?);
    let text = samples::text();
    for plugins in tenants.iter().cycle().take(calls) {
        routing.record(route(&desk.sandbox, &plugins.router).await?.0.whole);
        filter.record(look(&desk.sandbox, &plugins.filter, &text).await?.0.whole);
        bot.record(greet(&desk.sandbox, &plugins.bot).await?.whole);
    }
    Ok([routing.times(), filter.times(), bot.times()])
}
