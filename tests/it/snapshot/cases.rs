//! A case for each command: where the conversation is before, who asks, and what.
//! Start at `CASES`; `Scene` brings the desk to where a case begins.

use deskbell_app::Plane;
use deskbell_domain::availability::Availability;
use deskbell_domain::bot::Answer;
use deskbell_domain::command::{CannedRef, StartConversation, TransferTo, UseCannedResponse};
use deskbell_domain::conversation::talk::Details;
use deskbell_domain::integration::Effect;
use deskbell_domain::message::Draft;
use deskbell_domain::{
    Actor, AgentId, Command, ConversationId, EventId, InstallationId, MessageId, Priority, TeamId,
    Who,
};
use deskbell_tests::guests::zoo;
use deskbell_tests::{Agent, Socket, TestApp, Visitor};
use reqwest::Method;
use serde_json::{Map, json};

/// Where the conversation is when the command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// None, and nobody free to take one.
    Nothing,
    /// None, and Ana free.
    NothingButAna,
    /// In the queue; nobody is free.
    Queued,
    /// Ana has it, with messages of both sides, none of them read.
    Active,
    /// The same, but Ana takes no more.
    ActiveButAway,
    Resolved,
    Missed,
    /// A bot has it, and has asked by buttons.
    WithBot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Ana,
    Sam,
    Visitor,
    /// That was told of an event.
    Plugin,
}

pub(super) struct Case {
    pub name: &'static str,
    pub start: Start,
    pub asks: Asks,
    pub command: fn(&Scene) -> Command,
}

const fn case(
    name: &'static str,
    start: Start,
    asks: Asks,
    command: fn(&Scene) -> Command,
) -> Case {
    Case {
        name,
        start,
        asks,
        command,
    }
}

use Asks::{Ana, Plugin, Sam, Visitor as TheVisitor};
use Start::{Active, ActiveButAway, Missed, Nothing, NothingButAna, Queued, Resolved, WithBot};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case("start", Nothing, TheVisitor, |_| starting(None)),
    case("start and assigned", NothingButAna, TheVisitor, |_| starting(None)),
    case("start with a name", Nothing, TheVisitor, |_| starting(Some("Mia"))),
    case("start when one is open", Queued, TheVisitor, |_| starting(None)),
    case("visitor sends", Active, TheVisitor, |s| s.sending("hello again", false)),
    case("visitor sends into a queued one", Queued, TheVisitor, |s| s.sending("still there?", false)),
    case("visitor sends into a resolved one", Resolved, TheVisitor, |s| s.sending("one more thing", false)),
    case("visitor sends into a missed one", Missed, TheVisitor, |s| s.sending("I am back", false)),
    case("visitor answers a bot", WithBot, TheVisitor, Scene::answering),
    case("visitor ends it with a bot", WithBot, TheVisitor, |s| Command::EndConversation { conversation: s.id() }),
    case("visitor asks for a person", WithBot, TheVisitor, |s| Command::RequestAgent { conversation: s.id() }),
    case("take from a bot", WithBot, Ana, |s| s.assigning(None)),
    case("a plugin heard of it", Active, Plugin, Scene::heard),
    case("agent sends", Active, Ana, |s| s.sending("good morning", false)),
    case("agent leaves a note", Active, Ana, |s| s.sending("a regular", true)),
    case("supervisor leaves a note", Active, Sam, |s| s.sending("be kind", true)),
    case("visitor has received", Active, TheVisitor, |s| Command::MarkDelivered { conversation: s.id(), seq: 2 }),
    case("agent has received", Active, Ana, |s| Command::MarkDelivered { conversation: s.id(), seq: 3 }),
    case("visitor has read", Active, TheVisitor, |s| Command::MarkRead { conversation: s.id(), seq: 2 }),
    case("agent has read", Active, Ana, |s| Command::MarkRead { conversation: s.id(), seq: 3 }),
    case("visitor ends", Active, TheVisitor, |s| Command::EndConversation { conversation: s.id() }),
    case("visitor leaves the queue", Queued, TheVisitor, |s| Command::EndConversation { conversation: s.id() }),
    case("visitor rates", Resolved, TheVisitor, |s| Command::RateConversation {
        conversation: s.id(), score: 4, comment: Some("quick".to_owned()),
    }),
    case("update", Active, Ana, Scene::updating),
    case("update in the queue", Queued, Sam, Scene::updating),
    case("take", Queued, Ana, |s| s.assigning(None)),
    case("assign", Queued, Sam, |s| s.assigning(Some(agent(&s.ben)))),
    case("reassign", Active, Sam, |s| s.assigning(Some(agent(&s.ben)))),
    case("unassign", Active, Ana, |s| Command::Unassign { conversation: s.id(), reason: Some("not mine".to_owned()) }),
    case("unassign to nobody", ActiveButAway, Sam, |s| Command::Unassign { conversation: s.id(), reason: None }),
    case("transfer to an agent", Active, Ana, |s| s.transferring(TransferTo::Agent(agent(&s.ben)))),
    case("transfer to a team", Active, Ana, |s| s.transferring(TransferTo::Team(s.other_team))),
    case("resolve", Active, Ana, |s| Command::Resolve { conversation: s.id(), reason: None }),
    case("resolve in the queue", Queued, Sam, |s| Command::Resolve { conversation: s.id(), reason: Some("spam".to_owned()) }),
    case("close", Active, Ana, |s| Command::Close { conversation: s.id(), reason: Some("abuse".to_owned()) }),
    case("close a resolved one", Resolved, Ana, |s| Command::Close { conversation: s.id(), reason: None }),
    case("reopen", Resolved, Ana, |s| Command::Reopen { conversation: s.id(), reason: None }),
    case("use canned response", Active, Ana, |s| Command::UseCannedResponse(UseCannedResponse {
        conversation: s.id(), which: CannedRef::Shortcut("greeting".to_owned()),
        client_msg_id: s.key("canned"), preview: false,
    })),
    case("go away", Active, Ana, |_| Command::SetAvailability { agent: None, availability: Availability::Away }),
    case("be sent away", Active, Sam, |s| Command::SetAvailability {
        agent: Some(agent(&s.ana)), availability: Availability::Busy,
    }),
];

/// Whether the zoo's bot answers first at the shop. It is installed once.
async fn bot_answers(app: &TestApp, first: bool) {
    let owner = app.agent("owner").await;
    let installed = owner.http.get("/api/v1/installations").await.ok(200);
    let bot = match installed["items"].as_array().and_then(|all| all.first()) {
        Some(bot) => bot["id"].clone(),
        None => {
            let kind = [("content-type", "application/wasm")];
            let file = zoo("bad-bot").to_vec();
            let sent = owner
                .http
                .raw(Method::POST, "/api/v1/plugins", file, &kind)
                .await;
            let body = json!({
                "plugin_id": sent.ok(201)["plugin"]["id"], "hooks": ["bot"],
                "config": { "mode": "buttons" },
            });
            owner.http.post("/api/v1/installations", body).await.ok(201)["id"].clone()
        }
    };
    let inboxes = owner.http.get("/api/v1/inboxes").await.ok(200);
    let inbox = inboxes["items"][0]["id"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let body = json!({ "bot": if first { bot } else { json!(null) } });
    owner
        .http
        .patch(&format!("/api/v1/inboxes/{inbox}"), body)
        .await
        .ok(200);
    app.settle().await;
}

/// The question it ended with.
async fn last_of_bot(visitor: &Visitor, id: &str) -> Option<MessageId> {
    let path = format!("/api/v1/widget/conversations/{id}/messages");
    let messages = visitor.http.get(&path).await.ok(200);
    let last = messages["items"].as_array()?.last()?.clone();
    last["id"].as_str()?.parse().ok()
}

fn agent(agent: &Agent) -> AgentId {
    agent.id.parse().expect("an agent's id")
}

fn draft(key: &str, words: &str, private: bool) -> Draft {
    Draft {
        client_msg_id: key.to_owned(),
        text: words.to_owned(),
        private,
        attributes: Map::new(),
    }
}

fn starting(name: Option<&str>) -> Command {
    let attributes = json!({ "order_id": "A-1001" });
    Command::StartConversation(StartConversation {
        message: Some(draft("start", "Where is my lamp?", false)),
        subject: Some("Lamp".to_owned()),
        category: Some("Late delivery".to_owned()),
        attributes: attributes.as_object().cloned().unwrap_or_default(),
        team_id: None,
        name: name.map(str::to_owned),
        email: name.map(|_| "mia@example.test".to_owned()),
    })
}

/// Ana and Ben of the demo team (Ben away), Sam who supervises, one visitor.
pub(super) struct Scene {
    pub ana: Agent,
    pub ben: Agent,
    pub sam: Agent,
    pub visitor: Visitor,
    other_team: TeamId,
    conversation: Option<ConversationId>,
    /// A bot's question.
    asked: Option<MessageId>,
    sockets: Vec<Socket>,
}

impl Scene {
    pub(super) async fn set(app: &TestApp, start: Start) -> Self {
        let (ana, ben) = (app.agent("ana").await, app.agent("ben").await);
        let (sam, owner) = (app.agent("supervisor").await, app.agent("owner").await);
        let team = json!({ "name": "Second line", "strategy": "manual" });
        let team = owner.http.post("/api/v1/teams", team).await.ok(201);
        let sockets = vec![ana.connect().await, ben.connect().await];
        choose(&ben, "away").await;
        let visitor = app.visitor().await;
        let mut scene = Self {
            ana,
            ben,
            sam,
            visitor,
            other_team: team["id"]
                .as_str()
                .unwrap_or_default()
                .parse()
                .expect("a team's id"),
            conversation: None,
            asked: None,
            sockets,
        };
        scene.begin(app, start).await;
        scene
    }

    async fn begin(&mut self, app: &TestApp, start: Start) {
        let free = !matches!(start, Nothing | Queued | Missed | WithBot);
        choose(&self.ana, if free { "online" } else { "away" }).await;
        app.settle().await;
        if matches!(start, Nothing | NothingButAna) {
            return;
        }
        if start == WithBot {
            bot_answers(app, true).await;
        }
        let id = self.visitor.ring("v1", "Where is my lamp?").await;
        self.conversation = id.parse().ok();
        app.settle().await;
        if start == WithBot {
            bot_answers(app, false).await;
            self.asked = last_of_bot(&self.visitor, &id).await;
        }
        if matches!(start, Active | ActiveButAway | Resolved) {
            let reply = json!({ "client_msg_id": self.key("a"), "text": "Let me look." });
            self.ana.on(&id, "messages", reply).await.ok(201);
            self.visitor.say(&id, "v2", "Thank you").await;
        }
        match start {
            ActiveButAway => choose(&self.ana, "away").await,
            Resolved => drop(self.ana.on(&id, "resolve", json!({})).await.ok(200)),
            Missed => drop(
                self.visitor
                    .http
                    .poke(&format!("/api/v1/widget/conversations/{id}/end"))
                    .await
                    .ok(200),
            ),
            _ => {}
        }
        app.settle().await;
    }

    fn id(&self) -> ConversationId {
        self.conversation.expect("a case that has a conversation")
    }

    /// A key no other case of the same agent uses.
    fn key(&self, word: &str) -> String {
        format!("{word}-{}", self.visitor.id)
    }

    fn sending(&self, words: &str, private: bool) -> Command {
        Command::SendMessage {
            conversation: self.id(),
            draft: draft(&self.key("case"), words, private),
        }
    }

    fn answering(&self) -> Command {
        let values = json!({ "choice": "late" });
        Command::AnswerQuestion {
            conversation: self.id(),
            client_msg_id: self.key("answer"),
            answer: Answer {
                message_id: self.asked.expect("a question"),
                values: values.as_object().cloned().unwrap_or_default(),
            },
            attributes: Map::new(),
        }
    }

    fn assigning(&self, agent: Option<AgentId>) -> Command {
        Command::Assign {
            conversation: self.id(),
            agent,
            over_capacity: false,
            reason: Some("by hand".to_owned()),
        }
    }

    fn transferring(&self, to: TransferTo) -> Command {
        Command::Transfer {
            conversation: self.id(),
            to,
            over_capacity: false,
            reason: Some("knows lamps".to_owned()),
        }
    }

    fn updating(&self) -> Command {
        let attributes = json!({ "order_id": "A-1002", "gift": true });
        Command::UpdateConversation {
            conversation: self.id(),
            details: Details {
                subject: Some(Some("Two lamps".to_owned())),
                category: Some(None),
                priority: Some(Priority::Urgent),
                attributes: attributes.as_object().cloned().unwrap_or_default(),
                if_version: None,
            },
        }
    }

    pub(super) async fn command(&self, app: &TestApp, case: &Case) -> (Actor, Command) {
        let (token, plane) = match case.asks {
            Ana => (&self.ana.token, Plane::Agent),
            Sam => (&self.sam.token, Plane::Agent),
            TheVisitor => (&self.visitor.token, Plane::Widget),
            Plugin => (&self.sam.token, Plane::Agent),
        };
        let actor = app.actor(token, plane).await;
        let actor = match case.asks {
            Plugin => plugin(actor),
            Ana | Sam | TheVisitor => actor,
        };
        (actor, (case.command)(self))
    }

    /// An attribute and a note.
    fn heard(&self) -> Command {
        heard(self.id())
    }

    /// Leaves nothing behind for the next case on the same desk.
    pub(super) async fn leave(self, app: &TestApp) {
        for agent in [&self.ana, &self.ben] {
            choose(agent, "away").await;
        }
        app.settle().await;
        let open = self.visitor.snapshot().await;
        for conversation in open["conversations"].as_array().into_iter().flatten() {
            let id = conversation["id"].as_str().unwrap_or_default();
            if conversation["status"] == "queued" || conversation["status"] == "active" {
                self.sam
                    .on(id, "resolve", json!({ "reason": "over" }))
                    .await
                    .ok(200);
            }
        }
        for socket in self.sockets {
            socket.close().await;
        }
        app.settle().await;
    }
}

async fn choose(agent: &Agent, availability: &str) {
    let path = format!("/api/v1/agents/{}/availability", agent.id);
    agent
        .http
        .put(&path, json!({ "availability": availability }))
        .await
        .ok(200);
}

/// A plugin of this actor's tenant.
pub(super) fn plugin(actor: Actor) -> Actor {
    let who = Who::Plugin {
        id: InstallationId(uuid::Uuid::nil()),
        name: "CRM".to_owned(),
    };
    Actor { who, ..actor }
}

pub(super) fn heard(conversation: ConversationId) -> Command {
    Command::ApplyEffects {
        conversation,
        event: EventId(uuid::Uuid::nil()),
        depth: 1,
        effects: vec![
            Effect::SetAttribute {
                name: "crm_id".to_owned(),
                value: "C-17".into(),
            },
            Effect::AddNote("The case C-17 was opened.".to_owned()),
        ],
    }
}
