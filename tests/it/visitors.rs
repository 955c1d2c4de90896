//! What a visitor's browser says of itself, and the desk reads.

use deskbell_tests::{TestApp, Visitor, both_engines};
use serde_json::json;

both_engines! {
    async fn the_desk_sees_where_a_visitor_is(engine: Engine) {
        let app = TestApp::new(engine).await;
        let ana = app.agent("ana").await;
        let page = json!({ "url": "https://shop.example/orders/1", "title": "Order 1", "referrer": "" });
        let arrived = json!({
            "inbox": "demo-web", "page": page, "locale": "de-AT",
            "time_zone": "Europe/Vienna", "screen": "1920x1080",
        });
        let session = app.http.post("/api/v1/widget/sessions", arrived).await.ok(201);
        let visitor = Visitor::arrive(&app.http, json!({
            "inbox": "demo-web", "secret": session["secret"],
        })).await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        let context = format!("/api/v1/conversations/{id}/context");
        let seen = ana.http.get(&context).await.ok(200)["visitor"].clone();
        assert_eq!(seen["id"], session["visitor"]["id"]);
        assert_eq!(seen["page"], page, "what was not said again stays");
        assert_eq!(seen["locale"], "de-AT");
        assert_eq!(seen["time_zone"], "Europe/Vienna");
        assert_eq!(seen["screen"], "1920x1080");
        // Another page of the same visitor replaces the first.
        let elsewhere = json!({ "url": "https://shop.example/", "title": null, "referrer": null });
        Visitor::arrive(&app.http, json!({
            "inbox": "demo-web", "secret": session["secret"], "page": elsewhere,
        })).await;
        let seen = ana.http.get(&context).await.ok(200)["visitor"].clone();
        assert_eq!(seen["page"], elsewhere);
        assert_eq!(seen["locale"], "de-AT");
        visitor.http.get(&context).await.refused(401, "wrong_plane");
        app.finish().await;
    }
}

both_engines! {
    async fn an_address_that_is_no_page_is_refused(engine: Engine) {
        let app = TestApp::new(engine).await;
        let answer = app.http.post("/api/v1/widget/sessions", json!({
            "inbox": "demo-web", "page": { "url": "javascript:alert(1)" }, "screen": "big screen",
        })).await;
        let problem = answer.refused(422, "invalid_input");
        let pointers: Vec<_> = problem["errors"].as_array().unwrap().iter()
            .map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
        assert_eq!(pointers, ["/page/url", "/screen"]);
        app.finish().await;
    }
}
