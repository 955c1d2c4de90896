//! Tokens for what a plugin asks outside (OAuth 2.0 client credentials): got by the
//! desk, kept, renewed, and never seen by the plugin nor written anywhere.

use deskbell_tests::crm::{CLIENT_ID, CLIENT_SECRET, Crm};
use deskbell_tests::guests::zoo_as;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{TestApp, both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned, path_of};
use super::filter::log;
use super::outside::open;

const MINUTE: i64 = 60_000;

/// The guest that asks whatever it is told to, and repeats what it heard; with a
/// secret that is exchanged for tokens.
const EXCHANGED: &str = r#"
[secrets.client_secret]
title = "Client secret"
hosts_from_config = ["/home"]

[secrets.client_secret.oauth2]
token_url = { config = "/home" }
client_id = { config = "/client_id" }
client_auth = "body"

[config.properties.client_id]
type = "string"
"#;

struct Asking {
    admin: Admin,
    chat: Chat,
    path: String,
}

impl Asking {
    async fn of(app: &TestApp, crm: &Crm) -> Self {
        let admin = Admin::of(app).await;
        canned(&admin, "asked", "{{asked.all}}").await;
        let file = zoo_as("asking-variables", "0.1.1", EXCHANGED);
        let plugin = admin.uploaded(&file).await;
        let body = json!({
            "plugin_id": plugin, "hooks": ["variables"], "capabilities": ["http"],
            "config": {
                "home": format!("{}/oauth/v1/token", crm.url()), "client_id": CLIENT_ID,
                "urls": [format!("{}/crm/v3/owners/41629779", crm.url())],
            },
        });
        let path = path_of(&admin.install(body).await.ok(201));
        let secret = format!("{path}/secrets/client_secret");
        admin
            .agent
            .http
            .put(&secret, json!({ "value": CLIENT_SECRET }))
            .await
            .ok(204);
        let chat = Chat::begin(app).await;
        Self { admin, chat, path }
    }

    /// What the guest heard.
    async fn heard(&self) -> String {
        let shown = self.chat.use_canned("asked", "c1", true).await.ok(200);
        text(&shown, "text")
    }

    /// Everything that can be read about it.
    async fn everything(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for what in [
            "",
            "/logs",
            "/invocations",
            "/failures",
            "/metrics",
            "/secrets",
            "/kv",
        ] {
            all.push(self.admin.get(&format!("{}{what}", self.path)).await);
        }
        all
    }
}

both_engines! {
    async fn requests_are_signed_with_what_nobody_sees(engine: Engine) {
        log::listen();
        let app = open(engine).await;
        let crm = Crm::start().await;
        let asking = Asking::of(&app, &crm).await;
        let mut desk = asking.admin.agent.connect().await;
        app.settle().await;
        let mut guest = vec![asking.heard().await];
        assert!(guest[0].starts_with("200 ") && guest[0].contains("Reed"), "{}", guest[0]);
        guest.push(asking.heard().await);
        assert_eq!(crm.tokens().len(), 1, "it is kept");

        // One that was just got is not got anew.
        app.advance(10_000);
        crm.revoke();
        guest.push(asking.heard().await);
        assert!(guest[2].starts_with("200 "), "a 401 gets a new one: {}", guest[2]);
        assert_eq!(crm.tokens().len(), 2);

        // An endpoint that repeats what it was sent.
        app.advance(10_000);
        crm.refuse_tokens(Some(401));
        crm.revoke();
        guest.push(asking.heard().await);
        let why = format!("no token for the secret client_secret: 127.0.0.1:{} answered 401 (invalid_client)", crm.port);
        assert_eq!(guest[3], format!("denied: {why}"));
        app.pass(1_000).await;
        let lines = list(&asking.admin.get(&format!("{}/logs", asking.path)).await["items"]);
        let told = lines.iter().any(|line| text(line, "text") == format!("http: {why}"));
        assert!(told, "its author reads why: {lines:?}");

        // Both went over the wire, so the search below looks for what there is.
        let wire: Vec<String> = crm.asked().iter().map(|one| format!("{}{}", one.head, one.body)).collect();
        assert!(wire.concat().contains(CLIENT_SECRET) && wire.concat().contains("Bearer canary-token-0001"));
        let all = asking.everything().await;
        let events = desk.events().await;
        for place in [format!("{guest:?}"), format!("{all:?}"), format!("{events:?}")] {
            assert!(!place.contains("canary"), "{place}");
        }
        for canary in [CLIENT_SECRET, "canary-token-0001", "canary-token-0002"] {
            assert!(!log::holds(canary), "the server's log has {canary}");
        }
        desk.close().await;
        app.finish().await;
    }

    async fn however_many_ask_there_is_one_token(engine: Engine) {
        let app = open(engine).await;
        let crm = Crm::start().await;
        let asking = Asking::of(&app, &crm).await;
        let all = join_all((0..6).map(|_| asking.heard())).await;
        assert!(all.iter().all(|heard| heard.starts_with("200 ")), "{all:?}");
        assert_eq!(crm.tokens().len(), 1);
        app.finish().await;
    }

    async fn a_token_is_renewed_before_it_expires_and_kept_when_others_change(engine: Engine) {
        let app = open(engine).await;
        let crm = Crm::start().await;
        crm.token_life(600);
        let asking = Asking::of(&app, &crm).await;
        asking.heard().await;
        app.advance(8 * MINUTE);
        // Something else of the tenant's is read again.
        let other = asking.admin.order_variables().await;
        asking.heard().await;
        assert_eq!(crm.tokens().len(), 1);
        asking.admin.agent.http.delete(&other).await.ok(204);
        app.advance(MINUTE);
        asking.heard().await;
        assert_eq!(crm.tokens().len(), 2, "a minute before its end");
        // A new secret is a new client.
        let secret = format!("{}/secrets/client_secret", asking.path);
        asking.admin.agent.http.put(&secret, json!({ "value": "another" })).await.ok(204);
        let heard = asking.heard().await;
        assert!(heard.starts_with("denied: no token for the secret"), "{heard}");
        asking.admin.agent.http.delete(&secret).await.ok(204);
        assert!(asking.heard().await.starts_with("401 "), "without a secret it goes as it is");
        app.finish().await;
    }

    async fn a_token_endpoint_is_asked_like_anybody(app) {
        // Nothing private, and no plain http, unless the operator says so.
        let crm = Crm::start().await;
        let asking = Asking::of(&app, &crm).await;
        let heard = asking.heard().await;
        assert_eq!(heard, "denied: no token for the secret client_secret: plain http is not allowed: use https");
        assert!(crm.asked().is_empty());
    }
}
