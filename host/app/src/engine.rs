//! What runs beside requests, as steps.
//!
//! `step` does one round of everything and says whether there was anything to do;
//! tests call it until there was not. A server runs `jobs`, one loop each, which
//! wait for the bell or a poll and then step until idle.

use std::sync::Arc;
use std::time::Duration;

use deskbell_domain::time::{Millis, SECOND};
use deskbell_store::Engine as StoreEngine;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::{App, stored};
use crate::bots::Bots;
use crate::consumer::{Consumer, Following};
use crate::error::Error;
use crate::housekeeping::Housekeeping;
use crate::plugins::keeper::Keeper;
use crate::relay::Relay;
use crate::router::Router;
use crate::tail::{Listener, Tail};

/// One process: its own bell misses nothing, so this is only a safety net.
const ALONE_POLL: Duration = Duration::from_secs(1);
/// Without a bell between nodes this is the latency.
const SHARED_POLL: Duration = Duration::from_millis(50);
/// While rows are held back for somebody's commit.
const HOLE_POLL: Duration = Duration::from_millis(2);
const TIMER_POLL: Duration = Duration::from_millis(250);
/// After a failed step; the failure was logged.
const REST: Duration = Duration::from_secs(1);
const BEAT_EVERY: Duration = Duration::from_secs(5);
/// A stop waits so long for calls that nobody waits for any more.
const LAST_CALLS: Duration = Duration::from_secs(1);
/// A node silent for this long is dead, and its sockets with it.
const DEAD_AFTER: Millis = 20 * SECOND;

pub struct Engine {
    app: App,
    tail: Tail,
    plugins: Arc<Keeper>,
    router: Arc<Router>,
    bots: Arc<Bots>,
    relay: Arc<Relay>,
    consumers: Vec<Following>,
    housekeeping: Housekeeping,
    beaten: Mutex<Option<Instant>>,
    /// Rings when the tail has delivered something.
    delivered: watch::Sender<u64>,
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
        let plugins = Arc::new(Keeper::new(app.clone()));
        listeners.push(plugins.clone());
        let bots = Arc::new(Bots::new(app.clone()));
        listeners.push(bots.clone());
        let relay = Arc::new(Relay::new(app.clone()));
        listeners.push(relay.clone());
        let tail = Tail::new(app.clone(), listeners).await?;
        let consumers = consumers
            .into_iter()
            .map(|c| Following::new(app.clone(), c))
            .collect();
        Ok(Self {
            tail,
            plugins,
            router,
            bots,
            relay,
            consumers,
            housekeeping: Housekeeping::new(app.clone()),
            app,
            beaten: Mutex::default(),
            delivered: watch::channel(0).0,
        })
    }

    /// How long the audit log is kept.
    #[must_use]
    pub fn keeping_audit_for(mut self, kept: Millis) -> Self {
        self.housekeeping.keep_audit_for(kept);
        self
    }

    #[must_use]
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// One round of everything; true if anything was done.
    pub async fn step(&self) -> Result<bool, Error> {
        self.beat().await?;
        let mut busy = self.tail.step().await?;
        busy |= self.plugins.step().await?;
        busy |= self.router.step().await?;
        busy |= self.bots.step().await?;
        busy |= self.relay.step().await?;
        busy |= self.app.run_timers().await?;
        busy |= self.app.run_held().await?;
        busy |= self.housekeeping.step().await?;
        for consumer in &self.consumers {
            busy |= consumer.step(self.app.position()).await?;
        }
        Ok(busy)
    }

    /// Makes callable what is at work, so that the first conversation after a start
    /// finds its plugins. What cannot be now is tried again by the loop.
    pub async fn prepare(&self) {
        if let Err(error) = self.plugins.step().await {
            tracing::error!(%error, "the plugins are not ready yet");
        }
    }

    /// The loops of a server, by name. Each ends when `stop` is cancelled.
    pub fn jobs(
        self: &Arc<Self>,
        stop: &CancellationToken,
    ) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        let shared = match self.app.store.engine() {
            StoreEngine::Sqlite => ALONE_POLL,
            StoreEngine::Postgres => SHARED_POLL,
        };
        let every = |time: Duration| move |_: &Self| time;
        // A late writer rings no bell when it rolls back.
        let tail = move |engine: &Self| match engine.tail.is_waiting() {
            true => HOLE_POLL,
            false => shared,
        };
        let rung = Some(self.app.bell.listen().rung);
        let news = || Some(self.delivered.subscribe());
        let mut jobs = vec![
            (
                "tail",
                self.looped(stop, rung, tail, |e| Box::pin(e.follow())),
            ),
            (
                "plugins",
                self.looped(stop, Some(self.plugins.news()), every(ALONE_POLL), |e| {
                    Box::pin(e.plugins.step())
                }),
            ),
            (
                "router",
                self.looped(stop, news(), every(shared), |e| Box::pin(e.router.step())),
            ),
            (
                "bots",
                self.looped(stop, news(), every(shared), |e| Box::pin(e.bots.step())),
            ),
            (
                "relay",
                self.looped(stop, news(), every(shared), |e| Box::pin(e.relay.step())),
            ),
            (
                "timers",
                self.looped(stop, None, every(TIMER_POLL), |e| {
                    Box::pin(e.app.run_timers())
                }),
            ),
            (
                "held messages",
                self.looped(stop, None, every(TIMER_POLL), |e| {
                    Box::pin(e.app.run_held())
                }),
            ),
            (
                "node",
                self.looped(stop, None, every(ALONE_POLL), |e| Box::pin(e.beat())),
            ),
            (
                "housekeeping",
                self.looped(stop, None, every(BEAT_EVERY), |e| {
                    Box::pin(e.housekeeping.step())
                }),
            ),
        ];
        for (index, consumer) in self.consumers.iter().enumerate() {
            let job = self.looped(stop, news(), every(shared), move |e| {
                Box::pin(async move {
                    let Some(consumer) = e.consumers.get(index) else {
                        return Ok(false);
                    };
                    let busy = consumer.step(e.app.position()).await?;
                    if busy {
                        tokio::time::sleep(consumer.rest()).await;
                    }
                    Ok(busy)
                })
            });
            jobs.push((consumer.name(), job));
        }
        jobs
    }

    /// The tail's step, and word to those who wait for what it brought.
    async fn follow(&self) -> Result<bool, Error> {
        let busy = self.tail.step().await?;
        if busy {
            self.delivered
                .send_modify(|count| *count = count.wrapping_add(1));
        }
        Ok(busy)
    }

    fn looped(
        self: &Arc<Self>,
        stop: &CancellationToken,
        mut news: Option<watch::Receiver<u64>>,
        poll: impl Fn(&Self) -> Duration + Send + 'static,
        step: impl for<'a> Fn(&'a Self) -> BoxFuture<'a, Result<bool, Error>> + Send + Sync + 'static,
    ) -> BoxFuture<'static, ()> {
        let (engine, stop) = (self.clone(), stop.clone());
        Box::pin(async move {
            while !stop.is_cancelled() {
                if let Some(news) = &mut news {
                    news.mark_unchanged();
                }
                let wait = match step(&engine).await {
                    Ok(true) => continue,
                    Ok(false) => poll(&engine),
                    Err(error) => {
                        tracing::error!(%error, "a step failed; it will be tried again");
                        REST
                    }
                };
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = changed(&mut news) => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        })
    }

    /// Says that this node lives, and sweeps up after those that do not.
    /// Never busy: a beat brings no other work along.
    async fn beat(&self) -> Result<bool, Error> {
        let mut beaten = self.beaten.lock().await;
        if beaten.is_some_and(|at| at.elapsed() < BEAT_EVERY) {
            return Ok(false);
        }
        let node = self.app.node;
        let first = beaten.is_none();
        let alone = self.app.store.engine() == StoreEngine::Sqlite;
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
        Ok(false)
    }

    /// A clean end: leases and this node's row are given back.
    pub async fn retire(&self) -> Result<(), Error> {
        let ended = self.app.plugin_calls_ended();
        let _late = tokio::time::timeout(LAST_CALLS, ended).await;
        self.router.retire().await?;
        self.bots.retire().await?;
        self.relay.retire().await?;
        let node = self.app.node;
        let gone = self
            .app
            .store
            .system(move |sys| Box::pin(async move { sys.remove_node(node).await }));
        self.app.sweep_connections(stored(gone.await)?).await
    }
}

/// Nothing to wait for is waiting for ever.
async fn changed(news: &mut Option<watch::Receiver<u64>>) {
    if let Some(news) = news
        && news.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
