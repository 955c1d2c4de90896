//! The bell through Redis: what rings here rings on every node.
//!
//! Redis carries nothing that must not get lost. A subscriber that comes back has
//! missed an unknown number of rings, so it rings by itself and everybody looks
//! into the feed. Rings that gather while one is being published are one ring;
//! signals beyond the bound are dropped, as signals may be.

use std::sync::Arc;
use std::time::Duration;

use deskbell_app::{Bell, Listening, LocalBell, Signal};
use deskbell_domain::NodeId;
use futures_util::StreamExt as _;
use redis::AsyncCommands as _;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::tasks::Tasks;

/// Signals waiting to be published.
const SIGNALS: usize = 1_024;
/// Between attempts to reach Redis: nodes poll meanwhile.
const AGAIN: Duration = Duration::from_millis(500);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

pub struct RedisBell {
    local: Arc<LocalBell>,
    rung: Arc<Notify>,
    signals: mpsc::Sender<Signal>,
}

/// A signal on its way, with where it comes from: a node has its own already.
#[derive(Serialize, Deserialize)]
struct Carried {
    node: NodeId,
    signal: Signal,
}

#[derive(Clone)]
struct Channels {
    ring: String,
    signal: String,
}

impl RedisBell {
    /// Connects in the background; a Redis that is away is only a slower bell.
    pub fn start(
        client: redis::Client,
        prefix: &str,
        node: NodeId,
        tasks: &Tasks,
    ) -> Result<Arc<Self>, redis::RedisError> {
        let channels = Channels {
            ring: format!("{prefix}:ring"),
            signal: format!("{prefix}:signal"),
        };
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_connection_timeout(Some(ANSWER_WITHIN))
            .set_response_timeout(Some(ANSWER_WITHIN));
        let connection = ConnectionManager::new_lazy_with_config(client.clone(), config)?;
        let (local, rung) = (Arc::new(LocalBell::default()), Arc::new(Notify::new()));
        let (signals, queue) = mpsc::channel(SIGNALS);
        let rings = publish_rings(connection.clone(), channels.clone(), node, rung.clone());
        let sends = publish_signals(connection, channels.clone(), node, queue);
        let hears = subscribe(client, channels, node, local.clone());
        let stop = tasks.stop();
        tasks.spawn("redis rings", until(stop.clone(), rings));
        tasks.spawn("redis signals", until(stop.clone(), sends));
        tasks.spawn("redis subscriber", until(stop, hears));
        Ok(Arc::new(Self {
            local,
            rung,
            signals,
        }))
    }
}

impl Bell for RedisBell {
    fn ring(&self) {
        self.local.ring();
        self.rung.notify_one();
    }

    fn signal(&self, signal: Signal) {
        if self.signals.try_send(signal.clone()).is_err() {
            metrics::counter!("deskbell_signals_dropped_total").increment(1);
        }
        self.local.signal(signal);
    }

    fn listen(&self) -> Listening {
        self.local.listen()
    }
}

async fn until(stop: CancellationToken, work: impl Future<Output = ()>) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work => {}
    }
}

/// `Notify` keeps one permit: all rings during a publish are the next one.
async fn publish_rings(
    mut connection: ConnectionManager,
    channels: Channels,
    node: NodeId,
    rung: Arc<Notify>,
) {
    let from = node.to_string();
    loop {
        rung.notified().await;
        let published: Result<(), _> = connection.publish(&channels.ring, &from).await;
        if let Err(error) = published {
            tracing::debug!(%error, "a ring was not published");
        }
    }
}

async fn publish_signals(
    mut connection: ConnectionManager,
    channels: Channels,
    node: NodeId,
    mut queue: mpsc::Receiver<Signal>,
) {
    while let Some(signal) = queue.recv().await {
        let Ok(text) = serde_json::to_string(&Carried { node, signal }) else {
            continue;
        };
        let published: Result<(), _> = connection.publish(&channels.signal, text).await;
        if let Err(error) = published {
            tracing::debug!(%error, "a signal was not published");
        }
    }
}

async fn subscribe(client: redis::Client, channels: Channels, node: NodeId, local: Arc<LocalBell>) {
    let mut told = false;
    loop {
        let followed = follow(&client, &channels, node, &local).await;
        // An outage is told of once, not at every attempt.
        match followed {
            Ok(()) => told = false,
            Err(error) if !told => {
                tracing::warn!(%error, "no Redis; nodes poll until it is back");
                told = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Ends well when a subscription that worked is closed.
async fn follow(
    client: &redis::Client,
    channels: &Channels,
    node: NodeId,
    local: &LocalBell,
) -> Result<(), redis::RedisError> {
    let mut subscription = client.get_async_pubsub().await?;
    subscription.subscribe(&channels.ring).await?;
    subscription.subscribe(&channels.signal).await?;
    tracing::info!("the bell rings through Redis");
    // Whatever rang while nobody listened is in the feed.
    local.ring();
    let from_here = node.to_string();
    let mut messages = subscription.on_message();
    while let Some(message) = messages.next().await {
        let text: String = message.get_payload()?;
        if message.get_channel_name() == channels.ring {
            if text != from_here {
                local.ring();
            }
        } else if let Ok(carried) = serde_json::from_str::<Carried>(&text)
            && carried.node != node
        {
            local.signal(carried.signal);
        }
    }
    Ok(())
}
