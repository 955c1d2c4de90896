//! What a manifest says of the outside: the hosts its plugin asks, and the secrets
//! that go along.

use std::collections::BTreeMap;

use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::{
    CapabilitySettings, Hosts, MOST_HOSTS, MOST_SECRETS, Placement, SecretSettings,
};
use serde_json::{Map, Value};

use super::field::{Fields, escaped};
use super::oauth;

/// A secret's name is a word: it stands in paths and in code.
const LONGEST_NAME: usize = 64;
const LONGEST_TITLE: usize = 80;
const LONGEST_TEXT: usize = 1_000;

pub(super) fn capabilities(fields: &mut Fields) -> CapabilitySettings {
    let mut settings = CapabilitySettings::default();
    for (name, value) in fields.table("capabilities").unwrap_or_default() {
        let at = format!("/capabilities/{}", escaped(&name));
        if name != "http" {
            let detail = format!("There is nothing to say about `{name}` here. There is: http.");
            fields.wrong(&at, "unknown_field", detail);
            continue;
        }
        let Value::Object(mut table) = value else {
            let detail = "What http is limited to is a table, as in [capabilities.http].";
            fields.wrong(&at, "wrong_type", detail);
            continue;
        };
        settings.http = hosts(fields, &at, &mut table);
        nothing_else(fields, &at, &table, "hosts, hosts_from_config");
    }
    settings
}

pub(super) fn secrets(fields: &mut Fields) -> BTreeMap<String, SecretSettings> {
    let table = fields.table("secrets").unwrap_or_default();
    if table.len() > MOST_SECRETS {
        let detail = format!("A manifest has at most {MOST_SECRETS} secrets.");
        fields.wrong("/secrets", "too_many", detail);
    }
    let mut secrets = BTreeMap::new();
    for (name, value) in table {
        let at = format!("/secrets/{}", escaped(&name));
        let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || !name.bytes().all(plain) || name.len() > LONGEST_NAME {
            let detail = "A secret's name has lower-case letters, digits and _, at most 64.";
            fields.wrong(&at, "bad_id", detail);
            continue;
        }
        let Value::Object(table) = value else {
            let detail = "A secret is a table, as in [secrets.api_key].";
            fields.wrong(&at, "wrong_type", detail);
            continue;
        };
        if let Some(secret) = secret(fields, &at, table) {
            secrets.insert(name, secret);
        }
    }
    secrets
}

fn secret(fields: &mut Fields, at: &str, mut table: Map<String, Value>) -> Option<SecretSettings> {
    let title = text(fields, at, &mut table, "title", LONGEST_TITLE);
    if title.trim().is_empty() {
        let detail = "A secret needs a `title`: what the admin is asked for.";
        fields.wrong(&format!("{at}/title"), "required", detail);
    }
    let description = text(fields, at, &mut table, "description", LONGEST_TEXT);
    for (name, placement) in [
        ("sign", Placement::Signature),
        ("webhook", Placement::Webhook),
    ] {
        if is_for(fields, at, name, table.remove(name)) {
            nothing_else(fields, at, &table, &format!("title, description, {name}"));
            return Some(SecretSettings {
                title,
                description,
                to: Hosts::default(),
                placement,
                oauth2: None,
            });
        }
    }
    let to = hosts(fields, at, &mut table);
    let exchanged = table.remove("oauth2");
    let placement = match (table.remove("placement"), &exchanged) {
        (None, Some(_)) => Some(Placement::bearer()),
        (given, _) => placement(fields, at, given),
    };
    let oauth2 = exchanged.and_then(|it| oauth::client_credentials(fields, at, it, &to));
    let known = "title, description, hosts, hosts_from_config, placement, oauth2, sign, webhook";
    nothing_else(fields, at, &table, known);
    let placement = placement?;
    if to.is_empty() {
        let detail = "Name the hosts it may be sent to: `hosts`, or `hosts_from_config`.";
        fields.wrong(&format!("{at}/hosts"), "required", detail);
    }
    Some(SecretSettings {
        title,
        description,
        to,
        placement,
        oauth2,
    })
}

/// A secret to sign with goes nowhere, and one that goes somewhere signs nothing:
/// what a plugin has signed says something of the secret. Neither is one that webhooks
/// are checked with: the plugin could sign what then comes in.
fn is_for(fields: &mut Fields, at: &str, name: &str, value: Option<Value>) -> bool {
    match value {
        None => false,
        Some(Value::Bool(is)) => is,
        Some(_) => {
            let detail = format!("`{name}` is true or false.");
            fields.wrong(&format!("{at}/{name}"), "wrong_type", detail);
            false
        }
    }
}

fn hosts(fields: &mut Fields, at: &str, table: &mut Map<String, Value>) -> Hosts {
    let mut hosts = Hosts::default();
    for (index, name) in texts(fields, at, table, "hosts").into_iter().enumerate() {
        match name.parse() {
            Ok(pattern) => hosts.hosts.push(pattern),
            Err(wrong) => {
                let detail = format!("`{name}` is no host: {wrong}.");
                fields.wrong(&format!("{at}/hosts/{index}"), "bad_host", detail);
            }
        }
    }
    hosts.hosts_from_config = texts(fields, at, table, "hosts_from_config");
    if hosts.hosts.len() + hosts.hosts_from_config.len() > MOST_HOSTS {
        let detail = format!("At most {MOST_HOSTS} hosts.");
        fields.wrong(&format!("{at}/hosts"), "too_many", detail);
    }
    hosts
}

fn placement(fields: &mut Fields, at: &str, value: Option<Value>) -> Option<Placement> {
    let at = format!("{at}/placement");
    let placed = match &value {
        Some(Value::Object(table)) => in_request(table),
        _ => None,
    };
    if placed.is_none() {
        let detail = "The placement is { header = \"Authorization\", prefix = \"Bearer \" } \
                      or { query = \"key\" }.";
        fields.wrong(&at, "bad_placement", detail);
    }
    placed
}

fn in_request(table: &Map<String, Value>) -> Option<Placement> {
    let known = |name: &String| matches!(name.as_str(), "header" | "prefix" | "query");
    if !table.keys().all(known) {
        return None;
    }
    let word = |name: &str| table.get(name).map(|value| value.as_str());
    match (word("header"), word("prefix"), word("query")) {
        (Some(Some(name)), prefix, None) if is_token(name) && !is_ours(name) => {
            let prefix = prefix.unwrap_or(Some(""))?;
            let plain = prefix.bytes().all(|b| (0x20..0x7f).contains(&b));
            (plain && prefix.len() <= LONGEST_NAME).then(|| Placement::Header {
                name: name.to_owned(),
                prefix: prefix.to_owned(),
            })
        }
        (None, None, Some(Some(name))) if is_token(name) => Some(Placement::Query {
            name: name.to_owned(),
        }),
        _ => None,
    }
}

/// What may be a header's name, and is plain enough for a parameter's.
pub(super) fn is_token(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain)
}

/// Headers that say how the bytes travel are nobody's place for a secret.
fn is_ours(name: &str) -> bool {
    [
        "host",
        "connection",
        "content-length",
        "transfer-encoding",
        "accept-encoding",
        "upgrade",
    ]
    .contains(&name.to_ascii_lowercase().as_str())
}

fn text(
    fields: &mut Fields,
    at: &str,
    table: &mut Map<String, Value>,
    name: &str,
    most: usize,
) -> String {
    let at = format!("{at}/{name}");
    match table.remove(name) {
        None => String::new(),
        Some(Value::String(text))
            if text.chars().count() <= most && !text.chars().any(char::is_control) =>
        {
            text
        }
        Some(_) => {
            let detail = format!("`{name}` is a text of at most {most} characters.");
            fields.wrong(&at, "bad_text", detail);
            String::new()
        }
    }
}

pub(super) fn texts(
    fields: &mut Fields,
    at: &str,
    table: &mut Map<String, Value>,
    name: &str,
) -> Vec<String> {
    let words = match table.remove(name) {
        None => Some(Vec::new()),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect(),
        Some(_) => None,
    };
    words.unwrap_or_else(|| {
        let detail = format!("`{name}` is a list of texts.");
        fields.wrong(&format!("{at}/{name}"), "wrong_type", detail);
        Vec::new()
    })
}

pub(super) fn nothing_else(fields: &mut Fields, at: &str, table: &Map<String, Value>, known: &str) {
    for name in table.keys() {
        let detail = format!("There is no `{name}` here. There is: {known}.");
        fields.wrong(&format!("{at}/{}", escaped(name)), "unknown_field", detail);
    }
}

/// What comes from the configuration needs a setting to come from.
pub(super) fn check_pointers(manifest: &Manifest, fields: &mut Fields) {
    let mut all = Vec::new();
    let mut list = |at: &str, pointers: &[String]| {
        let at = format!("{at}/hosts_from_config");
        let each = pointers.iter().enumerate();
        all.extend(each.map(|(index, pointer)| (format!("{at}/{index}"), pointer.clone())));
    };
    list(
        "/capabilities/http",
        &manifest.capabilities.http.hosts_from_config,
    );
    for (name, secret) in &manifest.secrets {
        list(&format!("/secrets/{name}"), &secret.to.hosts_from_config);
    }
    for (name, secret) in &manifest.secrets {
        let said = secret.oauth2.iter().flat_map(oauth::pointers);
        let at = format!("/secrets/{name}/oauth2");
        all.extend(said.map(|(field, pointer)| (format!("{at}/{field}"), pointer)));
    }
    for (at, pointer) in all {
        if !leads_somewhere(manifest, &pointer) {
            let detail = format!(
                "`{pointer}` leads to no setting. Write a JSON pointer into [config], as in \"/api_url\"."
            );
            fields.wrong(&at, "bad_pointer", detail);
        }
    }
}

fn leads_somewhere(manifest: &Manifest, pointer: &str) -> bool {
    let first = pointer.strip_prefix('/').and_then(|p| p.split('/').next());
    let properties = manifest.config.get("properties");
    first.is_some_and(|name| {
        let name = name.replace("~1", "/").replace("~0", "~");
        properties.is_some_and(|properties| properties.get(&name).is_some())
    })
}
