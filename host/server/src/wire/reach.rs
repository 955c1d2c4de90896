//! What plugins say of the outside, and their secrets, on the wire.

use deskbell_domain::reach;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::id;

/// What a plugin's capabilities are limited to.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CapabilitySettings {
    pub http: Hosts,
}

/// Some hosts of the outside.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Hosts {
    /// `api.example.com`, or `*.example.com` for one label in front.
    #[schema(example = json!(["api.example.com"]))]
    pub hosts: Vec<String>,
    /// JSON pointers into the configuration, each to a URL whose host is meant.
    #[schema(example = json!(["/api_url"]))]
    pub hosts_from_config: Vec<String>,
}

impl From<reach::CapabilitySettings> for CapabilitySettings {
    fn from(settings: reach::CapabilitySettings) -> Self {
        let reach::CapabilitySettings { http } = settings;
        Self { http: http.into() }
    }
}

impl From<reach::Hosts> for Hosts {
    fn from(hosts: reach::Hosts) -> Self {
        let reach::Hosts {
            hosts,
            hosts_from_config,
        } = hosts;
        Self {
            hosts: hosts.iter().map(ToString::to_string).collect(),
            hosts_from_config,
        }
    }
}

/// A secret a plugin asks for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SecretSettings {
    pub title: String,
    pub description: String,
    /// Where it may be sent.
    pub to: Hosts,
    /// Where it stands in a request, `header` or `query`; or in none: `signature` is
    /// signed with, and with `webhook` is checked what comes in.
    #[schema(example = "header")]
    pub placement: String,
    /// Whether the desk gets OAuth 2.0 tokens with it and sends those in its place.
    pub oauth2: bool,
}

impl From<reach::SecretSettings> for SecretSettings {
    fn from(settings: reach::SecretSettings) -> Self {
        let reach::SecretSettings {
            title,
            description,
            to,
            placement,
            oauth2,
        } = settings;
        let placement = match placement {
            reach::Placement::Header { .. } => "header",
            reach::Placement::Query { .. } => "query",
            reach::Placement::Signature => "signature",
            reach::Placement::Webhook => "webhook",
        };
        Self {
            title,
            description,
            to: to.into(),
            placement: placement.to_owned(),
            oauth2: oauth2.is_some(),
        }
    }
}

/// A secret of an installation: whether it is there, never what it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Secret {
    #[schema(example = "api_key")]
    pub name: String,
    pub title: String,
    pub description: String,
    /// Where it goes under the present configuration.
    pub hosts: Vec<String>,
    /// Whether the desk gets OAuth 2.0 tokens with it and sends those in its place.
    pub oauth2: bool,
    /// Whether one was entered.
    pub set: bool,
    #[schema(value_type = Option<id::Timestamp>)]
    pub updated_at: Option<deskbell_domain::Timestamp>,
}

impl From<reach::SecretView> for Secret {
    fn from(view: reach::SecretView) -> Self {
        let reach::SecretView {
            name,
            title,
            description,
            hosts,
            oauth2,
            set,
            updated_at,
        } = view;
        Self {
            name,
            title,
            description,
            hosts,
            oauth2,
            set,
            updated_at,
        }
    }
}

/// A secret's value, on its one way in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecret {
    #[schema(min_length = 1, max_length = 8192)]
    pub value: String,
}

/// A key that a plugin keeps. Its value is the plugin's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptKey {
    #[schema(example = "greeted")]
    pub key: String,
    /// Of the value.
    pub bytes: i64,
    #[schema(value_type = id::Timestamp)]
    pub updated_at: deskbell_domain::Timestamp,
}

/// Which keys.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct KeysQuery {
    /// Keys that begin so.
    pub prefix: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}
