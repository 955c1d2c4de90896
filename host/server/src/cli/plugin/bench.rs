//! `deskbell plugin bench`: how long a call takes on the author's machine. Each call
//! has a fresh instance, as on a server.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::{Failure, Outcome, say};
use super::trial::Trial;
use super::{build, scenario};

/// Before anything is counted.
const WARM_UP: u32 = 20;
/// However many calls are wanted.
const LONGEST: Duration = Duration::from_secs(60);

pub(super) async fn run(path: &Path, file: &Path, calls: u32, as_json: bool) -> Outcome {
    let scenario = scenario::read(file)?;
    let trial = Trial::of(build::file_of(path)?).await?;
    for _ in 0..WARM_UP {
        let ran = trial.once(&trial.sandbox, &scenario).await;
        let ran = ran.map_err(Failure)?;
        if let Err(error) = ran.answer {
            return Err(Failure(format!("it has no answer: {error}")));
        }
    }
    let began = Instant::now();
    let mut walls = Vec::new();
    let mut cpu = Duration::ZERO;
    let mut memory = 0;
    for _ in 0..calls.max(1) {
        let one = Instant::now();
        let ran = trial.once(&trial.sandbox, &scenario).await;
        walls.push(one.elapsed());
        let report = ran.map_err(Failure)?.report;
        cpu += report.cpu;
        memory = memory.max(report.peak_memory);
        if began.elapsed() > LONGEST {
            break;
        }
    }
    let took = began.elapsed();
    walls.sort_unstable();
    let at = |share: usize| {
        let rank = (walls.len() * share).div_ceil(100).max(1);
        walls.get(rank - 1).copied().unwrap_or_default()
    };
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let per_second = walls.len() as f64 / took.as_secs_f64();
    let mean_cpu = cpu / u32::try_from(walls.len()).unwrap_or(u32::MAX);
    if as_json {
        let figures = json!({
            "calls": walls.len(),
            "p50_us": micros(at(50)),
            "p99_us": micros(at(99)),
            "instances_per_second": per_second,
            "cpu_us": micros(mean_cpu),
            "peak_memory": memory,
        });
        say(&serde_json::to_string_pretty(&figures)?);
        return Ok(());
    }
    say(&format!("{} calls, one after the other", walls.len()));
    say(&format!(
        "p50     {:.0} µs, a fresh instance and its call",
        micros(at(50))
    ));
    say(&format!("p99     {:.0} µs", micros(at(99))));
    say(&format!(
        "rate    {per_second:.0} instances a second on one thread"
    ));
    say(&format!("CPU     {:.0} µs a call", micros(mean_cpu)));
    let mib = memory as f64 / 1024.0 / 1024.0;
    say(&format!("memory  {mib:.1} MiB at most"));
    Ok(())
}
