//! Who may ask: a client that has a token, and how it gets one.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::json;

use super::wire::{Answer, Asked};

pub const CLIENT_ID: &str = "deskbell";
pub const CLIENT_SECRET: &str = "canary-client-secret-7";

pub(super) struct Access {
    /// Until when each is taken.
    given: BTreeMap<String, Instant>,
    pub(super) refusing: Option<u16>,
    /// In seconds.
    pub(super) life: u64,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            given: BTreeMap::new(),
            refusing: None,
            life: 1_800,
        }
    }
}

impl Access {
    /// What the token endpoint says. Client id and secret stand in the body.
    pub(super) fn grant(&mut self, asked: &Asked) -> Answer {
        let sent: BTreeMap<&str, &str> = asked
            .body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let is = |name: &str, wanted: &str| sent.get(name) == Some(&wanted);
        if let Some(status) = self.refusing {
            let what = sent.get("client_secret").copied().unwrap_or_default();
            return Answer::of(
                status,
                // As careless as some are.
                json!({ "error": "invalid_client", "error_description": format!("no such secret: {what}") }),
            );
        }
        if !is("grant_type", "client_credentials") {
            return Answer::of(400, json!({ "error": "unsupported_grant_type" }));
        }
        if !is("client_id", CLIENT_ID) || !is("client_secret", CLIENT_SECRET) {
            return Answer::of(401, json!({ "error": "invalid_client" }));
        }
        let token = format!("canary-token-{:04}", self.given.len() + 1);
        let until = Instant::now() + Duration::from_secs(self.life);
        self.given.insert(token.clone(), until);
        Answer::of(
            200,
            json!({ "access_token": token, "token_type": "bearer", "expires_in": self.life }),
        )
    }

    /// None: it may ask.
    pub(super) fn refusal(&self, asked: &Asked) -> Option<Answer> {
        let token = asked.header("authorization");
        let token = token.and_then(|value| value.strip_prefix("Bearer "));
        let until = token.and_then(|token| self.given.get(token));
        match until.is_some_and(|until| Instant::now() < *until) {
            true => None,
            false => Some(Self::unknown()),
        }
    }

    fn unknown() -> Answer {
        let words = "Authentication credentials not found. This API supports OAuth 2.0 \
                     authentication";
        Answer::problem(401, "INVALID_AUTHENTICATION", words)
    }

    pub(super) fn revoke(&mut self) {
        let now = Instant::now();
        self.given.values_mut().for_each(|until| *until = now);
    }

    pub(super) fn tokens(&self) -> Vec<String> {
        self.given.keys().cloned().collect()
    }
}
