//! A database of its own for each test, on either engine.

use std::sync::atomic::{AtomicU32, Ordering};

use deskbell_store::{Engine, Faults, Store, StoreOptions};
use deskbell_tests::environment;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A migrated store in a database that is taken away at the end.
pub(super) struct Fresh {
    pub(super) store: Store,
    pub(super) options: StoreOptions,
    place: Place,
}

enum Place {
    /// Removed when this is dropped.
    Sqlite {
        _folder: tempfile::TempDir,
    },
    Postgres(String),
}

impl Fresh {
    pub(super) async fn new(engine: Engine) -> Self {
        Self::with(engine, |_| {}).await
    }

    pub(super) async fn faulty(engine: Engine, faults: Faults) -> Self {
        Self::with(engine, |options| options.faults = faults.clone()).await
    }

    pub(super) async fn with(engine: Engine, change: impl Fn(&mut StoreOptions)) -> Self {
        let fresh = Self::empty(engine, change).await;
        fresh.store.migrate().await.unwrap();
        fresh
    }

    /// Without any tables.
    pub(super) async fn empty(engine: Engine, change: impl Fn(&mut StoreOptions)) -> Self {
        let (url, place) = place(engine).await;
        let mut options = StoreOptions::new(url);
        change(&mut options);
        let store = Store::open(options.clone()).await.unwrap();
        Self {
            store,
            options,
            place,
        }
    }

    /// The same database opened once more, as by another node.
    pub(super) async fn again(&self) -> Store {
        Store::open(self.options.clone()).await.unwrap()
    }

    /// A raw connection to a PostgreSQL database.
    pub(super) async fn postgres(&self) -> PgConnection {
        PgConnection::connect(&self.options.url).await.unwrap()
    }

    pub(super) async fn done(&self) {
        self.store.close().await;
        if let Place::Postgres(name) = &self.place {
            let drop = format!("DROP DATABASE {name} WITH (FORCE)");
            admin().await.execute(AssertSqlSafe(drop)).await.unwrap();
        }
    }
}

/// Where a new, empty database is, and what it takes to remove it.
async fn place(engine: Engine) -> (String, Place) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    match engine {
        Engine::Sqlite => {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite:{}", folder.path().join("deskbell.db").display());
            (url, Place::Sqlite { _folder: folder })
        }
        Engine::Postgres => {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            let name = format!("store_{}_{count}", std::process::id());
            let create = format!("CREATE DATABASE {name}");
            admin().await.execute(AssertSqlSafe(create)).await.unwrap();
            let admin = environment::postgres();
            let (server, _) = admin.rsplit_once('/').unwrap();
            (format!("{server}/{name}"), Place::Postgres(name))
        }
    }
}

async fn admin() -> PgConnection {
    PgConnection::connect(&environment::postgres())
        .await
        .unwrap()
}
