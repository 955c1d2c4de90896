//! What an admin fills in; `deskbell.toml` has the schema and the defaults.

use deskbell_plugin_api::{HookError, config};
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Config {
    pub(crate) greeting: String,
    pub(crate) question: String,
    #[serde(default)]
    pub(crate) categories: Vec<Category>,
    pub(crate) order_attribute: String,
    #[serde(default)]
    pub(crate) faq: Vec<Entry>,
}

#[derive(Deserialize)]
pub(crate) struct Category {
    pub(crate) id: String,
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) asks_order: bool,
    pub(crate) team_id: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Entry {
    pub(crate) words: Vec<String>,
    pub(crate) answer: String,
}

/// The configuration, if the bot can work with it.
pub(crate) fn get() -> Result<Config, HookError> {
    let config: Config = config::get()?;
    for (index, category) in config.categories.iter().enumerate() {
        let twice = |other: &Category| other.id == category.id;
        if config.categories[..index].iter().any(twice) {
            let text = format!("two categories are called {}", category.id);
            return Err(HookError::InvalidConfig(text));
        }
    }
    Ok(config)
}
