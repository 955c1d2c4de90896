//! Cards beside a chat: asked of all, one after the other's failure, checked, kept
//! for a minute, and nobody else's business.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::guests::{zoo, zoo_named};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{PASSWORD, Setup, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat};
use crate::bot::gate::gated;

const SECOND: i64 = 1_000;

fn path(conversation: &str) -> String {
    format!("/api/v1/conversations/{conversation}/cards")
}

/// What Ana sees beside her chat.
async fn cards(chat: &Chat, how: &str) -> Vec<Value> {
    let shown = chat.ana.http.get(&format!("{}{how}", path(&chat.id))).await;
    list(&shown.ok(200)["items"])
}

async fn at_work(admin: &Admin, config: Value) -> String {
    admin
        .at_work(&zoo("bad-integration"), "context", config)
        .await
}

async fn set(admin: &Admin, path: &str, config: Value) {
    admin.patch(path, json!({ "config": config })).await.ok(200);
}

/// The call that the first card says it comes from.
fn call(shown: &[Value]) -> String {
    text(&shown[0]["cards"][0]["fields"][1], "value")
}

both_engines! {
    async fn what_is_known_is_beside_the_chat(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        assert_eq!(cards(&chat, "").await, [json!(null); 0]);
        let path = at_work(&admin, json!({ "mode": "note" })).await;
        let installation = admin.get(&path).await;
        let shown = cards(&chat, "").await;
        let card = &shown[0]["cards"][0];
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0]["installation_id"], installation["id"]);
        assert_eq!(shown[0]["plugin"], json!({ "id": installation["plugin_id"], "name": "Bad integration" }));
        assert_eq!(shown[0]["failure"], json!(null));
        assert_eq!((&card["title"], &card["link"]), (&json!("Card"), &json!("https://crm.example/1")));
        assert_eq!(card["fields"][0]["label"], "Name");
        // The control characters of a plugin steer nothing.
        set(&admin, &path, json!({ "mode": "control" })).await;
        let card = cards(&chat, "").await[0]["cards"][0].clone();
        let field = json!({ "label": "c d", "value": "e [2J", "link": null });
        assert_eq!(card, json!({ "title": "a b", "link": null, "fields": [field] }));
    }

    async fn an_answer_is_kept_for_a_minute(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let path = at_work(&admin, json!({ "mode": "note" })).await;
        let first = call(&cards(&chat, "").await);
        app.advance(59 * SECOND);
        assert_eq!(call(&cards(&chat, "").await), first);
        let second = call(&cards(&chat, "?fresh=true").await);
        assert_ne!(second, first);
        assert_eq!(call(&cards(&chat, "?fresh=false").await), second);
        app.advance(60 * SECOND);
        let third = call(&cards(&chat, "").await);
        assert_ne!(third, second);
        // Another conversation is another question.
        let other = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let others = list(&admin.get(&super::path(&other)).await["items"]);
        assert_ne!(call(&others), third);
        // What it is set to counts at once, and a failure is not kept.
        set(&admin, &path, json!({ "mode": "says-error", "text": "no CRM" })).await;
        let shown = cards(&chat, "").await;
        assert_eq!((&shown[0]["cards"], &shown[0]["failure"]["kind"]), (&json!([]), &json!("plugin_failed")));
        assert!(text(&shown[0]["failure"], "message").contains("no CRM"), "{shown:?}");
        set(&admin, &path, json!({ "mode": "note" })).await;
        assert_eq!(cards(&chat, "").await[0]["failure"], json!(null));
    }

    async fn one_that_fails_hides_no_others(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let bad = at_work(&admin, json!({ "mode": "trap" })).await;
        let good = zoo_named("bad-integration", "good-integration");
        admin.at_work(&good, "context", json!({ "mode": "note" })).await;
        for (config, code) in [
            (json!({ "mode": "trap" }), "trapped"),
            (json!({ "mode": "loop" }), "cpu_exceeded"),
            (json!({ "mode": "grow" }), "memory_exceeded"),
            (json!({ "mode": "long", "chars": 300_000 }), "output_too_large"),
            (json!({ "mode": "says-error", "text": "x" }), "plugin_failed"),
        ] {
            set(&admin, &bad, config).await;
            let shown = cards(&chat, "?fresh=true").await;
            assert_eq!((&shown[0]["cards"], &shown[0]["failure"]["kind"]), (&json!([]), &json!(code)));
            assert_eq!((&shown[1]["failure"], list(&shown[1]["cards"]).len()), (&json!(null), 1), "{code}");
        }
        // Too often, and it is left out; the agent sees that it is.
        for _ in 0..4 {
            cards(&chat, "?fresh=true").await;
        }
        let shown = cards(&chat, "?fresh=true").await;
        assert_eq!(shown[0]["failure"]["kind"], "breaker_open");
        assert_eq!(list(&shown[1]["cards"]).len(), 1);
        app.settle().await;
        let failures = list(&admin.get(&format!("{bad}/failures")).await["items"]);
        assert!(!failures.is_empty() && failures.iter().all(|it| it["hook"] == "context"), "{failures:?}");
    }

    async fn whoever_hangs_up_changes_nothing_about_what_was_asked(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let path = at_work(&admin, json!({ "mode": "says-error", "text": "no CRM" })).await;
        for n in 0..5 {
            let asked = cards(&chat, "");
            tokio::select! {
                shown = asked => panic!("it was not let go: {shown:?}"),
                () = gate.holds() => {}
            }
            // Dropped, and with it the connection; the call is still out.
            gate.release();
            app.app().plugin_calls_ended().await;
            app.pass(2 * SECOND).await;
            let calls = list(&admin.get(&format!("{path}/invocations")).await["items"]);
            assert_eq!(calls.len(), n + 1, "{calls:?}");
            assert_eq!(calls[0]["outcome"], "plugin_failed");
        }
        let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
        let failed = failures.iter().find(|one| one["code"] == "plugin_failed");
        assert_eq!(failed.map(|one| one["count"].clone()), Some(json!(5)), "{failures:?}");
        assert_eq!(admin.get(&path).await["breaker"]["context"]["state"], "open");
        gate.release();
        let shown = cards(&chat, "").await;
        assert_eq!(shown[0]["failure"]["kind"], "breaker_open");
        app.finish().await;
    }

    async fn a_page_that_cannot_be_asks_nobody(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let first = at_work(&admin, json!({ "mode": "note" })).await;
        let other = zoo_named("bad-integration", "good-integration");
        let second = admin.at_work(&other, "context", json!({ "mode": "note" })).await;
        let asked = async |path: &str| {
            // Successes are not written down at once.
            app.pass(30 * SECOND).await;
            list(&admin.get(&format!("{path}/invocations")).await["items"]).len()
        };
        for query in ["?limit=0", "?limit=201", "?cursor=nowhere", "?limit=0&fresh=true"] {
            let told = chat.ana.http.get(&format!("{}{query}", path(&chat.id))).await;
            told.refused(422, "invalid_input");
        }
        assert_eq!((asked(&first).await, asked(&second).await), (0, 0));
        // Only those on the page are asked.
        let page = chat.ana.http.get(&format!("{}?limit=1", path(&chat.id))).await.ok(200);
        assert_eq!(list(&page["items"]).len(), 1);
        assert_eq!((asked(&first).await, asked(&second).await), (1, 0));
        let rest = cards(&chat, &format!("?cursor={}", text(&page, "next_cursor"))).await;
        assert_eq!((rest.len(), second.ends_with(&text(&rest[0], "installation_id"))), (1, true));
        assert_eq!((asked(&first).await, asked(&second).await), (1, 1));
    }

    async fn cards_keep_to_their_limits(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let path = at_work(&admin, json!({ "mode": "nothing" })).await;
        let most = [
            json!({ "mode": "many", "count": 5 }),
            json!({ "mode": "fields", "count": 20 }),
            json!({ "mode": "long", "chars": 500 }),
            json!({ "mode": "link", "link": "https://crm.example/a?b=c#d" }),
        ];
        for config in most {
            set(&admin, &path, config.clone()).await;
            let shown = cards(&chat, "").await;
            assert_eq!(shown[0]["failure"], json!(null), "{config}");
        }
        let hostile = [
            json!({ "mode": "many", "count": 6 }),
            json!({ "mode": "fields", "count": 21 }),
            json!({ "mode": "long", "chars": 501 }),
            json!({ "mode": "link", "link": "javascript:alert(document.cookie)" }),
            json!({ "mode": "link", "link": "http://crm.example/" }),
            json!({ "mode": "link", "link": "http://127.0.0.1:8099/" }),
            json!({ "mode": "field-link", "link": "data:text/html,<script>alert(1)</script>" }),
            json!({ "mode": "field-link", "link": "https://crm.example@evil.example/" }),
        ];
        for config in hostile {
            set(&admin, &path, config.clone()).await;
            let shown = cards(&chat, "").await;
            assert_eq!((&shown[0]["cards"], &shown[0]["failure"]["kind"]), (&json!([]), &json!("bad_answer")), "{config}");
        }
    }

    async fn they_are_for_who_may_read_the_conversation(app) {
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        at_work(&admin, json!({ "mode": "note" })).await;
        let path = path(&chat.id);
        let new = NewTenant {
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            owner_email: "owner@other.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let otto = app.agent_of("other", "owner@other.test").await;
        otto.http.get(&path).await.refused(404, "not_found");
        // Nor for who is here, but in another team.
        let team = admin.agent.http.post("/api/v1/teams", json!({ "name": "Billing", "strategy": "least_loaded" })).await.ok(201);
        let cleo = app.new_agent(&admin.agent, "cleo", json!({ "team_ids": [team["id"]] })).await;
        cleo.http.get(&path).await.refused(404, "not_found");
        app.http.get(&path).await.refused(401, "token_missing");
        chat.visitor.http.get(&path).await.refused(401, "wrong_plane");
        admin.agent.http.get(&format!("{path}?fresh=perhaps")).await.refused(422, "invalid_input");
    }

    async fn a_desk_on_ones_own_machine_may_link_to_it(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.config.egress.allow_http = true;
        let app = setup.start().await;
        let admin = Admin::of(&app).await;
        let chat = Chat::begin(&app).await;
        let config = json!({ "mode": "link", "link": "http://127.0.0.1:8099/" });
        let path = at_work(&admin, config).await;
        assert_eq!(cards(&chat, "").await[0]["failure"], json!(null));
        set(&admin, &path, json!({ "mode": "link", "link": "http://crm.example/" })).await;
        assert_eq!(cards(&chat, "").await[0]["failure"]["kind"], "bad_answer");
        app.finish().await;
    }
}
