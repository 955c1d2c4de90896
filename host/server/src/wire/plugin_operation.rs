//! Operating plugins, on the wire: other versions, breakers, logs and calls.

use std::collections::BTreeMap;

use deskbell_app::admin::upgrades as app;
use deskbell_app::plugins;
use deskbell_domain::invocation;
use deskbell_domain::plugin;
use deskbell_domain::{ConversationId, InstallationId, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::id;
use super::list::limit;
use super::mirror::{mirror, mirror_words};
use super::plugin::{Capability, Hook, PluginVersion, all};

/// A version, and what is different from the one at work.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfferedVersion {
    #[serde(flatten)]
    pub plugin_version: PluginVersion,
    /// A sentence for each grant or setting it wants more or less than the version
    /// at work; null: the plugin is not installed.
    pub difference: Option<Vec<String>>,
}

impl From<app::Offered> for OfferedVersion {
    fn from(offered: app::Offered) -> Self {
        let app::Offered {
            plugin_version,
            difference,
        } = offered;
        Self {
            plugin_version: plugin_version.into(),
            difference,
        }
    }
}

/// Puts another version to work. What is not granted, it does not get.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Upgrade {
    #[schema(example = "1.5.0")]
    pub plugin_version: String,
    /// What it may be called for, of what it does.
    pub hooks: Vec<Hook>,
    /// What it may reach. Everything it imports must be granted.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The one it has, unless said. It must keep to the new version's schema.
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    pub config: Option<Map<String, Value>>,
}

impl Upgrade {
    pub fn into_app(self, if_version: Option<i64>) -> app::Upgrade {
        let Self {
            plugin_version,
            hooks,
            capabilities,
            config,
        } = self;
        app::Upgrade {
            plugin_version,
            hooks: all(hooks),
            capabilities: all(capabilities),
            config,
            if_version,
        }
    }
}

/// Whether a hook of an installation is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// It is asked.
    Closed,
    /// It failed too often and is left out.
    Open,
    /// The next call is let through; how it ends decides.
    HalfOpen,
}

/// What keeps a plugin that fails too often from being asked.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Breaker {
    pub state: BreakerState,
    /// Of an open one: when the next call is let through.
    #[schema(value_type = Option<id::Timestamp>)]
    pub until: Option<Timestamp>,
}

impl From<plugins::BreakerState> for Breaker {
    fn from(state: plugins::BreakerState) -> Self {
        let (state, until) = match state {
            plugins::BreakerState::Closed => (BreakerState::Closed, None),
            plugins::BreakerState::Open { until } => (BreakerState::Open, Some(until)),
            plugins::BreakerState::HalfOpen => (BreakerState::HalfOpen, None),
        };
        Self { state, until }
    }
}

mirror! {
    /// A hook of a plugin failed too often and is left out for a while.
    BreakerOpening of plugin::BreakerOpening {
        #[schema(value_type = id::InstallationId)]
        installation_id: InstallationId,
        plugin_name: String,
        hook: Hook = hook.into(),
        /// Then one call is let through.
        #[schema(value_type = id::Timestamp)]
        until: Timestamp,
        /// Of the last failure: a stable word, such as `cpu_exceeded`.
        code: String,
        detail: String,
    }
}

mirror_words! {
    /// How grave a line is, as the plugin says.
    LogLevel of invocation::LogLevel { Debug, Info, Warn, Error }
}

mirror! {
    /// One line of a plugin's log.
    PluginLogLine of invocation::PluginLogLine {
        #[schema(value_type = id::InstallationId)]
        installation_id: InstallationId,
        /// Its place in the log: it grows, with gaps.
        n: i64,
        #[schema(value_type = id::Timestamp)]
        at: Timestamp,
        level: LogLevel = level.into(),
        text: String,
        hook: Hook = hook.into(),
        /// The call that wrote it.
        #[schema(value_type = String)]
        call_id: Uuid,
    }
}

/// Lines of a log, the oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PluginLog {
    pub items: Vec<PluginLogLine>,
    /// For `?after=`: what is written later. Null while the log is empty.
    pub next_cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PluginLogQuery {
    /// The `next_cursor` of the page before: what came after it. Without it, the
    /// newest lines.
    pub after: Option<String>,
    /// This level and graver ones.
    pub level: Option<LogLevel>,
    /// True: if there is nothing to answer, wait up to 20 seconds for a line.
    pub tail: Option<bool>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

impl PluginLogQuery {
    pub fn into_app(self) -> Result<deskbell_app::plugins::LogRange, Refusal> {
        let Self {
            after,
            level,
            tail,
            limit: wanted,
        } = self;
        let after = after.map(|cursor| cursor.parse::<i64>()).transpose();
        let after = after.map_err(|_| {
            let detail = "This is no `next_cursor` of a log. Begin without one.";
            Refusal::field("/after", "bad_cursor", detail)
        })?;
        Ok(deskbell_app::plugins::LogRange {
            after,
            level: level.map_or(invocation::LogLevel::Debug, Into::into),
            tail: tail.unwrap_or(false),
            limit: u64::from(limit(wanted)?),
        })
    }
}

mirror! {
    /// One call of a plugin.
    PluginInvocation of invocation::Invocation {
        #[schema(value_type = id::InstallationId)]
        installation_id: InstallationId,
        /// Its place among the calls: it grows, with gaps.
        n: i64,
        #[schema(value_type = id::Timestamp)]
        at: Timestamp,
        #[schema(value_type = String)]
        call_id: Uuid,
        hook: Hook = hook.into(),
        plugin_version: String,
        /// `ok`, or a stable word such as `trapped`.
        #[schema(example = "ok")]
        outcome: String,
        /// What went wrong.
        detail: Option<String>,
        /// From the question to the answer, in microseconds.
        wall_us: i64,
        /// Of the guest, in microseconds.
        cpu_us: i64,
        /// In bytes.
        peak_memory: i64,
        host_calls: i64,
        log_lines: i64,
        /// What it was about, if that was a conversation.
        #[schema(value_type = Option<id::ConversationId>)]
        conversation_id: Option<ConversationId>,
    }
}

/// Calls of one hook on the node that answers, since it started.
#[derive(Debug, Serialize, ToSchema)]
pub struct HookMetrics {
    pub hook: Hook,
    pub calls: u64,
    /// How many ended in which way: `ok`, or a stable word such as `trapped`.
    pub outcomes: BTreeMap<String, u64>,
    /// Of the last 512 calls, in milliseconds.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    /// Of all calls together, in milliseconds.
    pub cpu_ms: f64,
}

impl HookMetrics {
    pub fn of(hook: plugin::Hook, figures: plugins::Figures) -> Self {
        let millis = |micros: u64| micros as f64 / 1_000.0;
        Self {
            hook: hook.into(),
            calls: figures.calls,
            p50_ms: figures.percentile(50).map(millis),
            p99_ms: figures.percentile(99).map(millis),
            cpu_ms: millis(figures.cpu_us),
            outcomes: figures.outcomes,
        }
    }
}
