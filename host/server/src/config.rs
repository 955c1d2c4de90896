//! The settings: defaults, then the file, then the environment.
//!
//! `config/default.toml` is what a reader of the documentation sees; a test holds
//! it against the structs here, keys and values. `config/layers.rs` puts the
//! sources together, `config/check.rs` says in one line what is wrong. Nothing
//! else reads the environment.

mod check;
mod layers;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use check::Wrong;

/// The commented file, also what `deskbell config default` prints.
pub const DEFAULT_FILE: &str = include_str!("config/default.toml");

/// Of which one tenant has at most a quarter at once, so that three others find
/// room beside one whose plugins do not end.
const GUEST_THREADS_MIN: usize = 4;
const GUEST_THREADS_MAX: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub listen: String,
    pub data_dir: PathBuf,
    pub database_url: String,
    pub database_url_file: String,
    pub redis_url: String,
    pub redis_url_file: String,
    pub redis_prefix: String,
    pub public_address: String,
    pub trusted_proxies: Vec<IpAddr>,
    pub migrate: bool,
    pub log: Log,
    pub database: Database,
    pub limits: Limits,
    pub search: Search,
    pub plugins: Plugins,
    pub egress: Egress,
    pub secrets: Secrets,
    pub audit: Audit,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub readers: u32,
    pub writers: u32,
    pub batch: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub connections: usize,
    pub connections_per_address: usize,
    pub header_timeout_ms: u64,
    pub body_bytes: usize,
    pub requests_per_second: u32,
    pub request_burst: u32,
    pub logins_per_minute: u32,
    pub webhooks_per_minute: u32,
    pub visitor_frames_per_second: u32,
    pub visitor_frame_burst: u32,
    pub agent_frames_per_second: u32,
    pub agent_frame_burst: u32,
    pub socket_queue_frames: usize,
    pub socket_queue_bytes: usize,
    pub drain_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugins {
    pub dir: PathBuf,
    pub guest_threads: usize,
}

/// The way out: what plugins may ask beside the public internet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Egress {
    pub allow_private: Vec<String>,
    pub allow_http: bool,
    pub ca_file: PathBuf,
    pub requests_at_once: u32,
    pub requests_per_minute: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    pub key_file: PathBuf,
}

/// Who changed what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub keep_days: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            data_dir: PathBuf::from("data"),
            database_url: String::new(),
            database_url_file: String::new(),
            redis_url: String::new(),
            redis_url_file: String::new(),
            redis_prefix: "deskbell".to_owned(),
            public_address: String::new(),
            trusted_proxies: Vec::new(),
            migrate: true,
            log: Log {
                format: LogFormat::Text,
                level: "info".to_owned(),
            },
            database: Database {
                readers: 8,
                writers: 12,
                batch: 512,
            },
            limits: Limits::default(),
            search: Search {
                dir: PathBuf::new(),
            },
            plugins: Plugins {
                dir: PathBuf::new(),
                guest_threads: 0,
            },
            egress: Egress {
                allow_private: Vec::new(),
                allow_http: false,
                ca_file: PathBuf::new(),
                requests_at_once: 8,
                requests_per_minute: 600,
            },
            secrets: Secrets {
                key_file: PathBuf::new(),
            },
            audit: Audit { keep_days: 365 },
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 18_000,
            connections_per_address: 2_000,
            header_timeout_ms: 30_000,
            body_bytes: 64 * 1024,
            requests_per_second: 200,
            request_burst: 1_000,
            logins_per_minute: 60,
            webhooks_per_minute: 600,
            visitor_frames_per_second: 50,
            visitor_frame_burst: 400,
            agent_frames_per_second: 400,
            agent_frame_burst: 2_000,
            socket_queue_frames: 256,
            socket_queue_bytes: 256 * 1024,
            drain_ms: 10_000,
        }
    }
}

impl Config {
    /// From the process: its environment and the file that is there or named.
    #[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
    pub fn load() -> Result<Self, Wrong> {
        Self::from_environment(&std::env::vars().collect())
    }

    /// The same from a given environment, so that tests need not touch theirs.
    pub fn from_environment(environment: &BTreeMap<String, String>) -> Result<Self, Wrong> {
        let config = layers::read(environment)?;
        check::values(&config)?;
        Ok(config)
    }

    /// The database, with the default made explicit.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database_url.is_empty() {
            format!("sqlite:{}", self.data_dir.join("deskbell.db").display())
        } else {
            self.database_url.clone()
        }
    }

    #[must_use]
    pub fn redis_url(&self) -> Option<&str> {
        Some(self.redis_url.as_str()).filter(|url| !url.is_empty())
    }

    #[must_use]
    pub fn public_address(&self) -> Option<&str> {
        Some(self.public_address.as_str()).filter(|address| !address.is_empty())
    }

    #[must_use]
    pub fn search_dir(&self) -> PathBuf {
        self.below_data(&self.search.dir, "search")
    }

    /// Where compiled plugins are kept.
    #[must_use]
    pub fn plugins_dir(&self) -> PathBuf {
        self.below_data(&self.plugins.dir, "plugins")
    }

    /// What secrets are sealed with lies here.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.below_data(&self.secrets.key_file, "secrets.key")
    }

    /// How many plugins run at once.
    #[must_use]
    pub fn guest_threads(&self) -> usize {
        match self.plugins.guest_threads {
            0 => std::thread::available_parallelism()
                .map_or(1, usize::from)
                .clamp(GUEST_THREADS_MIN, GUEST_THREADS_MAX),
            count => count,
        }
    }

    fn below_data(&self, set: &Path, default: &str) -> PathBuf {
        if set.as_os_str().is_empty() {
            self.data_dir.join(default)
        } else {
            set.to_owned()
        }
    }
}

/// Variables that look like settings and are none: a warning, since a typo here
/// is a setting somebody believes in. Container platforms add some of their own.
#[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
#[must_use]
pub fn unknown_variables() -> Vec<String> {
    layers::unknown(&std::env::vars().collect())
}

/// The planted bug a test asks for; never in a release build.
#[cfg(debug_assertions)]
#[expect(clippy::disallowed_methods, reason = "the one home of the environment")]
#[must_use]
pub fn planted_bug() -> Option<String> {
    std::env::var("DESKBELL_FAULT").ok()
}
