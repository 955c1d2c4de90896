//! Sockets: who is let in and how they are sent away, and bad frames. Exact resume
//! is in `sockets/resume.rs`.

mod resume;

use deskbell_tests::http::is_problem;
use deskbell_tests::{Closed, Setup, Socket, TestApp, both_engines};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const AGENT: &str = "/api/v1/agent/socket";
const WIDGET: &str = "/api/v1/widget/socket";

async fn open(app: &TestApp, path: &str) -> Socket {
    Socket::open(&app.http.base, path, &[]).await
}

/// How a socket ends that begins with this frame.
async fn beginning(app: &TestApp, path: &str, first: &str) -> Closed {
    let mut socket = open(app, path).await;
    socket.send_text(first.to_owned()).await;
    socket.expect_close().await
}

fn hello(token: &str) -> String {
    json!({ "type": "hello", "token": token }).to_string()
}

both_engines! {
    async fn only_a_good_hello_gets_in(app) {
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        // Nothing said for five seconds: the one bound of real time in here.
        let (mut mute, mut silent) = (open(&app, AGENT).await, open(&app, WIDGET).await);
        let rows = [
            (AGENT, hello("nonsense"), 4001),
            (AGENT, hello(&visitor.token), 4001),
            (WIDGET, hello(&ana.token), 4001),
            (AGENT, json!({ "type": "ping" }).to_string(), 4001),
            (AGENT, json!({ "type": "command", "id": "c", "name": "resolve" }).to_string(), 4001),
            (AGENT, "{".to_owned(), 4001),
            (AGENT, json!({ "type": "hello", "token": ana.token, "colour": "red" }).to_string(), 4001),
            (AGENT, json!({ "type": "hello" }).to_string(), 4001),
            (WIDGET, "x".repeat(17 * 1024), 1009),
        ];
        for (path, first, code) in rows {
            let closed = beginning(&app, path, &first).await;
            let start: String = first.chars().take(60).collect();
            assert_eq!(closed.code, code, "{start}: {closed:?}");
        }
        let mut binary = open(&app, AGENT).await;
        binary.send_message(Message::binary(hello(&ana.token).into_bytes())).await;
        assert_eq!(binary.expect_close().await.code, 1003);
        app.advance(15 * 60_000);
        assert_eq!(beginning(&app, AGENT, &hello(&ana.token)).await.code, 4001, "expired");
        let late = app.agent("ana").await;
        late.http.poke("/api/v1/auth/logout").await.ok(204);
        assert_eq!(beginning(&app, AGENT, &hello(&late.token)).await.code, 4003, "revoked");
        for socket in [&mut mute, &mut silent] {
            let closed = socket.expect_close().await;
            assert_eq!(closed.code, 4001, "{closed:?}");
        }
        app.settle().await;
        assert_eq!(app.agent("ana").await.availability().await, "offline", "nobody came in");
    }

    async fn foreign_origins_are_refused(app) {
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let base = &app.http.base;
        let evil = [("origin", "https://evil.test")];
        let own = [("origin", base.as_str())];
        assert_eq!(Socket::try_open(base, AGENT, &evil).await.err(), Some(403));
        let mut socket = Socket::open(base, AGENT, &own).await;
        socket.hello(&ana.token, None).await;
        socket.close().await;
        // A visitor's inbox is known with the hello.
        let mut socket = Socket::open(base, WIDGET, &evil).await;
        socket.send_text(hello(&visitor.token)).await;
        let closed = socket.expect_close().await;
        assert_eq!((closed.code, closed.reason.as_str()), (4001, "origin_not_allowed"));
        let mut socket = Socket::open(base, WIDGET, &own).await;
        socket.hello(&visitor.token, None).await;
        socket.close().await;
    }

    async fn bad_frames_are_named_and_the_socket_goes_on(app) {
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut desk = ana.connect().await;
        let command = |name: &str, params: Value| {
            json!({ "type": "command", "id": "x", "name": name, "params": params }).to_string()
        };
        let nobodys = "conv_00000000000000000000000000000001";
        let said = json!({ "conversation_id": nobodys, "client_msg_id": "k", "text": "t" });
        let mut unknown = said.clone();
        unknown["colour"] = json!("red");
        let rows = [
            ("{".to_owned(), Value::Null, 400, ""),
            ("[]".to_owned(), Value::Null, 422, ""),
            ("{\"type\":\"ping\",\"type\":\"ping\"}".to_owned(), Value::Null, 400, "/type"),
            (format!("{}1{}", "[".repeat(50), "]".repeat(50)), Value::Null, 400, ""),
            ("{\"type\":\"shout\",\"id\":\"x\"}".to_owned(), json!("x"), 422, "/type"),
            (hello(&ana.token), Value::Null, 422, "/type"),
            (command("fly", json!({})), json!("x"), 422, "/name"),
            (command("start_conversation", json!({})), json!("x"), 422, "/name"),
            (command("resolve", json!({})), json!("x"), 422, "/conversation_id"),
            (command("resolve", json!([])), json!("x"), 422, ""),
            (command("resolve", json!({ "conversation_id": "conv_1" })), json!("x"), 422, "/conversation_id"),
            (command("send_message", unknown), json!("x"), 422, "/colour"),
            (command("send_message", said), json!("x"), 404, ""),
            (json!({ "type": "signal", "name": "presence", "conversation_id": nobodys }).to_string(), Value::Null, 422, "/name"),
            (json!({ "type": "signal", "name": "typing", "conversation_id": nobodys, "data": { "on": 1 } }).to_string(), Value::Null, 422, "/data/on"),
            (json!({ "type": "signal", "name": "typing", "conversation_id": nobodys, "data": { "on": true } }).to_string(), Value::Null, 404, ""),
        ];
        for (frame, id, status, pointer) in rows {
            desk.send_text(frame.clone()).await;
            let error = desk.frame("error", |_| true).await;
            is_problem(&error["problem"], &error.to_string());
            assert_eq!((&error["id"], &error["problem"]["status"]), (&id, &json!(status)), "{frame}: {error}");
            if !pointer.is_empty() {
                assert_eq!(error["problem"]["errors"][0]["pointer"], pointer, "{frame}: {error}");
            }
        }
        let long = json!({ "type": "command", "id": "i".repeat(129), "name": "resolve" });
        desk.send(long).await;
        assert_eq!(desk.frame("error", |_| true).await["problem"]["errors"][0]["pointer"], "/id");
        desk.fence().await;
        // A message of the largest size still fits an agent's frame; one too large ends it.
        desk.send_text("x".repeat(64 * 1024 + 1)).await;
        assert_eq!(desk.expect_close().await.code, 1009);
        let mut widget = visitor.connect().await;
        widget.send_message(Message::binary(vec![0; 4])).await;
        assert_eq!(widget.expect_close().await.code, 1003);
        let mut widget = visitor.connect().await;
        widget.send_text("x".repeat(16 * 1024 + 1)).await;
        assert_eq!(widget.expect_close().await.code, 1009);
    }

    async fn a_flood_is_told_to_wait(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.config.limits.visitor_frames_per_second = 1;
        setup.config.limits.visitor_frame_burst = 20;
        let app = setup.start().await;
        let visitor = app.visitor().await;
        let mut widget = visitor.connect().await;
        for _ in 0..30 {
            widget.send(json!({ "type": "ping" })).await;
        }
        let closed = widget.expect_close().await;
        assert_eq!(closed.code, 4008);
        let hint = closed.reason.split(|c: char| !c.is_ascii_digit()).find(|n| !n.is_empty());
        assert!(hint.is_some_and(|ms| ms.parse::<u64>().is_ok_and(|ms| ms > 0)), "{closed:?}");
        let again = visitor.connect().await;
        again.close().await;
        app.finish().await;
    }

    async fn a_slow_reader_is_sent_to_resync_and_others_go_on(engine: Engine) {
        let mut setup = Setup::new(engine);
        setup.config.limits.socket_queue_frames = 8;
        let app = setup.start().await;
        let (ana, ben) = (app.agent("ana").await, app.agent("ben").await);
        let (mut slow, mut quick) = (ana.connect().await, ben.connect().await);
        app.settle().await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        // Each message is far larger than what the operating system buffers per
        // frame; the slow one reads nothing until its queue is full.
        let mut told = 0;
        for n in 0..4_000 {
            visitor.say(&id, &format!("m{n}"), &"words ".repeat(600)).await;
            if n % 4 == 3 {
                app.settle().await;
                told += quick.event_types().await.iter().filter(|t| *t == "message.created").count();
            }
            if app.server().hub.count().0 < 2 {
                break;
            }
        }
        assert_eq!(app.server().hub.count().0, 1, "the slow one is let go");
        app.settle().await;
        told += quick.event_types().await.iter().filter(|t| *t == "message.created").count();
        let last = ben.conversation(&id).await["last_seq"].as_u64().unwrap_or_default();
        assert_eq!(told as u64, last, "the other missed nothing");
        let closed = slow.expect_close().await;
        assert_eq!(closed.code, 4009, "{closed:?}");
        // It comes back and gets exactly what it has not read.
        let cursor = slow.cursor.clone();
        let read = slow.drain().iter().filter(|f| f["event"]["type"] == "message.created").count();
        let mut again = ana.resume(Some(&cursor)).await;
        assert_eq!(again.welcome["resumed"], true);
        let rest = again.event_types().await.iter().filter(|t| *t == "message.created").count();
        assert_eq!((read + rest) as u64, last);
        again.close().await;
        quick.close().await;
        app.finish().await;
    }

    async fn a_shutdown_sends_all_away_with_a_hint(engine: Engine) {
        let mut app = TestApp::new(engine).await;
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut sockets = [ana.connect().await, visitor.connect().await];
        app.settle().await;
        let told = async {
            let mut told = Vec::new();
            for socket in &mut sockets {
                told.push(socket.expect_close().await);
            }
            told
        };
        let (told, ()) = tokio::join!(told, app.stop());
        for closed in told {
            assert_eq!(closed.code, 4012, "{closed:?}");
            assert!(closed.reason.contains("come back in"), "{closed:?}");
        }
    }
}
