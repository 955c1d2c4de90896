//! Reading a manifest, with every mistake named by its place.
//!
//! By hand and not by serde: whoever wrote it wants all mistakes at once, in
//! sentences, and a misspelt field to be refused.

mod field;
mod oauth;
mod reach;
mod webhooks;

use std::collections::BTreeMap;

use deskbell_domain::integration::EVENT_TYPES;
use deskbell_domain::plugin::{Hook, HookSettings, Manifest, OnFailure};
use deskbell_domain::refusal::FieldError;
use serde_json::Value;

use crate::component::manifest_sections;
use crate::schema;
use field::Fields;

/// The longest manifest that is taken.
pub const MANIFEST_BYTES: usize = 64 << 10;

/// A hook's deadline can be shortened to this and no further.
const LEAST_TIMEOUT_MS: u64 = 1;
const MOST_TIMEOUT_MS: u64 = 60_000;

/// The manifest inside a plugin file.
///
/// # Errors
///
/// There is none, there are two, or it is wrong.
pub fn read_manifest(file: &[u8]) -> Result<Manifest, Vec<FieldError>> {
    let sections = manifest_sections(file).map_err(|finding| vec![finding])?;
    let [manifest] = sections.as_slice() else {
        let detail = if sections.is_empty() {
            "The component holds no manifest. Make the file with `deskbell plugin build`."
        } else {
            "The component holds more than one manifest. Make the file with `deskbell plugin build`."
        };
        return Err(vec![FieldError::new(
            "/manifest",
            "manifest_missing",
            detail,
        )]);
    };
    let bytes = file.get(manifest.text.clone()).unwrap_or_default();
    match std::str::from_utf8(bytes) {
        Ok(text) => parse_manifest(text),
        Err(_) => Err(vec![FieldError::new(
            "/manifest",
            "manifest_unreadable",
            "The manifest is not UTF-8 text.",
        )]),
    }
}

/// The manifest in a text, such as a project's `deskbell.toml`.
///
/// # Errors
///
/// Every mistake in it.
pub fn parse_manifest(text: &str) -> Result<Manifest, Vec<FieldError>> {
    if text.len() > MANIFEST_BYTES {
        let detail = format!(
            "The manifest has {} bytes; {MANIFEST_BYTES} is the most.",
            text.len()
        );
        return Err(vec![FieldError::new(
            "/manifest",
            "manifest_too_large",
            detail,
        )]);
    }
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text
            .get(..at)
            .map_or(1, |before| before.matches('\n').count() + 1);
        let detail = format!("Line {line} is no TOML: {}.", error.message());
        vec![FieldError::new("/manifest", "manifest_unreadable", detail)]
    })?;
    let mut fields = Fields::of(table);
    let manifest = Manifest {
        id: fields.required("id"),
        name: fields.required("name"),
        version: fields.required("version"),
        publisher: fields.required("publisher"),
        license: fields.text("license"),
        description: fields.text("description").unwrap_or_default(),
        hooks: hooks(&mut fields),
        config: fields.table("config").unwrap_or_default(),
        capabilities: reach::capabilities(&mut fields),
        secrets: reach::secrets(&mut fields),
        webhooks: webhooks::webhooks(&mut fields),
    };
    fields.nothing_else();
    check(&manifest, &mut fields);
    let findings = fields.findings();
    if findings.is_empty() {
        Ok(manifest)
    } else {
        Err(findings)
    }
}

/// What the fields have to be like. A field that is missing was said already.
fn check(manifest: &Manifest, fields: &mut Fields) {
    let id = &manifest.id;
    let plain = id
        .bytes()
        .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
    let ends = id.starts_with(|c: char| c.is_ascii_lowercase()) && !id.ends_with('-');
    let right = plain && ends && (2..=64).contains(&id.len());
    if !id.is_empty() && !right {
        fields.wrong(
            "/id",
            "bad_id",
            "The id has 2 to 64 lower-case letters, digits and dashes, begins with a letter and does not end with a dash.",
        );
    }
    if !manifest.version.is_empty() && !three_numbers(&manifest.version) {
        fields.wrong(
            "/version",
            "bad_version",
            "The version is three numbers with dots between, as in 1.4.0.",
        );
    }
    fields.length("name", &manifest.name, 80);
    fields.length("publisher", &manifest.publisher, 80);
    fields.length(
        "license",
        manifest.license.as_deref().unwrap_or_default(),
        80,
    );
    fields.length("description", &manifest.description, 1000);
    reach::check_pointers(manifest, fields);
    webhooks::check_secrets(manifest, fields);
    if !manifest.config.is_empty() {
        for finding in schema::check(&manifest.config) {
            fields.found(finding);
        }
    }
}

fn three_numbers(version: &str) -> bool {
    let parts: Vec<&str> = version.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            let digits = part.bytes().all(|b| b.is_ascii_digit());
            digits && (1..=6).contains(&part.len()) && (*part == "0" || !part.starts_with('0'))
        })
}

fn hooks(fields: &mut Fields) -> BTreeMap<Hook, HookSettings> {
    let mut hooks = BTreeMap::new();
    for (name, settings) in fields.table("hooks").unwrap_or_default() {
        let Some(hook) = Hook::parse(&name) else {
            let known: Vec<&str> = Hook::ALL.iter().map(|hook| hook.as_str()).collect();
            let detail = format!(
                "There is no hook `{name}`. There are: {}.",
                known.join(", ")
            );
            fields.wrong(
                &format!("/hooks/{}", field::escaped(&name)),
                "unknown_hook",
                detail,
            );
            continue;
        };
        let at = format!("/hooks/{name}");
        let Value::Object(settings) = settings else {
            fields.wrong(&at, "wrong_type", "A hook's settings are a table.");
            continue;
        };
        let mut read = HookSettings::default();
        for (key, value) in settings {
            let at = format!("{at}/{}", field::escaped(&key));
            if key == "on_failure" && hook == Hook::Filter {
                read.on_failure = value.as_str().and_then(OnFailure::parse);
                if read.on_failure.is_none() {
                    let detail = "What follows a failure is \"pass\" or \"hold\".";
                    fields.wrong(&at, "out_of_range", detail);
                }
                continue;
            }
            if key == "types" && hook == Hook::Events {
                read.types = types(fields, &at, &value);
                continue;
            }
            if key != "timeout_ms" {
                fields.unknown(&at, &key);
                continue;
            }
            let milliseconds = value
                .as_u64()
                .filter(|ms| (LEAST_TIMEOUT_MS..=MOST_TIMEOUT_MS).contains(ms))
                .and_then(|ms| u32::try_from(ms).ok());
            if milliseconds.is_none() {
                let detail = format!(
                    "The timeout is a whole number of milliseconds from {LEAST_TIMEOUT_MS} to {MOST_TIMEOUT_MS}."
                );
                fields.wrong(&at, "out_of_range", detail);
            }
            read.timeout_ms = milliseconds;
        }
        hooks.insert(hook, read);
    }
    hooks
}

/// What a plugin wants to hear of: at least one type that there is.
fn types(fields: &mut Fields, at: &str, value: &Value) -> Option<Vec<String>> {
    let texts = value.as_array().map(|all| all.iter().map(Value::as_str));
    let texts: Option<Vec<&str>> = texts.and_then(Iterator::collect);
    let Some(texts) = texts.filter(|texts| !texts.is_empty()) else {
        let detail = "What it wants to hear of is a list of types, as in [\"message.created\"].";
        fields.wrong(at, "wrong_type", detail);
        return None;
    };
    for (index, text) in texts.iter().enumerate() {
        if !EVENT_TYPES.contains(text) {
            let detail = format!(
                "There is no event `{text}` for plugins. There are: {}.",
                EVENT_TYPES.join(", ")
            );
            fields.wrong(&format!("{at}/{index}"), "unknown_event", detail);
        }
    }
    Some(texts.into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests;
