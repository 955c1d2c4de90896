//! Compiling, in another process: a hostile file may make a compiler eat time and
//! memory, and that must not be the server's.
//!
//! The child is this same program with a hidden command; `compile/child.rs` is
//! what it runs. WebAssembly goes in, machine code comes out, one line on its
//! error output says what is wrong.

pub(crate) mod child;

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::code::Compiled;
use crate::engine::Fuel;
use crate::words::sentence;

/// The hidden command.
pub const COMMAND: &str = "compile-plugin";
/// Behind it: the code counts what it does.
const COUNTED: &str = "--fuel";

/// After this the child is killed.
const WALL: Duration = Duration::from_secs(30);
/// Machine code of a plugin; the file itself is 8 MiB at most.
const LARGEST_CODE: u64 = 128 * 1024 * 1024;

/// Who compiles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compiler {
    /// This program, as a child with limits, once for each file.
    Program(PathBuf),
    /// This process, for tests. A server must not.
    #[cfg(test)]
    ThisProcess,
}

/// What a compile child may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    pub cpu_seconds: u64,
    pub address_space: u64,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            cpu_seconds: 20,
            address_space: 2 * 1024 * 1024 * 1024,
        }
    }
}

/// Why there is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotCompiled {
    /// It is the file: what is wrong with it.
    Invalid(String),
    /// It took more time or memory than compiling may.
    TooMuch,
    /// It is us.
    Failed(String),
}

pub(crate) async fn compile(
    compiler: &Compiler,
    file: Bytes,
    fuel: Fuel,
    limits: Option<CompileLimits>,
) -> Result<Compiled, NotCompiled> {
    let code = match compiler {
        Compiler::Program(program) => in_child(program, &file, fuel, limits).await?,
        #[cfg(test)]
        Compiler::ThisProcess => {
            let compiling = tokio::task::spawn_blocking(move || child::compile(&file, fuel));
            match compiling.await {
                Ok(compiled) => compiled.map_err(|wrong| NotCompiled::Invalid(sentence(&wrong)))?,
                Err(error) => return Err(NotCompiled::Failed(error.to_string())),
            }
        }
    };
    Ok(Compiled::by_our_compiler(code))
}

async fn in_child(
    program: &Path,
    file: &[u8],
    fuel: Fuel,
    limits: Option<CompileLimits>,
) -> Result<Vec<u8>, NotCompiled> {
    match tokio::time::timeout(WALL, run(program, file, fuel, limits)).await {
        Ok(Ok((status, code, said))) => judge(status, code, &said),
        Ok(Err(error)) => Err(NotCompiled::Failed(format!(
            "the compiler did not run: {error}"
        ))),
        // Dropping the future killed it.
        Err(_) => Err(NotCompiled::TooMuch),
    }
}

async fn run(
    program: &Path,
    file: &[u8],
    fuel: Fuel,
    limits: Option<CompileLimits>,
) -> std::io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let mut command = Command::new(program);
    command
        .arg(COMMAND)
        .args((fuel == Fuel::Counted).then_some(COUNTED));
    if let Some(limits) = limits {
        let words = [limits.cpu_seconds, limits.address_space];
        command.args(words.map(|number| number.to_string()));
    }
    let mut child = command
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // One that died early says so by its status.
            let _unread = stdin.write_all(file).await;
        }
    };
    let ((), code, said) = tokio::join!(feed, read(stdout, LARGEST_CODE), read(stderr, 4 * 1024));
    let status = child.wait().await?;
    Ok((status, code?, said?))
}

async fn read(from: Option<impl AsyncRead + Unpin>, most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        from.take(most).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

fn judge(status: ExitStatus, code: Vec<u8>, said: &[u8]) -> Result<Vec<u8>, NotCompiled> {
    let said = sentence(&String::from_utf8_lossy(said));
    match status.code() {
        Some(0) if (code.len() as u64) < LARGEST_CODE => Ok(code),
        Some(0) => Err(NotCompiled::TooMuch),
        Some(child::INVALID) => Err(NotCompiled::Invalid(said)),
        // Out of CPU time or memory it dies of a signal, or of a panic.
        None => {
            tracing::info!(signal = status.signal(), %said, "a compile child was stopped");
            Err(NotCompiled::TooMuch)
        }
        Some(child::PANICKED) => {
            tracing::warn!(%said, "a compile child panicked");
            Err(NotCompiled::TooMuch)
        }
        Some(other) => Err(NotCompiled::Failed(format!(
            "the compiler ended with {other}: {said}"
        ))),
    }
}
