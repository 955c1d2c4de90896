//! Logs, calls and figures of plugins: paged, bounded, and nobody else's.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_tests::guests::{zoo, zoo_as};
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{PASSWORD, TestApp, both_engines};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned};

const SECOND: i64 = 1_000;

async fn logging(app: &TestApp, admin: &Admin, lines: u32) -> (String, Chat) {
    let config = json!({ "mode": "log", "lines": lines });
    let path = admin.at_work(&zoo("versions"), "variables", config).await;
    canned(admin, "tell", "{{version.of}}").await;
    (path, Chat::begin(app).await)
}

async fn call(app: &TestApp, chat: &Chat) {
    chat.use_canned("tell", "c1", true).await.ok(200);
    app.pass(SECOND).await;
}

fn texts(page: &Value) -> Vec<String> {
    let items = list(&page["items"]);
    items.iter().map(|line| text(line, "text")).collect()
}

both_engines! {
    async fn what_a_plugin_logs_can_be_read(app) {
        let admin = Admin::of(&app).await;
        let (path, chat) = logging(&app, &admin, 2).await;
        let empty = admin.get(&format!("{path}/logs")).await;
        assert_eq!(empty, json!({ "items": [], "next_cursor": null }));
        call(&app, &chat).await;
        let page = admin.get(&format!("{path}/logs")).await;
        let expected = ["looking", "line 0", "line 1", "odd  [31mred", "done for"];
        assert_eq!(texts(&page), expected, "without control characters");
        assert_eq!((&page["items"][3]["level"], &page["items"][3]["hook"]), (&json!("warn"), &json!("variables")));
        let cursor = text(&page, "next_cursor");
        let later = admin.get(&format!("{path}/logs?after={cursor}")).await;
        assert_eq!(later, json!({ "items": [], "next_cursor": cursor }));
        call(&app, &chat).await;
        let grave = admin.get(&format!("{path}/logs?after={cursor}&level=warn")).await;
        assert_eq!(texts(&grave), ["odd  [31mred", "done for"]);
        let latest = admin.get(&format!("{path}/logs?limit=2")).await;
        assert_eq!(texts(&latest), ["odd  [31mred", "done for"], "the newest");
        let told = admin.agent.http.get(&format!("{path}/logs?after=x")).await;
        told.names("/after", "bad_cursor");
        // The call it belongs to.
        let calls = admin.get(&format!("{path}/invocations")).await;
        let first = &calls["items"][0];
        assert_eq!((&first["outcome"], &first["log_lines"]), (&json!("ok"), &json!(5)));
        assert_eq!(first["call_id"], latest["items"][0]["call_id"]);
        assert_eq!((&first["conversation_id"], &first["plugin_version"]), (&json!(chat.id), &json!("0.1.0")));
        assert!(first["wall_us"].as_i64() > Some(0) && first["peak_memory"].as_i64() > Some(0), "{first}");
    }

    async fn no_secret_is_in_a_log(app) {
        let admin = Admin::of(&app).await;
        // It logs what a server might have told it.
        let secret = "[secrets.key]\ntitle = \"Key\"\nhosts = [\"api.example.com\"]\n\
            placement = { header = \"X-Key\" }\n";
        let file = zoo_as("versions", "0.1.1", secret);
        let config = json!({ "mode": "log", "lines": 2 });
        let path = admin.at_work(&file, "variables", config).await;
        canned(&admin, "tell", "{{version.of}}").await;
        let chat = Chat::begin(&app).await;
        let key = format!("{path}/secrets/key");
        admin.agent.http.put(&key, json!({ "value": "line 1" })).await.ok(204);
        call(&app, &chat).await;
        let page = admin.get(&format!("{path}/logs")).await;
        assert_eq!(texts(&page)[1..3], ["line 0", "[secret key]"]);
    }

    async fn a_tail_waits_for_a_line(app) {
        let admin = Admin::of(&app).await;
        let (path, chat) = logging(&app, &admin, 0).await;
        let tail = format!("{path}/logs?after=0&tail=true");
        let (page, ()) = tokio::join!(admin.get(&tail), call(&app, &chat));
        assert_eq!(texts(&page).len(), 3);
    }

    async fn a_tail_ends_with_the_server(engine: Engine) {
        let mut app = deskbell_tests::Setup::new(engine).start().await;
        let admin = Admin::of(&app).await;
        let (path, _chat) = logging(&app, &admin, 0).await;
        let tail = format!("{path}/logs?after=7&tail=true");
        // Two requests on their way: when the second is answered, the first waits.
        let waits = admin.get(&tail);
        tokio::pin!(waits);
        let other = admin.get(&path);
        tokio::pin!(other);
        tokio::select! {
            biased;
            page = &mut waits => panic!("it did not wait: {page}"),
            _ = &mut other => {}
        }
        let began = std::time::Instant::now();
        let (page, ()) = tokio::join!(waits, app.stop());
        assert_eq!(page, json!({ "items": [], "next_cursor": "7" }));
        // It would wait for 20 seconds, and the server for it as long as it drains.
        assert!(began.elapsed() < std::time::Duration::from_secs(8));
        app.restart(deskbell_store::Faults::default()).await;
        app.finish().await;
    }

    async fn a_flood_is_bounded(app) {
        let admin = Admin::of(&app).await;
        let (path, chat) = logging(&app, &admin, 700).await;
        for _ in 0..4 {
            call(&app, &chat).await;
        }
        let (mut seen, mut after) = (Vec::new(), "0".to_owned());
        loop {
            let page = admin.get(&format!("{path}/logs?after={after}&limit=200")).await;
            if list(&page["items"]).is_empty() {
                break;
            }
            seen.extend(list(&page["items"]).iter().map(|line| line["n"].as_i64()));
            after = text(&page, "next_cursor");
        }
        assert_eq!(seen.len(), 2_000);
        assert!(seen.is_sorted_by(|a, b| a < b), "in order, each once");
        // A week later they are gone.
        app.pass(8 * 24 * 3_600 * SECOND).await;
        let admin = Admin::of(&app).await;
        let page = admin.get(&format!("{path}/logs")).await;
        assert_eq!(texts(&page), [""; 0]);
    }

    async fn failures_are_kept_over_successes(app) {
        let admin = Admin::of(&app).await;
        let config = json!({ "mode": "trap" });
        let path = admin.at_work(&zoo("versions"), "variables", config).await;
        canned(&admin, "tell", "{{version.of}}").await;
        let chat = Chat::begin(&app).await;
        chat.use_canned("tell", "c1", false).await.refused(422, "missing_variables");
        app.settle().await;
        admin.patch(&path, json!({ "config": { "mode": "tell" } })).await.ok(200);
        for round in 0..11 {
            for _ in 0..60 {
                chat.use_canned("tell", "c1", true).await.ok(200);
            }
            app.pass(5 * SECOND).await;
            let _ = round;
        }
        let mut all = Vec::new();
        let mut page = admin.get(&format!("{path}/invocations?limit=200")).await;
        loop {
            all.extend(list(&page["items"]));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            page = admin.get(&format!("{path}/invocations?limit=200&cursor={cursor}")).await;
        }
        assert_eq!(all.len(), 500);
        assert_eq!(all.last().map(|call| call["outcome"].clone()), Some(json!("trapped")));
        // The figures are of all calls, not of a sample.
        let figures = admin.get(&format!("{path}/metrics")).await;
        assert_eq!(figures["items"][0]["outcomes"], json!({ "ok": 660, "trapped": 1 }));
        assert!(figures["items"][0]["p99_ms"].as_f64() >= figures["items"][0]["p50_ms"].as_f64());
    }

    async fn nobody_else_reads_them(app) {
        let admin = Admin::of(&app).await;
        let (path, chat) = logging(&app, &admin, 1).await;
        call(&app, &chat).await;
        let new = NewTenant {
            slug: "other".to_owned(),
            name: "Other".to_owned(),
            owner_email: "owner@other.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let other = app.agent_of("other", "owner@other.test").await;
        for what in ["logs", "logs?after=0&tail=true", "invocations", "metrics"] {
            let path = format!("{path}/{what}");
            other.http.get(&path).await.refused(404, "not_found");
            chat.ana.http.get(&path).await.refused(403, "forbidden");
        }
        for what in ["upgrade", "rollback"] {
            let body = json!({ "plugin_version": "0.2.0", "hooks": ["variables"] });
            let body = if what == "upgrade" { body } else { json!(null) };
            let told = match what {
                "upgrade" => other.http.post(&format!("{path}/{what}"), body).await,
                _ => other.http.poke(&format!("{path}/{what}")).await,
            };
            told.refused(404, "not_found");
        }
        // They go with the installation.
        admin.agent.http.delete(&path).await.ok(204);
    }
}
