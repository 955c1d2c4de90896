//! What runs beside requests, as steps.
//!
//! `step` does one round of everything and says whether there was anything to do;
//! tests call it until there was not. A server runs `jobs`, one loop each, which
//! wait for the bell or a poll and then step until idle.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::time::{Millis, SECOND};
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::{App, stored};
use crate::consumer::{Consumer, Following};
use crate::error::Error;
use crate::router::Router;
use crate::tail::{Listener, Tail};

/// Without a bell between nodes this is the latency.
const POLL: Duration = Duration::from_millis(50);
const TIMER_POLL: Duration = Duration::from_millis(250);
/// After a failed step; the failure was logged.
const REST: Duration = Duration::from_secs(1);
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// A node silent for this long is dead, and its sockets with it.
const DEAD_AFTER: Millis = 20 * SECOND;

pub struct Engine {
    app: App,
    tail: Tail,
    router: Arc<Router>,
    consumers: Vec<Following>,
    beaten: Mutex<Option<Instant>>,
}

impl Engine {
    /// `listeners` follow the tail beside the router.
    pub async fn new(
        app: App,
        mut listeners: Vec<Arc<dyn Listener>>,
        consumers: Vec<Arc<dyn Consumer>>,
    ) -> Result<Self, Error> {
        let router = Arc::new(Router::new(app.clone()));
        listeners.push(router.clone());
        let tail = Tail::new(app.clone(), listeners).await?;
        let consumers = consumers
            .into_iter()
            .map(|c| Following::new(app.clone(), c))
            .collect();
        Ok(Self {
            app,
            tail,
            router,
            consumers,
            beaten: Mutex::default(),
        })
    }

    #[must_use]
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// One round of everything; true if anything was done.
    pub async fn step(&self) -> Result<bool, Error> {
        self.beat().await?;
        let mut busy = self.tail.step().await?;
        busy |= self.router.step().await?;
        busy |= self.app.run_timers().await?;
        for consumer in &self.consumers {
            busy |= consumer.step(self.app.position()).await?;
        }
        Ok(busy)
    }

    /// The loops of a server, by name. Each ends when `stop` is cancelled.
    pub fn jobs(
        self: &Arc<Self>,
        stop: &CancellationToken,
    ) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        let mut jobs: Vec<(&'static str, BoxFuture<'static, ()>)> = Vec::new();
        let engine = self.clone();
        jobs.push((
            "tail",
            engine.looped(stop, POLL, |e| Box::pin(e.tail.step())),
        ));
        let engine = self.clone();
        jobs.push((
            "router",
            engine.looped(stop, POLL, |e| Box::pin(e.router.step())),
        ));
        let engine = self.clone();
        jobs.push((
            "timers",
            engine.looped(stop, TIMER_POLL, |e| Box::pin(e.app.run_timers())),
        ));
        let engine = self.clone();
        jobs.push((
            "node",
            engine.looped(stop, BEAT_EVERY, |e| {
                Box::pin(async move { e.beat().await.map(|()| false) })
            }),
        ));
        for index in 0..self.consumers.len() {
            let engine = self.clone();
            let name = self
                .consumers
                .get(index)
                .map_or("consumer", Following::name);
            jobs.push((
                name,
                engine.looped(stop, POLL, move |e| {
                    Box::pin(async move {
                        match e.consumers.get(index) {
                            Some(consumer) => consumer.step(e.app.position()).await,
                            None => Ok(false),
                        }
                    })
                }),
            ));
        }
        jobs
    }

    fn looped(
        self: Arc<Self>,
        stop: &CancellationToken,
        poll: Duration,
        step: impl for<'a> Fn(&'a Self) -> BoxFuture<'a, Result<bool, Error>> + Send + Sync + 'static,
    ) -> BoxFuture<'static, ()> {
        let stop = stop.clone();
        Box::pin(async move {
            let mut rung = self.app.bell.listen().rung;
            while !stop.is_cancelled() {
                rung.mark_unchanged();
                let wait = match step(&self).await {
                    Ok(true) => continue,
                    Ok(false) => poll,
                    Err(error) => {
                        tracing::error!(%error, "a step failed; it will be tried again");
                        REST
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = rung.changed() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        })
    }

    /// Says that this node lives, and sweeps up after those that do not.
    async fn beat(&self) -> Result<(), Error> {
        let mut beaten = self.beaten.lock().await;
        if beaten.is_some_and(|at| at.elapsed() < BEAT_EVERY) {
            return Ok(());
        }
        let node = self.app.node;
        let first = beaten.is_none();
        let alone = self.app.store.engine() == deskbell_store::Engine::Sqlite;
        let gone = self.app.store.system(move |sys| {
            Box::pin(async move {
                sys.beat_node(node).await?;
                if first && alone {
                    return sys.remove_other_nodes(node).await;
                }
                let mut gone = Vec::new();
                for dead in sys.dead_nodes(DEAD_AFTER).await? {
                    gone.extend(sys.remove_node(dead).await?);
                }
                Ok(gone)
            })
        });
        let gone = stored(gone.await)?;
        *beaten = Some(Instant::now());
        if !gone.is_empty() {
            self.app.sweep_connections(gone).await?;
        }
        Ok(())
    }

    /// A clean end: leases and this node's row are given back.
    pub async fn retire(&self) -> Result<(), Error> {
        self.router.retire().await?;
        let node = self.app.node;
        let gone = self
            .app
            .store
            .system(move |sys| Box::pin(async move { sys.remove_node(node).await }));
        self.app.sweep_connections(stored(gone.await)?).await
    }
}
