//! Where an installation lives while its processes come and go: a folder and a
//! database.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};

use deskbell_tests::database::Database;
use deskbell_tests::{Chance, Engine, environment};
use tempfile::TempDir;

pub(super) struct Place {
    pub(super) engine: Engine,
    folder: TempDir,
    database: Database,
}

impl Place {
    pub(super) async fn new(engine: Engine) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let database = Database::make(engine, folder.path()).await;
        Self {
            engine,
            folder,
            database,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn database_url(&self) -> &str {
        self.database.url()
    }

    /// What the processes wrote to standard error, one after the other.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.path().join("log.txt")
    }

    /// The end of a test that went well.
    pub(super) async fn remove(self) {
        self.database.remove().await;
    }
}

impl Drop for Place {
    /// The log's end, when the test has failed: the folder goes with us.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        let end = lines.len().saturating_sub(40);
        eprintln!(
            "the log of {:?} ends:\n{}",
            self.engine,
            lines[end..].join("\n")
        );
    }
}

/// Chance from one seed, which is printed, so that a failure can be repeated as
/// far as processes allow.
pub(super) fn chance(test: &str) -> Chance {
    let seed = environment::seed().unwrap_or_else(|| RandomState::new().hash_one(test));
    eprintln!("{test}: DESKBELL_TEST_SEED={seed}");
    Chance::new(seed)
}
