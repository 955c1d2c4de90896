//! What a message costs the database: statements and syncs, alone and with 64 in
//! flight. Counts do not depend on the machine, so they are exact; who makes a
//! message dearer changes them here and says why.
//!
//! In process, on one thread: all commands are handed in before the writer takes
//! the first, so that they gather as they would during a sync.

use deskbell_app::{Outcome, Plane};
use deskbell_domain::message::Draft;
use deskbell_domain::{Actor, Command, ConversationId};
use deskbell_store::Counted;
use deskbell_tests::{Engine, TestApp};
use futures_util::future::join_all;
use serde_json::Map;
use tokio::task::unconstrained;

const IN_FLIGHT: usize = 64;

struct Desk {
    app: TestApp,
    /// A visitor each, with a conversation.
    visitors: Vec<(Actor, ConversationId)>,
    agent: Actor,
}

impl Desk {
    async fn new(engine: Engine) -> Self {
        let app = TestApp::new(engine).await;
        let mut visitors = Vec::new();
        for n in 0..IN_FLIGHT {
            let visitor = app.visitor().await;
            let id = visitor.ring(&format!("ring{n}"), "hello").await;
            let actor = app.actor(&visitor.token, Plane::Widget).await;
            visitors.push((actor, id.parse().expect("a conversation's id")));
        }
        let agent = app.agent("supervisor").await;
        let agent = app.actor(&agent.token, Plane::Agent).await;
        app.settle().await;
        Self {
            app,
            visitors,
            agent,
        }
    }

    /// Runs the commands at once and counts what that took.
    async fn count(&self, commands: Vec<(&Actor, Command)>) -> Counted {
        let app = self.app.app();
        let before = app.store.counters().look();
        let run = commands
            .into_iter()
            .map(|(actor, command)| app.execute(actor, command));
        // Without the runtime's budget for one task, which would cut them in two.
        for outcome in unconstrained(join_all(run)).await {
            let outcome = outcome.expect("nothing is refused");
            assert!(matches!(
                outcome,
                Outcome::Sent { new: true, .. } | Outcome::Done
            ));
        }
        app.store.counters().look().since(before)
    }

    fn sends(&self, key: &str, visitors: impl Iterator<Item = usize>) -> Vec<(&Actor, Command)> {
        let send = |(n, visitor): (usize, usize)| {
            let (actor, conversation) = &self.visitors[visitor];
            let client_msg_id = format!("{key}{n}");
            let text = "How long does it take?".to_owned();
            let draft = Draft {
                client_msg_id,
                text,
                private: false,
                attributes: Map::new(),
            };
            (
                actor,
                Command::SendMessage {
                    conversation: *conversation,
                    draft,
                },
            )
        };
        visitors.enumerate().map(send).collect()
    }

    /// What the desk has read, in each of these conversations.
    fn reads(&self, seq: i64, visitors: std::ops::Range<usize>) -> Vec<(&Actor, Command)> {
        let read = |(_, conversation): &(Actor, ConversationId)| {
            (
                &self.agent,
                Command::MarkRead {
                    conversation: *conversation,
                    seq,
                },
            )
        };
        self.visitors[visitors].iter().map(read).collect()
    }
}

fn batch(statements: u64, commits: u64) -> Counted {
    Counted {
        statements,
        commits,
        ..Counted::default()
    }
}

/// A send is two statements: load the conversation (with whatever is looked up by
/// it), and write it, its message and its event. The number is the same for any
/// number of sends that share a commit.
const SEND: u64 = 2;
/// A receipt writes no message.
const RECEIPT: u64 = 2;
/// One that says nothing new loads the conversation and leaves it at that.
const NOTHING_NEW: u64 = 1;
/// On PostgreSQL units run in four lanes, chosen by their conversation; each lane
/// has a transaction of its own.
const LANES: u64 = 4;

async fn statements_do_not_grow_with_the_batch(engine: Engine) {
    let desk = Desk::new(engine).await;
    let shares = match engine {
        Engine::Sqlite => 1,
        Engine::Postgres => LANES,
    };
    let alone = desk.count(desk.sends("alone", [0].into_iter())).await;
    assert_eq!(alone, batch(SEND, 1), "one send");
    let together = desk
        .count(desk.sends("one", [0; IN_FLIGHT].into_iter()))
        .await;
    assert_eq!(together, batch(SEND, 1), "64 sends into one conversation");
    let spread = desk.count(desk.sends("all", 0..IN_FLIGHT)).await;
    assert_eq!(
        spread,
        batch(SEND * shares, shares),
        "a send into each of 64 conversations"
    );

    // The first command of an agent also notes that they are there.
    desk.count(desk.reads(1, 0..1)).await;
    let alone = desk.count(desk.reads(2, 0..1)).await;
    assert_eq!(alone, batch(RECEIPT, 1), "one receipt");
    let spread = desk.count(desk.reads(2, 1..IN_FLIGHT)).await;
    assert_eq!(spread, batch(RECEIPT * shares, shares), "63 receipts");
    let again = desk.count(desk.reads(2, 0..IN_FLIGHT)).await;
    assert_eq!(
        again,
        batch(NOTHING_NEW * shares, shares),
        "receipts that say nothing new"
    );
    desk.app.finish().await;
}

#[tokio::test]
async fn a_message_costs_the_same_alone_and_among_64_on_sqlite() {
    statements_do_not_grow_with_the_batch(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_message_costs_the_same_alone_and_among_64_on_postgres() {
    statements_do_not_grow_with_the_batch(Engine::Postgres).await;
}
