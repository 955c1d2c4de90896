//! Availability and its graces: choice, load, idleness, a lost connection; and
//! visitors who leave the queue.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::{SECOND, capacity, choose, ring};

const MINUTE: i64 = 60 * SECOND;

both_engines! {
    async fn availability_has_an_order_of_rules(app) {
        let (owner, ana) = (app.agent("owner").await, app.agent("ana").await);
        let sam = app.agent("supervisor").await;
        capacity(&owner, &ana, 1).await;
        assert_eq!(choose(&ana, &ana, "online").await["availability"], "offline", "no socket");
        let desk = ana.connect().await;
        app.settle().await;
        assert_eq!(ana.availability().await, "online");
        let (id, _) = ring(&app, &owner).await;
        assert_eq!(ana.availability().await, "busy");
        // The choice goes before capacity, and a supervisor may choose for her.
        assert_eq!(choose(&sam, &ana, "away").await["availability"], "away");
        let ben = app.agent("ben").await;
        let path = format!("/api/v1/agents/{}/availability", ana.id);
        ben.http.put(&path, json!({ "availability": "online" })).await.refused(403, "forbidden");
        assert_eq!(choose(&ana, &ana, "online").await["availability"], "busy");
        ana.on(&id, "close", json!({})).await.ok(200);
        app.settle().await;
        assert_eq!(ana.availability().await, "online");
        // Fifteen minutes without activity; then a command brings her back.
        app.pass(15 * MINUTE - 1).await;
        let owner = app.agent("owner").await;
        assert_eq!(owner.colleague(&ana.id).await["availability"], "online");
        app.pass(1).await;
        assert_eq!(owner.colleague(&ana.id).await["availability"], "away");
        let (id, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "");
        let ana = app.agent("ana").await;
        ana.on(&id, "assign", json!({})).await.ok(200);
        app.settle().await;
        assert_eq!(owner.colleague(&ana.id).await["availability"], "busy");
        desk.close().await;
    }

    async fn who_loses_the_connection_has_two_graces(app) {
        let (owner, ana) = (app.agent("owner").await, app.agent("ana").await);
        let (desk, second) = (ana.connect().await, ana.connect().await);
        app.settle().await;
        let (id, name) = ring(&app, &owner).await;
        assert_eq!(name, "Ana");
        let seen = async || text(&owner.colleague(&ana.id).await, "availability");
        // One of two sockets changes nothing.
        desk.close().await;
        app.pass(10 * MINUTE).await;
        assert_eq!(seen().await, "online");
        second.close().await;
        app.pass(35 * SECOND - 1).await;
        assert_eq!(seen().await, "online");
        // Back within the grace: as if nothing had been.
        let back = ana.connect().await;
        app.pass(MINUTE).await;
        assert_eq!(seen().await, "online");
        back.close().await;
        app.pass(35 * SECOND).await;
        assert_eq!(seen().await, "offline");
        let (_, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "", "offline gets none");
        app.pass(2 * MINUTE - 1).await;
        assert_eq!(owner.conversation(&id).await["status"], "active");
        app.pass(1).await;
        let conversation = owner.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["assignee"]), (&json!("queued"), &json!(null)));
        let again = ana.connect().await;
        app.settle().await;
        assert_eq!(owner.conversation(&id).await["assignee"]["name"], "Ana");
        again.close().await;
    }

    async fn a_visitor_who_leaves_the_queue_is_missed(app) {
        let owner = app.agent("owner").await;
        let (gone, there) = (app.visitor().await, app.visitor().await);
        let widget = there.connect().await;
        let (left, waits) = (gone.ring("v1", "hello").await, there.ring("v1", "hello").await);
        app.pass(5 * MINUTE - 1).await;
        assert_eq!(owner.conversation(&left).await["status"], "queued");
        app.pass(1).await;
        let missed = owner.conversation(&left).await;
        assert_eq!((&missed["status"], &missed["reason"]), (&json!("missed"), &json!("visitor_left")));
        assert_eq!(owner.conversation(&waits).await["status"], "queued", "who has a socket waits on");
        // Five minutes count from the socket's end.
        app.pass(2 * MINUTE).await;
        widget.close().await;
        app.pass(5 * MINUTE - 1).await;
        assert_eq!(owner.conversation(&waits).await["status"], "queued");
        app.pass(1).await;
        let owner = app.agent("owner").await;
        assert_eq!(owner.conversation(&waits).await["status"], "missed");
        app.pass(24 * 60 * MINUTE).await;
        let owner = app.agent("owner").await;
        for id in [left, waits] {
            assert_eq!(owner.conversation(&id).await["status"], "closed");
        }
    }
}
