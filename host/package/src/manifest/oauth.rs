//! `[secrets.NAME.oauth2]`: how the desk gets tokens with a secret.
//!
//! The secret goes to the token endpoint, so that endpoint must be among the hosts
//! the secret may be sent to: an admin who reads the list reads all of it.

use deskbell_domain::oauth::{ClientAuth, ClientCredentials, Setting};
use deskbell_domain::reach::{HostPattern, Hosts};
use serde_json::{Map, Value};

use super::field::Fields;
use super::reach::nothing_else;

const LONGEST: usize = 500;

/// None: it was told what is wrong.
pub(super) fn client_credentials(
    fields: &mut Fields,
    at: &str,
    value: Value,
    to: &Hosts,
) -> Option<ClientCredentials> {
    let at = format!("{at}/oauth2");
    let Value::Object(mut table) = value else {
        let detail = "How tokens are got is a table, as in [secrets.client_secret.oauth2].";
        fields.wrong(&at, "wrong_type", detail);
        return None;
    };
    let token_url = setting(fields, &at, &mut table, "token_url");
    let client_id = setting(fields, &at, &mut table, "client_id");
    let scope = match table.contains_key("scope") {
        true => setting(fields, &at, &mut table, "scope").map(Some),
        false => Some(None),
    };
    let client_auth = client_auth(fields, &at, table.remove("client_auth"));
    nothing_else(
        fields,
        &at,
        &table,
        "token_url, client_id, scope, client_auth",
    );
    let token_url = token_url?;
    is_listed(fields, &format!("{at}/token_url"), &token_url, to)?;
    Some(ClientCredentials {
        token_url,
        client_id: client_id?,
        scope: scope?,
        client_auth: client_auth?,
    })
}

/// What of it is to come from the configuration, by field.
pub(super) fn pointers(
    declared: &ClientCredentials,
) -> impl Iterator<Item = (&'static str, String)> + use<> {
    let all = [
        ("token_url", Some(&declared.token_url)),
        ("client_id", Some(&declared.client_id)),
        ("scope", declared.scope.as_ref()),
    ];
    all.map(|(field, setting)| Some((field, setting?.pointer()?.to_owned())))
        .into_iter()
        .flatten()
}

fn setting(
    fields: &mut Fields,
    at: &str,
    table: &mut Map<String, Value>,
    name: &str,
) -> Option<Setting> {
    let at = format!("{at}/{name}");
    let said = match table.remove(name) {
        None => {
            let detail = format!("Getting tokens needs `{name}`.");
            fields.wrong(&at, "required", detail);
            return None;
        }
        Some(Value::String(text)) => is_text(&text).then_some(Setting::Text(text)),
        Some(Value::Object(table)) => match (table.len(), table.get("config")) {
            (1, Some(Value::String(pointer))) => Some(Setting::Config {
                config: pointer.clone(),
            }),
            _ => None,
        },
        Some(_) => None,
    };
    if said.is_none() {
        let detail = format!(
            "`{name}` is a text of at most {LONGEST} characters, or {{ config = \"/{name}\" }} for a setting."
        );
        fields.wrong(&at, "bad_text", detail);
    }
    said
}

fn is_text(text: &str) -> bool {
    let plain = !text.chars().any(char::is_control);
    plain && !text.trim().is_empty() && text.chars().count() <= LONGEST
}

fn client_auth(fields: &mut Fields, at: &str, value: Option<Value>) -> Option<ClientAuth> {
    let said = match &value {
        None => Some(ClientAuth::default()),
        Some(value) => value.as_str().and_then(ClientAuth::parse),
    };
    if said.is_none() {
        let detail = "The client says who it is in the header (\"basic\") or in the \"body\".";
        fields.wrong(&format!("{at}/client_auth"), "out_of_range", detail);
    }
    said
}

/// The endpoint's host is one the secret may be sent to.
fn is_listed(fields: &mut Fields, at: &str, token_url: &Setting, to: &Hosts) -> Option<()> {
    let missing = match token_url {
        Setting::Config { config } => (!to.hosts_from_config.contains(config)).then(|| {
            format!(
                "The secret is sent to the token endpoint in `{config}`: add it to the secret's `hosts_from_config`."
            )
        }),
        Setting::Text(url) => {
            let host = HostPattern::of_url(url).ok();
            let Some(host) = host.filter(|_| url.starts_with("https://")) else {
                let detail = "The token endpoint is a URL like https://auth.example.com/oauth/token.";
                fields.wrong(at, "bad_url", detail);
                return None;
            };
            let listed = to.hosts.iter().any(|pattern| pattern.covers(&host, 443));
            (!listed).then(|| {
                format!(
                    "The secret is sent to the token endpoint at {host}: add it to the secret's `hosts`."
                )
            })
        }
    };
    match missing {
        None => Some(()),
        Some(detail) => {
            fields.wrong(at, "host_not_listed", detail);
            None
        }
    }
}
