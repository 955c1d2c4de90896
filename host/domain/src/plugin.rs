//! Plugins: what a file says of itself, and what a tenant did with it.
//!
//! A *plugin* is a program by name; a *version* of it is one file; an
//! *installation* is a version at work in a tenant, with grants and
//! configuration. Nothing here runs any of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::id::{ConversationId, InstallationId, PluginId};
use crate::limits::CallLimits;
use crate::reach::{CapabilitySettings, SecretSettings};
use crate::time::Timestamp;
use crate::webhook::WebhookSettings;

/// An extension point: where the desk asks a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hook {
    /// Who gets a conversation.
    Routing,
    /// Values for variables in canned responses.
    Variables,
    /// What people write, before it is stored.
    Filter,
    /// Talks to visitors before people do.
    Bot,
    /// Hears of what happened.
    Events,
    /// What other systems know, beside a chat.
    Context,
    /// Is told by other systems.
    Webhook,
    /// Looks at its own configuration, and hears of an upgrade.
    Lifecycle,
}

impl Hook {
    pub const ALL: [Self; 8] = [
        Self::Routing,
        Self::Variables,
        Self::Filter,
        Self::Bot,
        Self::Events,
        Self::Context,
        Self::Webhook,
        Self::Lifecycle,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Routing => "routing",
            Self::Variables => "variables",
            Self::Filter => "filter",
            Self::Bot => "bot",
            Self::Events => "events",
            Self::Context => "context",
            Self::Webhook => "webhook",
            Self::Lifecycle => "lifecycle",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.as_str() == text)
    }
}

/// What becomes of what people write when a filter gives no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// It is stored as it is, with a mark for the desk.
    #[default]
    Pass,
    /// It is not stored in the clear before a filter has seen it.
    Hold,
}

impl OnFailure {
    pub const ALL: [Self; 2] = [Self::Pass, Self::Hold];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Hold => "hold",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What a plugin may reach beyond its own memory, log and configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Read agents and teams of the tenant by id.
    Directory,
    /// Ask services outside, at the hosts the manifest names.
    Http,
    /// Keep values of its own from call to call.
    Kv,
    /// Chance, digests, and signatures under secrets it does not see.
    Crypto,
}

impl Capability {
    pub const ALL: [Self; 4] = [Self::Directory, Self::Http, Self::Kv, Self::Crypto];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Http => "http",
            Self::Kv => "kv",
            Self::Crypto => "crypto",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.as_str() == text)
    }
}

/// SHA-256 of a plugin's file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a digest of the form sha256:…")]
pub struct BadDigest;

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = BadDigest;

    fn from_str(text: &str) -> Result<Self, BadDigest> {
        let hex = text.strip_prefix("sha256:").ok_or(BadDigest)?;
        let plain = hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !plain {
            return Err(BadDigest);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadDigest)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| BadDigest)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// What a plugin's file says of itself. What the plugin *does* the host learns
/// from the component's type, not from here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and dashes: the plugin's name for machines.
    pub id: String,
    pub name: String,
    /// Three numbers with dots between, as in `1.4.0`.
    pub version: String,
    pub publisher: String,
    #[serde(default)]
    pub license: Option<String>,
    #[serde(default)]
    pub description: String,
    /// Settings of single hooks; a hook without an entry has the defaults.
    #[serde(default)]
    pub hooks: BTreeMap<Hook, HookSettings>,
    /// JSON Schema of the configuration: an object. Empty means none.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// What its capabilities are limited to.
    #[serde(default)]
    pub capabilities: CapabilitySettings,
    /// What an admin enters and no guest sees, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, SecretSettings>,
    /// Where other systems tell it of something, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub webhooks: BTreeMap<String, WebhookSettings>,
}

impl Manifest {
    /// What its author suggests for a filter that gives no usable answer.
    #[must_use]
    pub fn on_failure(&self) -> OnFailure {
        let settings = self.hooks.get(&Hook::Filter);
        settings.and_then(|it| it.on_failure).unwrap_or_default()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HookSettings {
    /// A shorter deadline than the hook's own.
    pub timeout_ms: Option<u32>,
    /// What the author suggests; for the hook `filter` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<OnFailure>,
    /// What it wants to hear of; for the hook `events` only. None is everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
}

/// A variable a plugin can fill in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableDefinition {
    pub name: String,
    pub description: String,
}

/// Where a plugin's file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Upload,
    Catalogue,
}

impl Source {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Catalogue => "catalogue",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Upload, Self::Catalogue]
            .into_iter()
            .find(|source| source.as_str() == text)
    }
}

/// A plugin a tenant has, by the name of its latest version's manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    pub id: PluginId,
    /// The manifest's `id`, unique in the tenant.
    pub key: String,
    pub name: String,
    pub publisher: String,
    pub description: String,
    pub source: Source,
    pub latest_version: String,
    pub created_at: Timestamp,
    pub version: i64,
}

/// One admitted file, without its bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginVersion {
    pub plugin_id: PluginId,
    /// The manifest's `version`, unique in the plugin.
    pub plugin_version: String,
    pub digest: Digest,
    pub size: i64,
    pub manifest: Manifest,
    /// What it does, read from the component's exports.
    pub hooks: Vec<Hook>,
    /// What it wants to reach, read from its imports.
    pub capabilities: Vec<Capability>,
    pub variables: Vec<VariableDefinition>,
    pub created_at: Timestamp,
}

/// A version at work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Installation {
    pub id: InstallationId,
    pub plugin_id: PluginId,
    pub plugin_key: String,
    pub plugin_name: String,
    pub plugin_version: String,
    pub digest: Digest,
    pub enabled: bool,
    /// Hooks it may be called for, of those it has.
    pub hooks: Vec<Hook>,
    /// Capabilities it was granted, of those it wants.
    pub capabilities: Vec<Capability>,
    pub config: Map<String, Value>,
    /// What the tenant lets it use, where that is less than its hooks' own limits.
    pub limits: CallLimits,
    /// Lower is asked first.
    pub position: i64,
    /// Where it filters: what follows when it does not.
    pub on_failure: OnFailure,
    pub created_at: Timestamp,
    pub version: i64,
    /// What it was before its last upgrade, until it returned there.
    pub previous: Option<Previous>,
}

/// A version with its grants and configuration, to return to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Previous {
    pub plugin_version: String,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    pub config: Map<String, Value>,
    /// It was at work, and nothing of it was switched off, when it was left: the
    /// desk may return to it without being told to.
    pub worked: bool,
}

/// An installation as events and lists show it: its configuration is for admins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InstallationView {
    pub id: InstallationId,
    pub plugin_id: PluginId,
    pub plugin_key: String,
    pub plugin_name: String,
    pub plugin_version: String,
    pub digest: Digest,
    pub enabled: bool,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    pub position: i64,
    pub on_failure: OnFailure,
    pub created_at: Timestamp,
    pub version: i64,
    /// The version that a roll-back returns to.
    #[serde(default)]
    pub previous_version: Option<String>,
}

impl Installation {
    #[must_use]
    pub fn view(&self) -> InstallationView {
        InstallationView {
            id: self.id,
            plugin_id: self.plugin_id,
            plugin_key: self.plugin_key.clone(),
            plugin_name: self.plugin_name.clone(),
            plugin_version: self.plugin_version.clone(),
            digest: self.digest,
            enabled: self.enabled,
            hooks: self.hooks.clone(),
            capabilities: self.capabilities.clone(),
            position: self.position,
            on_failure: self.on_failure,
            created_at: self.created_at,
            version: self.version,
            previous_version: self.previous.as_ref().map(|it| it.plugin_version.clone()),
        }
    }
}

/// A hook of an installation that is not asked for a while, as it failed too often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerOpening {
    pub installation_id: InstallationId,
    pub plugin_name: String,
    pub hook: Hook,
    /// Then one call is tried.
    pub until: Timestamp,
    /// Of the last failure: its stable word, and a sentence.
    pub code: String,
    pub detail: String,
}

/// Failures of one kind of one hook, told as one row: a plugin that fails at
/// every call must not fill the database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginFailure {
    pub installation_id: InstallationId,
    pub hook: Hook,
    /// Stable words, such as `trapped`, `cpu_exceeded`.
    pub code: String,
    /// The latest in words.
    pub detail: String,
    pub conversation_id: Option<ConversationId>,
    pub count: i64,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = Digest([0xa7; 32]);
        let text = digest.to_string();
        assert_eq!(text.parse(), Ok(digest));
        for wrong in [
            "",
            &text[1..],
            &text.to_uppercase(),
            &text[..70],
            "sha256:zz",
        ] {
            assert_eq!(wrong.parse::<Digest>(), Err(BadDigest), "{wrong}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for hook in Hook::ALL {
            assert_eq!(Hook::parse(hook.as_str()), Some(hook));
        }
        for capability in Capability::ALL {
            assert_eq!(Capability::parse(capability.as_str()), Some(capability));
        }
        for one in OnFailure::ALL {
            assert_eq!(OnFailure::parse(one.as_str()), Some(one));
        }
    }
}
