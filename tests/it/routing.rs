//! Who gets the chat: strategies, capacity, places in the queue, and the record of
//! each decision. Who is there to get one is in `routing/presence.rs`, what plugins
//! say to it in `routing/plugins.rs`, and plugins at their worst in
//! `routing/hostile.rs`.

mod hostile;
mod plugins;
mod presence;
mod script;

use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Socket, TestApp, both_engines};
use serde_json::{Value, json};

const SECOND: i64 = 1_000;

async fn choose(by: &Agent, whom: &Agent, availability: &str) -> Value {
    let path = format!("/api/v1/agents/{}/availability", whom.id);
    by.http
        .put(&path, json!({ "availability": availability }))
        .await
        .ok(200)
}

async fn capacity(owner: &Agent, agent: &Agent, capacity: i64) {
    let path = format!("/api/v1/agents/{}", agent.id);
    owner
        .http
        .patch(&path, json!({ "capacity": capacity }))
        .await
        .ok(200);
}

/// Rings once and says who got it; nobody is "".
async fn ring(app: &TestApp, reader: &Agent) -> (String, String) {
    let id = app.visitor().await.ring("v1", "hello").await;
    app.settle().await;
    let conversation = reader.conversation(&id).await;
    (id, text(&conversation["assignee"], "name"))
}

/// Ana and Ben connected.
async fn both(app: &TestApp) -> (Agent, Agent, Vec<Socket>) {
    let (ana, ben) = (app.agent("ana").await, app.agent("ben").await);
    let sockets = vec![ana.connect().await, ben.connect().await];
    app.settle().await;
    (ana, ben, sockets)
}

both_engines! {
    async fn least_loaded_takes_turns_by_load(app) {
        let (owner, (ana, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        capacity(&owner, &ana, 2).await;
        capacity(&owner, &ben, 4).await;
        let mut got = Vec::new();
        for _ in 0..7 {
            app.advance(SECOND);
            got.push(ring(&app, &owner).await.1);
        }
        // By share of capacity in use; ties to who waited longest; the last has nobody.
        let count = |name: &str| got.iter().filter(|got| *got == name).count();
        assert_eq!((count("Ana"), count("Ben"), got[6].as_str()), (2, 4, ""), "{got:?}");
        assert_ne!(got[0], got[1], "{got:?}");
        assert_eq!((ana.availability().await, ben.availability().await), ("busy".to_owned(), "busy".to_owned()));
    }

    async fn round_robin_and_manual(app) {
        let (owner, (ana, _ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        let team = format!("/api/v1/teams/{}", text(&owner.snapshot().await["teams"][0], "id"));
        owner.http.patch(&team, json!({ "strategy": "round_robin" })).await.ok(200);
        let mut got = Vec::new();
        for n in 0..4 {
            app.advance(SECOND);
            let (id, name) = ring(&app, &owner).await;
            // Load plays no part: what Ana has is over at once.
            if name == "Ana" && n < 2 {
                ana.on(&id, "close", json!({})).await.ok(200);
            }
            got.push(name);
        }
        assert_eq!(got[..2], got[2..], "{got:?}");
        assert_ne!(got[0], got[1], "{got:?}");
        owner.http.patch(&team, json!({ "strategy": "manual" })).await.ok(200);
        let (id, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "");
        let taken = ana.on(&id, "assign", json!({})).await.ok(200);
        assert_eq!(taken["assignee"]["name"], "Ana");
        ana.on(&id, "assign", json!({})).await.refused(409, "already_assigned");
    }

    async fn capacity_is_never_exceeded_but_by_supervisors(app) {
        let owner = app.agent("owner").await;
        let (ana, ben, sam) =
            (app.agent("ana").await, app.agent("ben").await, app.agent("supervisor").await);
        capacity(&owner, &ana, 1).await;
        let _desk = ana.connect().await;
        app.settle().await;
        let (first, name) = ring(&app, &owner).await;
        assert_eq!(name, "Ana");
        let (second, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "");
        ana.on(&second, "assign", json!({})).await.refused(409, "at_capacity");
        let to = json!({ "agent_id": ana.id });
        sam.on(&second, "assign", to.clone()).await.refused(409, "at_capacity");
        sam.on(&second, "transfer", to).await.refused(409, "at_capacity");
        let insisting = json!({ "agent_id": ana.id, "over_capacity": true });
        ben.on(&second, "assign", insisting.clone()).await.refused(403, "forbidden");
        ben.on(&second, "transfer", insisting.clone()).await.refused(403, "forbidden");
        sam.on(&second, "assign", insisting).await.ok(200);
        app.settle().await;
        assert_eq!(ana.availability().await, "busy");
        // Whatever frees a seat drains the queue at once: an end, a raised limit.
        let (third, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "");
        ana.on(&first, "resolve", json!({})).await.ok(200);
        app.settle().await;
        assert_eq!(owner.conversation(&third).await["status"], "queued", "still one at capacity one");
        capacity(&owner, &ana, 2).await;
        app.settle().await;
        assert_eq!(owner.conversation(&third).await["assignee"]["name"], "Ana");
        let (fourth, nobody) = ring(&app, &owner).await;
        assert_eq!(nobody, "");
        ana.on(&third, "close", json!({})).await.ok(200);
        app.settle().await;
        assert_eq!(owner.conversation(&fourth).await["assignee"]["name"], "Ana");
    }

    async fn transfers_go_to_agents_and_to_queues(app) {
        let (owner, (ana, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        choose(&ben, &ben, "away").await;
        app.settle().await;
        let team = json!({ "name": "Second line", "strategy": "least_loaded" });
        let team = owner.http.post("/api/v1/teams", team).await.ok(201);
        let cleo = app.new_agent(&owner, "cleo", json!({ "team_ids": [team["id"]] })).await;
        let (id, name) = ring(&app, &owner).await;
        assert_eq!(name, "Ana");
        // By hand an agent need not be online, and has it at once.
        let moved = ana.on(&id, "transfer", json!({ "agent_id": ben.id })).await.ok(200);
        assert_eq!((&moved["status"], &moved["assignee"]["name"]), (&json!("active"), &json!("Ben")));
        ben.on(&id, "transfer", json!({ "agent_id": ben.id })).await.refused(409, "already_assigned");
        let queued = ben.on(&id, "transfer", json!({ "team_id": team["id"], "reason": "hard" })).await.ok(200);
        assert_eq!((&queued["status"], &queued["assignee"], &queued["reason"]), (&json!("queued"), &json!(null), &json!("hard")));
        app.settle().await;
        // It is out of Ben's sight now, and Cleo has it as soon as she is there.
        ben.http.get(&format!("/api/v1/conversations/{id}")).await.refused(404, "not_found");
        let desk = cleo.connect().await;
        app.settle().await;
        assert_eq!(cleo.conversation(&id).await["assignee"]["name"], "cleo");
        ana.on(&id, "transfer", json!({ "team_id": team["id"] })).await.refused(404, "not_found");
        let nowhere = json!({ "agent_id": "agt_00000000000000000000000000000001" });
        cleo.on(&id, "transfer", nowhere).await.refused(404, "not_found");
        cleo.on(&id, "transfer", json!({})).await.refused(422, "invalid_input");
        desk.close().await;
    }

    async fn places_in_the_queue_are_told(app) {
        let owner = app.agent("owner").await;
        let visitors = [app.visitor().await, app.visitor().await, app.visitor().await];
        let (mut widgets, mut ids) = (Vec::new(), Vec::new());
        for (n, visitor) in visitors.iter().enumerate() {
            app.advance(SECOND);
            let mut widget = visitor.connect().await;
            ids.push(visitor.ring("v1", "hello").await);
            app.settle().await;
            let told = widget.expect_signal("queue.position").await;
            assert_eq!((&told["data"]["position"], &told["conversation_id"]), (&json!(n + 1), &json!(ids[n])));
            assert_eq!(told["data"]["expected_wait_ms"], json!(null), "nothing to go by yet");
            widgets.push(widget);
        }
        // The urgent one goes before the others, and each hears of it.
        let urgent = json!({ "priority": "urgent" });
        owner.http.patch(&format!("/api/v1/conversations/{}", ids[2]), urgent).await.ok(200);
        app.settle().await;
        for (n, place) in [(2, 1), (0, 2), (1, 3)] {
            let told = widgets[n].expect_signal("queue.position").await;
            assert_eq!(told["data"]["position"], place, "visitor {n}");
        }
        let queue: Vec<_> = list(&owner.http.get("/api/v1/queue").await.ok(200)["items"])
            .iter().map(|c| text(c, "id")).collect();
        assert_eq!(queue, [ids[2].clone(), ids[0].clone(), ids[1].clone()]);
        // One seat: the first of them gets it, the others move up.
        let ana = app.agent("ana").await;
        capacity(&owner, &ana, 1).await;
        let desk = ana.connect().await;
        app.settle().await;
        assert_eq!(owner.conversation(&ids[2]).await["assignee"]["name"], "Ana");
        for (n, place) in [(0, 1), (1, 2)] {
            let told = widgets[n].expect_signal("queue.position").await;
            assert_eq!(told["data"]["position"], place, "visitor {n}");
        }
        // Who comes back hears at once where they stand.
        let mut again = visitors[1].connect().await;
        app.settle().await;
        assert_eq!(again.expect_signal("queue.position").await["data"]["position"], 2);
        again.close().await;
        desk.close().await;
    }

    async fn each_decision_is_on_record(app) {
        let (owner, (ana, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        choose(&ben, &ben, "away").await;
        app.settle().await;
        let (id, name) = ring(&app, &owner).await;
        assert_eq!(name, "Ana");
        let decisions = ana.http.get(&format!("/api/v1/conversations/{id}/decisions")).await.ok(200);
        let decisions = list(&decisions["items"]);
        assert_eq!(decisions.len(), 1);
        let decision = &decisions[0];
        assert_eq!((&decision["winner_id"], &decision["strategy"]), (&json!(ana.id), &json!("least_loaded")));
        let candidates = list(&decision["candidates"]);
        assert_eq!(candidates.len(), 2);
        assert_eq!((&candidates[0]["rank"], &candidates[0]["excluded"]), (&json!(1), &json!(null)));
        assert_eq!((&candidates[1]["name"], &candidates[1]["excluded"]), (&json!("Ben"), &json!("away")));
        ana.on(&id, "unassign", json!({ "reason": "lunch" })).await.ok(200);
        app.settle().await;
        let decisions = ana.http.get(&format!("/api/v1/conversations/{id}/decisions")).await.ok(200);
        assert_eq!(list(&decisions["items"]).len(), 2, "she has it again");
        let figures = app.server().engine.router().figures().await;
        assert_eq!(figures.queued, 0);
    }
}
