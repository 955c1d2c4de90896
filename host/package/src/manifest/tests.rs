//! What a manifest may say, and how it is told that it may not.

use deskbell_domain::oauth::ClientAuth;
use deskbell_domain::reach::Placement;

use super::*;

const LEAST: &str = "id = \"bell\"\nname = \"Bell\"\nversion = \"1.0.0\"\npublisher = \"Us\"\n";

fn wrong(text: &str) -> Vec<(String, &'static str)> {
    parse_manifest(text)
        .unwrap_err()
        .into_iter()
        .map(|finding| (finding.pointer, finding.code))
        .collect()
}

fn one(pointer: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(pointer.to_owned(), code)]
}

#[test]
fn a_whole_manifest_is_read() {
    let text = format!(
        "{LEAST}license = \"MIT\"\ndescription = \"Rings.\"\n[hooks.routing]\ntimeout_ms = 50\n\
         [config]\ntype = \"object\"\n[config.properties.loud]\ntype = \"boolean\"\ndefault = true\n"
    );
    let manifest = parse_manifest(&text).unwrap();
    assert_eq!(manifest.hooks[&Hook::Routing].timeout_ms, Some(50));
    assert_eq!(manifest.config["properties"]["loud"]["default"], true);
    assert_eq!(manifest.license.as_deref(), Some("MIT"));
}

#[test]
fn only_a_filter_says_what_follows_its_failure() {
    let text = format!("{LEAST}[hooks.filter]\non_failure = \"hold\"\n");
    assert_eq!(parse_manifest(&text).unwrap().on_failure(), OnFailure::Hold);
    assert_eq!(parse_manifest(LEAST).unwrap().on_failure(), OnFailure::Pass);
    let text = format!("{LEAST}[hooks.filter]\non_failure = \"panic\"\n");
    assert_eq!(
        wrong(&text),
        one("/manifest/hooks/filter/on_failure", "out_of_range")
    );
    let text = format!("{LEAST}[hooks.routing]\non_failure = \"hold\"\n");
    assert_eq!(
        wrong(&text),
        one("/manifest/hooks/routing/on_failure", "unknown_field")
    );
}

#[test]
fn events_are_named_by_their_types() {
    let text = format!("{LEAST}[hooks.events]\ntypes = [\"message.created\"]\n");
    let types = parse_manifest(&text).unwrap().hooks[&Hook::Events]
        .types
        .clone();
    assert_eq!(types, Some(vec!["message.created".to_owned()]));
    for (types, code, at) in [
        (
            "[\"message.created\", \"agent.created\"]",
            "unknown_event",
            "types/1",
        ),
        ("[]", "wrong_type", "types"),
        ("\"message.created\"", "wrong_type", "types"),
        ("[1]", "wrong_type", "types"),
    ] {
        let text = format!("{LEAST}[hooks.events]\ntypes = {types}\n");
        let at = format!("/manifest/hooks/events/{at}");
        assert_eq!(wrong(&text), one(&at, code), "{types}");
    }
    let text = format!("{LEAST}[hooks.bot]\ntypes = [\"message.created\"]\n");
    assert_eq!(
        wrong(&text),
        one("/manifest/hooks/bot/types", "unknown_field")
    );
}

#[test]
fn every_mistake_is_named_at_once() {
    let found = wrong("id = \"Bell\"\nversion = \"1.0\"\ncolour = 3\nname = 7\n");
    let at: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        at,
        [
            "/manifest/name",
            "/manifest/publisher",
            "/manifest/colour",
            "/manifest/id",
            "/manifest/version"
        ]
    );
}

#[test]
fn ids_and_versions_have_one_form() {
    for id in ["b", "-bell", "bell-", "9bell", "bell_one", "büll"] {
        let text = LEAST.replace("\"bell\"", &format!("\"{id}\""));
        assert_eq!(wrong(&text), one("/manifest/id", "bad_id"), "{id}");
    }
    for version in [
        "1",
        "1.0",
        "1.0.0.0",
        "01.0.0",
        "1.0.0-beta",
        "1..0",
        "v1.0.0",
    ] {
        let text = LEAST.replace("1.0.0", version);
        assert_eq!(
            wrong(&text),
            one("/manifest/version", "bad_version"),
            "{version}"
        );
    }
}

#[test]
fn hooks_are_those_there_are() {
    let found = wrong(&format!("{LEAST}[hooks.rooting]\n"));
    assert_eq!(found, one("/manifest/hooks/rooting", "unknown_hook"));
    let found = wrong(&format!("{LEAST}[hooks.routing]\ntimeout_ms = 0\n"));
    assert_eq!(
        found,
        one("/manifest/hooks/routing/timeout_ms", "out_of_range")
    );
    let found = wrong(&format!("{LEAST}[hooks.routing]\nretries = 1\n"));
    assert_eq!(
        found,
        one("/manifest/hooks/routing/retries", "unknown_field")
    );
}

#[test]
fn what_is_no_toml_is_told_by_its_line() {
    let found = parse_manifest("id = \"bell\"\nname = Bell\n").unwrap_err();
    assert_eq!(found[0].code, "manifest_unreadable");
    assert!(found[0].detail.starts_with("Line 2"), "{}", found[0].detail);
    let long = format!("{LEAST}# {}", "x".repeat(MANIFEST_BYTES));
    assert_eq!(wrong(&long), one("/manifest", "manifest_too_large"));
}

#[test]
fn a_date_has_no_place() {
    let found = wrong(&format!(
        "{LEAST}[config]\ntype = \"object\"\ndefault = 2026-01-01\n"
    ));
    assert_eq!(found, one("/manifest/config/default", "wrong_type"));
}

#[test]
fn a_file_without_a_manifest_is_told_how_to_get_one() {
    let found = read_manifest(b"\0asm\x0d\0\x01\0").unwrap_err();
    assert_eq!(found[0].code, "manifest_missing");
}

#[test]
fn hosts_and_secrets_are_read() {
    let text = format!(
        "{LEAST}[capabilities.http]\nhosts = [\"*.example.com\"]\nhosts_from_config = [\"/url\"]\n\
         [secrets.api_key]\ntitle = \"Key\"\nhosts = [\"api.example.com:8443\"]\n\
         placement = {{ header = \"Authorization\", prefix = \"Bearer \" }}\n\
         [secrets.other]\ntitle = \"Other\"\nhosts_from_config = [\"/url\"]\n\
         placement = {{ query = \"key\" }}\n\
         [config]\ntype = \"object\"\n[config.properties.url]\ntype = \"string\"\n"
    );
    let manifest = parse_manifest(&text).unwrap();
    let http = &manifest.capabilities.http;
    assert_eq!(
        http.to_string(),
        "*.example.com, the server in the setting url"
    );
    assert_eq!(
        manifest.secrets["api_key"].to.hosts[0].to_string(),
        "api.example.com:8443"
    );
    let json = serde_json::to_value(&manifest).unwrap();
    let again: Manifest = serde_json::from_value(json).unwrap();
    assert_eq!(again, manifest, "as it is kept in the database");
}

#[test]
fn hosts_and_secrets_have_their_form() {
    for (wrongly, pointer, code) in [
        (
            "[capabilities]\nhttp = 1",
            "/manifest/capabilities/http",
            "wrong_type",
        ),
        (
            "[capabilities.kv]",
            "/manifest/capabilities/kv",
            "unknown_field",
        ),
        (
            "[capabilities.http]\nhosts = \"a.test\"",
            "/manifest/capabilities/http/hosts",
            "wrong_type",
        ),
        (
            "[capabilities.http]\nhosts = [\"https://a.test\"]",
            "/manifest/capabilities/http/hosts/0",
            "bad_host",
        ),
        (
            "[capabilities.http]\nhost = []",
            "/manifest/capabilities/http/host",
            "unknown_field",
        ),
        (
            "[capabilities.http]\nhosts_from_config = [\"/gone\"]",
            "/manifest/capabilities/http/hosts_from_config/0",
            "bad_pointer",
        ),
        (
            "[secrets.Key]\ntitle = \"K\"",
            "/manifest/secrets/Key",
            "bad_id",
        ),
        (
            "[secrets.k]\ntitle = \"K\"\nhosts = [\"a.test\"]\nplacement = \"none\"",
            "/manifest/secrets/k/placement",
            "bad_placement",
        ),
        (
            "[secrets.k]\ntitle = \"K\"\nhosts = [\"a.test\"]\nplacement = { header = \"Host\" }",
            "/manifest/secrets/k/placement",
            "bad_placement",
        ),
        (
            "[secrets.k]\ntitle = \"K\"\nplacement = { query = \"k\" }",
            "/manifest/secrets/k/hosts",
            "required",
        ),
        (
            "[secrets.k]\nhosts = [\"a.test\"]\nplacement = { query = \"k\" }",
            "/manifest/secrets/k/title",
            "required",
        ),
    ] {
        let text = format!("{LEAST}{wrongly}\n");
        assert_eq!(wrong(&text), one(pointer, code), "{wrongly}");
    }
}

const TOKENS: &str = "[config]\ntype = \"object\"\n[config.properties.api_url]\ntype = \"string\"\n\
    [config.properties.token_url]\ntype = \"string\"\n[config.properties.client_id]\ntype = \"string\"\n\
    [secrets.k]\ntitle = \"K\"\nhosts = [\"auth.test\"]\nhosts_from_config = [\"/api_url\"]\n";

#[test]
fn how_tokens_are_got_is_read() {
    let text = format!(
        "{LEAST}{TOKENS}[secrets.k.oauth2]\ntoken_url = \"https://auth.test/token\"\n\
         client_id = {{ config = \"/client_id\" }}\nscope = \"contacts\"\n"
    );
    let manifest = parse_manifest(&text).unwrap();
    let secret = &manifest.secrets["k"];
    assert_eq!(secret.placement, Placement::bearer());
    let declared = secret.oauth2.as_ref().unwrap();
    assert_eq!(declared.client_auth, ClientAuth::Basic);
    assert_eq!(declared.client_id.pointer(), Some("/client_id"));
    let json = serde_json::to_value(&manifest).unwrap();
    let again: Manifest = serde_json::from_value(json).unwrap();
    assert_eq!(again, manifest, "as it is kept in the database");
}

#[test]
fn how_tokens_are_got_has_its_form() {
    let all = "token_url = \"https://auth.test/token\"\nclient_id = \"c\"\n";
    for (wrongly, field, code) in [
        ("client_id = \"c\"\n", "/token_url", "required"),
        (
            "token_url = \"https://auth.test/\"\n",
            "/client_id",
            "required",
        ),
        (&all.replace("\"c\"", "7"), "/client_id", "bad_text"),
        (
            &all.replace("\"c\"", "{ config = \"/gone\" }"),
            "/client_id",
            "bad_pointer",
        ),
        (
            &all.replace("https://auth.test", "https://other.test"),
            "/token_url",
            "host_not_listed",
        ),
        (
            &all.replace("https://auth.test", "https://auth.test:8443"),
            "/token_url",
            "host_not_listed",
        ),
        (&all.replace("https:", "http:"), "/token_url", "bad_url"),
        (
            &all.replace("https://auth.test/token", "auth.test"),
            "/token_url",
            "bad_url",
        ),
        (
            &all.replace("\"https://auth.test/token\"", "{ config = \"/token_url\" }"),
            "/token_url",
            "host_not_listed",
        ),
        (
            &format!("{all}client_auth = \"none\"\n"),
            "/client_auth",
            "out_of_range",
        ),
        (
            &format!("{all}grant = \"password\"\n"),
            "/grant",
            "unknown_field",
        ),
    ] {
        let text = format!("{LEAST}{TOKENS}[secrets.k.oauth2]\n{wrongly}");
        let at = format!("/manifest/secrets/k/oauth2{field}");
        assert_eq!(wrong(&text), one(&at, code), "{wrongly}");
    }
    let text = format!("{LEAST}{TOKENS}oauth2 = \"yes\"\n");
    assert_eq!(
        wrong(&text),
        one("/manifest/secrets/k/oauth2", "wrong_type")
    );
    let told = parse_manifest(&format!(
        "{LEAST}{TOKENS}[secrets.k.oauth2]\n{}",
        all.replace("https://auth.test", "https://other.test")
    ));
    assert_eq!(
        told.unwrap_err()[0].detail,
        "The secret is sent to the token endpoint at other.test: add it to the secret's `hosts`."
    );
}
