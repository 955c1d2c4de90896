//! What is different in another version of a plugin, in plain words: what it wants to
//! reach, where secrets go, what it does, and what it is to be told.

use deskbell_domain::oauth::{ClientAuth, Setting};
use deskbell_domain::plugin::PluginVersion;
use deskbell_domain::reach::{Hosts, Placement, SecretSettings};
use serde_json::Value;

/// What a version has more and less than the one at work, a sentence each.
pub(super) fn difference(now: &PluginVersion, other: &PluginVersion) -> Vec<String> {
    let all: [(Facts, &str, &str); 7] = [
        (
            |file| {
                file.capabilities
                    .iter()
                    .map(|it| it.as_str().to_owned())
                    .collect()
            },
            "It also wants the capability `{}` and does not start without it.",
            "It no longer wants the capability `{}`.",
        ),
        (
            |file| named(&file.manifest.capabilities.http),
            "With `http` it also asks {}.",
            "With `http` it no longer asks {}.",
        ),
        (
            |file| file.manifest.secrets.iter().map(secret).collect(),
            "It wants the secret {}.",
            "It no longer wants the secret {}.",
        ),
        (
            |file| file.hooks.iter().map(|it| it.as_str().to_owned()).collect(),
            "It can also be asked for `{}`.",
            "It can no longer be asked for `{}`.",
        ),
        (
            webhooks,
            "Other systems may tell it something at {}.",
            "Nobody tells it anything at {} any more.",
        ),
        (
            required,
            "Its configuration must now have `{}`.",
            "Its configuration need no longer have `{}`.",
        ),
        (
            settings,
            "Its configuration may have `{}`.",
            "Its configuration has no `{}` any more.",
        ),
    ];
    let mut said = Vec::new();
    for (facts, more, less) in all {
        let (now, other) = (facts(now), facts(other));
        let added = other.iter().filter(|one| !now.contains(one));
        said.extend(added.map(|one| more.replace("{}", one)));
        let gone = now.iter().filter(|one| !other.contains(one));
        said.extend(gone.map(|one| less.replace("{}", one)));
    }
    said
}

/// Something one can list of a version.
type Facts = fn(&PluginVersion) -> Vec<String>;

fn named(to: &Hosts) -> Vec<String> {
    let hosts = to.hosts.iter().map(|host| format!("`{host}`"));
    let configured = to.hosts_from_config.iter();
    let configured = configured.map(|at| format!("the host at `{at}` of its configuration"));
    hosts.chain(configured).collect()
}

/// With where it goes and how: a new place for an old secret is a difference too, and
/// so is another server that it is shown to, or more that tokens are good for.
fn secret((name, settings): (&String, &SecretSettings)) -> String {
    let at = match &settings.placement {
        Placement::Signature => return format!("`{name}`, to sign with"),
        Placement::Webhook => return format!("`{name}`, to check webhooks with"),
        Placement::Header { name, .. } => format!("the header `{name}`"),
        Placement::Query { name } => format!("the URL as `{name}`"),
    };
    let to = named(&settings.to).join(", ");
    let Some(oauth2) = &settings.oauth2 else {
        return format!("`{name}`, to be sent to {to} in {at}");
    };
    let (from, client) = (setting(&oauth2.token_url), setting(&oauth2.client_id));
    let scope = oauth2.scope.as_ref().map(setting);
    let scope = scope.map_or_else(|| "no scope".to_owned(), |it| format!("the scope {it}"));
    let how = match oauth2.client_auth {
        ClientAuth::Basic => "a header",
        ClientAuth::Body => "the body",
    };
    format!(
        "`{name}`, with which tokens are got from {from} as {client} in {how} for {scope}, \
         to be sent to {to} in {at}"
    )
}

fn setting(one: &Setting) -> String {
    match one {
        Setting::Text(text) => format!("`{text}`"),
        Setting::Config { config } => format!("what its configuration has at `{config}`"),
    }
}

/// With how it is known who tells it: a new recipe is a difference too.
fn webhooks(file: &PluginVersion) -> Vec<String> {
    let all = file.manifest.webhooks.values();
    all.map(|it| format!("`{}`, {}", it.path, it.words()))
        .collect()
}

fn settings(file: &PluginVersion) -> Vec<String> {
    let properties = file.manifest.config.get("properties");
    let names = properties.and_then(Value::as_object).into_iter();
    names.flatten().map(|(name, _)| name.clone()).collect()
}

fn required(file: &PluginVersion) -> Vec<String> {
    let names = file.manifest.config.get("required");
    let names = names.and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use deskbell_domain::plugin::Digest;
    use deskbell_domain::{PluginId, Timestamp};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn version(secret: Value) -> PluginVersion {
        let manifest = json!({
            "id": "p", "name": "P", "version": "1.0.0", "publisher": "us",
            "capabilities": { "http": { "hosts": ["api.test"] } },
            "secrets": { "key": secret },
        });
        PluginVersion {
            plugin_id: PluginId(Uuid::nil()),
            plugin_version: "1.0.0".to_owned(),
            digest: Digest([0; 32]),
            size: 1,
            manifest: serde_json::from_value(manifest).unwrap(),
            hooks: Vec::new(),
            capabilities: Vec::new(),
            variables: Vec::new(),
            created_at: Timestamp(0),
        }
    }

    #[test]
    fn whatever_becomes_of_a_secret_is_a_difference() {
        let header = json!({ "header": { "name": "Authorization", "prefix": "Bearer " } });
        let tokens = |change: &dyn Fn(&mut Value)| {
            let mut secret = json!({
                "title": "Key", "to": { "hosts": ["api.test"] }, "placement": header,
                "oauth2": {
                    "token_url": "https://api.test/token", "client_id": "us",
                    "scope": "read", "client_auth": "body",
                },
            });
            change(&mut secret);
            version(secret)
        };
        let before = tokens(&|_| {});
        assert_eq!(difference(&before, &before), [""; 0]);
        type Change<'a> = (&'a dyn Fn(&mut Value), &'a str);
        let changes: [Change<'_>; 7] = [
            (
                &|it| it["oauth2"]["scope"] = json!("read write"),
                "the scope `read write`",
            ),
            (&|it| it["oauth2"]["scope"] = json!(null), "no scope"),
            (
                &|it| it["oauth2"]["scope"] = json!({ "config": "/scope" }),
                "the scope what its configuration has at `/scope`",
            ),
            (
                &|it| it["oauth2"]["token_url"] = json!("https://api.test/other"),
                "from `https://api.test/other`",
            ),
            (&|it| it["oauth2"]["client_id"] = json!("them"), "as `them`"),
            (
                &|it| it["oauth2"]["client_auth"] = json!("basic"),
                "in a header",
            ),
            (
                &|it| it["placement"] = json!({ "query": { "name": "key" } }),
                "in the URL as `key`",
            ),
        ];
        for (change, words) in changes {
            let said = difference(&before, &tokens(change));
            assert_eq!(said.len(), 2, "{words}: {said:?}");
            assert!(said[0].starts_with("It wants the secret `key`"), "{said:?}");
            assert!(said[0].contains(words), "{words}: {said:?}");
            assert!(said[1].starts_with("It no longer wants"), "{said:?}");
        }
    }
}
