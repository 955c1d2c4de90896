//! Recording a plugin's calls: who may, for how long, and that it ends by itself.

use deskbell_app::Clock as _;
use deskbell_domain::time::{HOUR, MINUTE, SECOND};
use deskbell_tests::both_engines;
use deskbell_tests::reducer::{list, text};
use serde_json::{Value, json};

use super::desk::{Admin, Chat, canned};

const STATUS: &str = "It is {{order.status}}.";

both_engines! {
    async fn a_recording_holds_the_call_and_ends_by_itself(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "status", STATUS).await;
        let path = admin.order_variables().await;
        let chat = Chat::begin(&app).await;
        let recordings = format!("{path}/recordings");
        let kept = async || {
            app.settle().await;
            list(&admin.get(&recordings).await["items"])
        };
        let ask = async |key: &str| chat.use_canned("status", key, true).await.ok(200);
        ask("c1").await;
        assert_eq!(kept().await, [Value::Null; 0], "nobody asked for it");

        let until = app.clock.now().plus(5 * MINUTE);
        let set = json!({ "recording": { "until": until } });
        let on = admin.patch(&path, set).await.ok(200);
        assert_eq!(on["recorded_until"], json!(until));
        ask("c2").await;
        let first = kept().await;
        assert_eq!(first.len(), 1, "{first:?}");
        assert_eq!((&first[0]["hook"], &first[0]["outcome"]), (&json!("variables"), &json!("ok")));
        let one = admin.get(&format!("{recordings}/{}", text(&first[0], "id"))).await;
        assert_eq!(one["input"]["names"], json!(["order.status"]));
        assert_eq!(one["input"]["conversation"]["id"], json!(chat.id));
        assert_eq!(one["expect"]["answer"], json!({ "order.status": "on its way" }));
        assert_eq!(one["recorded"]["plugin"], "order-variables");

        app.advance(5 * MINUTE - SECOND);
        ask("c3").await;
        assert_eq!(kept().await.len(), 2);
        app.advance(SECOND);
        ask("c4").await;
        assert_eq!(kept().await.len(), 2, "its time is over");
        assert_eq!(admin.get(&path).await["recorded_until"], Value::Null);

        admin.agent.http.delete(&recordings).await.ok(204);
        assert_eq!(kept().await.len(), 0);
        admin.get(&path).await;
        admin.agent.http.delete(&path).await.ok(204);
    }

    async fn a_hundred_are_kept_and_null_ends_it(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "status", STATUS).await;
        let path = admin.order_variables().await;
        let chat = Chat::begin(&app).await;
        let set = |until: Value| json!({ "recording": { "until": until } });
        admin.patch(&path, set(json!(app.clock.now().plus(HOUR)))).await.ok(200);
        for n in 0..105 {
            chat.use_canned("status", &format!("c{n}"), true).await.ok(200);
            if n % 10 == 0 {
                app.settle().await;
            }
        }
        app.settle().await;
        let listed = admin.get(&format!("{path}/recordings?limit=200")).await;
        assert_eq!(list(&listed["items"]).len(), 100);
        admin.patch(&path, set(Value::Null)).await.ok(200);
        assert_eq!(admin.get(&path).await["recorded_until"], Value::Null);
    }

    async fn only_admins_record_and_for_an_hour_at_most(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        for until in [app.clock.now(), app.clock.now().plus(HOUR + 1)] {
            let set = json!({ "recording": { "until": until } });
            let told = admin.patch(&path, set).await;
            told.refused(422, "invalid_input");
            told.names("/recording/until", "out_of_range");
        }
        let ana = app.agent("ana").await;
        let set = json!({ "recording": { "until": app.clock.now().plus(SECOND) } });
        ana.http.patch(&path, set).await.refused(403, "forbidden");
        let recordings = format!("{path}/recordings");
        ana.http.get(&recordings).await.refused(403, "forbidden");
        ana.http.delete(&recordings).await.refused(403, "forbidden");
        for unknown in ["7", "x"] {
            let one = format!("{recordings}/{unknown}");
            admin.agent.http.get(&one).await.refused(404, "not_found");
        }
    }
}
