//! The main job, step by step as the API's description has it: a visitor rings,
//! an agent answers, hands on, resolves, and nothing is lost. Once over sockets
//! and once over REST, each on both engines, from the demo desk.

use deskbell_server::config::Config;
use deskbell_store::Faults;
use deskbell_tests::http::quoted;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, TestApp, Visitor, both_engines};
use serde_json::{Value, json};

const ORDER: &str = "My lamp from order A-1001 has not arrived";

async fn log_in(app: &TestApp, name: &str) -> Agent {
    let body =
        json!({ "tenant": "demo", "email": format!("{name}@demo.test"), "password": PASSWORD });
    let answer = app.http.post("/api/v1/auth/login", body).await.ok(200);
    assert_eq!(answer["expires_in"], 15 * 60);
    assert_eq!(answer["agent"]["email"], format!("{name}@demo.test"));
    Agent::logged_in(&app.http, answer)
}

async fn arrive(app: &TestApp) -> Visitor {
    let page = json!({ "url": "http://shop.test/orders", "title": "Orders", "referrer": "" });
    let body = json!({
        "inbox": "demo-web", "page": page, "locale": "de-AT",
        "time_zone": "Europe/Vienna", "screen": "1920x1080",
    });
    let answer = app.http.post("/api/v1/widget/sessions", body).await.ok(201);
    assert_eq!(answer["inbox"]["key"], "demo-web");
    assert_eq!(answer["inbox"]["look"]["welcome_title"], "Hello!");
    assert!(answer["expires_in"].as_i64().is_some_and(|s| s > 0));
    Visitor::arrive(
        &app.http,
        json!({ "inbox": "demo-web", "secret": answer["secret"] }),
    )
    .await
}

fn first_message() -> Value {
    json!({
        "client_msg_id": "v1", "text": ORDER, "subject": "Where is it?",
        "category": "Late delivery", "attributes": { "order_id": "A-1001" },
    })
}

fn seqs(messages: &[Value]) -> Vec<i64> {
    messages
        .iter()
        .filter_map(|message| message["seq"].as_i64())
        .collect()
}

both_engines! {
    async fn by_socket(engine: Engine) {
        let mut app = TestApp::new(engine).await;
        // 1. Being connected makes an agent online.
        let (ana, ben) = (log_in(&app, "ana").await, log_in(&app, "ben").await);
        assert_eq!(ana.availability().await, "offline");
        let mut desk = ana.connect().await;
        app.settle().await;
        assert_eq!(ana.availability().await, "online");

        // 2. and 3. The visitor rings: queued, a place, then assigned.
        let visitor = arrive(&app).await;
        let mut widget = visitor.connect().await;
        let started = widget.command("start_conversation", first_message()).await;
        let id = text(&started, "id");
        assert_eq!(started["status"], "queued");
        assert_eq!(started["ack"]["seq"], 1);
        app.settle().await;
        let queued = widget.expect_event("conversation.queued").await;
        assert_eq!(queued["conversation_id"], id.as_str());
        let place = widget.expect_signal("queue.position").await;
        assert_eq!(place["data"]["position"], 1);
        let assigned = widget.expect_event("conversation.assigned").await;
        assert_eq!(assigned["data"]["conversation"]["agent"]["name"], "Ana");
        let conversation = desk.expect_event("conversation.assigned").await;
        let conversation = &conversation["data"]["conversation"];
        assert_eq!(conversation["attributes"]["order_id"], "A-1001");
        assert_eq!(conversation["category"], "Late delivery");

        // 4. Both sides write, type and read.
        let said = |key: &str, words: &str| {
            json!({ "conversation_id": id, "client_msg_id": key, "text": words })
        };
        let ack = desk.command("send_message", said("a1", "Let me look.")).await;
        assert_eq!((ack["seq"].as_i64(), ack["conversation_id"].as_str()), (Some(2), Some(id.as_str())));
        let up_to = |seq: i64| json!({ "conversation_id": id, "seq": seq });
        assert_eq!(widget.command("mark_delivered", up_to(2)).await, json!({}));
        let ack = widget.command("send_message", said("v2", "Thank you")).await;
        assert_eq!(ack["seq"], 3);
        app.settle().await;
        for socket in [&mut desk, &mut widget] {
            for seq in 1..=3 {
                let event = socket.expect_event("message.created").await;
                assert_eq!((event["seq"].as_i64(), event["data"]["message"]["seq"].as_i64()), (Some(seq), Some(seq)));
            }
        }
        desk.typing(&id, true).await;
        app.settle().await;
        let signal = widget.expect_signal("typing").await;
        assert_eq!((&signal["actor"]["type"], &signal["data"]["on"]), (&json!("agent"), &json!(true)));
        widget.typing(&id, false).await;
        app.settle().await;
        let signal = desk.expect_signal("typing").await;
        assert_eq!(signal["actor"]["type"], "visitor");
        assert_eq!(signal["data"]["on"], false);
        assert_eq!(desk.command("mark_delivered", up_to(3)).await, json!({}));
        assert_eq!(desk.command("mark_read", up_to(3)).await, json!({}));
        app.settle().await;
        let event = widget.expect_event("message.read").await;
        assert_eq!(event["data"]["up_to_seq"], 3);
        let event = desk.frame("event", |f| {
            f["event"]["type"] == "message.delivered" && f["event"]["actor"]["type"] == "visitor"
        });
        assert_eq!(event.await["event"]["data"]["up_to_seq"], 2);

        // 5. A canned response, a transfer, a resolution, a rating.
        let canned = json!({ "conversation_id": id, "shortcut": "order", "client_msg_id": "a2" });
        let used = desk.command("use_canned_response", canned).await;
        assert_eq!(used["text"], "I am looking at your order A-1001 now. One moment, please.");
        assert_eq!(used["ack"]["seq"], 4);
        let mut bens = ben.connect().await;
        app.settle().await;
        let to = json!({ "conversation_id": id, "agent_id": ben.id, "reason": "knows lamps" });
        let moved = desk.command("transfer", to).await;
        assert_eq!(moved["assignee"]["name"], "Ben");
        app.settle().await;
        let event = bens.expect_event("conversation.transferred").await;
        assert_eq!(event["data"]["reason"], "knows lamps");
        let event = widget.expect_event("conversation.transferred").await;
        assert_eq!(event["data"]["conversation"]["agent"]["name"], "Ben");
        let resolved = bens.command("resolve", json!({ "conversation_id": id })).await;
        assert_eq!(resolved["status"], "resolved");
        let rated = json!({ "conversation_id": id, "score": 5, "comment": "quick" });
        let rated = widget.command("rate_conversation", rated).await;
        assert_eq!(rated["rating"]["score"], 5);
        app.settle().await;
        assert_eq!(bens.expect_event("conversation.rated").await["actor"]["type"], "visitor");

        // 6. History and search have it, also after a restart, and sockets resume.
        let before = ana.messages(&id).await;
        assert_eq!(seqs(&before), [1, 2, 3, 4]);
        let _ = (desk.events().await, widget.events().await, bens.events().await);
        let cursors = [desk.cursor.clone(), widget.cursor.clone()];
        app.restart(Faults::default()).await;
        let (ana, visitor) = (at(&app, &ana), Visitor { http: app.http.with_token(&visitor.token), ..visitor });
        assert_eq!(ana.messages(&id).await, before);
        assert_eq!(ana.conversation(&id).await["status"], "resolved");
        let hits = ana.search("lamp").await;
        assert!(hits.iter().any(|hit| hit["conversation_id"] == id.as_str()), "{hits:?}");
        let mut desk = ana.resume(Some(&cursors[0])).await;
        let widget = visitor.resume(Some(&cursors[1])).await;
        assert_eq!((&desk.welcome["resumed"], &widget.welcome["resumed"]), (&json!(true), &json!(true)));
        app.settle().await;
        let after = desk.event_types().await;
        assert!(after.iter().all(|kind| kind.starts_with("agent.")), "nothing twice: {after:?}");
        app.finish().await;
    }

    async fn by_rest(app) {
        let (ana, ben) = (log_in(&app, "ana").await, log_in(&app, "ben").await);
        let _sockets = (ana.connect().await, ben.connect().await);
        app.settle().await;
        let visitor = arrive(&app).await;
        let started = visitor.http.post("/api/v1/widget/conversations", first_message()).await;
        let started = started.ok(201);
        let id = text(&started, "id");
        assert_eq!((&started["status"], &started["ack"]["seq"]), (&json!("queued"), &json!(1)));
        // A repeat is the conversation and the first ack; the next message is appended.
        let again = visitor.http.post("/api/v1/widget/conversations", first_message()).await.ok(200);
        assert_eq!((&again["id"], &again["ack"]), (&started["id"], &started["ack"]));
        app.settle().await;
        let conversation = ana.conversation(&id).await;
        assert_eq!((&conversation["status"], &conversation["attributes"]["order_id"]), (&json!("active"), &json!("A-1001")));
        let agent = if conversation["assignee"]["id"] == ana.id.as_str() { &ana } else { &ben };
        let other = if agent.id == ana.id { &ben } else { &ana };

        let said = |key: &str, words: &str| json!({ "client_msg_id": key, "text": words });
        let ack = agent.on(&id, "messages", said("a1", "Let me look.")).await.ok(201);
        assert_eq!(ack["seq"], 2);
        assert_eq!(agent.on(&id, "messages", said("a1", "Let me look.")).await.ok(200), ack);
        assert_eq!(visitor.say(&id, "v2", "Thank you").await["seq"], 3);
        for (action, seq) in [("delivered", 3), ("read", 3)] {
            agent.on(&id, action, json!({ "seq": seq })).await.ok(200);
            visitor.on(&id, action, json!({ "seq": seq })).await.ok(200);
        }
        let conversation = agent.conversation(&id).await;
        assert_eq!((&conversation["desk_read_seq"], &conversation["visitor_read_seq"]), (&json!(3), &json!(3)));
        assert_eq!((&conversation["unread_count"], &conversation["visitor_unread_count"]), (&json!(0), &json!(0)));

        let canned = json!({ "conversation_id": id, "shortcut": "order", "client_msg_id": "a2" });
        let used = agent.http.post("/api/v1/canned-responses/use", canned).await.ok(200);
        assert_eq!((&used["ack"]["seq"], &used["missing"]), (&json!(4), &json!([])));
        let to = json!({ "agent_id": other.id, "reason": "knows lamps" });
        let moved = agent.on(&id, "transfer", to).await.ok(200);
        assert_eq!(moved["assignee"]["id"], other.id.as_str());
        let resolved = other.on(&id, "resolve", json!({ "reason": "sent again" })).await.ok(200);
        assert_eq!((&resolved["status"], &resolved["reason"]), (&json!("resolved"), &json!("sent again")));
        let rated = visitor.on(&id, "rating", json!({ "score": 4 })).await.ok(200);
        assert_eq!(rated["rating"]["score"], 4);

        app.settle().await;
        assert_eq!(seqs(&agent.messages(&id).await), [1, 2, 3, 4]);
        let own = visitor.http.get(&format!("/api/v1/widget/conversations/{id}/messages")).await;
        assert_eq!(seqs(&list(&own.ok(200)["items"])), [1, 2, 3, 4]);
        let found = ana.http.get(&format!("/api/v1/search?q={}", quoted("A-1001"))).await.ok(200);
        let first = &found["items"][0];
        assert_eq!(first["conversation_id"], id.as_str());
    }
}

/// The same agent at the server's new address.
fn at(app: &TestApp, agent: &Agent) -> Agent {
    Agent {
        http: app.http.with_token(&agent.token),
        ..agent.clone()
    }
}

#[test]
fn the_demo_needs_no_configuration() {
    let config = Config::default();
    assert_eq!(config.listen, "127.0.0.1:8080");
    assert!(config.database_url().starts_with("sqlite:"));
}
