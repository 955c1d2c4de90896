//! What the stores do without a server: one row a commit, and 64.
//!
//! The same libraries, pragmas and kind of row as Deskbell's, in one table with
//! two unique indexes, from one connection (and eight, on PostgreSQL).

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde::Serialize;
use sqlx::postgres::PgConnection;
use tokio::task::JoinSet;

use crate::book::MESSAGE_BYTES;
use crate::error::Outcome;
use crate::postgres::{self, Database};

#[derive(Serialize)]
pub(super) struct Ceiling {
    pub name: String,
    pub rows: f64,
}

const TOGETHER: usize = 64;
const POSTGRES_CONNECTIONS: usize = 8;

/// In this order; the last is one row a commit on the slowest disk.
pub(super) async fn measure(
    admin: &str,
    length: Duration,
    delays: &[Duration],
) -> Outcome<Vec<Ceiling>> {
    let mut all = Vec::new();
    let mut note = |name: String, rows: f64| all.push(Ceiling { name, rows });
    for rows in [1, TOGETHER] {
        let made = on_sqlite(rows, length, Duration::ZERO).await?;
        note(format!("SQLite, {}", commits(rows)), made);
    }
    for (connections, rows) in [(1, 1), (POSTGRES_CONNECTIONS, 1), (1, TOGETHER)] {
        let made = on_postgres(admin, connections, rows, length).await?;
        let plural = if connections == 1 { "" } else { "s" };
        note(
            format!(
                "PostgreSQL, {connections} connection{plural}, {}",
                commits(rows)
            ),
            made,
        );
    }
    for &delay in delays {
        let made = on_sqlite(1, length, delay).await?;
        let ms = delay.as_millis();
        note(format!("SQLite, sync + {ms} ms, one row a commit"), made);
    }
    Ok(all)
}

fn commits(rows: usize) -> String {
    match rows {
        1 => "one row a commit".to_owned(),
        rows => format!("{rows} rows a commit"),
    }
}

const TABLE: &str = "CREATE TABLE messages (tenant BLOB NOT NULL, id BLOB NOT NULL, \
    conversation BLOB NOT NULL, seq INTEGER NOT NULL, client_msg_id TEXT NOT NULL, \
    text TEXT NOT NULL, created_at INTEGER NOT NULL, PRIMARY KEY (tenant, id)); \
    CREATE UNIQUE INDEX one ON messages (tenant, conversation, seq); \
    CREATE UNIQUE INDEX two ON messages (tenant, client_msg_id);";

async fn on_sqlite(rows: usize, length: Duration, delay: Duration) -> Outcome<f64> {
    tokio::task::spawn_blocking(move || {
        let folder = tempfile::TempDir::with_prefix("deskbell-bench-")?;
        let connection = Connection::open(folder.path().join("raw.db"))?;
        connection.execute_batch(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
             PRAGMA cache_size=-16384;",
        )?;
        connection.execute_batch(TABLE)?;
        let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
        let mut insert =
            connection.prepare("INSERT INTO messages VALUES (?1,?2,?3,?4,?5,?6,?7)")?;
        let mut commit = connection.prepare("COMMIT")?;
        let (began, mut done) = (Instant::now(), 0_usize);
        while began.elapsed() < length {
            begin.execute([])?;
            for _ in 0..rows {
                let row = Row::new(done);
                insert.execute(params![
                    row.tenant,
                    row.id,
                    row.conversation,
                    row.seq,
                    row.key,
                    row.text,
                    row.seq
                ])?;
                done += 1;
            }
            pause(delay);
            commit.execute([])?;
        }
        Outcome::Ok(done as f64 / began.elapsed().as_secs_f64())
    })
    .await?
}

/// At least this long: a thread may be woken early.
fn pause(delay: Duration) {
    let until = Instant::now() + delay;
    while let Some(left) = until
        .checked_duration_since(Instant::now())
        .filter(|d| !d.is_zero())
    {
        std::thread::park_timeout(left);
    }
}

async fn on_postgres(
    admin: &str,
    connections: usize,
    rows: usize,
    length: Duration,
) -> Outcome<f64> {
    let database = Database::create(admin, "bench_raw", None).await?;
    let mut connection = postgres::connect(&database.url).await?;
    let table = TABLE.replace("BLOB", "bytea").replace("INTEGER", "bigint");
    sqlx::raw_sql(sqlx::AssertSqlSafe(table))
        .execute(&mut connection)
        .await?;
    let mut workers = JoinSet::new();
    let began = Instant::now();
    for worker in 0..connections {
        let url = database.url.clone();
        workers.spawn(async move {
            let mut connection = postgres::connect(&url).await?;
            let mut done = 0;
            while began.elapsed() < length {
                let first = worker * 100_000_000 + done;
                insert(&mut connection, (first..first + rows).map(Row::new)).await?;
                done += rows;
            }
            Outcome::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(made) = workers.join_next().await {
        done += made??;
    }
    let rate = done as f64 / began.elapsed().as_secs_f64();
    drop(connection);
    database.drop().await?;
    Ok(rate)
}

/// One statement, and so one commit.
async fn insert(connection: &mut PgConnection, rows: impl Iterator<Item = Row>) -> Outcome<()> {
    let (mut tenants, mut ids, mut conversations) = (Vec::new(), Vec::new(), Vec::new());
    let (mut seqs, mut keys, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        tenants.push(row.tenant.to_vec());
        ids.push(row.id.to_vec());
        conversations.push(row.conversation.to_vec());
        seqs.push(row.seq);
        keys.push(row.key);
        texts.push(row.text);
    }
    sqlx::query(
        "INSERT INTO messages SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[], \
         $4::bigint[], $5::text[], $6::text[], $4::bigint[])",
    )
    .bind(tenants)
    .bind(ids)
    .bind(conversations)
    .bind(&seqs)
    .bind(keys)
    .bind(texts)
    .execute(connection)
    .await?;
    Ok(())
}

/// A message as a row, ids growing as UUIDv7 do.
struct Row {
    tenant: [u8; 16],
    id: [u8; 16],
    conversation: [u8; 16],
    seq: i64,
    key: String,
    text: String,
}

impl Row {
    fn new(n: usize) -> Self {
        let number = n as u128;
        Self {
            tenant: (number % 10).to_be_bytes(),
            id: number.to_be_bytes(),
            conversation: (number % 1_000).to_be_bytes(),
            seq: i64::try_from(n).unwrap_or(i64::MAX),
            key: format!("1-{}-{n}", n % 1_000),
            text: "x".repeat(MESSAGE_BYTES),
        }
    }
}
