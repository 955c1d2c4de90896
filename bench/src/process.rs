//! A server under measurement as a process of its own: started, asked by the
//! kernel's account what it used, ended.

use std::ffi::OsStr;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::error::{Outcome, missing};

const START_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// A program as a child that does not inherit the generator's precedence.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    match ahead() {
        0 => Command::new(program),
        steps => {
            let mut command = Command::new("nice");
            command.arg("-n").arg(steps.to_string()).arg(program);
            command
        }
    }
}

/// How far the generator was put ahead of others (`scripts/bench` does).
fn ahead() -> i64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let nice = fields
        .split_whitespace()
        .nth(16)
        .and_then(|f| f.parse::<i64>().ok());
    (-nice.unwrap_or_default()).max(0)
}

pub struct Server {
    child: Child,
    /// Kept open, so that the server may go on writing to it.
    _stdout: BufReader<ChildStdout>,
    pub pid: u32,
    pub port: u16,
    pub spawned: Instant,
}

impl Server {
    /// Starts it and waits until it says on which port of 127.0.0.1 it listens.
    pub async fn start(mut command: Command) -> Outcome<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let spawned = Instant::now();
        let mut child = command.spawn().map_err(|error| {
            let program = command.as_std().get_program().to_string_lossy();
            format!("{program} does not start: {error}")
        })?;
        let pid = missing(child.id(), "the server's process id")?;
        let mut stdout = BufReader::new(missing(child.stdout.take(), "its output")?);
        let port = tokio::time::timeout(START_WITHIN, port_told(&mut stdout)).await??;
        Ok(Self {
            child,
            _stdout: stdout,
            pid,
            port,
            spawned,
        })
    }

    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end and waits: leases are given back, files are closed.
    pub async fn stop(mut self) -> Outcome<()> {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        kill_process(missing(pid, "a process id")?, Signal::TERM)?;
        tokio::time::timeout(STOP_WITHIN, self.child.wait()).await??;
        Ok(())
    }

    /// Ends it at once, for runs that are over.
    pub async fn kill(mut self) -> Outcome<()> {
        self.child.kill().await?;
        Ok(())
    }
}

async fn port_told(stdout: &mut BufReader<ChildStdout>) -> Outcome<u16> {
    let mut line = String::new();
    loop {
        line.clear();
        if stdout.read_line(&mut line).await? == 0 {
            return Err("the server ended before it listened".into());
        }
        let Some((_, rest)) = line.split_once("http://127.0.0.1:") else {
            continue;
        };
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        return Ok(digits.parse()?);
    }
}

/// User and system time of a process and all its threads.
pub fn cpu(pid: u32) -> Outcome<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let ticks = cpu_ticks(&stat)?;
    Ok(Duration::from_millis(ticks * 1_000 / TICKS_PER_SECOND))
}

/// The same of a process and its children, of which a few may come and go.
pub fn cpu_of_family(pid: u32) -> Outcome<Duration> {
    let mut total = cpu(pid)?;
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
    for child in children.split_whitespace() {
        total += cpu(child.parse()?).unwrap_or_default();
    }
    Ok(total)
}

/// `sysconf(_SC_CLK_TCK)` on every Linux one meets.
const TICKS_PER_SECOND: u64 = 100;

fn cpu_ticks(stat: &str) -> Outcome<u64> {
    // The name in parentheses may hold anything; what follows it is numbered.
    let (_, fields) = missing(stat.rsplit_once(')'), "a process's fields")?;
    let field = |n: usize| {
        fields
            .split_whitespace()
            .nth(n)
            .and_then(|f| f.parse::<u64>().ok())
    };
    let ticks = field(11).zip(field(12)).map(|(user, system)| user + system);
    missing(ticks, "a process's times")
}

/// Resident memory in KiB.
pub fn rss_kib(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    missing(kib, "a process's memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194560 1 0 0 0 120 30 0 0 20 0 9 0 100 1 2";
        assert_eq!(cpu_ticks(stat).unwrap(), 150);
        let own = std::process::id();
        assert!(cpu(own).is_ok());
        assert!(rss_kib(own).unwrap() > 500);
    }
}
