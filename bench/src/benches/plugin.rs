//! `plugin`: what untrusted code costs. One call of the hooks in the path of a
//! message, a fresh instance each time, beside wasmtime alone with the same
//! component (`calls.rs`); and a hundred tenants with three plugins each
//! (`crowd.rs`).
//!
//! All in this process. The sandbox is called as the app calls it: the wait
//! includes the way to a guest thread and back.

mod calls;
mod crowd;
mod desk;
mod samples;
mod times;

use bytes::Bytes;
use serde_json::json;

use self::calls::Run;
use self::crowd::Crowd;
use self::desk::{Desk, Installed};
use self::samples::CANDIDATES;
use self::times::Times;
use crate::Settings;
use crate::error::Outcome;
use crate::report::{Section, Table, middle, spread};

const WARM_UP: usize = 500;
const CALLS: usize = 10_000;
/// A router, a filter, a bot.
const FILES: [&str; 3] = ["skills-router.wasm", "pii-filter.wasm", "welcome-bot.wasm"];

pub(super) async fn run(settings: &Settings) -> Outcome<Section> {
    let runs = calls::run(settings).await?;
    let crowd = crowd::run(settings).await?;
    Ok(Section {
        title: "plugin",
        about: vec![
            format!("Routing is plugins/skills-router with {CANDIDATES} candidates and a rule that fits; filter is plugins/pii-filter with 500 bytes and a card number in them; bot is plugins/welcome-bot that greets and asks. Where there is a floor, both answers are compared, call by call."),
            "\"Wasmtime alone\" has a pool, a prepared instance and typed calls, and nothing else. The sandbox adds limits of CPU, time, memory, input and output, the translation of the desk's records, and the way to a guest thread and back.".to_owned(),
            format!("The crowd: {} tenants with files of their own, so {} components; a loaded one weighs {:.0} KiB of the process.", crowd.tenants, crowd.tenants * FILES.len() as u128, crowd.kib_each),
        ],
        tables: vec![calls_table(&runs), files_table(&crowd), crowd_table(&crowd)],
        runs: json!({ "calls": runs, "crowd": crowd }),
    })
}

/// All files for one tenant. `own`: by a section that means nothing, they become
/// files that no other tenant has.
async fn install(
    settings: &Settings,
    desk: &Desk,
    tenant: u128,
    own: Option<u128>,
) -> Outcome<[Installed; 3]> {
    let read = |name: &str| -> Outcome<Bytes> {
        let mut file = std::fs::read(settings.plugins.join(name))?;
        if let Some(own) = own {
            // A custom section: its id, its length, its name with its length, its text.
            let text = format!("{own:016}");
            file.extend([0, 21, 4]);
            file.extend(b"mark");
            file.extend(text.as_bytes());
        }
        Ok(file.into())
    };
    let [router, filter, bot] = FILES;
    Ok([
        desk.install(tenant, read(router)?, samples::router_config())
            .await?,
        desk.install(tenant, read(filter)?, samples::filter_config())
            .await?,
        desk.install(tenant, read(bot)?, samples::bot_config())
            .await?,
    ])
}

fn calls_table(runs: &[Run]) -> Table {
    let mut table = Table::new(
        "One call, a fresh instance each:",
        &[
            "hook",
            "what",
            "p50 µs",
            "p99 µs",
            "times the floor, p50",
            "p99",
        ],
    );
    for hook in ["routing", "filter", "bot"] {
        let of_hook = || runs.iter().filter(|run| run.hook == hook);
        let floor = |quantile: fn(&Times) -> f64| {
            middle(of_hook().filter_map(|run| run.floor.as_ref().map(quantile)))
        };
        let mut row = |what: &str, times: fn(&Run) -> Option<Times>| {
            let all = |quantile: fn(&Times) -> f64| {
                of_hook()
                    .filter_map(times)
                    .map(|it| quantile(&it))
                    .collect::<Vec<_>>()
            };
            let (p50, p99) = (all(|it| it.p50), all(|it| it.p99));
            if p50.is_empty() {
                return;
            }
            let ratio = |values: &[f64], floor: Option<f64>| match (middle(values.to_vec()), floor)
            {
                (Some(value), Some(floor)) => format!("{:.2}", value / floor),
                _ => "–".to_owned(),
            };
            let (of_p50, of_p99) = (
                ratio(&p50, floor(|it| it.p50)),
                ratio(&p99, floor(|it| it.p99)),
            );
            table.row([
                hook.to_owned(),
                what.to_owned(),
                spread(p50, 1),
                spread(p99, 1),
                of_p50,
                of_p99,
            ]);
        };
        row("wasmtime alone", |run| run.floor);
        row("sandbox, on the guest's thread", |run| Some(run.on_thread));
        row("sandbox, until the app has the answer", |run| {
            Some(run.sandbox)
        });
    }
    table
}

fn files_table(crowd: &Crowd) -> Table {
    let mut table = Table::new(
        format!("Making a file callable, {} times:", crowd.tenants),
        &[
            "file",
            "KiB",
            "admission ms, p50",
            "p99",
            "from the cache ms, p50",
            "p99",
        ],
    );
    for file in &crowd.files {
        let ms = |micros: f64| format!("{:.1}", micros / 1e3);
        table.row([
            file.name.to_owned(),
            file.kib.to_string(),
            ms(file.admission.p50),
            ms(file.admission.p99),
            ms(file.loading.p50),
            ms(file.loading.p99),
        ]);
    }
    table
}

fn crowd_table(crowd: &Crowd) -> Table {
    let mut table = Table::new(
        format!(
            "Until the app has the answer, one tenant's calls beside {} tenants' in turn:",
            crowd.tenants
        ),
        &["hook", "one, p50 µs", "p99", "in turn, p50 µs", "p99"],
    );
    for called in &crowd.calls {
        let us = |micros: f64| format!("{micros:.1}");
        table.row([
            called.hook.to_owned(),
            us(called.one.p50),
            us(called.one.p99),
            us(called.in_turn.p50),
            us(called.in_turn.p99),
        ]);
    }
    table
}
