//! The plugin `pii-filter`: masks private data before it is stored.
//!
//! What is looked for is in `cards.rs`, `presets.rs` and the configuration; how it
//! is masked in `mask.rs`; `check.rs` looks at a configuration before it is stored.
//! Nothing of what people wrote goes into the log, an error or a reason: all of these
//! are kept.

mod cards;
mod check;
mod digits;
mod mask;
mod presets;
#[cfg(test)]
mod tests;

use std::ops::Range;

use deskbell_plugin_api::filter::{Decision, Field, Request};
use deskbell_plugin_api::{Call, Filter, HookError, config, export_filter};
use regex_lite::Regex;
use serde::Deserialize;

/// As the manifest's schema has it, defaults included.
#[derive(Deserialize)]
struct Config {
    cards: bool,
    presets: Vec<Preset>,
    patterns: Vec<String>,
    mask: String,
    directions: Vec<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Preset {
    Email,
    Phone,
    Iban,
}

/// Somebody asked for this address: it is no slip.
const ADDRESS: &str = "form.email";

struct PiiFilter;

impl Filter for PiiFilter {
    fn filter(_: &Call, request: Request) -> Result<Decision, HookError> {
        let config: Config = config::get()?;
        let direction = request.direction.as_str();
        if !config.directions.iter().any(|it| it == direction) {
            return Ok(Decision::allow());
        }
        let patterns = compiled(&config.patterns)?;
        let mut masked = Vec::new();
        for field in request.fields {
            let found = find(&config, &patterns, &field);
            if found.is_empty() {
                continue;
            }
            // A masked address is no address; without one the form is still good.
            let text = match field.name.as_str() {
                ADDRESS => String::new(),
                _ => mask::masked(&field.text, found, &config.mask),
            };
            masked.push(Field::new(field.name, text));
        }
        Ok(Decision::rewrite(masked))
    }
}

fn find(config: &Config, patterns: &[Regex], field: &Field) -> Vec<Range<usize>> {
    let text = field.text.as_str();
    let mut found = Vec::new();
    if config.cards {
        cards::find(text, &mut found);
    }
    for preset in &config.presets {
        match preset {
            Preset::Email if field.name == ADDRESS => {}
            Preset::Email => presets::emails(text, &mut found),
            Preset::Phone => presets::phones(text, &mut found),
            Preset::Iban => presets::ibans(text, &mut found),
        }
    }
    for pattern in patterns {
        let matches = pattern.find_iter(text).map(|one| one.range());
        found.extend(matches.filter(|range| !range.is_empty()));
    }
    found
}

fn compiled(patterns: &[String]) -> Result<Vec<Regex>, HookError> {
    let compile = |(at, pattern): (usize, &String)| {
        Regex::new(pattern).map_err(|error| {
            HookError::InvalidConfig(format!("pattern {} is not right: {error}", at + 1))
        })
    };
    patterns.iter().enumerate().map(compile).collect()
}

export_filter!(PiiFilter);
