//! The schema after all migrations is the one that is committed, whether the
//! database was empty or full.

use std::path::Path;

use deskbell_store::Engine;
use deskbell_tests::{both_engines, environment};
use sqlx::{Connection, Row};

use super::desk::Desk;
use super::fresh::Fresh;

/// The schema as text, in an order that does not depend on the engine's mood.
async fn describe(fresh: &Fresh, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => {
            let file = fresh.options.url.strip_prefix("sqlite:").unwrap();
            let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
            let mut connection = sqlx::SqliteConnection::connect_with(&options)
                .await
                .unwrap();
            let rows = sqlx::query(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL \
                 AND name NOT LIKE 'sqlite_%' AND name <> 'seaql_migrations' ORDER BY type DESC, name",
            )
            .fetch_all(&mut connection)
            .await
            .unwrap();
            lines(&rows.iter().map(|row| row.get(0)).collect::<Vec<String>>())
        }
        Engine::Postgres => {
            let mut connection = fresh.postgres().await;
            let rows = sqlx::query(POSTGRES)
                .fetch_all(&mut connection)
                .await
                .unwrap();
            lines(&rows.iter().map(|row| row.get(0)).collect::<Vec<String>>())
        }
    }
}

const POSTGRES: &str = "\
    SELECT line FROM ( \
        SELECT table_name AS t, 0 AS part, ordinal_position::int AS n, \
            format('%s.%s %s%s%s', table_name, column_name, data_type, \
                CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END, \
                CASE is_identity WHEN 'YES' THEN ' identity ' || lower(identity_generation) \
                ELSE '' END) AS line \
        FROM information_schema.columns WHERE table_schema = 'public' \
        UNION ALL \
        SELECT conrelid::regclass::text, 1, 0, \
            format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) \
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
        UNION ALL \
        SELECT tablename, 2, 0, indexdef FROM pg_indexes WHERE schemaname = 'public' \
    ) AS all_lines WHERE t <> 'seaql_migrations' ORDER BY t, part, n, line";

fn lines(parts: &[String]) -> String {
    let mut text = parts.join("\n");
    text.push('\n');
    text
}

fn committed(engine: Engine) -> std::path::PathBuf {
    let file = match engine {
        Engine::Sqlite => "sqlite.sql",
        Engine::Postgres => "postgres.txt",
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/schema")
        .join(file)
}

fn compare(engine: Engine, found: &str) {
    let path = committed(engine);
    if environment::bless() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{} is not the schema any more; DESKBELL_BLESS=1 rewrites it. Found:\n{found}",
        path.display()
    );
}

both_engines! {
    async fn an_empty_database_gets_the_committed_schema(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        compare(engine, &describe(&fresh, engine).await);
        fresh.done().await;
    }

    /// A database in use is migrated again (as every start does): what is in it
    /// stays, and the schema is the same one.
    async fn a_filled_database_keeps_what_it_has(engine: Engine) {
        let fresh = Fresh::new(engine).await;
        let desk = Desk::open(&fresh.store).await;
        let caller = desk.caller(&fresh.store).await;
        let before = desk.conversation(&fresh.store, caller.conversation).await;
        let epoch = fresh.store.feed_epoch();
        let other = fresh.again().await;
        other.migrate().await.unwrap();
        assert_eq!(desk.conversation(&other, caller.conversation).await, before);
        assert_eq!(other.feed_epoch(), epoch);
        compare(engine, &describe(&fresh, engine).await);
        other.close().await;
        fresh.done().await;
    }
}
