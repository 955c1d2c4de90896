//! Conversations over REST: the ways between statuses, idempotent sends, notes,
//! canned responses, ratings, versions, paging.

use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Socket, TestApp, Visitor, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

const DAY: i64 = 24 * 60 * 60 * 1_000;
const USE: &str = "/api/v1/canned-responses/use";

/// Ana at her desk with a visitor's conversation.
struct Chat {
    ana: Agent,
    visitor: Visitor,
    id: String,
    _desk: Socket,
}

async fn chat(app: &TestApp) -> Chat {
    let ana = app.agent("ana").await;
    let desk = ana.connect().await;
    app.settle().await;
    let visitor = app.visitor().await;
    let id = visitor.ring("v1", "hello").await;
    app.settle().await;
    assert_eq!(ana.conversation(&id).await["status"], "active");
    Chat {
        ana,
        visitor,
        id,
        _desk: desk,
    }
}

fn said(key: &str, words: &str) -> Value {
    json!({ "client_msg_id": key, "text": words })
}

async fn status(agent: &Agent, id: &str) -> String {
    text(&agent.conversation(id).await, "status")
}

both_engines! {
    async fn a_resolved_one_comes_back_or_closes(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let resolved = ana.on(&id, "resolve", json!({ "reason": "done" })).await.ok(200);
        assert_eq!((&resolved["status"], &resolved["reason"]), (&json!("resolved"), &json!("done")));
        assert!(resolved["resolved_at"].is_string());
        ana.on(&id, "resolve", json!({})).await.refused(409, "wrong_status");
        ana.on(&id, "messages", said("a1", "too late")).await.refused(409, "wrong_status");
        // A note may be left at any time; the visitor's words wake it, same agent.
        let note = json!({ "client_msg_id": "a2", "text": "a regular", "private": true });
        ana.on(&id, "messages", note).await.ok(201);
        visitor.say(&id, "v2", "one more thing").await;
        let back = ana.conversation(&id).await;
        assert_eq!((&back["status"], &back["assignee"]["name"]), (&json!("active"), &json!("Ana")));
        assert_eq!((&back["resolved_at"], &back["last_seq"]), (&json!(null), &json!(3)));
        ana.on(&id, "resolve", json!({})).await.ok(200);
        let reopened = ana.on(&id, "reopen", json!({ "reason": "mistake" })).await.ok(200);
        assert_eq!(reopened["status"], "active");
        ana.on(&id, "reopen", json!({})).await.refused(409, "wrong_status");
        ana.on(&id, "resolve", json!({})).await.ok(200);
        // It closes a day later, to the millisecond.
        app.pass(DAY - 1).await;
        let ana = app.agent("ana").await;
        assert_eq!(status(&ana, &id).await, "resolved");
        app.pass(1).await;
        assert_eq!(status(&ana, &id).await, "closed");
        let visitor = Visitor::arrive(&app.http, json!({ "inbox": "demo-web", "secret": visitor.secret })).await;
        let late = visitor.on(&id, "messages", said("v3", "again")).await;
        late.refused(409, "conversation_closed");
        // A new message starts a new one that names the old.
        let next = visitor.ring("v4", "a new question").await;
        assert_ne!(next, id);
        assert_eq!(ana.conversation(&next).await["previous_id"], id.as_str());
    }

    async fn ended_left_and_answered_away(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let ended = visitor.http.poke(&format!("/api/v1/widget/conversations/{id}/end")).await.ok(200);
        assert_eq!(ended["status"], "resolved");
        assert_eq!(ana.conversation(&id).await["reason"], "ended_by_visitor");
        ana.on(&id, "close", json!({ "reason": "over" })).await.ok(200);
        ana.on(&id, "close", json!({})).await.refused(409, "wrong_status");
        ana.on(&id, "reopen", json!({})).await.refused(409, "wrong_status");
        // From the queue: by a reason, or missed when the visitor leaves it.
        ana.http.put(&format!("/api/v1/agents/{}/availability", ana.id), json!({ "availability": "away" })).await.ok(200);
        app.settle().await;
        let second = visitor.ring("v2", "spam").await;
        app.settle().await;
        assert_eq!(status(&ana, &second).await, "queued");
        ana.on(&second, "messages", said("a9", "hi")).await.refused(409, "wrong_status");
        let without = ana.on(&second, "resolve", json!({})).await;
        without.refused(422, "invalid_input");
        without.names("/reason", "required");
        ana.on(&second, "close", json!({})).await.refused(409, "wrong_status");
        ana.on(&second, "resolve", json!({ "reason": "spam" })).await.ok(200);
        let third = app.visitor().await;
        let missed = third.ring("v1", "anybody?").await;
        let left = third.http.poke(&format!("/api/v1/widget/conversations/{missed}/end")).await.ok(200);
        assert_eq!(left["status"], "missed");
        third.say(&missed, "v2", "back again").await;
        assert_eq!(status(&ana, &missed).await, "queued");
    }

    async fn one_open_conversation_of_a_contact(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let again = json!({ "client_msg_id": "v2", "text": "and this" });
        let appended = visitor.http.post("/api/v1/widget/conversations", again).await.ok(200);
        assert_eq!((&appended["id"], &appended["ack"]["seq"]), (&json!(id), &json!(2)));
        let bare = visitor.http.post("/api/v1/widget/conversations", json!({})).await.ok(200);
        assert_eq!((&bare["id"], &bare["ack"]), (&json!(id), &json!(null)));
        ana.on(&id, "resolve", json!({})).await.ok(200);
        let second = visitor.ring("v3", "something else").await;
        // Neither side may open the old one beside it, and each is told which is open.
        let refused = visitor.on(&id, "messages", said("v4", "the old one")).await;
        let problem = refused.refused(409, "other_conversation_open");
        assert!(text(&problem, "detail").contains(&second), "{problem}");
        ana.on(&id, "reopen", json!({})).await.refused(409, "other_conversation_open");
    }

    async fn a_repeated_send_is_one_message(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let first = visitor.on(&id, "messages", said("k", "once")).await.ok(201);
        app.advance(5_000);
        let again = visitor.on(&id, "messages", said("k", "once")).await.ok(200);
        assert_eq!(first, again);
        // The ack is immutable, whatever the repeat says.
        assert_eq!(visitor.on(&id, "messages", said("k", "otherwise")).await.ok(200), first);
        // Keys are the sender's own.
        assert_eq!(ana.on(&id, "messages", said("k", "mine")).await.ok(201)["seq"], 3);
        let seqs: Vec<_> = ana.messages(&id).await.iter().map(|m| m["seq"].as_i64()).collect();
        assert_eq!(seqs, [Some(1), Some(2), Some(3)]);
        ana.on(&id, "resolve", json!({})).await.ok(200);
        let other = visitor.ring("v9", "next").await;
        let reused = visitor.on(&other, "messages", said("k", "once")).await;
        reused.refused(409, "client_msg_id_reused");
        // A repeat of something said before the end is still acked.
        assert_eq!(visitor.on(&id, "messages", said("k", "once")).await.ok(200), first);
    }

    async fn notes_stay_with_the_desk(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let mut widget = visitor.connect().await;
        let note = json!({ "client_msg_id": "n", "text": "difficult", "private": true });
        assert_eq!(ana.on(&id, "messages", note).await.ok(201)["seq"], 2);
        ana.on(&id, "messages", said("a", "of course")).await.ok(201);
        app.settle().await;
        let told = widget.events().await;
        assert!(!json!(told).to_string().contains("difficult"), "{told:?}");
        let own = visitor.http.get(&format!("/api/v1/widget/conversations/{id}/messages")).await.ok(200);
        let seqs: Vec<_> = list(&own["items"]).iter().map(|m| m["seq"].as_i64()).collect();
        assert_eq!(seqs, [Some(1), Some(3)]);
        assert!(!visitor.snapshot().await.to_string().contains("difficult"));
        let own = json!({ "client_msg_id": "v", "text": "mine", "private": true });
        visitor.on(&id, "messages", own).await.refused(422, "invalid_input");
        visitor.on(&id, "read", json!({ "seq": 4 })).await.refused(422, "invalid_input");
        widget.close().await;
    }

    async fn canned_responses_are_shown_before_they_are_sent(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        let using = |shortcut: &str, key: &str, preview: bool| {
            json!({ "conversation_id": id, "shortcut": shortcut, "client_msg_id": key, "preview": preview })
        };
        let owner = app.agent("owner").await;
        let text_of = "Hi {{contact.name}}, this is {{agent.name}}. {{ nothing }}";
        let canned = json!({ "shortcut": "hi", "title": "Hi", "text": text_of });
        owner.http.post("/api/v1/canned-responses", canned).await.ok(201);
        let shown = ana.http.post(USE, using("hi", "c1", true)).await.ok(200);
        assert_eq!((&shown["missing"], &shown["ack"]), (&json!(["contact.name", "nothing"]), &json!(null)));
        assert_eq!(shown["text"], "Hi {{contact.name}}, this is Ana. {{ nothing }}");
        let refused = ana.http.post(USE, using("hi", "c1", false)).await;
        refused.refused(422, "missing_variables");
        assert_eq!(ana.messages(&id).await.len(), 1, "nothing was sent");
        let attributes = json!({ "attributes": { "order_id": "A-7" } });
        ana.http.patch(&format!("/api/v1/conversations/{id}"), attributes).await.ok(200);
        let sent = ana.http.post(USE, using("order", "c2", false)).await.ok(200);
        assert_eq!(sent["ack"]["seq"], 2);
        let again = ana.http.post(USE, using("order", "c2", false)).await.ok(200);
        assert_eq!(again["ack"], sent["ack"]);
        let canned = list(&ana.snapshot().await["canned_responses"]);
        let order = canned.iter().find(|c| c["shortcut"] == "order").expect("the order reply");
        assert_eq!(order["used_count"], 1);
        ana.http.post(USE, using("nothing", "c3", false)).await.refused(404, "not_found");
        let by_id = json!({ "conversation_id": id, "canned_response_id": order["id"], "client_msg_id": "c4" });
        ana.http.post(USE, by_id).await.ok(200);
        let path = format!("/api/v1/canned-responses/{}", text(order, "id"));
        owner.http.patch(&path, json!({ "enabled": false })).await.ok(200);
        ana.http.post(USE, using("order", "c5", false)).await.refused(409, "canned_response_disabled");
        let own = visitor.http.get(&format!("/api/v1/widget/conversations/{id}/messages")).await.ok(200);
        assert_eq!(own["items"][1]["text"], "I am looking at your order A-7 now. One moment, please.");
    }

    async fn rated_once_and_afterwards(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        visitor.on(&id, "rating", json!({ "score": 5 })).await.refused(409, "wrong_status");
        ana.on(&id, "resolve", json!({})).await.ok(200);
        for score in [0, 6] {
            let answer = visitor.on(&id, "rating", json!({ "score": score })).await;
            answer.refused(422, "invalid_input");
            answer.names("/score", "out_of_range");
        }
        visitor.on(&id, "rating", json!({ "score": 2, "comment": "slow" })).await.ok(200);
        visitor.on(&id, "rating", json!({ "score": 5 })).await.refused(409, "already_rated");
        let rating = ana.conversation(&id).await["rating"].clone();
        assert_eq!((&rating["score"], &rating["comment"]), (&json!(2), &json!("slow")));
    }

    async fn a_lost_race_is_told(app) {
        let Chat { ana, id, .. } = chat(&app).await;
        let path = format!("/api/v1/conversations/{id}");
        let version = ana.conversation(&id).await["version"].to_string();
        let quoted = format!("\"{version}\"");
        let patch = |subject: &str| Some(json!({ "subject": subject, "priority": "high" }));
        let first = ana.http.send(Method::PATCH, &path, patch("one"), &[("if-match", &quoted)]).await;
        let first = first.ok(200);
        assert_eq!((&first["subject"], &first["priority"]), (&json!("one"), &json!("high")));
        let late = ana.http.send(Method::PATCH, &path, patch("two"), &[("if-match", &version)]).await;
        late.refused(412, "stale_version");
        assert_eq!(ana.conversation(&id).await["subject"], "one");
        ana.http.send(Method::PATCH, &path, patch("two"), &[]).await.ok(200);
        let emptied = json!({ "subject": null, "attributes": { "order_id": null, "vip": true } });
        let emptied = ana.http.patch(&path, emptied).await.ok(200);
        assert_eq!((&emptied["subject"], &emptied["attributes"]), (&json!(null), &json!({ "vip": true })));
    }

    async fn history_is_paged_both_ways(app) {
        let Chat { ana, visitor, id, _desk } = chat(&app).await;
        for n in 2..=12 {
            visitor.say(&id, &format!("m{n}"), &format!("words {n}")).await;
        }
        let page = async |query: &str| {
            let path = format!("/api/v1/conversations/{id}/messages?{query}");
            let items = list(&ana.http.get(&path).await.ok(200)["items"]);
            items.iter().filter_map(|m| m["seq"].as_i64()).collect::<Vec<_>>()
        };
        assert_eq!(page("limit=3").await, [10, 11, 12]);
        assert_eq!(page("limit=3&before_seq=10").await, [7, 8, 9]);
        assert_eq!(page("limit=3&after_seq=9").await, [10, 11, 12]);
        assert_eq!(page("limit=3&after_seq=1").await, [2, 3, 4]);
        let around = page("limit=5&around_seq=6").await;
        assert!(around.contains(&6) && around.len() == 5, "{around:?}");
        assert_eq!(page("before_seq=1").await, Vec::<i64>::new());
        let both = format!("/api/v1/conversations/{id}/messages?before_seq=1&after_seq=1");
        ana.http.get(&both).await.refused(422, "invalid_input");
        // Lists of conversations join up too.
        for n in 0..4 {
            app.visitor().await.ring(&format!("l{n}"), "hi").await;
        }
        app.settle().await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = ana.http.get(&format!("/api/v1/conversations?limit=2{cursor}")).await.ok(200);
            seen.extend(list(&answer["items"]).iter().map(|c| text(c, "id")));
            match answer["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), sorted.len()), (5, 5));
        ana.http.get("/api/v1/conversations?cursor=garbage").await.refused(422, "invalid_input");
    }
}
