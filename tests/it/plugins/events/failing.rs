//! Plugins that do not take an event: told again, set aside, and never lost by a
//! switch or a breaker.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::text;
use serde_json::json;

use super::super::desk::Admin;
use super::desk::{Desk, HOUR, SECOND};

both_engines! {
    async fn it_is_told_again_until_it_takes_it(app) {
        let desk = Desk::open(&app, json!({ "mode": "says-error", "text": "the CRM is away" })).await;
        let visitor = app.visitor().await;
        let id = visitor.ring("v1", "one").await;
        visitor.say(&id, "v2", "two").await;
        app.settle().await;
        assert_eq!(desk.failures().await, [("plugin_failed".to_owned(), "it said: not available: the CRM is away".to_owned())]);
        // After a second, two, four, and not before.
        let asked = async || {
            let figures = desk.admin.get(&format!("{}/metrics", desk.path)).await;
            figures["items"][0]["outcomes"]["plugin_failed"].as_i64().unwrap_or_default()
        };
        for (wait, calls) in [(999, 1), (1, 2), (1_999, 2), (1, 3), (3_999, 3), (1, 4)] {
            app.pass(wait).await;
            assert_eq!(asked().await, calls, "after {wait}");
        }
        assert_eq!(desk.notes(&id).await, [""; 0]);
        desk.set(json!({ "mode": "note" })).await;
        app.pass(8 * SECOND).await;
        assert_eq!(desk.notes(&id).await, ["heard again: one", "heard: two"]);
    }

    async fn one_it_cannot_take_is_set_aside_and_the_others_go_on(app) {
        let mut desk = Desk::open(&app, json!({ "mode": "poison", "word": "poison" })).await;
        let (one, two) = (app.visitor().await, app.visitor().await);
        let (bad, good) = (one.ring("v1", "poison").await, two.ring("v1", "fine").await);
        one.say(&bad, "v2", "behind").await;
        app.settle().await;
        assert_eq!(desk.notes(&good).await, ["heard: fine"]);
        for wait in [1, 2, 4, 8, 16, 32, 64, 128] {
            desk.pass(&app, wait * SECOND).await;
        }
        // One event that fails for ever does not switch it off for all others.
        let shown = desk.admin.get(&desk.path).await;
        assert_eq!((&shown["enabled"], &shown["breaker"]["events"]["state"]), (&json!(true), &json!("closed")));
        desk.pass(&app, 23 * HOUR).await;
        assert_eq!(desk.notes(&bad).await, [""; 0], "what is behind it waits");
        assert_eq!(desk.parked().await, [json!(null); 0]);
        desk.pass(&app, HOUR).await;
        assert_eq!(desk.notes(&bad).await, ["heard: behind"]);
        let parked = desk.parked().await;
        assert_eq!((parked.len(), &parked[0]["type"], &parked[0]["conversation_id"]), (1, &json!("message.created"), &json!(bad)));
        assert_eq!(parked[0]["attempts"], 11);
        assert!(text(&parked[0], "error").contains("this one does not go down"), "{parked:?}");
        // Told again by an admin's word, with another day.
        let path = format!("{}/parked-events/{}", desk.path, text(&parked[0], "id"));
        desk.admin.agent.http.poke(&format!("{path}/retry")).await.ok(204);
        app.settle().await;
        assert_eq!(desk.parked().await, [json!(null); 0]);
        desk.admin.agent.http.poke(&format!("{path}/retry")).await.refused(404, "not_found");
        desk.set(json!({ "mode": "note" })).await;
        app.pass(SECOND).await;
        assert_eq!(desk.notes(&bad).await, ["heard: behind", "heard again: poison"]);
        // Or thrown away.
        desk.set(json!({ "mode": "poison", "word": "poison" })).await;
        app.visitor().await.ring("v1", "more poison").await;
        app.settle().await;
        desk.pass(&app, 24 * HOUR).await;
        let parked = desk.parked().await;
        let path = format!("{}/parked-events/{}", desk.path, text(&parked[0], "id"));
        app.agent("ana").await.http.delete(&path).await.refused(403, "forbidden");
        desk.admin.agent.http.delete(&path).await.ok(204);
        desk.admin.agent.http.delete(&path).await.refused(404, "not_found");
        assert_eq!(desk.parked().await, [json!(null); 0]);
    }

    async fn while_it_is_left_out_events_wait(app) {
        let desk = Desk::open(&app, json!({ "mode": "trap" })).await;
        let mut chats = Vec::new();
        for _ in 0..7 {
            chats.push(app.visitor().await.ring("v1", "hello").await);
            app.settle().await;
        }
        let shown = desk.admin.get(&desk.path).await;
        assert_eq!(shown["breaker"]["events"]["state"], "open");
        let figures = desk.admin.get(&format!("{}/metrics", desk.path)).await;
        assert_eq!(figures["items"][0]["outcomes"], json!({ "trapped": 5 }), "it is not asked");
        desk.set(json!({ "mode": "note" })).await;
        app.pass(30 * SECOND).await;
        for (n, id) in chats.iter().enumerate() {
            // The last two were not even tried meanwhile.
            let again = if n < 5 { " again" } else { "" };
            assert_eq!(desk.notes(id).await, [format!("heard{again}: hello")]);
        }
    }

    async fn whatever_it_does_the_desk_goes_on(app) {
        let desk = Desk::open(&app, json!({ "mode": "nothing" })).await;
        for (config, code, words) in [
            (json!({ "mode": "trap" }), "trapped", "unreachable"),
            (json!({ "mode": "loop" }), "cpu_exceeded", "CPU time of 1000 ms"),
            (json!({ "mode": "grow" }), "memory_exceeded", "more than 128 MiB"),
            (json!({ "mode": "many", "count": 17 }), "bad_answer", "more than 16 effects"),
            (json!({ "mode": "long", "chars": 4_001 }), "bad_answer", "4000"),
            (json!({ "mode": "long", "chars": 1_100_000 }), "limit_exceeded", "1 MiB handed over"),
            (json!({ "mode": "no-json" }), "bad_answer", "attribute"),
            (json!({ "mode": "control" }), "bad_answer", "text"),
        ] {
            desk.set(config.clone()).await;
            let id = app.visitor().await.ring("v1", "hello").await;
            app.settle().await;
            let failures = desk.failures().await;
            let told = failures.iter().find(|(it, _)| it == code);
            assert!(told.is_some_and(|(_, detail)| detail.contains(words)), "{config}: {failures:?}");
            let conversation = desk.admin.agent.conversation(&id).await;
            assert_eq!((&conversation["status"], &conversation["attributes"]), (&json!("queued"), &json!({})));
            assert_eq!(desk.notes(&id).await, [""; 0], "{config}");
        }
        // So much is allowed.
        desk.set(json!({ "mode": "many", "count": 16 })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        assert_eq!(desk.notes(&id).await.len(), 16);
    }

    async fn switched_off_it_misses_nothing_of_a_day(app) {
        let mut desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let switch = async |desk: &Desk, how: &str| {
            desk.admin.agent.http.poke(&format!("{}/{how}", desk.path)).await.ok(200);
            app.settle().await;
        };
        switch(&desk, "disable").await;
        let one = app.visitor().await.ring("v1", "one").await;
        desk.pass(&app, 2 * HOUR).await;
        assert_eq!(desk.notes(&one).await, [""; 0]);
        switch(&desk, "enable").await;
        assert_eq!(desk.notes(&one).await, ["heard: one"]);
        switch(&desk, "disable").await;
        let two = app.visitor().await.ring("v1", "two").await;
        desk.pass(&app, 12 * HOUR).await;
        let three = app.visitor().await.ring("v1", "three").await;
        app.settle().await;
        desk.pass(&app, 12 * HOUR).await;
        switch(&desk, "enable").await;
        assert_eq!(desk.notes(&two).await, [""; 0], "a day is over");
        assert_eq!(desk.notes(&three).await, ["heard: three"]);
    }

    async fn an_upgrade_is_told_what_the_old_version_was_not(app) {
        let admin = Admin::of(&app).await;
        let config = json!({ "mode": "says-error", "text": "old" });
        let path = admin.at_work(&deskbell_tests::guests::zoo("bad-integration"), "events", config).await;
        let newer = deskbell_tests::guests::zoo_as("bad-integration", "0.2.0", "");
        admin.upload(&newer).await.ok(201);
        let desk = Desk { admin, path };
        app.settle().await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        let body = json!({ "plugin_version": "0.2.0", "hooks": ["events"], "config": { "mode": "note" } });
        desk.admin.agent.http.post(&format!("{}/upgrade", desk.path), body).await.ok(200);
        app.pass(SECOND).await;
        let notes = desk.notes(&id).await;
        assert_eq!(notes[0], "heard again: conversation.created");
        assert!(notes.contains(&"heard: hello".to_owned()), "{notes:?}");
        // Without the hook there is nothing to be told.
        desk.admin.patch(&desk.path, json!({ "hooks": ["context"] })).await.ok(200);
        let id = app.visitor().await.ring("v1", "hello").await;
        app.pass(SECOND).await;
        assert_eq!(desk.notes(&id).await, [""; 0]);
    }
}
