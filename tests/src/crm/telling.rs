//! How the CRM tells others of what changed: a signed post, again until it is taken.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

/// What it signs with, as an admin enters it at the desk.
pub const WEBHOOK_KEY: &str = "canary-webhook-key-3";

/// One post, and what of it stands in its headers.
#[derive(Debug, Clone)]
pub struct Telling {
    pub body: String,
    pub headers: Vec<(&'static str, String)>,
}

impl Telling {
    /// That a deal's stage changed, signed at this time in seconds.
    #[must_use]
    pub fn of_deal(id: &str, stage: &str, delivery: &str, at: i64) -> Self {
        let id: u64 = id.parse().unwrap_or_default();
        let body = json!([{
            "eventId": 1, "subscriptionId": 12_345, "portalId": 62_515, "occurredAt": at * 1_000,
            "subscriptionType": "deal.propertyChange", "attemptNumber": 0, "objectId": id,
            "propertyName": "dealstage", "propertyValue": stage,
        }]);
        Self::signed(&body, delivery, at)
    }

    fn signed(body: &Value, delivery: &str, at: i64) -> Self {
        let body = body.to_string();
        let signature = sign(WEBHOOK_KEY, &format!("{at}.{body}"));
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-crm-delivery", delivery.to_owned()),
            ("x-crm-timestamp", at.to_string()),
            ("x-crm-signature", format!("sha256={signature}")),
        ];
        Self { body, headers }
    }
}

/// HMAC-SHA-256 in hex.
#[must_use]
pub fn sign(key: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, text.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
