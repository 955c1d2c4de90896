//! Plugins, their files, their installations and what went wrong, on the wire.

use std::collections::BTreeMap;

use deskbell_app::admin::installations as app;
use deskbell_app::admin::plugins as admin;
use deskbell_app::plugins;
use deskbell_domain::plugin;
use deskbell_domain::{ConversationId, InstallationId, PluginId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use super::id;
use super::limits::CallLimits;
use super::mirror::{mirror, mirror_words};
use super::plugin_operation::Breaker;
use super::reach::{CapabilitySettings, SecretSettings};
use super::recording::RecordingPatch;
use super::webhook::WebhookSettings;

mirror_words! {
    /// An extension point: where the desk asks a plugin.
    Hook of plugin::Hook {
        /// Who gets a conversation.
        Routing,
        /// Values for variables in canned responses.
        Variables,
        /// What people write, before it is stored.
        Filter,
        /// Talks to visitors before people do.
        Bot,
        /// Hears of what happened, to tell other systems.
        Events,
        /// Shows what other systems know, beside a chat.
        Context,
        /// Is told of something by other systems.
        Webhook,
        /// Looks at its own configuration, and hears of an upgrade. Always granted.
        Lifecycle,
    }

    /// What becomes of what people write when a filter gives no usable answer.
    OnFailure of plugin::OnFailure {
        /// It is stored as it is, with a mark for the desk.
        Pass,
        /// It waits until a filter has seen it.
        Hold,
    }

    /// What a plugin may reach beyond its own memory, log and configuration.
    Capability of plugin::Capability {
        /// Read agents and teams of the tenant by id.
        Directory,
        /// Ask services outside, at the hosts the manifest names.
        Http,
        /// Keep values of its own from call to call.
        Kv,
        /// Chance, digests, and signatures under secrets it does not see.
        Crypto,
    }

    /// Where a plugin's file came from.
    Source of plugin::Source { Upload, Catalogue }
}

pub(super) fn all<A, B: From<A>>(items: Vec<A>) -> Vec<B> {
    items.into_iter().map(Into::into).collect()
}

mirror! {
    /// A plugin the tenant has, as its latest version describes it.
    Plugin of plugin::Plugin {
        #[schema(value_type = id::PluginId)]
        id: PluginId,
        /// The manifest's `id`.
        #[schema(example = "skills-router")]
        key: String,
        name: String,
        publisher: String,
        description: String,
        source: Source = source.into(),
        #[schema(example = "1.4.0")]
        latest_version: String,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        version: i64,
    }
}

mirror! {
    /// One admitted file.
    PluginVersion of plugin::PluginVersion {
        #[schema(value_type = id::PluginId)]
        plugin_id: PluginId,
        #[schema(example = "1.4.0")]
        plugin_version: String,
        /// SHA-256 of the file.
        digest: String = digest.to_string(),
        /// Of the file, in bytes.
        size: i64,
        manifest: Manifest = manifest.into(),
        /// What it does, read from the file's exports.
        hooks: Vec<Hook> = all(hooks),
        /// What it cannot start without, read from the file's imports.
        capabilities: Vec<Capability> = all(capabilities),
        variables: Vec<VariableDefinition> = all(variables),
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
    }
}

mirror! {
    /// What a plugin's file says of itself.
    Manifest of plugin::Manifest {
        id: String,
        name: String,
        version: String,
        publisher: String,
        license: Option<String>,
        description: String,
        hooks: BTreeMap<String, HookSettings> = hooks
            .into_iter()
            .map(|(hook, settings)| (hook.as_str().to_owned(), settings.into()))
            .collect(),
        /// JSON Schema of the configuration; empty means there is none.
        #[schema(value_type = std::collections::HashMap<String, Value>)]
        config: Map<String, Value>,
        /// What its capabilities are limited to.
        capabilities: CapabilitySettings = capabilities.into(),
        /// What an admin enters and no plugin sees, by name.
        secrets: BTreeMap<String, SecretSettings> = secrets
            .into_iter()
            .map(|(name, settings)| (name, settings.into()))
            .collect(),
        /// Where other systems tell it something, by name.
        webhooks: BTreeMap<String, WebhookSettings> = webhooks
            .into_iter()
            .map(|(name, settings)| (name, settings.into()))
            .collect(),
    }
}

mirror! {
    HookSettings of plugin::HookSettings {
        timeout_ms: Option<u32>,
        /// What the author suggests; for `filter` only.
        on_failure: Option<OnFailure> = on_failure.map(Into::into),
        /// What it wants to hear of; for `events` only. Null: everything.
        types: Option<Vec<String>>,
    }
}

mirror! {
    VariableDefinition of plugin::VariableDefinition {
        #[schema(example = "order.status")]
        name: String,
        description: String,
    }
}

/// A plugin at work: a version with grants and configuration.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Installation {
    #[schema(value_type = id::InstallationId)]
    pub id: InstallationId,
    #[schema(value_type = id::PluginId)]
    pub plugin_id: PluginId,
    pub plugin_key: String,
    pub plugin_name: String,
    pub plugin_version: String,
    /// The version that `rollback` returns to; null: there is none.
    pub previous_version: Option<String>,
    /// SHA-256 of the file.
    pub digest: String,
    /// A disabled one is never called.
    pub enabled: bool,
    /// What it may be called for.
    pub hooks: Vec<Hook>,
    /// What it may reach.
    pub capabilities: Vec<Capability>,
    /// Valid against the schema in the manifest, defaults filled in.
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub config: Map<String, Value>,
    /// What one call may use, where that is less than its hook's own limit.
    pub limits: CallLimits,
    /// Lower is asked first.
    pub position: i64,
    /// What follows when it does not filter.
    pub on_failure: OnFailure,
    /// By hook: whether it is asked, on the node that answers this.
    pub breaker: BTreeMap<String, Breaker>,
    #[schema(value_type = id::Timestamp)]
    pub created_at: Timestamp,
    pub version: i64,
    /// Until when its calls are recorded, on the node that answers this; null: they are
    /// not.
    #[schema(value_type = Option<id::Timestamp>)]
    pub recorded_until: Option<Timestamp>,
}

impl Installation {
    pub fn of(
        installation: plugin::Installation,
        breakers: BTreeMap<plugin::Hook, plugins::BreakerState>,
        recorded_until: Option<Timestamp>,
    ) -> Self {
        let plugin::Installation {
            id,
            plugin_id,
            plugin_key,
            plugin_name,
            plugin_version,
            digest,
            enabled,
            hooks,
            capabilities,
            config,
            limits,
            position,
            on_failure,
            created_at,
            version,
            previous,
        } = installation;
        let breaker =
            |(hook, state): (plugin::Hook, _)| (hook.as_str().to_owned(), Breaker::from(state));
        Self {
            id,
            plugin_id,
            plugin_key,
            plugin_name,
            plugin_version,
            previous_version: previous.map(|previous| previous.plugin_version),
            digest: digest.to_string(),
            enabled,
            hooks: all(hooks),
            capabilities: all(capabilities),
            config,
            limits: limits.into(),
            position,
            on_failure: on_failure.into(),
            breaker: breakers.into_iter().map(breaker).collect(),
            created_at,
            version,
            recorded_until,
        }
    }
}

mirror! {
    /// An installation without its configuration, which is for admins.
    InstallationSummary of plugin::InstallationView {
        #[schema(value_type = id::InstallationId)]
        id: InstallationId,
        #[schema(value_type = id::PluginId)]
        plugin_id: PluginId,
        plugin_key: String,
        plugin_name: String,
        plugin_version: String,
        digest: String = digest.to_string(),
        enabled: bool,
        hooks: Vec<Hook> = all(hooks),
        capabilities: Vec<Capability> = all(capabilities),
        position: i64,
        /// What follows when it does not filter.
        on_failure: OnFailure = on_failure.into(),
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        version: i64,
        /// The version that a roll-back returns to.
        previous_version: Option<String>,
    }
}

mirror! {
    /// All failures of one kind of one hook.
    PluginFailure of plugin::PluginFailure {
        #[schema(value_type = id::InstallationId)]
        installation_id: InstallationId,
        hook: Hook = hook.into(),
        /// A stable word, such as `cpu_exceeded`.
        #[schema(example = "cpu_exceeded")]
        code: String,
        /// The latest in words.
        detail: String,
        /// The latest.
        #[schema(value_type = Option<id::ConversationId>)]
        conversation_id: Option<ConversationId>,
        count: i64,
        #[schema(value_type = id::Timestamp)]
        first_at: Timestamp,
        #[schema(value_type = id::Timestamp)]
        last_at: Timestamp,
    }
}

/// A plugin that comes with Deskbell.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CatalogueEntry {
    /// What `POST /plugins` takes as `catalogue`.
    #[schema(example = "skills-router")]
    pub key: String,
    pub name: String,
    pub version: String,
    pub publisher: String,
    pub description: String,
    pub hooks: Vec<Hook>,
    pub capabilities: Vec<Capability>,
    /// SHA-256 of the file.
    pub digest: String,
    /// Whether the tenant has this very file.
    pub uploaded: bool,
}

/// A plugin's file, as bytes.
pub struct PluginFile;

impl PartialSchema for PluginFile {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("A WebAssembly component with its manifest inside."))
            .into()
    }
}

impl ToSchema for PluginFile {
    fn name() -> std::borrow::Cow<'static, str> {
        "PluginFile".into()
    }
}

/// Takes a plugin out of the catalogue.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakePlugin {
    /// A `key` of the catalogue.
    #[schema(min_length = 1, max_length = 64)]
    pub catalogue: String,
}

/// A plugin and the version that was uploaded.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadedPlugin {
    pub plugin: Plugin,
    pub plugin_version: PluginVersion,
}

impl From<admin::Uploaded> for UploadedPlugin {
    fn from(uploaded: admin::Uploaded) -> Self {
        Self {
            plugin: uploaded.plugin.into(),
            plugin_version: uploaded.plugin_version.into(),
        }
    }
}

/// Puts a plugin to work. What is not granted, it does not get.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInstallation {
    #[schema(value_type = id::PluginId)]
    pub plugin_id: PluginId,
    /// The latest, unless said.
    pub plugin_version: Option<String>,
    /// What it may be called for, of what it does.
    pub hooks: Vec<Hook>,
    /// What it may reach. Everything it imports must be granted.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    #[serde(default)]
    #[schema(value_type = std::collections::HashMap<String, Value>)]
    pub config: Map<String, Value>,
    /// True, unless said.
    pub enabled: Option<bool>,
}

impl NewInstallation {
    pub fn into_app(self) -> app::NewInstallation {
        let Self {
            plugin_id,
            plugin_version,
            hooks,
            capabilities,
            config,
            enabled,
        } = self;
        app::NewInstallation {
            plugin_id,
            plugin_version,
            hooks: all(hooks),
            capabilities: all(capabilities),
            config,
            enabled: enabled.unwrap_or(true),
        }
    }
}

/// What is left out stays as it is; `config` is replaced as a whole.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstallationPatch {
    pub hooks: Option<Vec<Hook>>,
    pub capabilities: Option<Vec<Capability>>,
    #[schema(value_type = Option<std::collections::HashMap<String, Value>>)]
    pub config: Option<Map<String, Value>>,
    /// Replaced as a whole: what is left out is the hook's own limit again.
    pub limits: Option<CallLimits>,
    #[schema(minimum = 0, maximum = 1000)]
    pub position: Option<i64>,
    /// For an installation that filters.
    pub on_failure: Option<OnFailure>,
    pub enabled: Option<bool>,
    /// Records its next calls, for the plugin's author.
    pub recording: Option<RecordingPatch>,
}

impl InstallationPatch {
    pub fn into_app(self, if_version: Option<i64>) -> app::InstallationPatch {
        let Self {
            hooks,
            capabilities,
            config,
            limits,
            position,
            on_failure,
            enabled,
            // Done by the handler.
            recording: _,
        } = self;
        app::InstallationPatch {
            hooks: hooks.map(all),
            capabilities: capabilities.map(all),
            config,
            limits: limits.map(Into::into),
            position,
            on_failure: on_failure.map(Into::into),
            enabled,
            if_version,
        }
    }
}

/// A variable one can write into a canned response.
#[derive(Debug, Serialize, ToSchema)]
pub struct Variable {
    #[schema(example = "order.status")]
    pub name: String,
    pub description: String,
    /// The plugin that fills it in; null is Deskbell itself.
    pub plugin_name: Option<String>,
    #[schema(value_type = Option<id::InstallationId>)]
    pub installation_id: Option<InstallationId>,
}

impl From<plugins::Variable> for Variable {
    fn from(variable: plugins::Variable) -> Self {
        let (installation_id, plugin_name) = variable.plugin.unzip();
        Self {
            name: variable.name,
            description: variable.description,
            plugin_name,
            installation_id,
        }
    }
}
