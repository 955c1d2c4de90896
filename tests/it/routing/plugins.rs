//! What the router does with the opinions of plugins, in whatever order they come.

use std::sync::Arc;

use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::hooks::Verdict;
use deskbell_domain::{AgentId, Priority, TeamId};
use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, Engine, PASSWORD, Setup, Socket, TestApp, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use super::script::Script;
use super::{SECOND, both, capacity};

const MINUTE: i64 = 60 * SECOND;

pub(super) async fn scripted(engine: Engine) -> (TestApp, Arc<Script>) {
    let (mut setup, script) = (Setup::new(engine), Script::new());
    setup.hooks = script.clone();
    (setup.start().await, script)
}

/// One of the zoo at work; answers its path.
pub(super) async fn install(owner: &Agent, name: &str, wants: Value, config: Value) -> String {
    let kind = [("content-type", "application/wasm")];
    let file = zoo(name).to_vec();
    let sent = owner.http.raw(Method::POST, "/api/v1/plugins", file, &kind);
    let plugin = text(&sent.await.ok(201)["plugin"], "id");
    let body = json!({
        "plugin_id": plugin, "hooks": ["routing"], "capabilities": wants, "config": config,
    });
    let made = owner.http.post("/api/v1/installations", body).await.ok(201);
    format!("/api/v1/installations/{}", text(&made, "id"))
}

pub(super) async fn decisions(reader: &Agent, id: &str) -> Vec<Value> {
    let path = format!("/api/v1/conversations/{id}/decisions");
    list(&reader.http.get(&path).await.ok(200)["items"])
}

/// Outcomes, and failures' codes, of what the latest decision says of plugins.
pub(super) fn told(decision: &Value) -> Vec<(String, String)> {
    let of = |it: &Value| (text(it, "outcome"), text(&it["failure"], "code"));
    list(&decision["consulted"]).iter().map(of).collect()
}

fn pair(outcome: &str, code: &str) -> (String, String) {
    (outcome.to_owned(), code.to_owned())
}

fn agent_id(agent: &Agent) -> AgentId {
    agent.id.parse().expect("an agent's id")
}

async fn holder(reader: &Agent, id: &str) -> String {
    text(&reader.conversation(id).await["assignee"], "name")
}

async fn ring(app: &TestApp) -> String {
    app.advance(SECOND);
    app.visitor().await.ring("v1", "hello").await
}

async fn new_team(owner: &Agent, name: &str) -> String {
    let team = json!({ "name": name, "strategy": "least_loaded" });
    text(&owner.http.post("/api/v1/teams", team).await.ok(201), "id")
}

/// A tenant without plugins, with one agent who is there.
async fn neighbours(app: &TestApp) -> (Agent, Socket) {
    let new = NewTenant {
        slug: "quiet".to_owned(),
        name: "Quiet".to_owned(),
        owner_email: "owner@quiet.test".to_owned(),
        owner_name: "Otto".to_owned(),
        owner_password: PASSWORD.to_owned(),
    };
    app.app().create_tenant(new).await.expect("a tenant");
    let owner = app.agent_of("quiet", "owner@quiet.test").await;
    let team = new_team(&owner, "All").await;
    let inbox = json!({ "key": "quiet-web", "name": "Quiet", "default_team_id": team });
    owner.http.post("/api/v1/inboxes", inbox).await.ok(201);
    let agent = json!({
        "email": "quin@quiet.test", "name": "Quin", "role": "agent", "password": PASSWORD,
        "team_ids": [team],
    });
    owner.http.post("/api/v1/agents", agent).await.ok(201);
    let quin = app.agent_of("quiet", "quin@quiet.test").await;
    let desk = quin.connect().await;
    app.settle().await;
    (quin, desk)
}

both_engines! {
    async fn a_choice_is_followed_and_told_as_the_plugins(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (ana, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        let path = install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        let to = agent_id(&ben);
        script.say(move |_, _| Verdict::Assign(to));
        let visitor = app.visitor().await;
        let (mut widget, mut desk) = (visitor.connect().await, owner.connect().await);
        for n in 0..2 {
            let id = if n == 0 { visitor.ring("v1", "hello").await } else { ring(&app).await };
            app.settle().await;
            assert_eq!(holder(&owner, &id).await, "Ben", "twice, though Ana has fewer");
        }
        let event = desk.expect_event("conversation.assigned").await;
        let installation = text(&owner.http.get(&path).await.ok(200), "id");
        let actor = json!({ "type": "plugin", "id": installation, "name": "Bad router" });
        assert_eq!((&event["actor"], &event["data"]["reason"]), (&actor, &json!("as scripted")));
        let seen = widget.expect_event("conversation.assigned").await;
        assert_eq!(seen["actor"], json!({ "type": "plugin", "id": null, "name": null }));
        let seen = seen.to_string();
        assert!(!seen.contains("scripted") && !seen.contains(&installation), "{seen}");
        let decision = &decisions(&owner, &text(&event, "conversation_id")).await[0];
        assert_eq!(told(decision), [pair("assigned", "")]);
        assert_eq!((&decision["winner_id"], &decision["candidates"][0]["name"]), (&json!(ben.id), &json!("Ana")));
        // What it was shown: once about each, with all it may know.
        let asked = script.asked();
        assert_eq!(asked.len(), 2);
        let shown: Vec<_> = asked[0].candidates.iter().map(|it| it.email.as_str()).collect();
        assert_eq!((shown.len(), asked[0].candidates_total), (2, 2));
        assert!(shown.contains(&"ana@demo.test"), "{shown:?}");
        assert_eq!((asked[0].position, asked[0].waiting, asked[0].retry_of.as_deref()), (1, 1, None));
        let _ = ana;
        app.finish().await;
    }

    async fn a_question_goes_out_while_nobody_looks_after_it(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (_, _ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        app.settle().await;
        ring(&app).await;
        // One round begins it; nothing steps until it was put.
        app.server().step().await.expect("a step");
        script.is_asked().await;
        app.finish().await;
    }

    async fn nobody_waits_for_another_tenants_plugin(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (_, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        install(&owner, "bad-router", json!([]), json!({ "mode": "held" })).await;
        let (quin, mut desk) = neighbours(&app).await;
        let to = agent_id(&ben);
        script.say(move |_, _| Verdict::Assign(to));
        let held = ring(&app).await;
        let served = async {
            script.is_asked().await;
            // Three rings while the answer is out: the news wakes the router.
            let mut rung = Vec::new();
            for _ in 0..3 {
                let visitor = app.visitor_at("quiet-web").await;
                rung.push(visitor.ring("v1", "hello").await);
            }
            let heard = async {
                for id in &rung {
                    desk.expect_event("conversation.assigned").await;
                    assert_eq!(holder(&quin, id).await, "Quin");
                }
                assert_eq!(holder(&owner, &held).await, "");
                script.release();
            };
            tokio::join!(app.settle(), heard);
        };
        tokio::join!(app.settle(), served);
        app.settle().await;
        assert_eq!(holder(&owner, &held).await, "Ben");
        app.finish().await;
    }

    async fn a_choice_that_lost_its_room_is_asked_again(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (ana, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        capacity(&owner, &ana, 1).await;
        capacity(&owner, &ben, 1).await;
        app.settle().await;
        install(&owner, "bad-router", json!([]), json!({ "mode": "held" })).await;
        let (first, second) = (agent_id(&ben), agent_id(&ana));
        script.say(move |_, request| {
            Verdict::Assign(if request.retry_of.is_none() { first } else { second })
        });
        let (id, other) = (ring(&app).await, ring(&app).await);
        let meanwhile = async {
            script.is_asked().await;
            ben.on(&other, "assign", json!({})).await.ok(200);
            script.release();
            script.release();
        };
        tokio::join!(app.settle(), meanwhile);
        app.settle().await;
        assert_eq!((holder(&owner, &id).await, holder(&owner, &other).await), ("Ana".to_owned(), "Ben".to_owned()));
        let asked = script.asked();
        assert_eq!(asked.last().and_then(|it| it.retry_of.clone()).as_deref(), Some("Ben has no room any more"));
        assert_eq!(told(&decisions(&owner, &id).await[0]), [pair("failed", "lost_race"), pair("assigned", "")]);
        app.finish().await;
    }

    async fn the_first_opinion_counts(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (_, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        let one = install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        install(&owner, "curious-router", json!(["directory"]), json!({})).await;
        let to = agent_id(&ben);
        script.say(move |call, _| match call.config.get("mode") {
            Some(_) => Verdict::ToBot,
            None => Verdict::Assign(to),
        });
        let id = ring(&app).await;
        app.settle().await;
        let decision = &decisions(&owner, &id).await[0];
        assert_eq!(told(decision), [pair("failed", "no_bot"), pair("assigned", "")]);
        let names: Vec<_> = list(&decision["consulted"]).iter().map(|it| text(it, "plugin_name")).collect();
        assert_eq!(names[0], "Bad router");
        // Nobody there: each is asked once when it comes, and nobody has a say.
        owner.http.poke(&format!("{one}/disable")).await.ok(200);
        for agent in [&ben, &app.agent("ana").await] {
            let path = format!("/api/v1/agents/{}/availability", agent.id);
            owner.http.put(&path, json!({ "availability": "away" })).await.ok(200);
        }
        app.settle().await;
        script.asked();
        let waiting = [ring(&app).await, ring(&app).await];
        app.settle().await;
        app.pass(MINUTE).await;
        let asked = script.asked();
        assert_eq!(asked.iter().map(|it| (it.position, it.candidates.len())).collect::<Vec<_>>(), [(1, 0), (2, 0)]);
        assert_eq!(holder(&owner, &waiting[0]).await, "");
        app.finish().await;
    }

    async fn queues_and_priorities(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let owner = app.agent("owner").await;
        let second = new_team(&owner, "Second line").await;
        let cleo = app.new_agent(&owner, "cleo", json!({ "team_ids": [second] })).await;
        let _desk = cleo.connect().await;
        app.settle().await;
        install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        let visitor = app.visitor().await;
        let mut widget = visitor.connect().await;
        let to: TeamId = second.parse().expect("a team's id");
        script.say(move |_, _| Verdict::Queue { team: Some(to), priority: Some(Priority::Urgent) });
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        let now = owner.conversation(&id).await;
        assert_eq!((&now["team_id"], &now["priority"]), (&json!(second), &json!("urgent")));
        assert_eq!((&now["assignee"]["name"], &now["reason"]), (&json!("cleo"), &json!("as scripted")));
        let all = decisions(&owner, &id).await;
        assert_eq!(all.len(), 2, "the move is on record too");
        assert_eq!(all[1]["winner_id"], json!(null));
        // Asked again in the other queue, it changes nothing there.
        assert_eq!(told(&all[0]), [pair("queued", ""), pair("no_opinion", "")]);
        let seen = widget.events().await;
        assert!(seen.iter().all(|event| !event.to_string().contains("scripted")), "{seen:?}");
        // To and fro without end: after three moves it stays.
        cleo.http.put(&format!("/api/v1/agents/{}/availability", cleo.id), json!({ "availability": "away" })).await.ok(200);
        app.settle().await;
        script.say(|_, request| {
            let up = request.conversation.priority == Priority::Low;
            Verdict::Queue { team: None, priority: Some(if up { Priority::High } else { Priority::Low }) }
        });
        let (_ana, _ben, _sockets) = both(&app).await;
        let id = ring(&app).await;
        app.settle().await;
        let all = decisions(&owner, &id).await;
        let queued = pair("queued", "");
        assert_eq!(told(&all[0]), [queued.clone(), queued.clone(), queued, pair("failed", "too_many_moves")]);
        assert_ne!(holder(&owner, &id).await, "");
        // A team that is not there.
        script.say(|_, _| Verdict::Queue { team: Some(TeamId(uuid::Uuid::nil())), priority: None });
        let id = ring(&app).await;
        app.settle().await;
        assert_eq!(told(&decisions(&owner, &id).await[0]), [pair("failed", "bad_answer")]);
        app.finish().await;
    }

    async fn a_hold_ends_by_the_clock(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, _there) = (app.agent("owner").await, both(&app).await);
        install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        script.say(|call, request| {
            if request.conversation.subject.is_none() && request.waiting_ms < 2 * MINUTE {
                Verdict::HoldUntil(call.now.plus(2 * MINUTE))
            } else {
                Verdict::NoOpinion
            }
        });
        let id = ring(&app).await;
        app.settle().await;
        let visitor = app.visitor().await;
        let body = json!({ "client_msg_id": "v1", "text": "me too", "subject": "Urgent" });
        let behind = visitor.http.post("/api/v1/widget/conversations", body).await.ok(201);
        app.pass(MINUTE).await;
        assert_eq!(holder(&owner, &id).await, "");
        assert_ne!(holder(&owner, &text(&behind, "id")).await, "", "who is behind goes first");
        app.pass(2 * MINUTE).await;
        assert_ne!(holder(&owner, &id).await, "");
        assert_eq!(told(&decisions(&owner, &id).await[0]), [pair("held", ""), pair("no_opinion", "")]);
        // An hour is the most, and yesterday is no time to wait for.
        for hours in [-24, 2] {
            script.say(move |call, _| Verdict::HoldUntil(call.now.plus(hours * 60 * MINUTE)));
            let id = ring(&app).await;
            app.settle().await;
            assert_eq!(told(&decisions(&owner, &id).await[0]), [pair("failed", "bad_answer")]);
        }
        app.finish().await;
    }

    async fn a_plugin_costs_no_write(engine: Engine) {
        let (app, script) = scripted(engine).await;
        let (owner, (_, ben, _sockets)) = (app.agent("owner").await, both(&app).await);
        let mut desk = owner.connect().await;
        install(&owner, "bad-router", json!([]), json!({ "mode": "x" })).await;
        app.settle().await;
        let mut told = Vec::new();
        for asks in [false, true] {
            let to = agent_id(&ben);
            script.say(move |_, _| if asks { Verdict::Assign(to) } else { Verdict::NoOpinion });
            desk.events().await;
            ring(&app).await;
            app.settle().await;
            // Each unit leaves events: the same ones are the same writes.
            told.push(desk.event_types().await);
        }
        assert_eq!(told[0], told[1]);
        assert!(told[0].contains(&"routing.decided".to_owned()), "{told:?}");
        assert_eq!(script.asked().len(), 2);
        app.finish().await;
    }
}
