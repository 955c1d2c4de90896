//! Who may post: only who proves it, at an address that is there.

use deskbell_tests::both_engines;
use deskbell_tests::reducer::{list, text};
use reqwest::Method;
use serde_json::json;

use super::desk::{Desk, HOUR, KEY, Post, SECOND, address, now};

both_engines! {
    async fn what_is_signed_is_taken_and_done_once(app) {
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        desk.post(&app, &id, "one").await.ok(202);
        app.settle().await;
        // Shown are the headers that the manifest lists, and no others.
        assert_eq!(desk.notes(&id).await, ["one x-kind"]);
        // The same delivery again is as good as taken.
        desk.post(&app, &id, "one").await.ok(202);
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["one x-kind"]);
        desk.post(&app, &id, "two").await.ok(202);
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["one x-kind", "two x-kind"]);
        // A note in each of two conversations, and both.
        let other = app.visitor().await.ring("v1", "hello").await;
        let wish = json!({ "conversation": id, "also": other, "text": "both" });
        desk.wish(&app, wish, "both").await.ok(202);
        app.settle().await;
        assert_eq!((desk.notes(&id).await.len(), desk.notes(&other).await.len()), (3, 1));
        assert_eq!(desk.failures().await, []);
        // A token in a header is a recipe too; without a header for it, each is one.
        let token = address(&desk.admin, &desk.path, "token").await;
        let body = json!({ "conversation": other, "text": "token" }).to_string();
        for (shown, status) in [("canary-token-1", 202), ("canary-token-2", 401), ("canary-token-1", 202)] {
            let headers = [("x-token", shown)];
            let sent = app.http.raw(Method::POST, &token, body.clone().into_bytes(), &headers);
            assert_eq!(sent.await.status, status, "{shown}");
        }
        app.settle().await;
        assert_eq!(desk.notes(&other).await.len(), 3);
    }

    async fn who_does_not_prove_it_is_turned_away(app) {
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        let body = json!({ "conversation": id, "text": "forged" }).to_string();
        let at = now(&app);
        let post = |at, key| Post { body: body.clone(), at, delivery: "d1", key };
        post(at, "guessed").to(&app, &desk.address).await.refused(401, "webhook_turned_away");
        for far in [at - 301, at + 301] {
            post(far, KEY).to(&app, &desk.address).await.refused(401, "webhook_turned_away");
        }
        let bare = app.http.raw(Method::POST, &desk.address, body.clone().into_bytes(), &[]);
        bare.await.refused(401, "webhook_turned_away");
        app.settle().await;
        assert_eq!(desk.notes(&id).await, [""; 0]);
        let failures = desk.failures().await;
        assert_eq!((failures.len(), failures[0].0.as_str()), (1, "turned_away"));
        let all = desk.admin.get(&format!("{}/failures", desk.path)).await;
        assert_eq!(all["items"][0]["count"], 4);
        // Nothing of it is kept, and nobody's forging switches a plugin off.
        let addresses = desk.admin.get(&format!("{}/webhooks", desk.path)).await;
        assert_eq!(addresses["items"][0]["waiting"], 0);
        for _ in 0..30 {
            post(at, "guessed").to(&app, &desk.address).await.refused(401, "webhook_turned_away");
        }
        app.settle().await;
        let shown = desk.admin.get(&desk.path).await;
        assert_eq!((&shown["enabled"], &shown["breaker"]["webhook"]["state"]), (&json!(true), &json!("closed")));
        post(at, KEY).to(&app, &desk.address).await.ok(202);
        app.settle().await;
        assert_eq!(desk.notes(&id).await, ["forged x-kind"], "the forged one did not use up the delivery");
    }

    async fn an_address_is_there_or_not(app) {
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        let (base, _) = desk.address.rsplit_once('/').expect("a path");
        let body = json!({ "conversation": id, "text": "x" }).to_string();
        let post = |delivery| Post { body: body.clone(), at: now(&app), delivery, key: KEY };
        for gone in [format!("{base}/other"), "/api/v1/hooks/guessed/signed".to_owned()] {
            post("d1").to(&app, &gone).await.refused(404, "not_found");
        }
        let large = vec![b'x'; 256 * 1024 + 1];
        app.http.raw(Method::POST, &desk.address, large, &[]).await.refused(413, "too_large");
        let http = &desk.admin.agent.http;
        // Switched off, it is not there; nor is it for somebody else's admin.
        http.poke(&format!("{}/disable", desk.path)).await.ok(200);
        post("d1").to(&app, &desk.address).await.refused(404, "not_found");
        http.poke(&format!("{}/enable", desk.path)).await.ok(200);
        post("d1").to(&app, &desk.address).await.ok(202);
        // Without its secret nothing is taken, and the page says so.
        http.delete(&format!("{}/secrets/webhook_key", desk.path)).await.ok(204);
        post("d2").to(&app, &desk.address).await.refused(503, "webhook_not_set_up");
        let shown = desk.admin.get(&format!("{}/webhooks", desk.path)).await;
        assert_eq!(shown["items"][0]["secret_set"], false);
        http.put(&format!("{}/secrets/webhook_key", desk.path), json!({ "value": KEY })).await.ok(204);
        // A new key: the old address is gone.
        app.agent("ana").await.http.poke(&format!("{}/webhooks/renew-key", desk.path)).await.refused(403, "forbidden");
        http.poke(&format!("{}/webhooks/renew-key", desk.path)).await.ok(204);
        let new = address(&desk.admin, &desk.path, "signed").await;
        assert_ne!(new, desk.address);
        post("d3").to(&app, &desk.address).await.refused(404, "not_found");
        post("d3").to(&app, &new).await.ok(202);
        app.settle().await;
        assert_eq!(desk.notes(&id).await.len(), 2);
        let log = list(&desk.admin.get("/api/v1/audit").await["items"]);
        let lines: Vec<_> = log.iter().filter(|it| it["action"] == "installation.webhook_key_renewed").collect();
        assert_eq!(lines.len(), 1, "{log:?}");
        let key = new.split('/').nth(4).expect("a key");
        assert!(!json!(log).to_string().contains(key), "the key is in the log");
        // With its installation everything goes.
        http.delete(&desk.path).await.ok(204);
        post("d4").to(&app, &new).await.refused(404, "not_found");
    }

    async fn what_is_sent_is_not_kept_in_the_clear_nor_for_long(app) {
        let mut desk = Desk::open(&app, json!({ "mode": "poison", "word": "canary" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        desk.post(&app, &id, "canary-body").await.ok(202);
        app.settle().await;
        let admin = &desk.admin.agent.token;
        let tenant = app.actor(admin, deskbell_app::Plane::Agent).await.tenant;
        desk.pass(&app, 24 * HOUR).await;
        let parked = desk.parked().await;
        let job: deskbell_domain::JobId = text(&parked[0], "id").parse().expect("an id");
        let kept = async || {
            let tx = app.app().store.snapshot(tenant).await.expect("a snapshot");
            tx.webhook_contents(job.0).await.expect("a row")
        };
        let sealed = kept().await.expect("it is kept while it is set aside");
        // Not as it was sent, nor in the form in which it is sealed.
        assert!(!sealed.windows(6).any(|it| it == b"canary"), "in the clear");
        assert!(serde_json::from_slice::<serde_json::Value>(&sealed).is_err(), "in the clear");
        let found = desk.admin.get("/api/v1/search?q=canary").await;
        assert_eq!(found["items"], json!([]));
        desk.pass(&app, 23 * HOUR).await;
        assert!(kept().await.is_some());
        desk.pass(&app, HOUR + 60 * SECOND).await;
        assert_eq!((kept().await, desk.parked().await), (None, vec![]));
        // What was dealt with is gone at once.
        desk.set(json!({ "mode": "note" })).await;
        desk.post(&app, &id, "fine").await.ok(202);
        app.settle().await;
        let rows = app.app().store.system(|sys| Box::pin(async move { sys.drop_contents_without_job().await }));
        assert_eq!(rows.await.expect("a count"), 0, "contents were left");
        assert_eq!(desk.notes(&id).await, ["fine x-kind"]);
    }
}
