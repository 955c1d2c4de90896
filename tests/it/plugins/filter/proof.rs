//! Nothing of what a filter took out is kept anywhere: card numbers go in on every
//! way there is, and then the raw bytes of everything are searched for them.
//!
//! The same search with the filter switched off finds each of them, so it looks in
//! the right places.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use deskbell_app::Hooks;
use deskbell_app::hooks::{
    Call, FilterDecision, FilterRequest, FilterVerdict, HookError, VariablesRequest,
};
use deskbell_tests::guests::{self, built_in};
use deskbell_tests::reducer::text;
use deskbell_tests::{Agent, Engine, Setup, Socket, TestApp, Visitor, both_engines};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Row as _};

use super::super::desk::{Admin, canned};
use super::log;

/// The real sandbox, but for two things: variables have a card number as their
/// value, and with the planted bug no filter finds anything.
struct Bugged {
    inner: Arc<dyn Hooks>,
    value: String,
    blind: bool,
}

#[async_trait]
impl Hooks for Bugged {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
    }

    async fn resolve_variables(
        &self,
        _: Call,
        request: VariablesRequest,
    ) -> Result<BTreeMap<String, String>, HookError> {
        let names = request.names.into_iter();
        Ok(names.map(|name| (name, self.value.clone())).collect())
    }

    async fn filter(
        &self,
        call: Call,
        request: FilterRequest,
    ) -> Result<FilterDecision, HookError> {
        if self.blind {
            return Ok(FilterDecision {
                verdict: FilterVerdict::Allow,
                reason: None,
            });
        }
        self.inner.filter(call, request).await
    }
}

/// Card numbers by the way they went in: one for each, so that a find says which.
struct Cards {
    /// Keeps tests that run at once apart.
    series: u64,
    used: BTreeMap<String, &'static str>,
}

impl Cards {
    fn new(engine: Engine, blind: bool) -> Self {
        let engine = match engine {
            Engine::Sqlite => 1,
            Engine::Postgres => 2,
        };
        Self {
            series: engine * 10 + u64::from(blind),
            used: BTreeMap::new(),
        }
    }

    /// The number for this way, in one piece.
    fn plain(&mut self, way: &'static str) -> String {
        let body = format!("4{:02}739{:09}", self.series, 520_000_000 + self.used.len());
        let number = (0..10)
            .map(|check| format!("{body}{check}"))
            .find(|number| luhn(number))
            .unwrap_or_default();
        self.used.insert(number.clone(), way);
        number
    }

    /// In groups of four.
    fn grouped(&mut self, way: &'static str) -> String {
        grouped(&self.plain(way))
    }

    /// The ways whose numbers are in here, in whichever spelling.
    fn found_in(&self, bytes: &[u8], found: &mut BTreeSet<&'static str>) {
        for (number, way) in &self.used {
            let spelt = [number.clone(), grouped(number)];
            if spelt.iter().any(|it| holds(bytes, it.as_bytes())) {
                found.insert(way);
            }
        }
    }
}

fn grouped(number: &str) -> String {
    let groups = number.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

fn luhn(number: &str) -> bool {
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10));
    let weigh = |(at, digit): (usize, u32)| match at % 2 {
        0 => digit,
        _ => digit * 2 - if digit > 4 { 9 } else { 0 },
    };
    digits.enumerate().map(weigh).sum::<u32>() % 10 == 0
}

pub(super) fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let first = wanted.first().copied().unwrap_or_default();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        rest = &rest[at..];
        if rest.starts_with(wanted) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

/// Everything a person can type that is stored, with a number in each.
struct Everything {
    ana: Agent,
    visitor: Visitor,
    id: String,
    sockets: Vec<Socket>,
    answers: Vec<String>,
}

async fn say_it_all(app: &TestApp, cards: &mut Cards) -> Everything {
    let admin = Admin::of(app).await;
    admin
        .at_work(&built_in("pii-filter"), "filter", json!({}))
        .await;
    admin.order_variables().await;
    canned(&admin, "pay", "Was it {{order.status}}?").await;
    let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
    let mut answers = Vec::new();

    // The beginning, over REST.
    let rings = json!({
        "client_msg_id": "v1",
        "text": format!("I paid with {}.", cards.grouped("first message")),
        "subject": format!("Card {}", cards.plain("subject")),
        "category": cards.plain("category"),
        "form": {
            "name": format!("Mia {}", cards.grouped("form.name")),
            "email": format!("{}@example.test", cards.plain("form.email")),
        },
        "attributes": {
            "ref": cards.grouped("attribute"),
            "number": cards.plain("attribute as a number").parse::<u64>().unwrap_or_default(),
        },
    });
    let started = visitor
        .http
        .post("/api/v1/widget/conversations", rings)
        .await;
    answers.push(started.text.clone());
    let id = text(&started.ok(201), "id");
    let mut widget = visitor.connect().await;
    let mut desk = ana.connect().await;
    let owner = admin.agent.connect().await;

    // Who has it and why.
    let because = |words: String| json!({ "reason": words });
    for (action, way) in [
        ("assign", "reason to assign"),
        ("unassign", "reason to unassign"),
        ("assign", "reason to assign again"),
    ] {
        let body = because(format!("see {}", cards.grouped(way)));
        let answer = ana.on(&id, action, body).await;
        answer.ok(200);
        answers.push(answer.text);
    }

    // Both sides, over REST and over sockets.
    let said = |key: &str, words: String| json!({ "client_msg_id": key, "text": words });
    let mut with_attributes = said("v2", format!("Again: {}", cards.plain("visitor over REST")));
    with_attributes["attributes"] = json!({ "card": cards.grouped("a message's attribute") });
    visitor.on(&id, "messages", with_attributes).await.ok(201);
    let words = format!(
        "It is {}, is it not?",
        cards.grouped("visitor over a socket")
    );
    let mut command = said("v3", words);
    command["conversation_id"] = json!(id);
    answers.push(widget.command("send_message", command).await.to_string());
    let words = format!("So it was {}.", cards.plain("agent over REST"));
    ana.on(&id, "messages", said("a1", words)).await.ok(201);
    let mut command = said("a2", format!("{}?", cards.plain("agent over a socket")));
    command["conversation_id"] = json!(id);
    answers.push(desk.command("send_message", command).await.to_string());
    let mut note = said("a3", format!("Has {}", cards.grouped("note")));
    note["private"] = json!(true);
    ana.on(&id, "messages", note).await.ok(201);
    let used = json!({ "conversation_id": id, "shortcut": "pay", "client_msg_id": "a4" });
    answers.push(desk.command("use_canned_response", used).await.to_string());
    // The open one gets the words of another beginning.
    let again = json!({
        "client_msg_id": "v4", "text": cards.plain("a second beginning"),
        "attributes": { "more": cards.plain("a second beginning's attribute") },
    });
    visitor
        .http
        .post("/api/v1/widget/conversations", again)
        .await
        .ok(200);

    // What agents correct.
    let path = format!("/api/v1/conversations/{id}");
    let patch = json!({
        "subject": cards.grouped("corrected subject"),
        "category": cards.plain("corrected category"),
        "attributes": { "corrected": cards.plain("corrected attribute") },
    });
    let answer = ana.http.patch(&path, patch).await;
    answer.ok(200);
    answers.push(answer.text);

    // The end, and what the visitor says of it.
    for (action, way) in [
        ("resolve", "reason to resolve"),
        ("reopen", "reason to reopen"),
        ("close", "reason to close"),
    ] {
        let body = because(format!("see {}", cards.plain(way)));
        let answer = ana.on(&id, action, body).await;
        answer.ok(200);
        answers.push(answer.text);
    }
    let comment = format!("{} was refused", cards.grouped("rating comment"));
    let rating = json!({ "score": 1, "comment": comment });
    let answer = visitor.on(&id, "rating", rating).await;
    answer.ok(200);
    answers.push(answer.text);
    app.settle().await;
    Everything {
        ana,
        visitor,
        id,
        sockets: vec![widget, desk, owner],
        answers,
    }
}

/// What clients saw of it, then and when they ask later.
async fn seen(all: Everything) -> Vec<String> {
    let mut seen = all.answers;
    for mut socket in all.sockets {
        socket.fence().await;
        seen.extend(socket.drain().iter().map(Value::to_string));
        socket.close().await;
    }
    let id = &all.id;
    let conversation = all.ana.conversation(id).await;
    let contact = text(&conversation["contact"], "id");
    for path in [
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}/messages?limit=200"),
        format!("/api/v1/contacts/{contact}"),
        "/api/v1/agent/snapshot".to_owned(),
    ] {
        seen.push(all.ana.http.get(&path).await.text);
    }
    seen.push(all.visitor.http.get("/api/v1/widget/snapshot").await.text);
    seen
}

/// All files of a folder, the search index and the write-ahead log among them.
pub(super) fn files(folder: &Path, into: &mut Vec<Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, into);
        } else if let Ok(bytes) = std::fs::read(&path) {
            into.push(bytes);
        }
    }
}

/// Every row of every table as text; bytes as they are and in hex.
pub(super) async fn rows(url: &str) -> Vec<String> {
    let mut database = sqlx::PgConnection::connect(url).await.expect("PostgreSQL");
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    let tables = sqlx::query(tables).fetch_all(&mut database).await;
    let mut found = Vec::new();
    for table in tables.expect("the tables") {
        let table: String = table.get(0);
        let sql = format!("SELECT t::text FROM \"{table}\" AS t");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut database)
            .await;
        found.extend(
            rows.expect("the rows")
                .iter()
                .map(|row| row.get::<String, _>(0)),
        );
    }
    let _ = database.close().await;
    found
}

pub(super) fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The ways whose numbers are kept, told or logged: by the place they were found in.
async fn search(
    engine: Engine,
    blind: bool,
) -> (Cards, BTreeMap<&'static str, BTreeSet<&'static str>>) {
    log::listen();
    let mut cards = Cards::new(engine, blind);
    let mut setup = Setup::new(engine);
    setup.hooks = Arc::new(Bugged {
        inner: guests::shared(),
        value: cards.plain("saved reply"),
        blind,
    });
    let app = setup.start().await;
    let all = say_it_all(&app, &mut cards).await;
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let ana = all.ana.clone();
    let mut stored = Vec::new();
    files(&app.config.data_dir, &mut stored);
    let place = found.entry("stored").or_default();
    for bytes in &stored {
        cards.found_in(bytes, place);
    }
    if engine == Engine::Postgres {
        for row in rows(&app.config.database_url).await {
            cards.found_in(row.as_bytes(), place);
            for (number, way) in &cards.used {
                let spelt = [hex(number), hex(&grouped(number))];
                if spelt.iter().any(|it| row.contains(it)) {
                    place.insert(way);
                }
            }
        }
    }
    let place = found.entry("told").or_default();
    for text in seen(all).await {
        cards.found_in(text.as_bytes(), place);
    }
    let place = found.entry("indexed").or_default();
    for (number, way) in &cards.used {
        for spelt in [number.clone(), grouped(number)] {
            let hits = ana.search(&spelt).await;
            let hits = Value::from(hits).to_string();
            if hits.contains(number) || hits.contains(&grouped(number)) {
                place.insert(*way);
            }
        }
    }
    let place = found.entry("logged").or_default();
    for (number, way) in &cards.used {
        if log::holds(number) || log::holds(&grouped(number)) {
            place.insert(*way);
        }
    }
    app.finish().await;
    (cards, found)
}

both_engines! {
    async fn what_a_filter_took_out_is_nowhere(engine: Engine) {
        let (cards, found) = search(engine, false).await;
        assert_eq!(cards.used.len(), 26);
        for (place, ways) in found {
            assert!(ways.is_empty(), "{place}: {ways:?}");
        }
    }

    /// The planted bug: without it the test above would prove nothing.
    async fn the_search_finds_what_no_filter_took_out(engine: Engine) {
        let (cards, found) = search(engine, true).await;
        let all: BTreeSet<_> = cards.used.values().copied().collect();
        assert_eq!(found["stored"], all, "kept");
        assert!(found["told"].is_superset(&BTreeSet::from(["first message", "note", "rating comment"])), "{:?}", found["told"]);
        let words = BTreeSet::from(["agent over REST", "form.name", "saved reply"]);
        assert!(found["indexed"].is_superset(&words), "{:?}", found["indexed"]);
        assert!(found["logged"].is_empty(), "words are never logged: {:?}", found["logged"]);
        log::tell(&format!("a card, {}", cards.used.keys().next().cloned().unwrap_or_default()));
        assert!(log::holds(cards.used.keys().next().expect("a number")), "the log is listened to");
    }
}
