//! The real binary as a process: started, waited for, killed, asked to stop.
//!
//! It is built before the tests (`make test` does), found beside them, and spoken
//! to over loopback only. It chooses a free port itself and says which.

use std::fs::OpenOptions;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use deskbell_tests::Http;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use super::desk::until;
use super::place::Place;

/// A cold start in a debug build on a busy machine, migrations and demo included.
const START_WITHIN: Duration = Duration::from_secs(60);
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// `target/debug/deskbell`, beside the folder this test binary is in.
pub(super) fn path() -> PathBuf {
    let here = std::env::current_exe().expect("our own path");
    let debug = here
        .ancestors()
        .nth(2)
        .expect("deps lies in the profile's folder");
    let binary = debug.join(format!("deskbell{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.is_file(),
        "{} is missing: run cargo build --workspace --bins",
        binary.display()
    );
    binary
}

/// What every server of these tests is started with: nothing of the caller's own,
/// and limits that a test which wants to be fast does not meet.
const SETTINGS: [(&str, &str); 18] = [
    ("DESKBELL_CONFIG", ""),
    ("DESKBELL_FAULT", ""),
    ("DESKBELL_LISTEN", "127.0.0.1:0"),
    ("DESKBELL_DATABASE_URL_FILE", ""),
    ("DESKBELL_REDIS_URL", ""),
    ("DESKBELL_REDIS_URL_FILE", ""),
    ("DESKBELL_PUBLIC_ADDRESS", ""),
    (
        "DESKBELL_LOG_LEVEL",
        "info,sqlx=warn,sea_orm_migration=warn",
    ),
    ("DESKBELL_LOG_FORMAT", "text"),
    ("DESKBELL_LIMITS_CONNECTIONS_PER_ADDRESS", "18000"),
    ("DESKBELL_LIMITS_REQUESTS_PER_SECOND", "1000000"),
    ("DESKBELL_LIMITS_REQUEST_BURST", "1000000"),
    ("DESKBELL_LIMITS_LOGINS_PER_MINUTE", "1000000"),
    ("DESKBELL_LIMITS_VISITOR_FRAMES_PER_SECOND", "1000000"),
    ("DESKBELL_LIMITS_VISITOR_FRAME_BURST", "1000000"),
    ("DESKBELL_LIMITS_AGENT_FRAMES_PER_SECOND", "1000000"),
    ("DESKBELL_LIMITS_AGENT_FRAME_BURST", "1000000"),
    ("DESKBELL_LIMITS_SOCKET_QUEUE_FRAMES", "1000000"),
];

/// Whatever `program` is, it becomes the server of this place.
pub(super) fn command(place: &Place, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(place.log())
        .expect("the log");
    let mut command = Command::new(program);
    command
        .current_dir(place.folder())
        .envs(SETTINGS)
        .env("DESKBELL_LIMITS_SOCKET_QUEUE_BYTES", "1000000000")
        .env("DESKBELL_DATA_DIR", place.folder().join("data"))
        .env("DESKBELL_DATABASE_URL", place.database_url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true);
    command
}

/// A running server. Killed when dropped.
pub(super) struct Deskbell {
    child: Child,
    /// Kept, so that the server has somebody to speak to.
    _said: Lines<BufReader<ChildStdout>>,
    /// A client without a token.
    pub(super) http: Http,
}

impl Deskbell {
    /// Starts with the demo desk and waits until it is ready.
    pub(super) async fn start(place: &Place, settings: &[(&str, &str)]) -> Self {
        let mut command = command(place, path());
        command
            .args(["serve", "--demo"])
            .envs(settings.iter().copied());
        Self::run(command).await
    }

    /// One of several on the same database.
    pub(super) async fn node(place: &Place, name: &str, redis: &str) -> Self {
        let mut command = command(place, path());
        command
            .args(["serve", "--demo"])
            .env("DESKBELL_DATA_DIR", place.folder().join(name))
            .env("DESKBELL_REDIS_URL", redis)
            // Other tests ring through the same Redis.
            .env(
                "DESKBELL_REDIS_PREFIX",
                place.folder().display().to_string(),
            );
        Self::run(command).await
    }

    pub(super) async fn run(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped")).lines();
        let base = timeout(START_WITHIN, address(&mut said))
            .await
            .expect("a start in time");
        let http = Http::new(base.expect("the server ended before it listened"));
        until("the server is ready", START_WITHIN, async || {
            (http.get("/readyz").await.status == 200).then_some(())
        })
        .await;
        Self {
            child,
            _said: said,
            http,
        }
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id().expect("the process was not waited for yet")
    }

    /// `kill -9`, at this very moment.
    pub(super) fn kill_now(&mut self) {
        self.child.start_kill().expect("the process can be killed");
    }

    pub(super) async fn wait(&mut self) -> ExitStatus {
        let ended = timeout(STOP_WITHIN, self.child.wait()).await;
        ended
            .expect("the process ends in time")
            .expect("the process can be waited for")
    }

    pub(super) async fn kill(mut self) {
        self.kill_now();
        self.wait().await;
    }

    /// Asks it to stop, without waiting.
    pub(super) async fn ask_to_stop(&self) {
        let pid = self.pid().to_string();
        let status = Command::new("kill").args(["-TERM", &pid]).status().await;
        assert!(status.expect("kill runs").success());
    }

    pub(super) async fn stop(mut self) -> ExitStatus {
        self.ask_to_stop().await;
        self.wait().await
    }
}

/// Where it listens, as it says when it does. None if it ends before.
async fn address(said: &mut Lines<BufReader<ChildStdout>>) -> Option<String> {
    while let Some(line) = said.next_line().await.expect("the server's words") {
        let mut words = line.split_whitespace();
        if words.next() == Some("agents") {
            return words.next().map(|url| url.trim_end_matches('/').to_owned());
        }
    }
    None
}
