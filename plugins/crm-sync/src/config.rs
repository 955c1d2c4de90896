//! What the admin filled in; the schema is in `deskbell.toml`.

use deskbell_plugin_api::{HookError, config};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Config {
    pub(crate) api_url: String,
    pub(crate) contact_link: String,
    pub(crate) deal_link: String,
    pub(crate) desk_url: String,
    pub(crate) write_notes: bool,
    pub(crate) verified_only: bool,
    pub(crate) note_key: String,
}

impl Config {
    pub(crate) fn read() -> Result<Self, HookError> {
        let mut config: Self = config::get()?;
        for url in [&mut config.api_url, &mut config.desk_url] {
            url.truncate(url.trim_end_matches('/').len());
        }
        Ok(config)
    }

    /// The address by which the CRM may be asked about somebody.
    pub(crate) fn address<'a>(&self, email: Option<&'a str>, verified: bool) -> Option<&'a str> {
        let email = email.map(str::trim).filter(|email| email.contains('@'));
        email.filter(|_| verified || !self.verified_only)
    }
}

/// A configured link with an id of the CRM in it.
pub(crate) fn link(pattern: &str, id: &str) -> Option<String> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (!pattern.is_empty() && plain).then(|| pattern.replace("{id}", id))
}
