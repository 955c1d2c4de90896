//! What is refused: answers that fit no question, and inboxes without a bot.

use deskbell_tests::both_engines;
use deskbell_tests::guests::built_in;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::desk::{Desk, answer, asked};

both_engines! {
    async fn an_answer_must_fit_its_question(app) {
        let desk = Desk::bad(&app, json!({ "mode": "ask" })).await;
        let visitor = app.visitor().await;
        let started = visitor.http.post("/api/v1/widget/conversations", json!({})).await.ok(201);
        let id = text(&started, "id");
        app.settle().await;
        let question = asked(&visitor, &id).await;
        let wrong = answer(&visitor, &id, "v1", &question, json!({ "choice": "never", "x": 1 })).await;
        let problem = wrong.refused(422, "invalid_input");
        let pointers: Vec<_> = problem["errors"].as_array().into_iter().flatten().map(|it| text(it, "pointer")).collect();
        assert_eq!(pointers, ["/answer/values/x", "/answer/values/choice"]);
        // Another visitor's question, one's own message, and none at all.
        let other = app.visitor().await;
        let theirs = other.ring("v1", "hello").await;
        app.settle().await;
        for to in [asked(&other, &theirs).await, json!({ "id": format!("msg_{}", "0".repeat(32)) })] {
            let refused = answer(&visitor, &id, "v2", &to, json!({ "choice": "late" })).await;
            assert_eq!(refused.refused(422, "invalid_input")["errors"][0]["pointer"], "/answer/message_id");
        }
        answer(&other, &id, "v3", &question, json!({ "choice": "late" })).await.refused(404, "not_found");
        visitor.on(&id, "messages", json!({ "client_msg_id": "v4" })).await.refused(422, "invalid_input");
        assert_eq!(desk.thread(&id).await.len(), 1);
    }

    async fn an_inbox_takes_bots_only(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let nobody = format!("ins_{}", "0".repeat(32));
        desk.answers_first(json!(nobody)).await.refused(422, "invalid_input");
        let router = built_in("skills-router").to_vec();
        let kind = [("content-type", "application/wasm")];
        let sent = desk.owner.http.raw(reqwest::Method::POST, "/api/v1/plugins", router, &kind).await.ok(201);
        let body = json!({ "plugin_id": sent["plugin"]["id"], "hooks": ["routing"] });
        let made = desk.owner.http.post("/api/v1/installations", body).await.ok(201);
        let refused = desk.answers_first(made["id"].clone()).await;
        assert_eq!(refused.refused(422, "invalid_input")["errors"][0]["code"], "no_bot");
        // Taken away, it is no inbox's bot any more.
        desk.owner.http.delete(&desk.path()).await.ok(204);
        let inboxes = desk.owner.http.get("/api/v1/inboxes").await.ok(200);
        assert!(inboxes["items"].as_array().into_iter().flatten().all(|it| it["bot"].is_null()));
    }

    async fn a_bot_that_is_switched_off_has_nobody(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let visitor = app.visitor().await;
        let with_it = visitor.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.status(&with_it).await, "bot");
        desk.owner.http.patch(&desk.path(), json!({ "enabled": false })).await.ok(200);
        app.settle().await;
        let conversation = desk.owner.conversation(&with_it).await;
        assert_eq!((&conversation["status"], &conversation["reason"]), (&json!("queued"), &json!("bot_failed")));
        let next = app.visitor().await.ring("v1", "hello").await;
        assert_eq!(desk.status(&next).await, "queued", "people answer at once");
    }
}
