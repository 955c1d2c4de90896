//! The machine and the versions, for the head of the report.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use crate::error::Outcome;
use crate::report::spread;

/// What the figures hang on.
pub fn facts() -> Outcome<Vec<(String, String)>> {
    let cores = std::thread::available_parallelism()?.get();
    let cpu = value_of("/proc/cpuinfo", "model name").unwrap_or_default();
    let memory = value_of("/proc/meminfo", "MemTotal").unwrap_or_default();
    let memory: f64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').take(1).collect::<String>();
    let mut facts = vec![
        ("processor", format!("{cores} cores, {cpu}")),
        ("memory", format!("{:.1} GiB", memory / 1024.0 / 1024.0)),
        ("kernel", read("/proc/sys/kernel/osrelease")),
        ("disk", disk()),
        ("one 4 KiB write and fdatasync", sync_probe()?),
        ("load average at the start", load),
        ("rustc", version("rustc", &["--version"])),
        ("node", version("node", &["--version"])),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    Ok(facts.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn value_of(path: &str, key: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(key))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// The file system under the temporary folder, where all data of the runs lies.
fn disk() -> String {
    let folder = std::env::temp_dir();
    let mounts = read("/proc/mounts");
    let under = |line: &&str| {
        let at = line.split(' ').nth(1).unwrap_or("?");
        folder.starts_with(at)
    };
    let mount = mounts
        .lines()
        .filter(under)
        .max_by_key(|line| line.split(' ').nth(1).map_or(0, str::len));
    let words: Vec<&str> = mount.unwrap_or_default().split(' ').take(3).collect();
    let [device, _, kind] = words[..] else {
        return String::new();
    };
    let name = device.rsplit('/').next().unwrap_or_default();
    let turning = read(&format!("/sys/block/{name}/queue/rotational"));
    let turning = match turning.as_str() {
        "0" => ", no rotating disk",
        "1" => ", says it rotates (as virtual disks do)",
        _ => "",
    };
    format!("{kind} on {device}{turning}")
}

/// What a sync costs here and now: it decides what durable writing can reach.
fn sync_probe() -> Outcome<String> {
    let mut file = tempfile::tempfile()?;
    let mut times = Vec::new();
    for _ in 0..200 {
        times.push(one_sync(&mut file)?);
    }
    times.sort_by(f64::total_cmp);
    let range = [
        times[times.len() / 2],
        times[times.len() / 100],
        times[times.len() * 99 / 100],
    ];
    Ok(format!(
        "{} µs (median, 1st and 99th percentile)",
        spread(range, 0)
    ))
}

fn one_sync(file: &mut File) -> Outcome<f64> {
    let began = Instant::now();
    file.write_all(&[7; 4096])?;
    file.sync_data()?;
    Ok(began.elapsed().as_secs_f64() * 1e6)
}

fn version(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    output.unwrap_or_default()
}
