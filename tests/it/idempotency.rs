//! `Idempotency-Key`: a write that is sent again is executed once.

use deskbell_tests::{Answer, Http, TestApp, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

async fn keyed(http: &Http, path: &str, key: &str, body: &Value) -> Answer {
    http.send(
        Method::POST,
        path,
        Some(body.clone()),
        &[("idempotency-key", key)],
    )
    .await
}

both_engines! {
    async fn a_repeat_gets_the_first_answer(engine: Engine) {
        let app = TestApp::new(engine).await;
        let owner = app.agent("owner").await;
        let body = json!({ "name": "Returns", "strategy": "manual" });
        let first = keyed(&owner.http, "/api/v1/teams", "k1", &body).await.ok(201);
        let again = keyed(&owner.http, "/api/v1/teams", "k1", &body).await.ok(201);
        assert_eq!(first, again);
        let teams = owner.http.get("/api/v1/teams").await.ok(200);
        let named = |team: &&Value| team["name"] == "Returns";
        assert_eq!(teams["items"].as_array().unwrap().iter().filter(named).count(), 1);
        // Another body under the same key is a mistake of the client's.
        let other = json!({ "name": "Other", "strategy": "manual" });
        keyed(&owner.http, "/api/v1/teams", "k1", &other)
            .await
            .refused(422, "idempotency_key_reused");
        // Keys are each actor's own, and each route's.
        let supervisor = app.agent("supervisor").await;
        keyed(&supervisor.http, "/api/v1/teams", "k1", &body).await.refused(403, "forbidden");
        app.finish().await;
    }

    async fn a_refused_request_frees_its_key(engine: Engine) {
        let app = TestApp::new(engine).await;
        let owner = app.agent("owner").await;
        let wrong = json!({ "name": " ", "strategy": "manual" });
        keyed(&owner.http, "/api/v1/teams", "k2", &wrong).await.refused(422, "invalid_input");
        let right = json!({ "name": "Returns", "strategy": "manual" });
        keyed(&owner.http, "/api/v1/teams", "k2", &right).await.ok(201);
        keyed(&owner.http, "/api/v1/teams", "two words", &right).await.refused(422, "invalid_input");
        app.finish().await;
    }

    async fn a_repeat_at_the_same_moment_is_not_executed(engine: Engine) {
        let app = TestApp::new(engine).await;
        let owner = app.agent("owner").await;
        let body = json!({ "name": "Returns", "strategy": "manual" });
        let sends = (0..20).map(|_| keyed(&owner.http, "/api/v1/teams", "k3", &body));
        for answer in futures_util::future::join_all(sends).await {
            match answer.status {
                201 => {}
                _ => drop(answer.refused(409, "idempotency_key_in_use")),
            }
        }
        let teams = owner.http.get("/api/v1/teams").await.ok(200);
        let named = |team: &&Value| team["name"] == "Returns";
        assert_eq!(teams["items"].as_array().unwrap().iter().filter(named).count(), 1);
        app.finish().await;
    }
}
