//! A routing plugin sends a conversation that waits to the inbox's bot.

use deskbell_tests::guests::zoo;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, both_engines};
use serde_json::{Value, json};

use super::desk::{Desk, install_as};

const WAIT: i64 = 1_000;

/// The zoo's router at work, with this to say; its path.
async fn router(owner: &Agent, mode: &str) -> String {
    let file = zoo("bad-router").to_vec();
    let id = install_as(owner, "routing", file, json!({ "mode": mode })).await;
    format!("/api/v1/installations/{id}")
}

async fn says(owner: &Agent, router: &str, mode: &str) {
    let config = json!({ "config": { "mode": mode } });
    owner.http.patch(router, config).await.ok(200);
}

/// Of the latest decision: what came of each plugin, and the codes of failures.
async fn told(owner: &Agent, id: &str) -> (Value, Vec<(String, String)>) {
    let path = format!("/api/v1/conversations/{id}/decisions");
    let decision = list(&owner.http.get(&path).await.ok(200)["items"]).remove(0);
    let of = |it: &Value| (text(it, "outcome"), text(&it["failure"], "code"));
    let all = list(&decision["consulted"]).iter().map(of).collect();
    (decision["winner_id"].clone(), all)
}

fn pair(outcome: &str, code: &str) -> (String, String) {
    (outcome.to_owned(), code.to_owned())
}

both_engines! {
    async fn one_that_waits_goes_to_the_bot(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let owner = &desk.owner;
        // While the bot is off, a conversation begins in the queue.
        owner.http.poke(&format!("{}/disable", desk.path())).await.ok(200);
        let router = router(owner, "no-opinion").await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.status(&id).await, "queued");
        owner.http.poke(&format!("{}/enable", desk.path())).await.ok(200);
        says(owner, &router, "to-bot").await;
        let mut watching = owner.connect().await;
        app.advance(WAIT);
        // Somebody has room, so it is asked about again.
        let ana = app.agent("ana").await;
        let _desk = ana.connect().await;
        app.settle().await;
        assert_eq!(desk.status(&id).await, "bot");
        let event = watching.expect_event("conversation.updated").await;
        assert_eq!((&event["actor"]["type"], &event["actor"]["name"]), (&json!("plugin"), &json!("Bad router")));
        assert_eq!(event["changes"]["status"], json!(["queued", "bot"]));
        let (winner, consulted) = told(owner, &id).await;
        assert_eq!((winner, consulted), (json!(null), vec![pair("to_bot", "")]));
        // It was told, and it answers.
        let said = desk.thread(&id).await;
        assert!(said.iter().any(|(who, _)| who == "bot"), "{said:?}");
        visitor.say(&id, "v2", "are you there").await;
        app.settle().await;
        assert_eq!(desk.thread(&id).await.last().map(|it| it.0.clone()).as_deref(), Some("bot"));
        // It goes to a bot once: then the team's strategy decides, and says why.
        visitor.on(&id, "request-agent", json!({})).await.ok(200);
        app.settle().await;
        assert_eq!(owner.conversation(&id).await["assignee"]["name"], "Ana");
        let (winner, consulted) = told(owner, &id).await;
        assert_eq!((winner, consulted.last().cloned()), (json!(ana.id), Some(pair("failed", "had_a_bot"))));
        let failures = owner.http.get(&format!("{router}/failures")).await.ok(200);
        assert_eq!(list(&failures["items"]), [json!(null); 0], "it is not the router's failing");
    }

    async fn without_a_bot_at_work_the_strategy_decides(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let owner = &desk.owner;
        owner.http.poke(&format!("{}/disable", desk.path())).await.ok(200);
        router(owner, "to-bot").await;
        let _desk = app.agent("ana").await.connect().await;
        app.settle().await;
        for gone in [false, true] {
            if gone {
                desk.answers_first(json!(null)).await.ok(200);
            }
            let id = app.visitor().await.ring("v1", "hello").await;
            app.settle().await;
            assert_eq!(owner.conversation(&id).await["assignee"]["name"], "Ana", "{gone}");
            assert_eq!(told(owner, &id).await.1, [pair("failed", "no_bot")], "{gone}");
        }
    }

    async fn a_bot_of_another_inbox_is_nobodys_here(app) {
        let desk = Desk::bad(&app, json!({ "mode": "echo" })).await;
        let owner = &desk.owner;
        // It works, but not at the inbox where the visitor rings.
        let team = text(&owner.snapshot().await["teams"][0], "id");
        let other = json!({ "key": "other-web", "name": "Other", "default_team_id": team });
        let other = text(&owner.http.post("/api/v1/inboxes", other).await.ok(201), "id");
        let bot = json!({ "bot": desk.installation });
        owner.http.patch(&format!("/api/v1/inboxes/{other}"), bot).await.ok(200);
        desk.answers_first(json!(null)).await.ok(200);
        router(owner, "to-bot").await;
        let _desk = app.agent("ana").await.connect().await;
        app.settle().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.status(&id).await, "active");
        assert_eq!(told(owner, &id).await.1, [pair("failed", "no_bot")]);
    }
}
