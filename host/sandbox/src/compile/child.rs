//! The compile child: limits itself, reads WebAssembly, writes machine code.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::CompileLimits;
use crate::engine::{self, Fuel};

/// The file is no component, or one with features we do not take.
pub(super) const INVALID: i32 = 2;
/// What Rust ends with after a panic.
pub(super) const PANICKED: i32 = 101;

const OPEN_FILES: u64 = 64;

/// Runs the hidden command: standard input to standard output. With `fuel` the code
/// counts what it does.
#[must_use]
pub fn compile_child(fuel: bool) -> ExitCode {
    let fuel = match fuel {
        true => Fuel::Counted,
        false => Fuel::Uncounted,
    };
    match work(fuel) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(wrong)) => {
            let _unsaid = writeln!(io::stderr(), "{wrong}");
            ExitCode::from(INVALID as u8)
        }
        Err(error) => {
            let _unsaid = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// The outer error is ours, the inner one the file's.
fn work(fuel: Fuel) -> io::Result<Result<(), String>> {
    limit_ourselves(limits())?;
    let mut file = Vec::new();
    io::stdin().read_to_end(&mut file)?;
    let code = match compile(&file, fuel) {
        Ok(code) => code,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let mut out = io::stdout();
    out.write_all(&code)?;
    out.flush()?;
    Ok(Ok(()))
}

/// The real ones, unless whoever started us names others.
fn limits() -> CompileLimits {
    let words = std::env::args().skip(2);
    let mut numbers = words.filter_map(|word| word.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(cpu_seconds), Some(address_space)) => CompileLimits {
            cpu_seconds,
            address_space,
        },
        _ => CompileLimits::default(),
    }
}

/// Before the first byte of the file is read.
fn limit_ourselves(limits: CompileLimits) -> io::Result<()> {
    let limits = [
        (Resource::As, limits.address_space),
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Core, 0),
        (Resource::Fsize, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

pub(super) fn compile(file: &[u8], fuel: Fuel) -> Result<Vec<u8>, String> {
    let engine = engine::for_compiling(fuel);
    let compiling = engine.and_then(|engine| engine.precompile_component(file));
    compiling.map_err(|error| format!("{error:#}"))
}
