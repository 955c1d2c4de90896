//! What came of a call and what it took, for people and as JSON.

use std::time::Duration;

use deskbell_app::scenario::Failure;
use deskbell_sandbox::CallReport;
use serde_json::{Value, json};

use super::super::say;
use super::trial::{Finding, Ran, log_line};

const KIB: f64 = 1024.0;

/// A difference in three lines, anything else in one.
pub(super) fn finding(finding: &Finding) {
    if let Some(said) = &finding.said {
        say(&format!("        {}: {said}", finding.at));
        return;
    }
    let side = |value: &Option<Value>| match value {
        Some(value) => value.to_string(),
        None => "nothing".to_owned(),
    };
    say(&format!("        {}", finding.at));
    say(&format!("          expected  {}", side(&finding.expected)));
    say(&format!("          got       {}", side(&finding.got)));
}

/// One line: each figure with its share of the limit.
pub(super) fn measures(report: &CallReport) -> String {
    let budget = &report.budget;
    let mut all = Vec::new();
    if let Some(fuel) = report.fuel {
        all.push(format!("fuel {fuel}"));
    }
    all.push(format!(
        "CPU {:.2} of {} ms ({})",
        millis(report.cpu),
        budget.cpu.as_millis(),
        share(micros(report.cpu), micros(budget.cpu))
    ));
    all.push(format!(
        "memory {:.1} of {:.0} MiB ({})",
        report.peak_memory as f64 / KIB / KIB,
        budget.memory as f64 / KIB / KIB,
        share(report.peak_memory as u64, budget.memory as u64)
    ));
    all.push(counted("host calls", report.host_calls, budget.host_calls));
    if budget.requests > 0 {
        all.push(counted("requests", report.requests, budget.requests));
    }
    all.push(bytes("question", report.input, budget.input));
    all.push(bytes("answer", report.output, budget.output));
    all.push(bytes("log", logged(report), budget.log));
    all.join(", ")
}

fn counted(what: &str, used: u32, most: u32) -> String {
    let share = share(used.into(), most.into());
    format!("{what} {used} of {most} ({share})")
}

fn bytes(what: &str, used: usize, most: usize) -> String {
    let share = share(used as u64, most as u64);
    format!(
        "{what} {used} bytes of {:.0} KiB ({share})",
        most as f64 / KIB
    )
}

/// What its lines weigh against the allowance.
fn logged(report: &CallReport) -> usize {
    report.log.iter().map(|line| line.text.len() + 8).sum()
}

fn share(used: u64, most: u64) -> String {
    if most == 0 {
        return "none allowed".to_owned();
    }
    format!("{:.0}%", used as f64 * 100.0 / most as f64)
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

pub(super) fn json(ran: &Ran) -> Value {
    let (report, budget) = (&ran.report, &ran.report.budget);
    let log: Vec<_> = report.log.iter().map(log_line).collect();
    let of = |used: u64, most: u64| json!({ "used": used, "limit": most });
    json!({
        "answer": ran.answer.as_ref().ok(),
        "failure": ran.answer.as_ref().err().map(Failure::from),
        "unfit": ran.unfit,
        "kv": ran.kv,
        "log": log,
        "fuel": report.fuel,
        "cpu_us": of(micros(report.cpu), micros(budget.cpu)),
        "wall_us": of(micros(report.wall), micros(budget.wall)),
        "memory": of(report.peak_memory as u64, budget.memory as u64),
        "host_calls": of(report.host_calls.into(), budget.host_calls.into()),
        "requests": of(report.requests.into(), budget.requests.into()),
        "question": of(report.input as u64, budget.input as u64),
        "answer_bytes": of(report.output as u64, budget.output as u64),
        "log_bytes": of(logged(report) as u64, budget.log as u64),
    })
}
