//! Plugins that ask outside: an order API, and guests that ask what they may not.

use deskbell_tests::guests::{built_in, zoo};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Engine, Setup, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned, path_of};
use super::shop::Shop;

const ORDER: &str = r#"{"status":"packed","eta":"on Monday","carrier":"Post"}"#;
const STATUS: &str = "It is {{order.status}}.";
const ASKED: &str = "{{asked.all}}";

/// An app that may ask this machine, which no other may.
pub(crate) async fn open(engine: Engine) -> TestApp {
    let mut setup = Setup::new(engine);
    setup.config.egress.allow_private = vec!["127.0.0.1".to_owned()];
    setup.config.egress.allow_http = true;
    setup.start().await
}

async fn install(admin: &Admin, file: &[u8], hook: &str, config: Value) -> String {
    let plugin = admin.uploaded(file).await;
    let body = json!({
        "plugin_id": plugin, "hooks": [hook], "capabilities": ["http"], "config": config,
    });
    path_of(&admin.install(body).await.ok(201))
}

/// What the guest that asks heard, line by line.
async fn heard(chat: &Chat) -> Vec<String> {
    let shown = chat.use_canned("asked", "c1", true).await.ok(200);
    text(&shown, "text").lines().map(str::to_owned).collect()
}

both_engines! {
    async fn an_order_api_is_asked(engine: Engine) {
        let app = open(engine).await;
        let (admin, shop) = (Admin::of(&app).await, Shop::with(ORDER).await);
        canned(&admin, "status", STATUS).await;
        let config = json!({ "api_url": shop.url() });
        let path = install(&admin, &built_in("order-variables"), "variables", config).await;
        let chat = Chat::begin(&app).await;
        let sent = chat.use_canned("status", "c1", false).await.ok(200);
        assert_eq!(sent["text"], "It is packed.");
        let first = shop.heard().remove(0);
        assert!(first.starts_with("GET /orders/a-1001 HTTP/1.1\r\n"), "{first}");
        assert!(first.contains(&format!("host: 127.0.0.1:{}\r\n", shop.port)), "{first}");
        assert!(!first.contains("authorization"), "{first}");

        let secret = format!("{path}/secrets/api_key");
        admin.agent.http.put(&secret, json!({ "value": "k-123" })).await.ok(204);
        chat.use_canned("status", "c2", true).await.ok(200);
        let second = shop.heard().remove(1);
        assert!(second.contains("authorization: Bearer k-123\r\n"), "{second}");
        admin.agent.http.delete(&secret).await.ok(204);
        chat.use_canned("status", "c3", true).await.ok(200);
        assert!(!shop.heard()[2].contains("authorization"));
        app.finish().await;
    }

    async fn nothing_private_is_asked_unless_the_operator_says_so(app) {
        let (admin, shop) = (Admin::of(&app).await, Shop::with(ORDER).await);
        canned(&admin, "status", STATUS).await;
        let config = json!({ "api_url": shop.url() });
        let path = install(&admin, &built_in("order-variables"), "variables", config).await;
        let chat = Chat::begin(&app).await;
        chat.use_canned("status", "c1", false).await.refused(422, "missing_variables");
        app.settle().await;
        let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
        assert_eq!((failures.len(), &failures[0]["code"]), (1, &json!("plugin_failed")));
        let detail = text(&failures[0], "detail");
        assert!(detail.contains("plain http is not allowed"), "{detail}");
        let config = json!({ "api_url": shop.url().replace("http:", "https:") });
        admin.patch(&path, json!({ "config": config })).await.ok(200);
        chat.use_canned("status", "c1", false).await.refused(422, "missing_variables");
        app.settle().await;
        let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
        let detail = text(&failures[0], "detail");
        assert!(detail.contains("not on the public internet (this very machine)"), "{detail}");
        assert_eq!(shop.heard(), [""; 0]);
        // The list in its configuration still works, as if nothing had been.
        let order = json!({ "order_id": "A-1001", "status": "here", "eta": "now" });
        admin.patch(&path, json!({ "config": { "orders": [order] } })).await.ok(200);
        let sent = chat.use_canned("status", "c1", false).await.ok(200);
        assert_eq!(sent["text"], "It is here.");
    }

    async fn a_guest_in_search_of_something_private(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "asked", ASKED).await;
        let urls = [
            "https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
            "https://127.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
            "https://169.254.169.254/latest/meta-data/", "https://0xa9fea9fe/",
            "https://[::ffff:a9fe:a9fe]/", "https://user@127.0.0.1/", "https://127.0.0.1:8443/",
            "https://10.0.0.1/", "http://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/",
        ];
        for some in urls.chunks(8) {
            let config = json!({ "urls": some });
            let file = zoo("asking-variables");
            let path = match admin.upload(&file).await.status {
                201 => {
                    let plugins = admin.get("/api/v1/plugins").await;
                    let all = list(&plugins["items"]);
                    let plugin = all.iter().find(|one| one["key"] == "asking-variables");
                    let body = json!({
                        "plugin_id": plugin.map(|one| one["id"].clone()), "hooks": ["variables"],
                        "capabilities": ["http"], "config": config,
                    });
                    path_of(&admin.install(body).await.ok(201))
                }
                _ => {
                    let all = admin.get("/api/v1/installations").await;
                    let path = path_of(&list(&all["items"])[0]);
                    admin.patch(&path, json!({ "config": config })).await.ok(200);
                    path
                }
            };
            let chat = Chat::begin(&app).await;
            let heard = heard(&chat).await;
            assert_eq!(heard.len(), some.len(), "{heard:?}");
            assert!(heard.iter().all(|line| line.starts_with("denied: ")), "{path}: {heard:?}");
        }
    }

    async fn a_secret_goes_to_its_own_host_whatever_the_guest_asks(engine: Engine) {
        let app = open(engine).await;
        let admin = Admin::of(&app).await;
        canned(&admin, "asked", ASKED).await;
        let (home, other) = (Shop::with("1").await, Shop::with("2").await);
        let config = json!({
            "home": format!("http://127.0.0.1:{}", home.port),
            "other": format!("http://127.0.0.1:{}", other.port),
            "urls": [
                format!("http://127.0.0.1:{}/a?b=c", home.port),
                format!("http://127.0.0.1:{}/a?b=c", other.port),
            ],
        });
        let path = install(&admin, &zoo("asking-variables"), "variables", config).await;
        for name in ["api_key", "in_query"] {
            let secret = format!("{path}/secrets/{name}");
            admin.agent.http.put(&secret, json!({ "value": format!("canary-{name}") })).await.ok(204);
        }
        let chat = Chat::begin(&app).await;
        assert_eq!(heard(&chat).await, ["200 1", "200 2"]);
        let at_home = home.heard().remove(0);
        assert!(at_home.starts_with("GET /a?b=c&key=canary-in_query HTTP/1.1\r\n"), "{at_home}");
        assert!(at_home.contains("authorization: Bearer canary-api_key\r\n"), "{at_home}");
        let elsewhere = other.heard().remove(0);
        assert!(elsewhere.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{elsewhere}");
        assert!(!elsewhere.contains("canary"), "{elsewhere}");
        app.finish().await;
    }

    async fn a_call_asks_eight_times(engine: Engine) {
        let app = open(engine).await;
        let (admin, shop) = (Admin::of(&app).await, Shop::with("1").await);
        canned(&admin, "asked", ASKED).await;
        let home = format!("http://127.0.0.1:{}", shop.port);
        let config = json!({ "home": home, "urls": [format!("{home}/")], "times": 9 });
        install(&admin, &zoo("asking-variables"), "variables", config).await;
        let chat = Chat::begin(&app).await;
        let heard = heard(&chat).await;
        assert_eq!(heard[..8], ["200 1"; 8]);
        assert_eq!(heard[8], "too many requests");
        assert_eq!(shop.heard().len(), 8);
        app.finish().await;
    }

    async fn an_installation_has_a_pace(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.config.egress.allow_private = vec!["127.0.0.1".to_owned()];
        setup.config.egress.allow_http = true;
        setup.config.egress.requests_per_minute = 3;
        let app = setup.start().await;
        let (admin, shop) = (Admin::of(&app).await, Shop::with("1").await);
        canned(&admin, "asked", ASKED).await;
        let home = format!("http://127.0.0.1:{}", shop.port);
        let config = json!({ "home": home, "urls": [format!("{home}/")], "times": 5 });
        install(&admin, &zoo("asking-variables"), "variables", config).await;
        let chat = Chat::begin(&app).await;
        let heard = heard(&chat).await;
        assert_eq!(heard.iter().filter(|line| *line == "200 1").count(), 3, "{heard:?}");
        assert_eq!(heard[4], "too many requests");
        app.finish().await;
    }

    async fn a_hook_in_everybodys_way_asks_nobody(engine: Engine) {
        let app = open(engine).await;
        let (admin, shop) = (Admin::of(&app).await, Shop::with("1").await);
        let home = format!("http://127.0.0.1:{}", shop.port);
        let config = json!({ "home": home, "urls": [format!("{home}/")] });
        install(&admin, &zoo("asking-variables"), "routing", config).await;
        // Somebody who has room, so that the plugin is asked at once.
        let mut ana = app.agent("ana").await.connect().await;
        app.settle().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let path = format!("/api/v1/conversations/{id}/decisions");
        let decisions = list(&admin.get(&path).await["items"]);
        let consulted = decisions.iter().flat_map(|one| list(&one["consulted"]));
        let reasons: Vec<_> = consulted.map(|one| text(&one, "reason")).collect();
        assert!(!reasons.is_empty(), "{decisions:?}");
        assert!(reasons.iter().all(|it| it.contains("may not ask the outside")), "{reasons:?}");
        assert_eq!(shop.heard(), [""; 0]);
        ana.fence().await;
        ana.close().await;
        app.finish().await;
    }
}
