//! Secrets from outside: entered, listed without their values, told of, taken
//! away; and who may.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::list;
use serde_json::{Value, json};

use super::desk::Admin;

both_engines! {
    async fn a_secret_is_entered_and_never_shown(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        let mut desk = admin.agent.connect().await;
        app.settle().await;
        let secrets = format!("{path}/secrets");
        let one = async || list(&admin.get(&secrets).await["items"]).remove(0);
        let before = one().await;
        assert_eq!((&before["name"], &before["set"]), (&json!("api_key"), &json!(false)));
        assert_eq!((&before["hosts"], &before["updated_at"]), (&json!([]), &Value::Null));

        let secret = format!("{secrets}/api_key");
        let put = admin.agent.http.put(&secret, json!({ "value": "canary-1" })).await;
        put.ok(204);
        let after = one().await;
        assert_eq!(after["set"], true);
        assert!(after["updated_at"].is_string());
        assert!(!after.to_string().contains("canary"), "{after}");
        admin.agent.http.get(&secret).await.refused(405, "method_not_allowed");
        app.settle().await;
        let told = desk.expect_event("installation.secret_changed").await;
        assert_eq!((&told["data"]["secret"], &told["data"]["set"]), (&json!("api_key"), &json!(true)));
        assert!(!told.to_string().contains("canary"), "{told}");

        admin.agent.http.delete(&secret).await.ok(204);
        admin.agent.http.delete(&secret).await.refused(404, "not_found");
        assert_eq!(one().await["set"], false);
        app.settle().await;
        let told = desk.expect_event("installation.secret_changed").await;
        assert_eq!(told["data"]["set"], false);
        desk.fence().await;
        desk.close().await;

        // With its installation it goes too.
        admin.agent.http.put(&secret, json!({ "value": "canary-2" })).await.ok(204);
        admin.agent.http.delete(&path).await.ok(204);
        admin.agent.http.get(&secrets).await.refused(404, "not_found");
    }

    async fn what_is_no_secret_is_refused(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        let put = async |name: &str, value: Value| {
            admin.agent.http.put(&format!("{path}/secrets/{name}"), value).await
        };
        put("other", json!({ "value": "x" })).await.refused(404, "not_found");
        for value in ["", "a\nb", "a\u{0}b"] {
            let told = put("api_key", json!({ "value": value })).await;
            told.refused(422, "invalid_input");
            told.names("/value", "bad_text");
        }
        put("api_key", json!({ "value": "x".repeat(8193) })).await.names("/value", "bad_text");
        put("api_key", json!({ "value": 7 })).await.refused(422, "invalid_input");
        put("api_key", json!({ "secret": "x" })).await.names("/secret", "unknown_field");
        let ana = app.agent("ana").await;
        let secrets = format!("{path}/secrets");
        ana.http.get(&secrets).await.refused(403, "forbidden");
        let secret = format!("{secrets}/api_key");
        ana.http.put(&secret, json!({ "value": "x" })).await.refused(403, "forbidden");
        ana.http.delete(&secret).await.refused(403, "forbidden");
    }
}
