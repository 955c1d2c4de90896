//! Putting the sources of settings together.
//!
//! A variable is read as what its setting is, never guessed: a password of digits
//! stays text, and a number that is none is refused by its variable's name.

use std::collections::BTreeMap;
use std::path::Path;

use figment::Figment;
use figment::providers::{Format, Serialized, Toml};
use serde_json::{Map, Value};

use super::Config;
use super::check::Wrong;

const PREFIX: &str = "DESKBELL_";
const FILE: &str = "deskbell.toml";

/// Ours, but no settings.
const OTHERS: [&str; 3] = ["DESKBELL_CONFIG", "DESKBELL_FAULT", "DESKBELL_KILLS"];
/// Set by the test command and by container platforms.
const OTHER_PREFIXES: [&str; 3] = ["DESKBELL_TEST_", "DESKBELL_SERVICE_", "DESKBELL_PORT"];

pub(super) fn read(environment: &BTreeMap<String, String>) -> Result<Config, Wrong> {
    let named = environment.get("DESKBELL_CONFIG").filter(|p| !p.is_empty());
    let file = named.map_or(FILE, String::as_str);
    if named.is_some() && !Path::new(file).is_file() {
        return Err(Wrong::new(
            "DESKBELL_CONFIG",
            format!("there is no file {file}"),
        ));
    }
    let mut sources = Figment::from(Serialized::defaults(Config::default()));
    if Path::new(file).is_file() {
        sources = sources.merge(Toml::file_exact(file));
    }
    let mut config: Config = sources
        .merge(Serialized::defaults(variables(environment)?))
        .extract()
        .map_err(|error| Wrong::in_sources(error, file))?;
    config.database_url = secret(
        "database_url",
        &config.database_url,
        &config.database_url_file,
    )?;
    config.redis_url = secret("redis_url", &config.redis_url, &config.redis_url_file)?;
    Ok(config)
}

pub(super) fn unknown(environment: &BTreeMap<String, String>) -> Vec<String> {
    let known = paths(&defaults());
    let foreign = |name: &str| {
        OTHERS.contains(&name) || OTHER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    environment
        .keys()
        .filter(|name| name.starts_with(PREFIX) && !foreign(name))
        .filter(|name| !known.iter().any(|path| variable(path) == **name))
        .cloned()
        .collect()
}

/// The environment's settings, nested as the structs are.
fn variables(environment: &BTreeMap<String, String>) -> Result<Map<String, Value>, Wrong> {
    let defaults = defaults();
    let mut nested = Map::new();
    for path in paths(&defaults) {
        let name = variable(&path);
        let Some(text) = environment.get(&name) else {
            continue;
        };
        let (parent, key) = path.split_once('.').unwrap_or(("", &path));
        let default = match parent {
            "" => &defaults[key],
            section => &defaults[section][key],
        };
        let value = typed(&name, text, default)?;
        let place = match parent {
            "" => &mut nested,
            section => nested
                .entry(section)
                .or_insert_with(|| Value::Object(Map::new()))
                .as_object_mut()
                .ok_or_else(|| Wrong::new(&name, "has no place".to_owned()))?,
        };
        place.insert(key.to_owned(), value);
    }
    Ok(nested)
}

/// The text as what the default is.
fn typed(name: &str, text: &str, default: &Value) -> Result<Value, Wrong> {
    match default {
        Value::Bool(_) => match text {
            "true" | "1" => Ok(Value::Bool(true)),
            "false" | "0" => Ok(Value::Bool(false)),
            _ => Err(Wrong::new(
                name,
                format!("{text:?} is neither true nor false"),
            )),
        },
        Value::Number(_) => text
            .parse::<u64>()
            .map(Value::from)
            .map_err(|_| Wrong::new(name, format!("{text:?} is no whole number"))),
        Value::Array(_) => Ok(text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .collect()),
        _ => Ok(Value::String(text.to_owned())),
    }
}

fn defaults() -> Value {
    serde_json::to_value(Config::default()).unwrap_or_default()
}

/// `listen`, `log.format`, …
fn paths(value: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(section) => paths.extend(section.keys().map(|inner| format!("{key}.{inner}"))),
            None => paths.push(key.clone()),
        }
    }
    paths
}

fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "_").to_ascii_uppercase())
}

/// The setting itself, or what the file it names says.
fn secret(key: &str, value: &str, file: &str) -> Result<String, Wrong> {
    if file.is_empty() {
        return Ok(value.to_owned());
    }
    if !value.is_empty() {
        return Err(Wrong::new(key, format!("is set together with {key}_file")));
    }
    std::fs::read_to_string(file)
        .map(|text| text.trim().to_owned())
        .map_err(|error| {
            Wrong::new(
                &format!("{key}_file"),
                format!("cannot read {file}: {error}"),
            )
        })
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT_FILE;
    use super::*;

    #[test]
    fn the_default_file_has_the_structs_keys_and_values() {
        let file: Value = Figment::from(Toml::string(DEFAULT_FILE)).extract().unwrap();
        assert_eq!(paths(&file), paths(&defaults()));
        assert_eq!(file, defaults());
    }

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let nowhere = ("DESKBELL_CONFIG", "");
        let all = pairs.iter().chain([&nowhere]);
        all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    }

    #[test]
    fn a_variable_is_read_as_what_its_setting_is() {
        let config = read(&environment(&[
            ("DESKBELL_REDIS_PREFIX", "123"),
            ("DESKBELL_LIMITS_BODY_BYTES", "77"),
            ("DESKBELL_MIGRATE", "false"),
            ("DESKBELL_LOG_FORMAT", "json"),
            ("DESKBELL_TRUSTED_PROXIES", "10.0.0.1, ::1"),
        ]))
        .unwrap();
        assert_eq!(config.redis_prefix, "123");
        assert_eq!(config.limits.body_bytes, 77);
        assert!(!config.migrate);
        assert_eq!(config.log.format, super::super::LogFormat::Json);
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn what_is_wrong_names_the_variable() {
        let rows = [
            (
                "DESKBELL_LIMITS_BODY_BYTES",
                "many",
                "DESKBELL_LIMITS_BODY_BYTES",
            ),
            ("DESKBELL_MIGRATE", "maybe", "DESKBELL_MIGRATE"),
            ("DESKBELL_LOG_FORMAT", "xml", "log.format"),
            ("DESKBELL_TRUSTED_PROXIES", "here", "trusted_proxies"),
            ("DESKBELL_CONFIG", "/no/such/file", "DESKBELL_CONFIG"),
            (
                "DESKBELL_DATABASE_URL_FILE",
                "/no/such",
                "database_url_file",
            ),
        ];
        for (name, value, expected) in rows {
            let mut environment = environment(&[]);
            environment.insert(name.to_owned(), value.to_owned());
            let text = read(&environment).unwrap_err().to_string();
            assert!(text.contains(expected), "{name}: {text}");
            assert!(!text.contains('\n'), "{text}");
        }
    }

    #[test]
    fn a_typo_in_the_environment_is_seen() {
        let environment = environment(&[
            ("DESKBELL_LITSEN", "x"),
            ("DESKBELL_LISTEN", "x"),
            ("DESKBELL_TEST_POSTGRES", "x"),
            ("DESKBELL_SERVICE_HOST", "x"),
        ]);
        assert_eq!(unknown(&environment), ["DESKBELL_LITSEN"]);
    }
}
