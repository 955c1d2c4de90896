//! People on their sockets: connected, logged in, each conversation begun.
//!
//! One task a socket, spread over the addresses 127.0.0.2 to 127.0.0.9. A task
//! does what it is told (`Order`), tells what matters (`News`), and writes what
//! it hears into the book.

mod socket;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _, TryStreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use self::socket::{Part, Voice};
use crate::book::Book;
use crate::dialect::{Dialect, Heard};
use crate::error::{Outcome, missing};
use crate::process::Server;
use crate::subject::{Cast, Person, Started};

const CONNECTS_AT_ONCE: usize = 64;
/// For everybody to be let in, or to be told of their conversation.
const PATIENCE: Duration = Duration::from_secs(60);
/// For what an overload left behind.
const RECOVERY: Duration = Duration::from_secs(10);

/// What a socket is told to do.
#[derive(Debug)]
pub enum Order {
    /// Start a conversation.
    Ring,
    /// End it and start another.
    RingAnew,
    /// Say something that was due at this instant of the run.
    Say(Duration),
    /// Say something now, and again at each ack while the loop is closed.
    SayOn,
}

#[derive(Debug)]
pub enum News {
    Ready,
    Rung(usize, String),
    Assigned(String),
}

pub struct Stage {
    pub book: Arc<Book>,
    pub visitors: Vec<mpsc::UnboundedSender<Order>>,
    /// Sockets that get each message: the tenant's agents, and the visitor.
    pub receivers: usize,
    /// While true, every ack is answered by the next message.
    pub closed_loop: Arc<AtomicBool>,
    pub news: mpsc::UnboundedReceiver<News>,
    _agents: Vec<mpsc::UnboundedSender<Order>>,
    _sockets: JoinSet<()>,
}

impl Stage {
    /// Connects everybody, agents first, and lets each visitor ring if wanted.
    pub async fn set(started: &Started, cast: &Cast, ring: bool) -> Outcome<Self> {
        let (tell, news) = mpsc::unbounded_channel();
        let book = Arc::new(Book::new()?);
        let closed_loop = Arc::new(AtomicBool::new(false));
        let mut sockets = JoinSet::new();
        let agents = (0..).zip(&started.agents);
        let agents = agents.map(|(n, person)| {
            let receiver = n % cast.agents.max(1);
            (person, Part::Agent { receiver })
        });
        let visitors = (0..).zip(&started.visitors).map(|(conversation, person)| {
            let receiver = cast.agents;
            let part = Part::Visitor {
                conversation,
                receiver,
            };
            (person, part)
        });
        let mut orders = Vec::new();
        let connecting = agents
            .chain(visitors)
            .enumerate()
            .map(|(n, (person, part))| {
                let voice = Voice::new(started, person, part, &book, &closed_loop, &tell);
                async move {
                    let (give, take) = mpsc::unbounded_channel();
                    let socket = socket::open(started.server.port, person.path, n).await?;
                    Outcome::Ok((give, voice, socket, take))
                }
            });
        let mut connecting = stream::iter(connecting).buffered(CONNECTS_AT_ONCE);
        while let Some((give, voice, socket, take)) = connecting.try_next().await? {
            sockets.spawn(voice.live(socket, take));
            orders.push(give);
        }
        drop(connecting);
        let visitors = orders.split_off(started.agents.len());
        let mut stage = Self {
            book,
            visitors,
            receivers: cast.agents + 1,
            closed_loop,
            news,
            _agents: orders,
            _sockets: sockets,
        };
        let people = stage.visitors.len() + started.agents.len();
        stage
            .wait_for(people, |news| matches!(news, News::Ready))
            .await?;
        if ring {
            for visitor in &stage.visitors {
                visitor.send(Order::Ring)?;
            }
            let conversations = stage.visitors.len();
            stage
                .wait_for(conversations, |news| matches!(news, News::Rung(..)))
                .await?;
        }
        Ok(stage)
    }

    /// Waits until there was this much news of one kind.
    pub async fn wait_for(&mut self, count: usize, fits: impl Fn(&News) -> bool) -> Outcome<()> {
        let mut seen = 0;
        let waiting = async {
            while seen < count {
                let news = missing(self.news.recv().await, "the sockets")?;
                seen += usize::from(fits(&news));
            }
            Outcome::Ok(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(done) => done,
            Err(_) => Err(format!(
                "of {count} people, only {seen} got there; {:?}",
                self.book.figures().void
            )
            .into()),
        }
    }

    /// After a run that was too much: whether all of it has arrived after all.
    pub async fn rests(&self) -> bool {
        let until = Instant::now() + RECOVERY;
        while !self.book.complete() {
            if Instant::now() > until {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }

    /// Lets what the last run and the beginning left behind come to rest.
    pub async fn calm(&mut self, quiet: Duration) {
        while let Ok(Some(_)) = tokio::time::timeout(quiet, self.news.recv()).await {}
    }
}

/// One visitor alone, as fast as it goes: log in, ring, say something, hear the
/// ack.
pub async fn first_message(server: &Server, dialect: &dyn Dialect, person: &Person) -> Outcome<()> {
    let mut socket = socket::open(server.port, person.path, 0).await?;
    if let Some(first) = dialect.first(&person.token) {
        socket.send(Message::text(first)).await?;
    }
    while let Some(frame) = socket.next().await {
        let Message::Text(frame) = frame? else {
            continue;
        };
        let next = match dialect.hear(&frame, &person.token) {
            Heard::Ready => dialect.ring(),
            Heard::Rung(id) => dialect.say(&id, 1, "first", "hello"),
            Heard::Acked(_) => return Ok(()),
            Heard::Answer(frame) => frame,
            Heard::Refused(why) => return Err(why.into()),
            _ => continue,
        };
        socket.send(Message::text(next)).await?;
    }
    Err("the server closed the first socket".into())
}
