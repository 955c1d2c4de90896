//! Webhooks: where another system tells a plugin of something, and how the desk
//! knows that it was that system. What is checked is said in the manifest; the
//! checking itself is the app's.

use serde::{Deserialize, Serialize};

use crate::id::ConversationId;
use crate::integration::Effect;

/// Webhooks one manifest may list.
pub const MOST_WEBHOOKS: usize = 8;
/// Headers a plugin may be shown of a request.
pub const MOST_HEADERS: usize = 16;
/// Of a request's body.
pub const BODY_BYTES: usize = 256 * 1024;
/// Of each header that is shown, and of a delivery's id.
pub const HEADER_BYTES: usize = 1_024;
/// How old a signed timestamp may be, if nothing else is said, and at most.
pub const TOLERANCE_S: u32 = 300;
pub const MOST_TOLERANCE_S: u32 = 3_600;

/// `[webhooks.NAME]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// The last step of its address.
    pub path: String,
    /// Headers the plugin is shown, in lower case.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The header that tells deliveries apart: one that comes again is not taken again.
    #[serde(default)]
    pub delivery_id: Option<String>,
    pub verify: Recipe,
}

/// How a request proves where it is from. There is none without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub scheme: Scheme,
    /// The header with the signature or the token, in lower case.
    pub header: String,
    /// The name of a secret of the manifest that is for webhooks.
    pub secret: String,
    /// What stands before it in the header.
    #[serde(default)]
    pub prefix: String,
    /// Of a signature.
    #[serde(default)]
    pub encoding: Encoding,
    /// A header with the seconds since 1970: then `{timestamp}.{body}` is signed.
    #[serde(default)]
    pub timestamp_header: Option<String>,
    /// How far that time may be from ours, in seconds.
    #[serde(default = "tolerance")]
    pub tolerance_s: u32,
}

const fn tolerance() -> u32 {
    TOLERANCE_S
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// The body is signed with the secret.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// The secret itself comes along.
    #[serde(rename = "token")]
    Token,
}

impl Scheme {
    pub const ALL: [Self; 2] = [Self::HmacSha256, Self::Token];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::Token => "token",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    #[default]
    Hex,
    Base64,
}

impl Encoding {
    pub const ALL: [Self; 2] = [Self::Hex, Self::Base64];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// Something a plugin wants done about a delivery, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub conversation: ConversationId,
    pub effect: Effect,
}

/// In words, for whoever grants it.
impl WebhookSettings {
    #[must_use]
    pub fn words(&self) -> String {
        let recipe = &self.verify;
        let (header, secret) = (&recipe.header, &recipe.secret);
        match recipe.scheme {
            Scheme::HmacSha256 => {
                let time = recipe.timestamp_header.as_ref();
                let time = time.map_or_else(
                    || "whenever it was".to_owned(),
                    |it| format!("at most {} s from the time in {it}", recipe.tolerance_s),
                );
                format!("signed with the secret {secret}, in the header {header}, {time}")
            }
            Scheme::Token => format!("with the secret {secret} in the header {header}"),
        }
    }
}
