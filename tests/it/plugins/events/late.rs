//! Calls that take their time, and nodes that do not see their end.

use deskbell_app::admin::tenants::NewTenant;
use deskbell_store::Faults;
use deskbell_tests::reducer::text;
use deskbell_tests::{PASSWORD, both_engines};
use serde_json::json;

use super::super::desk::Admin;
use super::desk::{Desk, MESSAGES, hearing};
use super::gate::gated;

both_engines! {
    async fn a_node_that_dies_meanwhile_loses_nothing(engine: Engine) {
        let (mut app, gate) = gated(engine, "one").await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "one").await;
        visitor.say(&id, "v2", "two").await;
        // The plugin has answered, and nobody has heard it: the node ends here.
        tokio::select! {
            () = gate.holds() => {}
            () = app.settle() => panic!("the answer is held back"),
        }
        app.stop().await;
        gate.release(9);
        app.restart(Faults::default()).await;
        let desk = Desk { admin: Admin::of(&app).await, path: desk.path };
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["heard again: one", "heard: two"]);
        app.finish().await;
    }

    async fn one_that_thinks_holds_up_nobody_else(engine: Engine) {
        let (app, gate) = gated(engine, "slow").await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let new = NewTenant {
            slug: "quiet".to_owned(),
            name: "Quiet".to_owned(),
            owner_email: "owner@quiet.test".to_owned(),
            owner_name: "Otto".to_owned(),
            owner_password: PASSWORD.to_owned(),
        };
        app.app().create_tenant(new).await.expect("a tenant");
        let otto = app.agent_of("quiet", "owner@quiet.test").await;
        let team = json!({ "name": "All", "strategy": "least_loaded" });
        let team = text(&otto.http.post("/api/v1/teams", team).await.ok(201), "id");
        let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
        otto.http.post("/api/v1/inboxes", inbox).await.ok(201);
        let theirs = Admin { agent: otto };
        let path = hearing(&theirs, "hearing", MESSAGES, json!({ "mode": "note" })).await;
        let theirs = Desk { admin: theirs, path };
        app.settle().await;
        // One call that does not end in one of our chats, and more behind it.
        let (slow, quick) = (app.visitor().await, app.visitor().await);
        let stuck = slow.ring("v1", "slow").await;
        slow.say(&stuck, "v2", "behind").await;
        let goes_on = async {
            gate.holds().await;
            let other = quick.ring("v1", "quick").await;
            let visitor = app.visitor_at("quiet-web").await;
            let far = visitor.ring("v1", "far").await;
            loop {
                let (near, far) = (desk.notes(&other).await, theirs.notes(&far).await);
                if (near.len(), far.len()) == (1, 1) {
                    break;
                }
                tokio::task::yield_now().await;
            }
            assert_eq!(desk.notes(&stuck).await, [""; 0], "what is behind it waits");
            gate.release(1);
        };
        tokio::join!(app.settle(), goes_on);
        app.settle().await;
        assert_eq!(desk.notes(&stuck).await, ["heard: slow", "heard: behind"]);
        app.finish().await;
    }

    async fn a_tenant_that_is_all_stuck_holds_up_no_other(engine: Engine) {
        let (app, gate) = gated(engine, "slow").await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let mut chats = Vec::new();
        for _ in 0..12 {
            chats.push(app.visitor().await.ring("v1", "slow").await);
        }
        let looks = async {
            // So many are out at a time, and no more.
            for _ in 0..8 {
                gate.holds().await;
            }
            assert!(!gate.holds_more(), "a ninth call is out");
            gate.release(12);
        };
        tokio::join!(app.settle(), looks);
        app.settle().await;
        for id in &chats {
            assert_eq!(desk.notes(id).await, ["heard: slow"]);
        }
        app.finish().await;
    }
}
