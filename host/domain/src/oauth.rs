//! Secrets that are not sent themselves: the desk gets tokens with them and sends
//! those (OAuth 2.0 client credentials, RFC 6749, 4.4), as a manifest says it.
//!
//! Plain values. Who asks for a token, and how long it is kept, is the app's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::reach::at;

/// `[secrets.NAME.oauth2]`: the secret is the client's, and this is the rest of
/// what a token endpoint wants to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCredentials {
    /// The token endpoint. Its host is among the secret's.
    pub token_url: Setting,
    pub client_id: Setting,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Setting>,
    #[serde(default)]
    pub client_auth: ClientAuth,
}

/// A text, as it is in the manifest or as an admin enters it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    Text(String),
    /// A JSON pointer into the configuration.
    Config {
        config: String,
    },
}

/// How a client says who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// In the header `Authorization`, as every endpoint must take it.
    #[default]
    Basic,
    /// In the body, as some want it.
    Body,
}

impl Setting {
    /// The text under this configuration. An empty one is none.
    #[must_use]
    pub fn under(&self, config: &Map<String, Value>) -> Option<String> {
        let text = match self {
            Self::Text(text) => text.as_str(),
            Self::Config { config: pointer } => at(config, pointer)?.as_str()?,
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// In words, for whoever has to fill it in.
    #[must_use]
    pub fn pointer(&self) -> Option<&str> {
        match self {
            Self::Text(_) => None,
            Self::Config { config } => Some(config),
        }
    }
}

impl ClientAuth {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "basic" => Some(Self::Basic),
            "body" => Some(Self::Body),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_setting_is_a_text_or_leads_to_one() {
        let config = json!({ "crm": { "client": " abc " }, "empty": " ", "number": 7 });
        let config = config.as_object().unwrap();
        let leads = |to: &str| {
            Setting::Config {
                config: to.to_owned(),
            }
            .under(config)
        };
        assert_eq!(leads("/crm/client").as_deref(), Some("abc"));
        assert_eq!(leads("/empty"), None);
        assert_eq!(leads("/number"), None);
        assert_eq!(leads("/gone"), None);
        let text = Setting::Text("abc".to_owned());
        assert_eq!(text.under(config).as_deref(), Some("abc"));
        let both: Vec<Setting> =
            serde_json::from_value(json!(["abc", { "config": "/a" }])).unwrap();
        assert_eq!((both[0].pointer(), both[1].pointer()), (None, Some("/a")));
    }
}
