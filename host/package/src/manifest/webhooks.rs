//! What a manifest says of webhooks: the last step of each address, what the plugin
//! is shown, and the recipe by which the desk knows who posts. There is none without.

use std::collections::{BTreeMap, BTreeSet};

use deskbell_domain::plugin::Manifest;
use deskbell_domain::reach::Placement;
use deskbell_domain::webhook::{
    Encoding, MOST_HEADERS, MOST_TOLERANCE_S, MOST_WEBHOOKS, Recipe, Scheme, TOLERANCE_S,
    WebhookSettings,
};
use serde_json::{Map, Value};

use super::field::{Fields, escaped};
use super::reach::{is_token, nothing_else, texts};

/// It stands in an address.
const LONGEST_PATH: usize = 64;
const LONGEST_PREFIX: usize = 64;
const KNOWN: &str = "path, headers, delivery_id, verify";
const OF_A_RECIPE: &str = "scheme, header, secret, prefix, encoding, timestamp_header, tolerance_s";

pub(super) fn webhooks(fields: &mut Fields) -> BTreeMap<String, WebhookSettings> {
    let table = fields.table("webhooks").unwrap_or_default();
    if table.len() > MOST_WEBHOOKS {
        let detail = format!("A manifest has at most {MOST_WEBHOOKS} webhooks.");
        fields.wrong("/webhooks", "too_many", detail);
    }
    let (mut webhooks, mut paths) = (BTreeMap::new(), BTreeSet::new());
    for (name, value) in table {
        let at = format!("/webhooks/{}", escaped(&name));
        if !is_word(&name) {
            let detail = "A webhook's name has lower-case letters, digits, - and _, at most 64.";
            fields.wrong(&at, "bad_id", detail);
            continue;
        }
        let Value::Object(table) = value else {
            let detail = "A webhook is a table, as in [webhooks.orders].";
            fields.wrong(&at, "wrong_type", detail);
            continue;
        };
        let Some(webhook) = webhook(fields, &at, table) else {
            continue;
        };
        if !paths.insert(webhook.path.clone()) {
            let detail = format!("Two webhooks have the path `{}`.", webhook.path);
            fields.wrong(&format!("{at}/path"), "taken", detail);
        }
        webhooks.insert(name, webhook);
    }
    webhooks
}

fn webhook(
    fields: &mut Fields,
    at: &str,
    mut table: Map<String, Value>,
) -> Option<WebhookSettings> {
    let path = word(fields, at, &mut table, "path").unwrap_or_default();
    if !is_word(&path) {
        let detail = "A webhook needs a `path` of lower-case letters, digits, - and _, at most 64.";
        fields.wrong(&format!("{at}/path"), "bad_path", detail);
    }
    let mut headers = Vec::new();
    for (index, name) in texts(fields, at, &mut table, "headers")
        .into_iter()
        .enumerate()
    {
        if is_token(&name) {
            headers.push(name.to_ascii_lowercase());
        } else {
            let detail = format!("`{name}` is no name of a header.");
            fields.wrong(&format!("{at}/headers/{index}"), "bad_header", detail);
        }
    }
    if headers.len() > MOST_HEADERS {
        let detail = format!("A plugin is shown at most {MOST_HEADERS} headers.");
        fields.wrong(&format!("{at}/headers"), "too_many", detail);
    }
    let delivery_id = header(fields, at, &mut table, "delivery_id");
    let verify = match table.remove("verify") {
        Some(Value::Object(table)) => recipe(fields, &format!("{at}/verify"), table),
        _ => {
            let detail = "A webhook needs `verify`: how the desk knows who posts. As in \
                          { scheme = \"hmac-sha256\", header = \"X-Signature\", secret = \"webhook_key\" }.";
            fields.wrong(&format!("{at}/verify"), "required", detail);
            None
        }
    };
    nothing_else(fields, at, &table, KNOWN);
    Some(WebhookSettings {
        path,
        headers,
        delivery_id,
        verify: verify?,
    })
}

fn recipe(fields: &mut Fields, at: &str, mut table: Map<String, Value>) -> Option<Recipe> {
    let scheme = word(fields, at, &mut table, "scheme");
    let scheme = scheme.as_deref().and_then(Scheme::parse);
    if scheme.is_none() {
        let detail = "The scheme is \"hmac-sha256\" or \"token\".";
        fields.wrong(&format!("{at}/scheme"), "unknown_scheme", detail);
    }
    let named = header(fields, at, &mut table, "header");
    if named.is_none() {
        let detail = "A recipe needs the `header` with the signature or the token.";
        fields.wrong(&format!("{at}/header"), "required", detail);
    }
    let secret = word(fields, at, &mut table, "secret").unwrap_or_default();
    let prefix = word(fields, at, &mut table, "prefix").unwrap_or_default();
    let plain = prefix.bytes().all(|b| (0x20..0x7f).contains(&b));
    if !plain || prefix.len() > LONGEST_PREFIX {
        let detail = "A prefix has at most 64 plain characters, as in \"sha256=\".";
        fields.wrong(&format!("{at}/prefix"), "bad_text", detail);
    }
    let mut recipe = Recipe {
        scheme: scheme.unwrap_or(Scheme::Token),
        header: named.unwrap_or_default(),
        secret,
        prefix,
        encoding: Encoding::default(),
        timestamp_header: None,
        tolerance_s: TOLERANCE_S,
    };
    if scheme == Some(Scheme::HmacSha256) {
        signed(fields, at, &mut table, &mut recipe);
    }
    nothing_else(fields, at, &table, OF_A_RECIPE);
    scheme.map(|_| recipe)
}

/// What only a signature has.
fn signed(fields: &mut Fields, at: &str, table: &mut Map<String, Value>, recipe: &mut Recipe) {
    if let Some(encoding) = word(fields, at, table, "encoding") {
        match Encoding::parse(&encoding) {
            Some(encoding) => recipe.encoding = encoding,
            None => {
                let detail = "The encoding is \"hex\" or \"base64\".";
                fields.wrong(&format!("{at}/encoding"), "unknown_encoding", detail);
            }
        }
    }
    recipe.timestamp_header = header(fields, at, table, "timestamp_header");
    if let Some(value) = table.remove("tolerance_s") {
        let seconds = value.as_u64().and_then(|it| u32::try_from(it).ok());
        let seconds = seconds.filter(|it| (1..=MOST_TOLERANCE_S).contains(it));
        match seconds.filter(|_| recipe.timestamp_header.is_some()) {
            Some(seconds) => recipe.tolerance_s = seconds,
            None => {
                let detail = format!(
                    "The tolerance is 1 to {MOST_TOLERANCE_S} seconds, and goes with a `timestamp_header`."
                );
                fields.wrong(&format!("{at}/tolerance_s"), "out_of_range", detail);
            }
        }
    }
}

/// A recipe needs a secret of the manifest that is for this alone, and one that is for
/// this needs a recipe.
pub(super) fn check_secrets(manifest: &Manifest, fields: &mut Fields) {
    for (name, webhook) in &manifest.webhooks {
        let secret = &webhook.verify.secret;
        let declared = manifest.secrets.get(secret);
        if declared.is_none_or(|it| it.placement != Placement::Webhook) {
            let detail = format!(
                "`{secret}` is no secret for webhooks. Declare one: a secret with `webhook = true`."
            );
            let at = format!("/webhooks/{name}/verify/secret");
            fields.wrong(&at, "unknown_secret", detail);
        }
    }
    for (name, secret) in &manifest.secrets {
        let mut recipes = manifest.webhooks.values().map(|it| &it.verify);
        if secret.placement == Placement::Webhook && !recipes.any(|it| it.secret == *name) {
            let detail = "No webhook is checked with this secret.";
            fields.wrong(&format!("/secrets/{name}"), "unused", detail);
        }
    }
}

fn is_word(text: &str) -> bool {
    let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    (1..=LONGEST_PATH).contains(&text.len()) && text.bytes().all(plain)
}

fn word(
    fields: &mut Fields,
    at: &str,
    table: &mut Map<String, Value>,
    name: &str,
) -> Option<String> {
    match table.remove(name)? {
        Value::String(text) => Some(text),
        _ => {
            let detail = format!("`{name}` is a text in quotes.");
            fields.wrong(&format!("{at}/{name}"), "wrong_type", detail);
            None
        }
    }
}

/// A header's name, in lower case.
fn header(
    fields: &mut Fields,
    at: &str,
    table: &mut Map<String, Value>,
    name: &str,
) -> Option<String> {
    let text = word(fields, at, table, name)?;
    if is_token(&text) {
        return Some(text.to_ascii_lowercase());
    }
    let detail = format!("`{text}` is no name of a header.");
    fields.wrong(&format!("{at}/{name}"), "bad_header", detail);
    None
}

#[cfg(test)]
mod tests {
    use crate::parse_manifest;

    const GOOD: &str = r#"
id = "crm"
name = "CRM"
version = "1.0.0"
publisher = "Ana"
[secrets.key]
title = "Key"
webhook = true
[webhooks.deals]
path = "deals"
headers = ["X-Kind"]
delivery_id = "X-Delivery"
verify = { scheme = "hmac-sha256", header = "X-Signature", secret = "key", prefix = "sha256=", timestamp_header = "X-Time", tolerance_s = 60 }
"#;

    fn codes(text: &str) -> Vec<(String, &'static str)> {
        let wrong = parse_manifest(text).err().unwrap_or_default();
        wrong.into_iter().map(|it| (it.pointer, it.code)).collect()
    }

    #[test]
    fn a_recipe_is_read_and_names_are_in_lower_case() {
        let manifest = parse_manifest(GOOD).unwrap();
        let deals = &manifest.webhooks["deals"];
        assert_eq!(
            (deals.path.as_str(), deals.headers.as_slice()),
            ("deals", &["x-kind".to_owned()][..])
        );
        assert_eq!(deals.delivery_id.as_deref(), Some("x-delivery"));
        assert_eq!(
            (deals.verify.header.as_str(), deals.verify.tolerance_s),
            ("x-signature", 60)
        );
        let kept: deskbell_domain::plugin::Manifest =
            serde_json::from_value(serde_json::to_value(&manifest).unwrap()).unwrap();
        assert_eq!(kept, manifest);
    }

    #[test]
    fn there_is_no_webhook_without_a_recipe_that_can_be_followed() {
        let without = |line: &str| {
            let lines = GOOD.lines().filter(|it| !it.starts_with(line));
            lines.collect::<Vec<_>>().join("\n")
        };
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let at = |field: &str| format!("/manifest/webhooks/deals/{field}");
        for (text, pointer, code) in [
            (without("verify"), at("verify"), "required"),
            (
                with("\"hmac-sha256\"", "\"none\""),
                at("verify/scheme"),
                "unknown_scheme",
            ),
            (
                with("secret = \"key\"", "secret = \"other\""),
                at("verify/secret"),
                "unknown_secret",
            ),
            (
                with("webhook = true", "sign = true"),
                at("verify/secret"),
                "unknown_secret",
            ),
            (
                with("path = \"deals\"", "path = \"a/b\""),
                at("path"),
                "bad_path",
            ),
            (
                with("tolerance_s = 60", "tolerance_s = 0"),
                at("verify/tolerance_s"),
                "out_of_range",
            ),
            (
                with("\"X-Signature\"", "\"X Signature\""),
                at("verify/header"),
                "bad_header",
            ),
            (with("prefix", "prefx"), at("verify/prefx"), "unknown_field"),
            (
                with("\"hmac-sha256\"", "\"token\""),
                at("verify/timestamp_header"),
                "unknown_field",
            ),
        ] {
            assert!(
                codes(&text).contains(&(pointer.clone(), code)),
                "{pointer}: {:?}",
                codes(&text)
            );
        }
        let twice = format!(
            "{GOOD}\n[webhooks.more]\npath = \"deals\"\nverify = {{ scheme = \"token\", header = \"x-t\", secret = \"key\" }}\n"
        );
        assert_eq!(
            codes(&twice),
            [("/manifest/webhooks/more/path".to_owned(), "taken")]
        );
        let unused = "id = \"crm\"\nname = \"CRM\"\nversion = \"1.0.0\"\npublisher = \"Ana\"\n[secrets.key]\ntitle = \"Key\"\nwebhook = true\n";
        assert_eq!(
            codes(unused),
            [("/manifest/secrets/key".to_owned(), "unused")]
        );
    }
}
