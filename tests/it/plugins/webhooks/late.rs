//! Calls that take their time, floods, and nodes that do not see the end of a call.

use std::sync::Arc;

use async_trait::async_trait;
use deskbell_app::Hooks;
use deskbell_app::hooks::{Call, HookError, WebhookRequest};
use deskbell_domain::webhook::Change;
use deskbell_store::Faults;
use deskbell_tests::socket::bounded;
use deskbell_tests::{Engine, Setup, TestApp, both_engines, guests};
use serde_json::json;
use tokio::sync::Semaphore;

use super::super::desk::Admin;
use super::desk::{Desk, KEY, Post, now};
use super::failing::neighbour;

/// The real sandbox; answers about what has the word `slow` in it wait.
struct Gate {
    inner: Arc<dyn Hooks>,
    put: Semaphore,
    released: Semaphore,
}

#[async_trait]
impl Hooks for Gate {
    fn beneath(&self) -> Result<&dyn Hooks, HookError> {
        Ok(&*self.inner)
    }

    async fn handle_webhook(
        &self,
        call: Call,
        request: WebhookRequest,
    ) -> Result<Vec<Change>, HookError> {
        let waits = request.body.windows(4).any(|it| it == b"slow");
        let said = self.inner.handle_webhook(call, request).await;
        if waits {
            self.put.add_permits(1);
            let released = self.released.acquire().await;
            released.expect("it is never closed").forget();
        }
        said
    }
}

impl Gate {
    async fn holds(&self) {
        let put = bounded("a plugin's answer", self.put.acquire()).await;
        put.expect("it is never closed").forget();
    }
}

async fn gated(engine: Engine) -> (TestApp, Arc<Gate>) {
    let gate = Arc::new(Gate {
        inner: guests::shared(),
        put: Semaphore::new(0),
        released: Semaphore::new(0),
    });
    let mut setup = Setup::new(engine);
    setup.hooks = gate.clone();
    (setup.start().await, gate)
}

both_engines! {
    async fn what_was_taken_outlives_the_server(engine: Engine) {
        let (mut app, gate) = gated(engine).await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        // Taken, and the server ends before any plugin heard of it.
        desk.post(&app, &id, "one").await.ok(202);
        app.restart(Faults::default()).await;
        let again = Desk { admin: Admin::of(&app).await, path: desk.path.clone(), address: desk.address.clone() };
        app.settle().await;
        assert_eq!(again.notes(&id).await, ["one x-kind"]);
        // The plugin has answered, and nobody has heard it: the server ends here.
        again.post(&app, &id, "slow").await.ok(202);
        tokio::select! {
            () = gate.holds() => {}
            () = app.settle() => panic!("the answer is held back"),
        }
        app.stop().await;
        gate.released.add_permits(9);
        app.restart(Faults::default()).await;
        let again = Desk { admin: Admin::of(&app).await, path: desk.path, address: desk.address };
        app.settle().await;
        assert_eq!(again.notes(&id).await, ["one x-kind", "slow again x-kind"]);
        // The same address after a restart, and the same deliveries are known.
        again.post(&app, &id, "one").await.ok(202);
        app.settle().await;
        assert_eq!(again.notes(&id).await.len(), 2);
        app.finish().await;
    }

    async fn what_was_done_is_not_done_again_when_it_is_told_again(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        app.settle().await;
        desk.post(&app, &id, "slow").await.ok(202);
        // Its claim lapses while it thinks, and another node tells it too: both answer.
        let twice = async {
            gate.holds().await;
            let tenant = app.actor(&desk.admin.agent.token, deskbell_app::Plane::Agent).await.tenant;
            let queue = format!("webhook/{}", desk.path.rsplit('/').next().unwrap_or_default());
            let released = app.app().store.system(move |sys| {
                let queue = queue.clone();
                Box::pin(async move { sys.release_jobs(&queue).await })
            });
            released.await.expect("released");
            // An arrival makes the relay look at the queue again.
            desk.post(&app, &id, "other").await.ok(202);
            gate.holds().await;
            let _ = tenant;
            gate.released.add_permits(2);
        };
        tokio::join!(app.settle(), twice);
        app.settle().await;
        let mut notes = desk.notes(&id).await;
        notes.sort();
        let slow = notes.iter().filter(|it| it.starts_with("slow")).count();
        assert_eq!((slow, notes.len()), (1, 2), "{notes:?}");
        app.finish().await;
    }

    async fn a_flood_holds_up_nobody_else(engine: Engine) {
        let (app, gate) = gated(engine).await;
        let desk = Desk::open(&app, json!({ "mode": "note" })).await;
        let id = app.visitor().await.ring("v1", "hello").await;
        let (theirs, far) = neighbour(&app).await;
        let theirs = Desk::with(&app, theirs, json!({ "mode": "note" })).await;
        app.settle().await;
        for n in 0..20 {
            desk.post(&app, &id, &format!("slow {n}")).await.ok(202);
        }
        let goes_on = async {
            for _ in 0..8 {
                gate.holds().await;
            }
            let wish = json!({ "conversation": far, "text": "quick" });
            let post = Post { body: wish.to_string(), at: now(&app), delivery: "d1", key: KEY };
            post.to(&app, &theirs.address).await.ok(202);
            bounded("the neighbour's note", async {
                while theirs.notes(&far).await.is_empty() {
                    tokio::task::yield_now().await;
                }
            })
            .await;
            assert_eq!(desk.notes(&id).await, [""; 0]);
            assert_eq!(gate.put.available_permits(), 0, "a ninth call is out");
            gate.released.add_permits(20);
        };
        tokio::join!(app.settle(), goes_on);
        app.settle().await;
        assert_eq!((theirs.notes(&far).await.len(), desk.notes(&id).await.len()), (1, 20));
        app.finish().await;
    }
}
