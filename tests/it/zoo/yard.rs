//! A tenant in which attacks are let loose, one at a time: who they meet, and what
//! is left of it afterwards.

use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Socket, TestApp};
use serde_json::{Value, json};

use crate::plugins::desk::{Admin, Chat, canned, path_of};

pub(super) struct Yard<'a> {
    pub(super) app: &'a TestApp,
    pub(super) admin: Admin,
    ana: Agent,
    _there: Socket,
    chat: Chat,
    inbox: String,
    turn: u32,
}

impl<'a> Yard<'a> {
    /// Ana is there and has a chat; `attack` is a canned response that asks plugins.
    pub(super) async fn of(app: &'a TestApp) -> Self {
        let admin = Admin::of(app).await;
        canned(&admin, "attack", "{{zoo.attack}}").await;
        let chat = Chat::begin(app).await;
        let ana = app.agent("ana").await;
        let path = format!("/api/v1/agents/{}", ana.id);
        admin.patch(&path, json!({ "capacity": 100 })).await.ok(200);
        let there = ana.connect().await;
        app.settle().await;
        let inboxes = list(&admin.get("/api/v1/inboxes").await["items"]);
        let inbox = inboxes.iter().find(|it| it["key"] == "demo-web");
        Self {
            app,
            inbox: text(inbox.expect("the demo's inbox"), "id"),
            admin,
            ana,
            _there: there,
            chat,
            turn: 0,
        }
    }

    pub(super) async fn install(&self, name: &str, hook: &str, wants: &[&str]) -> String {
        let plugin = self.uploaded(name).await;
        let body = json!({ "plugin_id": plugin, "hooks": [hook], "capabilities": wants });
        path_of(&self.admin.install(body).await.ok(201))
    }

    /// The plugin's id; a file that is there already is not sent again.
    async fn uploaded(&self, name: &str) -> String {
        let all = list(&self.admin.get("/api/v1/plugins?limit=200").await["items"]);
        match all.iter().find(|one| one["key"] == name) {
            Some(known) => text(known, "id"),
            None => self.admin.uploaded(&zoo(name)).await,
        }
    }

    /// The attack at this hook meets somebody at work. What came of it for them: the
    /// code they can read, or "ok".
    pub(super) async fn meet(&mut self, name: &str, hook: &str, path: &str) -> String {
        self.turn += 1;
        match hook {
            "routing" => self.ring().await,
            "variables" => self.fill(path).await,
            "filter" => self.say(name).await,
            "bot" => self.ask_bot(path).await,
            "events" => self.tell(path).await,
            "context" => self.look().await,
            other => panic!("nobody meets {other}"),
        }
    }

    /// Somebody gets the chat, by the team's strategy.
    async fn ring(&self) -> String {
        let visitor = self.app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        self.app.settle().await;
        let conversation = self.ana.conversation(&id).await;
        assert_eq!(conversation["assignee"]["name"], "Ana", "{conversation}");
        let path = format!("/api/v1/conversations/{id}/decisions");
        let decisions = list(&self.admin.get(&path).await["items"]);
        let decision = &decisions[0];
        assert_eq!(decision["strategy"], "least_loaded", "{decision}");
        let consulted = list(&decision["consulted"]);
        assert_eq!(consulted.len(), 1, "{decision}");
        match consulted[0]["failure"].is_null() {
            true => text(&consulted[0], "outcome").replace("no_opinion", "ok"),
            false => text(&consulted[0]["failure"], "code"),
        }
    }

    /// Nothing is sent that is not whole.
    async fn fill(&self, path: &str) -> String {
        let before = self.chat.read().await;
        let key = format!("fill{}", self.turn);
        let used = self.chat.use_canned("attack", &key, true).await;
        if used.status == 200 && used.json()["missing"] == json!([]) {
            return "ok".to_owned();
        }
        let sent = self.chat.use_canned("attack", &key, false).await;
        sent.refused(422, "missing_variables");
        assert_eq!(self.chat.read().await, before);
        self.app.settle().await;
        let failures = self.admin.get(&format!("{path}/failures")).await;
        text(&failures["items"][0], "code")
    }

    /// What the guest says in this saved reply.
    pub(super) async fn used(&self, shortcut: &str) -> String {
        let used = self.chat.use_canned(shortcut, shortcut, true).await;
        text(&used.ok(200), "text")
    }

    /// What was said is there, whatever becomes of telling it.
    async fn tell(&self, path: &str) -> String {
        let words = format!("Is it {}?", self.turn);
        let key = format!("tell{}", self.turn);
        self.chat.visitor.say(&self.chat.id, &key, &words).await;
        self.app.pass(1_000).await;
        assert!(self.chat.read().await.contains(&words), "{words}");
        // Successes are not written down at once.
        self.app.pass(6_000).await;
        let calls = self.admin.get(&format!("{path}/invocations")).await;
        text(&calls["items"][0], "outcome")
    }

    /// Its answer was within the call's limits and is none.
    pub(super) async fn noted_nothing(&self, path: &str) {
        let failures = list(&self.admin.get(&format!("{path}/failures")).await["items"]);
        assert_eq!(failures[0]["code"], "bad_answer", "{failures:?}");
        let messages = self.ana.messages(&self.chat.id).await;
        let longest = messages.iter().map(|it| text(it, "text").len()).max();
        assert!(longest < Some(1_000), "{longest:?}");
    }

    /// In the place of its cards the agent reads why.
    async fn look(&self) -> String {
        let path = format!("/api/v1/conversations/{}/cards?fresh=true", self.chat.id);
        let shown = list(&self.ana.http.get(&path).await.ok(200)["items"]);
        assert_eq!(shown.len(), 1, "{shown:?}");
        self.app.pass(6_000).await;
        match shown[0]["failure"].is_null() {
            true => "ok".to_owned(),
            false => text(&shown[0]["failure"], "kind"),
        }
    }

    /// Of the chat that is there from the beginning.
    pub(super) fn conversation(&self) -> &str {
        &self.chat.id
    }

    /// What the guest says in a saved reply.
    pub(super) async fn filled(&self) -> String {
        let used = self.chat.use_canned("attack", "filled", true).await.ok(200);
        text(&used, "text")
    }

    /// What was said is stored as it was said.
    async fn say(&self, name: &str) -> String {
        let words = format!("Is it {}?", self.turn);
        let key = format!("say{}", self.turn);
        self.chat.visitor.say(&self.chat.id, &key, &words).await;
        let messages = self.ana.messages(&self.chat.id).await;
        let last = messages.last().cloned().unwrap_or_default();
        assert_eq!(last["text"], words);
        match last["attributes"]["filter"][name]["unfiltered"].as_str() {
            Some(code) => code.to_owned(),
            None => "ok".to_owned(),
        }
    }

    /// People have the conversation, and a note says why.
    async fn ask_bot(&self, path: &str) -> String {
        let id = path.rsplit('/').next().unwrap_or_default();
        self.first_answer(json!(id)).await;
        let visitor = self.app.visitor().await;
        let rung = visitor.ring("v1", "hello").await;
        self.app.settle().await;
        let conversation = self.ana.conversation(&rung).await;
        self.first_answer(json!(null)).await;
        if conversation["status"] == "bot" {
            return "ok".to_owned();
        }
        assert_eq!(conversation["assignee"]["name"], "Ana", "{conversation}");
        let messages = self.ana.messages(&rung).await;
        let texts: Vec<_> = messages.iter().map(|it| text(it, "text")).collect();
        assert_eq!((texts.len(), texts[0].as_str()), (2, "hello"), "{texts:?}");
        let code = texts[1].rsplit(' ').next().unwrap_or_default();
        code.trim_end_matches('.').to_owned()
    }

    async fn first_answer(&self, bot: Value) {
        let path = format!("/api/v1/inboxes/{}", self.inbox);
        self.admin.patch(&path, json!({ "bot": bot })).await.ok(200);
    }

    /// What is left of its last call: the record of it, and its log.
    pub(super) async fn traces(&self, path: &str) -> (Value, Vec<String>) {
        self.app.settle().await;
        let calls = self.admin.get(&format!("{path}/invocations")).await;
        let log = self.admin.get(&format!("{path}/logs?limit=200")).await;
        let lines = list(&log["items"]);
        let lines = lines.iter().map(|line| text(line, "text")).collect();
        (calls["items"][0].clone(), lines)
    }

    pub(super) async fn uninstall(&self, path: &str) {
        self.admin.agent.http.delete(path).await.ok(204);
    }
}
