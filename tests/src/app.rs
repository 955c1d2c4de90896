//! A whole server in the test's process, built by the function `main` uses.
//!
//! The router is the real one, on a loopback port, behind the real accept loop.
//! What runs beside requests runs only in `settle`, step by step until nothing
//! is left to do, so a test says when things happen and nothing is waited for.

use std::sync::Arc;

use deskbell_app::{App, Hooks, LocalBell, Outbound, SealingKey};
use deskbell_domain::{Actor, IdSource as _, NodeId};
use deskbell_server::config::Config;
use deskbell_server::outbound;
use deskbell_server::serve::{Parts, Server, store_options};
use deskbell_server::tasks::Tasks;
use deskbell_store::{Engine, Faults, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::database::Database;
use crate::guests;
use crate::http::Http;
use crate::seeded::{FrozenClock, SeededIds, SeededSecrets};
use crate::socket::bounded;

/// More rounds than this without coming to rest are a loop.
const ROUNDS: usize = 10_000;

/// What a test may want otherwise.
pub struct Setup {
    pub engine: Engine,
    /// Of the secrets; the ids are the same for all.
    pub seed: u64,
    /// Whether the demo desk is there.
    pub demo: bool,
    /// Whether the demo's plugins are installed.
    pub plugins: bool,
    pub config: Config,
    pub faults: Faults,
    /// What plugins are called through; the real sandbox unless a test says.
    pub hooks: Arc<dyn Hooks>,
    /// The way out, if not the one the settings describe.
    pub outbound: Option<Arc<dyn Outbound>>,
}

impl Setup {
    #[must_use]
    pub fn new(engine: Engine) -> Self {
        let mut config = Config::default();
        // Few connections, as many apps run at once; and no limits that depend on
        // how fast the machine is. Tests of limits set their own.
        config.database.readers = 3;
        config.database.writers = 4;
        config.limits.requests_per_second = 100_000;
        config.limits.request_burst = 100_000;
        config.limits.logins_per_minute = 100_000;
        config.limits.visitor_frames_per_second = 100_000;
        config.limits.visitor_frame_burst = 100_000;
        config.limits.agent_frames_per_second = 100_000;
        config.limits.agent_frame_burst = 100_000;
        Self {
            engine,
            seed: 1,
            demo: true,
            plugins: false,
            config,
            faults: Faults::default(),
            hooks: guests::shared(),
            outbound: None,
        }
    }

    pub async fn start(self) -> TestApp {
        TestApp::start(self).await
    }
}

pub struct TestApp {
    pub clock: Arc<FrozenClock>,
    pub ids: Arc<SeededIds>,
    pub secrets: Arc<SeededSecrets>,
    /// Without a token.
    pub http: Http,
    pub engine: Engine,
    pub config: Config,
    server: Option<Arc<Server>>,
    /// Tells when serving has ended.
    served: Option<oneshot::Receiver<()>>,
    faults: Faults,
    hooks: Arc<dyn Hooks>,
    outbound: Option<Arc<dyn Outbound>>,
    database: Database,
    _data: TempDir,
}

impl TestApp {
    /// With the demo desk and the default settings.
    pub async fn new(engine: Engine) -> Self {
        Setup::new(engine).start().await
    }

    async fn start(setup: Setup) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let database = Database::make(setup.engine, data.path()).await;
        let mut config = setup.config;
        config.data_dir = data.path().to_owned();
        config.database_url = database.url().to_owned();
        let mut app = Self {
            clock: Arc::default(),
            ids: Arc::default(),
            secrets: Arc::new(SeededSecrets::new(setup.seed)),
            http: Http::new(String::new()),
            engine: setup.engine,
            config,
            server: None,
            served: None,
            faults: setup.faults,
            hooks: setup.hooks,
            outbound: setup.outbound,
            database,
            _data: data,
        };
        app.boot().await;
        if setup.demo {
            let seeded = deskbell_server::demo::seed_desk(app.app()).await;
            seeded.expect("the demo desk");
            if setup.plugins {
                let seeded = deskbell_server::demo::seed(app.app()).await;
                seeded.expect("the demo's plugins");
            }
            app.settle().await;
        }
        app
    }

    async fn boot(&mut self) {
        let mut options = store_options(&self.config);
        options.faults = self.faults.clone();
        let store = Store::open(options).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        let tasks = Tasks::default();
        let parts = Parts {
            store,
            bell: Arc::new(LocalBell::default()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            secrets: self.secrets.clone(),
            hooks: self.hooks.clone(),
            outbound: match &self.outbound {
                Some(outbound) => outbound.clone(),
                None => Arc::new(outbound::of(&self.config).expect("a way out")),
            },
            sealing: SealingKey::new(&[7; 32]).map(Arc::new),
            node: NodeId(self.ids.uuid()),
            tasks: tasks.clone(),
        };
        let server = Server::build(self.config.clone(), parts).await;
        let server = Arc::new(server.expect("the server is built"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (ended, served) = oneshot::channel();
        let serving = server.clone();
        // Owned by tasks of its own: `serve` itself waits for the server's.
        Tasks::default().spawn("serve", async move {
            serving.serve(listener, false).await;
            let _ = ended.send(());
        });
        self.served = Some(served);
        self.http = Http::new(format!("http://{address}"));
        self.server = Some(server);
        self.settle().await;
    }

    #[must_use]
    pub fn server(&self) -> &Server {
        self.server.as_deref().expect("the server runs")
    }

    #[must_use]
    pub fn app(&self) -> &App {
        &self.server().app
    }

    /// Moves the clock; what that makes due happens in the next `settle`.
    pub fn advance(&self, millis: i64) {
        self.clock.advance(millis);
    }

    /// Moves the clock and settles.
    pub async fn pass(&self, millis: i64) {
        self.advance(millis);
        self.settle().await;
    }

    /// Steps until there is nothing left to do.
    pub async fn settle(&self) {
        for _ in 0..ROUNDS {
            match self.server().step().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => panic!("a step failed: {error}"),
            }
        }
        panic!("it never comes to rest");
    }

    /// Ends the server and starts one on the same data, with these faults.
    pub async fn restart(&mut self, faults: Faults) {
        self.stop().await;
        self.faults = faults;
        self.boot().await;
    }

    /// Asks the server to end, as a signal would, and waits for it.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.engine.retire().await.expect("leases are given back");
            server.tasks.stop().cancel();
        }
        if let Some(served) = self.served.take() {
            bounded("the server's end", served)
                .await
                .expect("the server ends by itself");
        }
    }

    /// Events a consumer gave up on.
    pub async fn parked(&self) -> usize {
        let read = self
            .app()
            .store
            .system(|sys| Box::pin(async move { sys.parked_events(100).await }));
        read.await.expect("the parked events").len()
    }

    /// The end of a test: nothing may be left undone or given up.
    pub async fn finish(mut self) {
        self.settle().await;
        assert_eq!(self.parked().await, 0, "events are parked");
        self.stop().await;
        self.database.remove().await;
    }

    /// The actor behind a token, for commands that go through the one door.
    pub async fn actor(&self, token: &str, plane: deskbell_app::Plane) -> Actor {
        self.app()
            .authenticate(token, plane)
            .await
            .expect("a good token")
    }
}

/// A test that ends without `finish` has left something unchecked. One that
/// panics already has said what is wrong.
impl Drop for TestApp {
    fn drop(&mut self) {
        let checked = self.server.is_none() || std::thread::panicking();
        assert!(checked, "a test dropped its app without `finish`");
    }
}
