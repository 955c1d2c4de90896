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
        let mut desk = admin.agent.connect().await;
        let on = admin.patch(&path, set).await.ok(200);
        assert_eq!(on["recorded_until"], json!(until));
        app.settle().await;
        let told = desk.expect_event("installation.updated").await;
        assert_eq!(told["changes"]["recorded_until"], json!([null, until]));
        let noted = admin.get("/api/v1/audit?action=installation.updated").await;
        assert_eq!(noted["items"][0]["details"]["recorded_until"], json!([null, until]), "{noted}");
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
        desk.close().await;
        admin.agent.http.delete(&path).await.ok(204);
    }

    async fn what_is_switched_off_says_that_it_would_be_recorded(app) {
        let admin = Admin::of(&app).await;
        let path = admin.order_variables().await;
        let until = json!(app.clock.now().plus(5 * MINUTE));
        let set = json!({ "recording": { "until": until } });
        admin.patch(&path, set).await.ok(200);
        let off = admin.agent.http.poke(&format!("{path}/disable")).await.ok(200);
        assert_eq!((&off["enabled"], &off["recorded_until"]), (&json!(false), &until));
        assert_eq!(admin.get(&path).await["recorded_until"], until);
        let all = list(&admin.get("/api/v1/installations").await["items"]);
        assert_eq!(all[0]["recorded_until"], until);
        app.advance(5 * MINUTE);
        assert_eq!(admin.get(&path).await["recorded_until"], Value::Null);
    }

    async fn what_is_thrown_away_does_not_come_after(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "status", STATUS).await;
        let path = admin.order_variables().await;
        let chat = Chat::begin(&app).await;
        let set = json!({ "recording": { "until": app.clock.now().plus(HOUR) } });
        admin.patch(&path, set).await.ok(200);
        let recordings = format!("{path}/recordings");
        chat.use_canned("status", "c1", true).await.ok(200);
        // Recorded, and not written down yet.
        admin.agent.http.delete(&recordings).await.ok(204);
        app.settle().await;
        assert_eq!(list(&admin.get(&recordings).await["items"]).len(), 0);
        chat.use_canned("status", "c2", true).await.ok(200);
        app.settle().await;
        assert_eq!(list(&admin.get(&recordings).await["items"]).len(), 1);
    }

    async fn a_hundred_are_kept_and_null_ends_it(app) {
        let admin = Admin::of(&app).await;
        canned(&admin, "status", STATUS).await;
        let path = admin.order_variables().await;
        let chat = Chat::begin(&app).await;
        let set = |until: Value| json!({ "recording": { "until": until } });
        admin.patch(&path, set(json!(app.clock.now().plus(HOUR)))).await.ok(200);
        let kept = async || {
            app.settle().await;
            list(&admin.get(&format!("{path}/recordings?limit=200")).await["items"])
        };
        for n in 1..=100 {
            chat.use_canned("status", &format!("c{n}"), true).await.ok(200);
            if n % 10 == 0 {
                app.settle().await;
            }
        }
        let all = kept().await;
        assert_eq!(all.len(), 100);
        // One more, and the oldest goes.
        chat.use_canned("status", "c101", true).await.ok(200);
        let after = kept().await;
        assert_eq!(after.len(), 100);
        let ids = |all: &[Value]| all.iter().map(|one| text(one, "id")).collect::<Vec<_>>();
        assert_eq!(ids(&after[1..]), ids(&all[..99]));
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
