//! Webhooks on the wire: what a manifest says of them, and their addresses.

use deskbell_app::admin::webhooks as app;
use deskbell_domain::webhook;
use serde::Serialize;
use utoipa::ToSchema;

use super::mirror::mirror;

/// Where every address of a webhook begins.
pub const BASE: &str = "/api/v1/hooks";

mirror! {
    /// Where another system tells a plugin something, as its manifest says.
    WebhookSettings of webhook::WebhookSettings {
        /// The last step of its address.
        #[schema(example = "deals")]
        path: String,
        /// Headers the plugin is shown, in lower case.
        headers: Vec<String>,
        /// The header that tells deliveries apart; null: each request is one.
        delivery_id: Option<String>,
        verify: Recipe = verify.into(),
    }
}

mirror! {
    /// How a request proves where it is from.
    Recipe of webhook::Recipe {
        /// `hmac-sha256`: the body is signed with the secret; `token`: the secret comes
        /// along.
        #[schema(example = "hmac-sha256")]
        scheme: String = scheme.as_str().to_owned(),
        /// The header with the signature or the token.
        #[schema(example = "x-signature")]
        header: String,
        /// Which of the plugin's secrets.
        secret: String,
        /// What stands before it in the header.
        #[schema(example = "sha256=")]
        prefix: String,
        /// Of a signature: `hex` or `base64`.
        #[schema(example = "hex")]
        encoding: String = encoding.as_str().to_owned(),
        /// A header with the seconds since 1970: then `{timestamp}.{body}` is signed.
        timestamp_header: Option<String>,
        /// How far that time may be from the server's, in seconds.
        tolerance_s: u32,
    }
}

/// Where posts of another system are taken.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WebhookAddress {
    /// Of the webhook, in the manifest.
    #[schema(example = "deals")]
    pub name: String,
    /// To be put behind the address of this server. Whoever knows it and the secret
    /// may post there.
    #[schema(example = "/api/v1/hooks/mYq0tq3cJ1xFQvW9Zb2uT4aNn5sLrE8d/deals")]
    pub path: String,
    pub settings: WebhookSettings,
    /// Whether the secret was entered. Until then nothing is taken.
    pub secret_set: bool,
    /// What came in, to any of the installation's webhooks, and was not dealt with yet.
    pub waiting: u64,
}

impl From<app::WebhookAddress> for WebhookAddress {
    fn from(address: app::WebhookAddress) -> Self {
        let app::WebhookAddress {
            name,
            key,
            settings,
            secret_set,
            waiting,
        } = address;
        Self {
            path: format!("{BASE}/{key}/{}", settings.path),
            name,
            settings: settings.into(),
            secret_set,
            waiting,
        }
    }
}
