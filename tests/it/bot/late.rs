//! A bot that thinks while somebody takes the conversation: it cannot talk over
//! them.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::desk::Desk;
use super::gate::gated;

both_engines! {
    async fn it_goes_on_thinking_while_nobody_looks_after_it(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let _desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        app.settle().await;
        app.visitor().await.ring("v1", "hello").await;
        // One round begins the question; nothing steps until it has an answer.
        app.server().step().await.expect("a step");
        gate.holds().await;
        // That it began, and what the visitor said.
        gate.release();
        gate.release();
        app.settle().await;
        app.finish().await;
    }

    async fn an_agent_takes_over_while_it_thinks(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let ana = app.agent("ana").await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        let takes = async {
            gate.holds().await;
            ana.on(&id, "assign", json!({})).await.ok(200);
            gate.release();
        };
        tokio::join!(app.settle(), takes);
        let conversation = ana.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["assignee"]["id"]), (&json!("active"), &json!(ana.id)));
        assert_eq!(desk.thread(&id).await, [("visitor".to_owned(), "hello".to_owned())]);
        // And what the visitor says from now on is Ana's alone.
        visitor.say(&id, "v2", "are you there?").await;
        app.settle().await;
        assert_eq!(desk.thread(&id).await.len(), 2);
        assert_eq!(desk.failures().await, Vec::<String>::new(), "late is no failure");
        app.finish().await;
    }

    async fn a_visitor_asks_for_a_person_while_it_hangs(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let visitor = app.visitor().await;
        let mut widget = visitor.connect().await;
        let id = visitor.ring("v1", "hello").await;
        let asks = async {
            gate.holds().await;
            let params = json!({ "conversation_id": id });
            let now = widget.command("request_agent", params).await;
            assert_eq!(now["status"], "queued");
            gate.release();
        };
        tokio::join!(app.settle(), asks);
        let conversation = desk.owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["reason"]), (&json!("queued"), &json!("asked_for_a_person")));
        assert_eq!(desk.thread(&id).await.len(), 1, "its answer came too late");
        // Once more is as good as once.
        let again = visitor.on(&id, "request-agent", json!({})).await.ok(200);
        assert_eq!(text(&again, "status"), "queued");
        visitor.on(&id, "end", json!({})).await.ok(200);
        visitor.on(&id, "request-agent", json!({})).await.refused(409, "wrong_status");
        app.finish().await;
    }
}
