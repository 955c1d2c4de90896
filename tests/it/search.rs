//! Search through the API: what was said is found, by those who may see it, also
//! after a restart and in an index made anew.

use deskbell_app::Plane;
use deskbell_search::Viewer;
use deskbell_store::Faults;
use deskbell_tests::reducer::text;
use deskbell_tests::{Agent, TestApp, both_engines};
use serde_json::{Value, json};

/// A desk with Ana, and one conversation that she has.
async fn chat(app: &TestApp) -> (Agent, String) {
    let ana = app.agent("ana").await;
    let id = app
        .visitor()
        .await
        .ring("v1", "My café lamp arrived broken")
        .await;
    ana.on(&id, "assign", json!({})).await.ok(200);
    let reply = json!({ "client_msg_id": "a1", "text": "Sorry! A refund is on its way." });
    ana.on(&id, "messages", reply).await.ok(201);
    let note = json!({ "client_msg_id": "a2", "text": "chargeback risk", "private": true });
    ana.on(&id, "messages", note).await.ok(201);
    app.settle().await;
    (ana, id)
}

fn conversations(hits: &[Value]) -> Vec<String> {
    hits.iter()
        .map(|hit| text(hit, "conversation_id"))
        .collect()
}

both_engines! {
    async fn what_was_said_is_found(app) {
        let (ana, id) = chat(&app).await;
        for q in ["lamp", "cafe", "lamb", "refund", "broken lamp", "\"on its way\"", "charge"] {
            assert_eq!(conversations(&ana.search(q).await), [id.as_str()], "{q}");
        }
        assert!(ana.search("umbrella").await.is_empty());
        let hit = &ana.search("refund").await[0];
        let marked: Vec<_> = deskbell_tests::reducer::list(&hit["highlight"])
            .into_iter().filter(|segment| segment["hit"] == true).collect();
        assert_eq!(marked[0]["text"], "refund");
        assert_eq!((&hit["seq"], &hit["private"]), (&json!(2), &json!(false)));
        // Filters.
        assert_eq!(ana.search("from:visitor lamp").await.len(), 1);
        assert_eq!(ana.search("from:ana refund").await.len(), 1);
        assert!(ana.search("from:ben refund").await.is_empty());
        assert_eq!(ana.search("status:active refund").await.len(), 1);
        assert!(ana.search("status:resolved refund").await.is_empty());
        ana.on(&id, "resolve", json!({})).await.ok(200);
        app.settle().await;
        assert!(ana.search("status:active refund").await.is_empty());
        assert_eq!(ana.search("status:resolved refund").await.len(), 1);
        for (q, code) in [("colour:red", "unknown_filter"), ("%20", "required"), ("status:gone", "bad_value")] {
            let answer = ana.http.get(&format!("/api/v1/search?q={q}")).await;
            let problem = answer.refused(422, "invalid_input");
            if code != "bad_value" {
                answer.names("/q", code);
            }
            assert_eq!(problem["errors"][0]["pointer"], "/q");
        }
        ana.http.get("/api/v1/search").await.refused(422, "invalid_input");
    }

    async fn only_who_sees_the_conversation_finds_it(app) {
        let (ana, id) = chat(&app).await;
        let owner = app.agent("owner").await;
        let team = json!({ "name": "Second line", "strategy": "manual" });
        let team = owner.http.post("/api/v1/teams", team).await.ok(201);
        let cleo = app.new_agent(&owner, "cleo", json!({ "team_ids": [team["id"]] })).await;
        let sam = app.agent("supervisor").await;
        assert!(cleo.search("lamp").await.is_empty());
        assert_eq!(sam.search("lamp").await.len(), 1);
        ana.on(&id, "transfer", json!({ "team_id": team["id"] })).await.ok(200);
        app.settle().await;
        assert_eq!(cleo.search("lamp").await.len(), 1);
        assert!(ana.search("lamp").await.is_empty());
        let visitor = app.visitor().await;
        visitor.http.get("/api/v1/search?q=lamp").await.refused(401, "wrong_plane");
    }

    async fn a_restart_goes_on_where_it_was(engine: Engine) {
        let mut app = TestApp::new(engine).await;
        let (ana, id) = chat(&app).await;
        let place = app.server().search.place();
        // Said, but not followed yet, when the server ends.
        let words = json!({ "client_msg_id": "a9", "text": "An umbrella comes along." });
        ana.on(&id, "messages", words).await.ok(201);
        assert_eq!(app.server().search.place(), place);
        app.restart(Faults::default()).await;
        let ana = app.agent("ana").await;
        for q in ["umbrella", "lamp", "refund"] {
            assert_eq!(conversations(&ana.search(q).await), [id.as_str()], "{q}");
        }
        app.finish().await;
    }

    async fn an_index_made_anew_is_equal(engine: Engine) {
        let mut app = TestApp::new(engine).await;
        let (ana, _) = chat(&app).await;
        for n in 0..20 {
            app.visitor().await.ring(&format!("r{n}"), &format!("parcel number {n}")).await;
        }
        app.settle().await;
        let questions = ["lamp", "parcel", "refund from:ana", "number 7", "status:queued parcel"];
        let mut before = Vec::new();
        for q in questions {
            let mut hits = ana.search(q).await;
            hits.sort_by_key(ToString::to_string);
            assert!(!hits.is_empty(), "{q}");
            before.push(hits);
        }
        app.stop().await;
        std::fs::remove_dir_all(app.config.search_dir()).expect("the index goes");
        app.restart(Faults::default()).await;
        let ana = app.agent("ana").await;
        for (q, before) in questions.into_iter().zip(before) {
            let mut hits = ana.search(q).await;
            hits.sort_by_key(ToString::to_string);
            assert_eq!(without_scores(hits), without_scores(before), "{q}");
        }
        app.finish().await;
    }

    async fn a_visitor_has_no_view_of_the_index(app) {
        let visitor = app.visitor().await;
        let actor = app.actor(&visitor.token, Plane::Widget).await;
        assert!(Viewer::of(&actor).is_none());
    }
}

/// Scores depend on how the documents lie in segments.
fn without_scores(mut hits: Vec<Value>) -> Vec<Value> {
    for hit in &mut hits {
        hit["score"] = Value::Null;
    }
    hits.sort_by_key(ToString::to_string);
    hits
}
