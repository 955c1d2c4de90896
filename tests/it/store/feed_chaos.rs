//! Many writers against the feed's reader: slow commits, roll-backs, savepoints,
//! killed backends. Nothing is lost, nothing comes twice or out of order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use deskbell_domain::actor::ActorRef;
use deskbell_domain::event::{Audience, Changes};
use deskbell_domain::{ConversationId, Event, EventBody, EventId, SessionId, TenantId};
use deskbell_store::{Engine, Faults, FeedReader, FeedRow, StoreError};
use futures_util::future::join_all;
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::desk::{Desk, NOW, done};
use super::fresh::Fresh;
use super::gate::is_pending;

const WRITERS: u64 = 16;
const TRANSACTIONS: u64 = 60;
const TENANT: TenantId = TenantId(Uuid::from_u128(1));

/// A small generator, so that a run can be repeated by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % sides
    }
}

/// The nth event of a writer: its conversation says whose, its seq says which.
fn event(writer: u64, n: i64) -> Event {
    Event {
        id: EventId(Uuid::from_u64_pair(writer, n.unsigned_abs())),
        body: EventBody::SessionRevoked {
            session_id: SessionId(Uuid::nil()),
        },
        tenant_id: TENANT,
        occurred_at: NOW,
        actor: ActorRef::system(),
        conversation_id: Some(ConversationId(Uuid::from_u64_pair(writer, 0))),
        seq: Some(n),
        changes: Changes::default(),
        audience: Audience::default(),
        depth: 0,
    }
}

struct ChaosWriter {
    url: String,
    connection: PgConnection,
    writer: u64,
    dice: Dice,
    next: i64,
    committed: Vec<EventId>,
}

impl ChaosWriter {
    async fn new(url: String, writer: u64) -> Self {
        let connection = PgConnection::connect(&url).await.unwrap();
        let dice = Dice(writer.wrapping_mul(7_919) + 1);
        Self {
            url,
            connection,
            writer,
            dice,
            next: 1,
            committed: Vec::new(),
        }
    }

    async fn insert(&mut self) -> EventId {
        let event = event(self.writer, self.next);
        self.next += 1;
        sqlx::query(
            "INSERT INTO feed (tenant_id, event_id, type, conversation_id, audience, payload, \
             occurred_at) VALUES ($1, $2, $3, $4, '{}', $5, 0)",
        )
        .bind(TENANT.0)
        .bind(event.id.0)
        .bind(event.body.name())
        .bind(event.conversation_id.map(|id| id.0))
        .bind(serde_json::to_string(&event).unwrap())
        .execute(&mut self.connection)
        .await
        .unwrap();
        event.id
    }

    async fn run(&mut self, sql: &str) {
        self.connection
            .execute(sqlx::AssertSqlSafe(sql.to_owned()))
            .await
            .unwrap();
    }

    /// Up to 20 ms, now and then, with the transaction open.
    async fn dawdle(&mut self) {
        if self.dice.roll(3) == 0 {
            let seconds = self.dice.roll(20) as f64 / 1000.0;
            self.run(&format!("SELECT pg_sleep({seconds})")).await;
        }
    }

    async fn transaction(&mut self) {
        self.run("BEGIN").await;
        let first = self.insert().await;
        let mut kept = vec![first];
        match self.dice.roll(8) {
            0 => {
                self.dawdle().await;
                self.run("ROLLBACK").await;
                return;
            }
            1 => {
                // Its savepoint's position is lost, the transaction goes on.
                self.run("SAVEPOINT s").await;
                self.insert().await;
                self.dawdle().await;
                self.run("ROLLBACK TO s").await;
                kept.push(self.insert().await);
            }
            2 => {
                self.die().await;
                return;
            }
            3 => {
                for _ in 0..3 {
                    kept.push(self.insert().await);
                    self.dawdle().await;
                }
            }
            _ => self.dawdle().await,
        }
        self.run("COMMIT").await;
        self.committed.extend(kept);
    }

    /// The server kills the backend in the middle of its transaction.
    async fn die(&mut self) {
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut self.connection)
            .await
            .unwrap();
        let mut killer = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query("SELECT pg_terminate_backend($1)")
            .bind(pid)
            .execute(&mut killer)
            .await
            .unwrap();
        assert!(self.connection.execute("COMMIT").await.is_err());
        self.connection = killer;
    }
}

/// Everything the reader delivers, until the writers are done and nothing is left.
async fn follow(mut reader: FeedReader, done: Arc<AtomicBool>) -> Vec<FeedRow> {
    let mut all: Vec<FeedRow> = Vec::new();
    loop {
        let over = done.load(Ordering::SeqCst);
        let rows = reader.poll(100).await.unwrap();
        if over && rows.is_empty() && !reader.is_waiting() {
            return all;
        }
        all.extend(rows);
    }
}

/// What was committed, and what a reader made of it.
async fn chaos(fresh: &Fresh) -> (Vec<EventId>, Vec<FeedRow>) {
    let reader = fresh.store.feed_reader().await.unwrap();
    // Somebody unrelated who idles in a transaction holds nothing up.
    let mut idler = fresh.postgres().await;
    idler
        .execute("BEGIN; UPDATE installation SET value = value")
        .await
        .unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let mut following = JoinSet::new();
    following.spawn(follow(reader, over.clone()));
    let mut writers = JoinSet::new();
    for writer in 1..=WRITERS {
        let url = fresh.options.url.clone();
        writers.spawn(async move {
            let mut writer = ChaosWriter::new(url, writer).await;
            for _ in 0..TRANSACTIONS {
                writer.transaction().await;
            }
            writer.committed
        });
    }
    let committed = writers.join_all().await.concat();
    over.store(true, Ordering::SeqCst);
    let rows = following.join_all().await.concat();
    idler.execute("ROLLBACK").await.unwrap();
    (committed, rows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_among_late_commits() {
    let fresh = Fresh::new(Engine::Postgres).await;
    let (mut committed, rows) = chaos(&fresh).await;
    assert!(committed.len() as u64 > WRITERS * TRANSACTIONS / 2);
    assert!(
        rows.windows(2)
            .all(|pair| pair[0].position < pair[1].position)
    );
    for writer in 1..=WRITERS {
        let whose = Some(ConversationId(Uuid::from_u64_pair(writer, 0)));
        let own = rows.iter().filter(|row| row.event.conversation_id == whose);
        let seqs: Vec<_> = own.map(|row| row.event.seq).collect();
        assert!(seqs.is_sorted(), "writer {writer}: {seqs:?}");
    }
    let mut delivered: Vec<_> = rows.iter().map(|row| row.event.id).collect();
    delivered.sort_unstable();
    committed.sort_unstable();
    assert_eq!(delivered, committed);
    fresh.done().await;
}

/// The planted bug: this test's check sees what it is there for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_that_ignores_holes_would_be_found() {
    let faults = Faults {
        ignore_holes: true,
        ..Faults::default()
    };
    let fresh = Fresh::faulty(Engine::Postgres, faults).await;
    let (committed, rows) = chaos(&fresh).await;
    assert!(
        rows.len() < committed.len(),
        "{} of {}",
        rows.len(),
        committed.len()
    );
    fresh.done().await;
}

/// A reader that starts while somebody is still writing begins behind them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_who_is_still_writing() {
    let fresh = Fresh::new(Engine::Postgres).await;
    let mut late = ChaosWriter::new(fresh.options.url.clone(), 1).await;
    late.run("BEGIN").await;
    let first = late.insert().await;
    let mut quick = ChaosWriter::new(fresh.options.url.clone(), 2).await;
    quick.insert().await;
    let starting = fresh.store.feed_reader();
    tokio::pin!(starting);
    // It looks again and again for as long as the late one is at it.
    for _ in 0..50 {
        assert!(is_pending(starting.as_mut()).await);
        quick.run("SELECT 1").await;
    }
    late.run("COMMIT").await;
    let mut reader = starting.await.unwrap();
    assert_eq!(reader.poll(10).await.unwrap(), []);
    let history = fresh
        .store
        .feed_rows(0, reader.position(), 10)
        .await
        .unwrap();
    assert_eq!(history[0].event.id, first);
    assert_eq!(history.len(), 2);
    fresh.done().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_every_answered_write_is_delivered_in_order() {
    let fresh = Fresh::new(Engine::Sqlite).await;
    let (store, desk) = (&fresh.store, Desk::open(&fresh.store).await);
    let caller = desk.caller(store).await;
    let reader = store.feed_reader().await.unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let mut following = JoinSet::new();
    following.spawn(follow(reader, over.clone()));
    let writers = (1..=WRITERS).map(|writer| {
        let desk = &desk;
        async move {
            let mut sent = 0;
            for n in 0..30_u64 {
                let answer = store.write(desk.tenant, move |tx| {
                    Box::pin(async move {
                        tx.emit(event(writer, i64::try_from(n).unwrap_or_default()))?;
                        match n % 5 {
                            0 => Err(StoreError::Corrupt("refused".to_owned())),
                            _ => Ok(()),
                        }
                    })
                });
                sent += u64::from(answer.await.is_ok());
                done(
                    store
                        .submit(desk.send(&caller, &format!("{writer}-{n}")))
                        .await,
                );
            }
            sent
        }
    });
    let sent: u64 = join_all(writers).await.into_iter().sum();
    over.store(true, Ordering::SeqCst);
    let rows = following.join_all().await.concat();
    assert_eq!(sent, WRITERS * 24);
    assert_eq!(rows.len() as u64, sent + WRITERS * 30);
    assert!(
        rows.windows(2)
            .all(|pair| pair[0].position < pair[1].position)
    );
    let seqs: Vec<_> = rows
        .iter()
        .filter(|row| row.event.conversation_id == Some(caller.conversation))
        .map(|row| row.event.seq)
        .collect();
    assert!(seqs.is_sorted());
    fresh.done().await;
}
