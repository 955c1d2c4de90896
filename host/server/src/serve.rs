//! Building a server from its parts, and running one.
//!
//! `main` and the tests call the same two functions: tests bring their own clock,
//! ids, secrets, bell and database, and call `step` instead of letting the
//! engine's loops run.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::{Router, middleware};
use deskbell_app::{
    App, AppParts, Bell, Clock, Engine, Error, Hooks, LocalBell, NoHooks, NoOutbound, Outbound,
    SealingKey, SecretSource, Signal,
};
use deskbell_domain::time::DAY;
use deskbell_domain::{IdSource, NodeId};
use deskbell_search::{SearchError, SearchIndex};
use deskbell_store::{OpenError, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, broadcast};

use crate::accept::{self, Caps};
use crate::bell::redis::RedisBell;
use crate::clock::SystemClock;
use crate::config::{Config, Wrong};
use crate::health::{Health, Readiness};
use crate::ids::TimeOrderedIds;
use crate::indexing::Indexing;
use crate::origin::Origins;
use crate::secrets::SystemSecrets;
use crate::socket::hub::Hub;
use crate::state::AppState;
use crate::tasks::Tasks;
use crate::{assets, health, http, logging, messenger_page, socket};

/// What tests replace.
pub struct Parts {
    pub store: Store,
    pub bell: Arc<dyn Bell>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdSource>,
    pub secrets: Arc<dyn SecretSource>,
    pub hooks: Arc<dyn Hooks>,
    pub outbound: Arc<dyn Outbound>,
    pub sealing: Option<Arc<SealingKey>>,
    pub node: NodeId,
    pub tasks: Tasks,
}

/// Why a server does not start: one line that names the setting.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Wrong(#[from] Wrong),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("search.dir: {0}")]
    Search(#[from] SearchError),
    #[error("database_url: {0}")]
    App(#[from] Error),
}

impl Parts {
    /// The real ones. The database is opened and, if the settings say so, brought
    /// up to date.
    pub async fn of(config: &Config, options: StoreOptions) -> Result<Self, StartError> {
        let store = Store::open(options).await?;
        if config.migrate {
            store.migrate().await?;
        } else if store.feed_floor().await.is_err() {
            let reason = "the database is not up to date; run `deskbell migrate`";
            return Err(Wrong::new("migrate", reason.to_owned()).into());
        }
        let ids = Arc::new(TimeOrderedIds);
        let node = NodeId(ids.uuid());
        let tasks = Tasks::default();
        let bell: Arc<dyn Bell> = match config.redis_url() {
            Some(url) => {
                let wrong =
                    |error: redis::RedisError| Wrong::new("redis_url", error.category().to_owned());
                let client = redis::Client::open(url).map_err(wrong)?;
                RedisBell::start(client, &config.redis_prefix, node, &tasks).map_err(wrong)?
            }
            None => Arc::new(LocalBell::default()),
        };
        Ok(Self {
            store,
            bell,
            clock: Arc::new(SystemClock),
            ids,
            secrets: Arc::new(SystemSecrets::default()),
            hooks: Arc::new(NoHooks),
            outbound: Arc::new(NoOutbound),
            sealing: None,
            node,
            tasks,
        })
    }
}

/// What the settings say about the database.
#[must_use]
pub fn store_options(config: &Config) -> StoreOptions {
    let mut options = StoreOptions::new(config.database_url());
    options.readers = config.database.readers;
    options.writers = config.database.writers;
    options.batch = config.database.batch;
    options
}

/// The app alone, for commands that need no network.
#[must_use]
pub fn app(parts: &Parts) -> App {
    App::new(AppParts {
        store: parts.store.clone(),
        bell: parts.bell.clone(),
        clock: parts.clock.clone(),
        ids: parts.ids.clone(),
        secrets: parts.secrets.clone(),
        hooks: parts.hooks.clone(),
        outbound: parts.outbound.clone(),
        sealing: parts.sealing.clone(),
        node: parts.node,
    })
}

pub struct Server {
    pub app: App,
    pub engine: Arc<Engine>,
    pub hub: Hub,
    pub search: SearchIndex,
    pub router: Router,
    pub readiness: Arc<Readiness>,
    pub tasks: Tasks,
    config: Arc<Config>,
    caps: Arc<Caps>,
    signals: Arc<Mutex<broadcast::Receiver<Arc<Signal>>>>,
}

impl Server {
    /// Everything but the network and the loops. The database must be migrated.
    pub async fn build(config: Config, parts: Parts) -> Result<Self, StartError> {
        health::recorder();
        let app = app(&parts);
        let config = Arc::new(config);
        let hub = Hub::new(&config.limits, parts.clock.clone());
        let search = open_search(&config)?;
        let indexing = Arc::new(Indexing::new(search.clone(), app.clone()));
        let signals = app.bell.listen().signals;
        let listeners: Vec<Arc<dyn deskbell_app::Listener>> = vec![Arc::new(hub.clone())];
        let engine = Engine::new(app.clone(), listeners, vec![indexing]).await?;
        let engine = Arc::new(engine.keeping_audit_for(i64::from(config.audit.keep_days) * DAY));
        hub.start_at(app.position());
        let readiness = Arc::new(Readiness::default());
        let caps = Caps::new(
            config.limits.connections,
            config.limits.connections_per_address,
        );
        let state = AppState {
            app: app.clone(),
            search: search.clone(),
            hub: hub.clone(),
            config: config.clone(),
            origins: Arc::new(Origins::new(config.public_address())),
            tasks: parts.tasks.clone(),
        };
        let health = Health {
            engine: engine.clone(),
            app: app.clone(),
            hub: hub.clone(),
            caps: caps.clone(),
            readiness: readiness.clone(),
        };
        let router = router(state, health);
        Ok(Self {
            app,
            engine,
            hub,
            search,
            router,
            readiness,
            tasks: parts.tasks,
            config,
            caps,
            signals: Arc::new(Mutex::new(signals)),
        })
    }

    /// One round of all that runs beside requests; true if anything was done.
    /// Tests call it until it was not.
    pub async fn step(&self) -> Result<bool, Error> {
        let busy = self.engine.step().await?;
        let mut signals = self.signals.lock().await;
        let mut passed = false;
        loop {
            match signals.try_recv() {
                Ok(signal) => self.hub.signal(&signal),
                Err(broadcast::error::TryRecvError::Lagged(_)) => {}
                Err(_) => return Ok(busy || passed),
            }
            passed = true;
        }
    }

    /// Serves until the tasks are told to stop, then drains. The engine's loops run
    /// if `with_engine`; tests step by themselves.
    pub async fn serve(&self, listener: TcpListener, with_engine: bool) {
        let tasks = self.tasks.clone();
        // The loops outlive the sockets: what these last wrote is still followed.
        let engine_tasks = Tasks::default();
        if with_engine {
            for (name, job) in self.engine.jobs(&engine_tasks.stop()) {
                engine_tasks.spawn(name, job);
            }
            let (hub, signals) = (self.hub.clone(), self.signals.clone());
            engine_tasks.spawn("signals", pass_signals(hub, signals, engine_tasks.stop()));
        }
        let (readiness, engine) = (self.readiness.clone(), self.engine.clone());
        let ready = async move {
            if with_engine {
                engine.prepare().await;
            }
            readiness.running.store(true, Ordering::Release);
        };
        if with_engine {
            // Alive meanwhile, for whoever asks.
            tasks.spawn("getting ready", ready);
        } else {
            ready.await;
        }
        let (router, config) = (self.router.clone(), self.config.clone());
        accept::run(listener, router, config, self.caps.clone(), tasks.clone()).await;
        self.readiness.draining.store(true, Ordering::Release);
        let drain = Duration::from_millis(self.config.limits.drain_ms);
        self.hub.send_away(COME_BACK_WITHIN);
        if !tasks.finish(drain).await {
            tracing::warn!(left = tasks.running(), "some requests did not end in time");
        }
        if !engine_tasks.finish(drain).await {
            tracing::warn!(
                left = engine_tasks.running(),
                "some loops did not end in time"
            );
        }
        if with_engine && let Err(error) = self.engine.retire().await {
            tracing::warn!(%error, "this node's leases were not given back");
        }
        self.app.store.close().await;
    }
}

/// Sockets of a node that goes away come back spread over this time.
const COME_BACK_WITHIN: Duration = Duration::from_secs(5);

/// The search index in its folder.
pub fn open_search(config: &Config) -> Result<SearchIndex, StartError> {
    Ok(SearchIndex::open(config.search_dir())?)
}

fn router(state: AppState, health: Health) -> Router {
    let ids = state.app.ids.clone();
    let sockets = socket::router().with_state(state.clone());
    let messenger = messenger_page::router(state.clone());
    http::router(state)
        .merge(sockets)
        .merge(messenger)
        .merge(health::router(health))
        .merge(assets::router())
        .layer(middleware::from_fn(move |request, next| {
            logging::request(ids.clone(), request, next)
        }))
}

async fn pass_signals(
    hub: Hub,
    signals: Arc<Mutex<broadcast::Receiver<Arc<Signal>>>>,
    stop: tokio_util::sync::CancellationToken,
) {
    let mut signals = signals.lock().await;
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return,
            received = signals.recv() => received,
        };
        match received {
            Ok(signal) => hub.signal(&signal),
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                tracing::debug!(missed, "signals were dropped");
            }
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}
