//! The signal `presence`: whether a visitor's page is open, told to the desk.

use deskbell_tests::{Socket, TestApp, both_engines};

const ROUNDS: usize = 10_000;

/// A socket's end is noticed by the server in its own time, so this goes round
/// until the word of it has come.
async fn told(app: &TestApp, desk: &mut Socket, conversation: &str, online: bool) {
    for _ in 0..ROUNDS {
        app.settle().await;
        desk.fence().await;
        for frame in desk.drain() {
            if frame["name"] == "presence" {
                assert_eq!(frame["conversation_id"], conversation);
                assert_eq!(frame["data"]["online"], online);
                return;
            }
        }
    }
    panic!("nobody was told that {conversation} is online: {online}");
}

both_engines! {
    async fn a_visitor_comes_and_goes(engine: Engine) {
        let app = TestApp::new(engine).await;
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut desk = ana.connect().await;
        let (widget, other_tab) = (visitor.connect().await, visitor.connect().await);
        let id = visitor.ring("v1", "hello").await;
        told(&app, &mut desk, &id, true).await;
        app.settle().await;
        // One of two pages closes: still there. The last one: gone.
        widget.close().await;
        told(&app, &mut desk, &id, true).await;
        other_tab.close().await;
        told(&app, &mut desk, &id, false).await;
        let widget = visitor.connect().await;
        told(&app, &mut desk, &id, true).await;
        // An agent who comes back hears of their visitors at once.
        desk.close().await;
        let mut desk = ana.connect().await;
        told(&app, &mut desk, &id, true).await;
        ana.on(&id, "resolve", serde_json::json!({})).await.ok(200);
        widget.close().await;
        desk.close().await;
        app.finish().await;
    }
}
