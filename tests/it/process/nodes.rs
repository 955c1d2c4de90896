//! Two nodes on one PostgreSQL, with Redis as the bell and without it.
//!
//! The main job holds with the visitor on one and the agent on the other. Then the
//! node that routes is killed: the other one takes over when the lease has run
//! out, nothing acknowledged is lost, sockets resume, and those the dead node had
//! are swept up.

use std::time::{Duration, Instant};

use deskbell_store::{Store, StoreError, StoreOptions};
use deskbell_tests::{Agent, Engine, Socket, Visitor, environment};
use serde_json::{Value, json};

use super::binary::Deskbell;
use super::desk::{at, history, log_in, text, until, visit};
use super::place::Place;

/// A lease ends six seconds after its last renewal; the rest is for the machine.
const ROUTES_WITHIN: Duration = Duration::from_secs(15);
/// A node that is silent for 20 seconds is dead, which is looked for every 5.
const SWEPT_WITHIN: Duration = Duration::from_secs(45);

struct Nodes {
    place: Place,
    /// Started first, so it routes.
    first: Deskbell,
    second: Deskbell,
    redis: bool,
}

impl Nodes {
    async fn start(redis: bool) -> Self {
        let place = Place::new(Engine::Postgres).await;
        let url = if redis {
            environment::redis()
        } else {
            String::new()
        };
        let first = Deskbell::node(&place, "first", &url).await;
        let second = Deskbell::node(&place, "second", &url).await;
        Self {
            place,
            first,
            second,
            redis,
        }
    }

    /// A visitor on the first node, Ana on the second, Ben on the first.
    async fn main_job(&self) {
        let ana = log_in(&self.second.http, "ana@demo.test").await;
        let ben = log_in(&self.first.http, "ben@demo.test").await;
        let mut anas = ana.connect().await;
        let visitor = visit(&self.first.http).await;
        let mut visitors = visitor.connect().await;
        let first = json!({ "client_msg_id": "v1", "text": "Where is my order?", "attributes": { "order_id": "A-1001" } });
        let started = visitor
            .http
            .post("/api/v1/widget/conversations", first)
            .await;
        let id = text(&started.ok(201), "id");
        let assigned = visitors.expect_event("conversation.assigned").await;
        assert_eq!(
            assigned["data"]["conversation"]["agent"]["name"], "Ana",
            "{assigned}"
        );
        assert_eq!(heard(&mut anas, &id, "Where is my order?").await["seq"], 1);

        say(&mut anas, &id, "a1", "One moment, please.").await;
        assert_eq!(
            heard(&mut visitors, &id, "One moment, please.").await["seq"],
            2
        );
        say(&mut visitors, &id, "v2", "Thank you!").await;
        assert_eq!(heard(&mut anas, &id, "Thank you!").await["seq"], 3);
        let read = json!({ "conversation_id": id, "seq": 3 });
        anas.command("mark_read", read).await;
        let told = visitors.expect_event("message.read").await;
        assert_eq!(told["data"]["up_to_seq"], 3, "{told}");
        if self.redis {
            // Signals are not stored, so without Redis they stay on their node.
            let typing = json!({ "type": "signal", "name": "typing", "conversation_id": id, "data": { "on": true } });
            visitors.send(typing).await;
            anas.expect_signal("typing").await;
        }

        let mut bens = ben.connect().await;
        let canned = json!({ "conversation_id": id, "shortcut": "order", "client_msg_id": "a2" });
        let used = anas.command("use_canned_response", canned).await;
        assert!(text(&used, "text").contains("A-1001"), "{used}");
        anas.command(
            "transfer",
            json!({ "conversation_id": id, "agent_id": ben.id }),
        )
        .await;
        bens.expect_event("conversation.transferred").await;
        say(&mut bens, &id, "b1", "Ben here.").await;
        heard(&mut visitors, &id, "Ben here.").await;
        bens.command("resolve", json!({ "conversation_id": id }))
            .await;
        visitors.expect_event("conversation.resolved").await;
        let rating = json!({ "conversation_id": id, "score": 5 });
        visitors.command("rate_conversation", rating).await;
        anas.expect_event("conversation.rated").await;
        for (agent, http) in [(&ana, &self.first.http), (&ben, &self.second.http)] {
            let there = history(&at(&agent.http, &http.base), &id, 0).await;
            assert_eq!(there.len(), 5, "{there:?}");
        }
        for socket in [anas, bens, visitors] {
            socket.close().await;
        }
    }
}

async fn say(socket: &mut Socket, conversation: &str, key: &str, words: &str) -> Value {
    let params = json!({ "conversation_id": conversation, "client_msg_id": key, "text": words });
    socket.command("send_message", params).await
}

/// The event of a message with these words.
async fn heard(socket: &mut Socket, conversation: &str, words: &str) -> Value {
    let frame = socket.frame("event", |frame| {
        frame["event"]["type"] == "message.created"
            && frame["event"]["conversation_id"] == conversation
            && frame["event"]["data"]["message"]["text"] == words
    });
    frame.await["event"].clone()
}

/// Rings at a node; answers the conversation's id.
async fn ring(visitor: &Visitor) -> String {
    visitor.ring("ring", "Hello?").await
}

async fn assigned(agent: &Agent, conversation: &str, bound: Duration) -> Duration {
    let begun = Instant::now();
    until("the conversation is assigned", bound, async || {
        let now = agent.conversation(conversation).await;
        (now["status"] == "active").then_some(())
    })
    .await;
    begun.elapsed()
}

async fn the_router_dies(redis: bool) {
    let nodes = Nodes::start(redis).await;
    nodes.main_job().await;
    let Nodes {
        place,
        first,
        second,
        ..
    } = nodes;
    let desk = log_in(&second.http, "supervisor@demo.test").await;
    let ana = log_in(&second.http, "ana@demo.test").await;
    let ben = log_in(&first.http, "ben@demo.test").await;
    let (anas, bens) = (ana.connect().await, ben.connect().await);
    let visitor = visit(&first.http).await;
    let mut socket = visitor.connect().await;
    let id = ring(&visitor).await;
    assigned(&desk, &id, ROUTES_WITHIN).await;
    heard(&mut socket, &id, "Hello?").await;
    let cursor = socket.cursor.clone();
    let mut acks = Vec::new();
    for n in 0..20 {
        let key = format!("last{n}");
        acks.push((say(&mut socket, &id, &key, &key).await, key));
    }
    first.kill().await;
    let died = Instant::now();

    // Nothing that was acknowledged is lost, and the socket resumes elsewhere.
    let there = history(&desk.http, &id, 0).await;
    for (ack, key) in &acks {
        let message = there
            .iter()
            .find(|message| message["client_msg_id"] == **key);
        assert_eq!(
            message.map(|message| &message["id"]),
            Some(&ack["message_id"]),
            "{key}"
        );
    }
    let moved = Visitor {
        http: at(&visitor.http, &second.http.base),
        ..visitor.clone()
    };
    let mut socket = moved.resume(Some(&cursor)).await;
    assert_eq!(socket.welcome["resumed"], true, "{}", socket.welcome);
    for n in 0..20 {
        let event = socket
            .frame("event", |f| f["event"]["type"] == "message.created")
            .await;
        assert_eq!(
            event["event"]["data"]["message"]["text"],
            format!("last{n}"),
            "{event}"
        );
    }
    let repeat = say(&mut socket, &id, "last7", "last7").await;
    assert_eq!(repeat, acks[7].0, "the first ack again");

    // The other node routes.
    let newcomer = visit(&second.http).await;
    let waiting = ring(&newcomer).await;
    let waited = assigned(&desk, &waiting, ROUTES_WITHIN).await;
    // The dead node's sockets are gone.
    let store = Store::open(StoreOptions::new(place.database_url()))
        .await
        .expect("it opens");
    until(
        "the dead node's sockets are swept",
        SWEPT_WITHIN,
        async || (!connected(&store, &ben.id).await).then_some(()),
    )
    .await;
    assert!(connected(&store, &ana.id).await, "the living one's are not");
    eprintln!(
        "nodes, redis {redis}: routed after {waited:?}, swept after {:?}",
        died.elapsed()
    );
    store.close().await;
    drop((anas, bens));
    assert!(second.stop().await.success());
    place.remove().await;
}

/// Whether the agent has a socket anywhere, as the desk believes.
async fn connected(store: &Store, agent: &str) -> bool {
    let agent = agent.parse().expect("an agent's id");
    let tenants = store
        .system(|sys| Box::pin(async move { sys.tenants().await }))
        .await;
    let tenants: Result<_, StoreError> = tenants;
    let tenant = tenants.expect("the tenants")[0].id;
    let read = store.read(tenant, move |tx| {
        Box::pin(async move { tx.agent(agent).await })
    });
    let agent: Result<_, StoreError> = read.await;
    agent
        .expect("a read")
        .expect("the agent")
        .presence
        .connected
}

#[tokio::test]
async fn the_router_dies_with_redis() {
    the_router_dies(true).await;
}

#[tokio::test]
async fn the_router_dies_without_redis() {
    the_router_dies(false).await;
}
