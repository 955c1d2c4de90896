//! Calls of plugins as they are remembered: what a call used, how it ended, and
//! the lines it wrote into the plugin's log.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::id::{ConversationId, InstallationId};
use crate::plugin::Hook;
use crate::time::Timestamp;

/// How grave a line is, as the plugin says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

impl LogLevel {
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == text)
    }
}

/// One line of a plugin's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginLogLine {
    pub installation_id: InstallationId,
    /// Its place in the log; 0 until it is written down.
    pub n: i64,
    pub at: Timestamp,
    pub level: LogLevel,
    pub text: String,
    pub hook: Hook,
    pub call_id: Uuid,
}

/// How a call ends that has an answer; else the code of what went wrong.
pub const OK: &str = "ok";

/// One call of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invocation {
    pub installation_id: InstallationId,
    /// Its place among the calls; 0 until it is written down.
    pub n: i64,
    pub at: Timestamp,
    pub call_id: Uuid,
    pub hook: Hook,
    pub plugin_version: String,
    /// `ok`, or a stable word such as `trapped`.
    pub outcome: String,
    pub detail: Option<String>,
    pub wall_us: i64,
    pub cpu_us: i64,
    /// In bytes.
    pub peak_memory: i64,
    pub host_calls: i64,
    pub log_lines: i64,
    pub conversation_id: Option<ConversationId>,
}

impl Invocation {
    #[must_use]
    pub fn failed(&self) -> bool {
        self.outcome != OK
    }
}
