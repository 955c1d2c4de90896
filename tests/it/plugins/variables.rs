//! Variables in canned responses: filled by a plugin, and what happens when the
//! plugin does not do what it should.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::{list, text};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned, with_plugins};

const BAD: &str = "One: {{bad.one}}, two: {{bad.two}}, I am {{agent.name}}.";

both_engines! {
    async fn the_demo_fills_an_orders_status(engine: Engine) {
        let app = with_plugins(engine).await;
        let chat = Chat::begin(&app).await;
        let shown = chat.use_canned("eta", "c1", true).await.ok(200);
        let filled = "Your order a-1001 is on its way; it should arrive on Friday.";
        assert_eq!((text(&shown, "text").as_str(), &shown["ack"]), (filled, &json!(null)));
        assert_eq!(chat.read().await.len(), 1);
        let sent = chat.use_canned("eta", "c1", false).await.ok(200);
        assert!(sent["ack"]["seq"].is_number(), "{sent}");
        assert_eq!(chat.read().await, ["Where is it?", filled]);
        // A repeat answers the first acknowledgement.
        let again = chat.use_canned("eta", "c1", false).await.ok(200);
        assert_eq!(again["ack"], sent["ack"]);
        assert_eq!(chat.read().await.len(), 2);
        app.finish().await;
    }

    async fn what_nobody_knows_is_named_and_nothing_is_sent(app) {
        let admin = Admin::of(&app).await;
        admin.order_variables().await;
        canned(&admin, "by", "{{order.status}} by {{order.carrier}} and {{order.pilot}}").await;
        let chat = Chat::begin(&app).await;
        let told = chat.use_canned("by", "c1", false).await;
        told.refused(422, "missing_variables");
        told.names("/variables/order.carrier", "missing");
        told.names("/variables/order.pilot", "missing");
        let shown = chat.use_canned("by", "c1", true).await.ok(200);
        assert_eq!(shown["text"], "on its way by {{order.carrier}} and {{order.pilot}}");
        assert_eq!(shown["missing"], json!(["order.carrier", "order.pilot"]));
        assert_eq!(chat.read().await.len(), 1);
    }

    async fn a_plugin_that_fails_leaves_a_name_and_a_note(app) {
        let admin = Admin::of(&app).await;
        let path = admin.bad_variables(json!({ "mode": "empty" })).await;
        canned(&admin, "bad", BAD).await;
        let chat = Chat::begin(&app).await;
        let mut desk = admin.agent.connect().await;
        let modes: [(Value, &[&str]); 7] = [
            (json!({ "mode": "empty" }), &[]),
            (json!({ "mode": "unknown-names" }), &["", "bad_answer"]),
            (json!({ "mode": "says-error" }), &["plugin_failed"]),
            (json!({ "mode": "trap" }), &["trapped"]),
            (json!({ "mode": "loop" }), &["cpu_exceeded"]),
            (json!({ "mode": "huge-value" }), &["limit_exceeded"]),
            (json!({ "mode": "huge-value", "bytes": 5_000 }), &["bad_answer"]),
        ];
        for (config, codes) in modes {
            admin.patch(&path, json!({ "config": config })).await.ok(200);
            let told = chat.use_canned("bad", "c1", false).await;
            told.refused(422, "missing_variables");
            told.names("/variables/bad.one", "missing");
            app.settle().await;
            let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
            let known = |code: &&str| code.is_empty() || failures.iter().any(|f| f["code"] == **code);
            assert!(codes.is_empty() || codes.iter().any(known), "{config}: {failures:?}");
        }
        assert_eq!(chat.read().await.len(), 1);
        let told = desk.expect_event("plugin.trapped").await;
        assert_eq!(told["data"]["failure"]["hook"], "variables");
        assert_eq!(told["data"]["failure"]["conversation_id"], chat.id.as_str());
        desk.fence().await;
        desk.close().await;
        // And then it behaves.
        let config = json!({ "mode": "text", "text": "{{agent.name}} <b>" });
        admin.patch(&path, json!({ "config": config })).await.ok(200);
        let sent = chat.use_canned("bad", "c1", false).await.ok(200);
        let filled = "One: {{agent.name}} <b>, two: {{agent.name}} <b>, I am Ana.";
        assert_eq!(sent["text"], filled);
        assert_eq!(chat.read().await[1], filled);
    }

    async fn failing_for_ever_is_one_row_and_told_once_a_minute(app) {
        let admin = Admin::of(&app).await;
        let path = admin.bad_variables(json!({ "mode": "trap" })).await;
        canned(&admin, "bad", BAD).await;
        let chat = Chat::begin(&app).await;
        let mut desk = admin.agent.connect().await;
        app.settle().await;
        // One more in a row and it would not be asked.
        for _ in 0..4 {
            chat.use_canned("bad", "c1", true).await.ok(200);
            app.settle().await;
        }
        let failures = list(&admin.get(&format!("{path}/failures")).await["items"]);
        assert_eq!((failures.len(), &failures[0]["count"]), (1, &json!(4)));
        app.pass(61_000).await;
        chat.use_canned("bad", "c1", true).await.ok(200);
        app.settle().await;
        desk.fence().await;
        let types = desk.event_types().await;
        let told = types.iter().filter(|kind| *kind == "plugin.trapped").count();
        assert_eq!(told, 2, "{types:?}");
        desk.close().await;
    }

    async fn the_variables_there_are(app) {
        let admin = Admin::of(&app).await;
        let ana = app.agent("ana").await;
        let names = async || -> Vec<String> {
            let all = ana.http.get("/api/v1/variables").await.ok(200);
            list(&all["items"]).iter().map(|one| text(one, "name")).collect()
        };
        let core = names().await;
        assert!(core.contains(&"contact.name".to_owned()), "{core:?}");
        let path = admin.order_variables().await;
        assert_eq!(names().await[core.len()..], ["order.status", "order.eta", "order.carrier"]);
        let all = ana.http.get("/api/v1/variables").await.ok(200);
        let last = list(&all["items"]).pop().unwrap_or_default();
        assert_eq!(last["plugin_name"], "Order variables");
        admin.agent.http.poke(&format!("{path}/disable")).await.ok(200);
        assert_eq!(names().await, core);
    }
}
