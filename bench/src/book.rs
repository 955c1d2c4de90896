//! The book of one run: what must arrive where, what did, and how late.
//!
//! Every message goes to a known number of sockets and to each exactly once, in
//! the order of its conversation; anything else makes the run void, and the book
//! says why. So does a generator that itself was late.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::error::Outcome;

/// The generator may be this late at its 99th percentile.
pub const LAG_MAX: Duration = Duration::from_millis(1);
/// Of each message on the wire.
pub const MESSAGE_BYTES: usize = 200;

pub struct Book {
    inner: Mutex<Pages>,
}

struct Pages {
    run: u32,
    began: Instant,
    /// What was scheduled before this is sent and checked, but not timed.
    timed_from: Duration,
    /// Sockets that get each message.
    receivers: usize,
    /// Per conversation and receiver, the number that comes next.
    next: Vec<u32>,
    /// Per conversation, the ack that comes next.
    next_ack: Vec<u32>,
    /// Per conversation, what was sent.
    sent: Vec<u32>,
    total_sent: u64,
    total_heard: u64,
    total_acked: u64,
    timed_acks: u64,
    wrong: Option<String>,
    delivery: Histogram<u64>,
    ack: Histogram<u64>,
    lag: Histogram<u64>,
}

/// What a run came to. Times are in microseconds.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Figures {
    pub sent: u64,
    pub delivered: u64,
    pub acked: u64,
    pub timed_acks: u64,
    pub delivery_p50: u64,
    pub delivery_p99: u64,
    pub delivery_p999: u64,
    pub delivery_max: u64,
    pub ack_p50: u64,
    pub ack_p99: u64,
    pub lag_p99: u64,
    /// Why this run does not count.
    pub void: Option<String>,
}

impl Book {
    pub fn new() -> Outcome<Self> {
        let histogram = || Histogram::new_with_bounds(1, 120_000_000, 3);
        let pages = Pages {
            run: 0,
            began: Instant::now(),
            timed_from: Duration::ZERO,
            receivers: 0,
            next: Vec::new(),
            next_ack: Vec::new(),
            sent: Vec::new(),
            total_sent: 0,
            total_heard: 0,
            total_acked: 0,
            timed_acks: 0,
            wrong: None,
            delivery: histogram()?,
            ack: histogram()?,
            lag: histogram()?,
        };
        Ok(Self {
            inner: Mutex::new(pages),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new run; what is still under way from the one before is not counted.
    pub fn begin(&self, conversations: usize, receivers: usize, timed_from: Duration) -> Instant {
        let mut pages = self.lock();
        pages.run += 1;
        pages.began = Instant::now();
        pages.timed_from = timed_from;
        pages.receivers = receivers;
        pages.next = vec![0; conversations * receivers];
        pages.next_ack = vec![0; conversations];
        pages.sent = vec![0; conversations];
        (pages.total_sent, pages.total_heard, pages.total_acked) = (0, 0, 0);
        pages.timed_acks = 0;
        pages.wrong = None;
        pages.delivery.reset();
        pages.ack.reset();
        pages.lag.reset();
        pages.began
    }

    /// Takes note of a message about to be sent; answers its number for the ack,
    /// its key against duplicates, and its text.
    pub fn write(&self, conversation: usize, at: Duration) -> Letter {
        let mut pages = self.lock();
        let number = pages.sent[conversation];
        pages.sent[conversation] += 1;
        pages.total_sent += 1;
        let run = pages.run;
        drop(pages);
        let mut text = format!("{run} {conversation} {number} {} ", at.as_micros());
        while text.len() < MESSAGE_BYTES {
            text.push('x');
        }
        Letter {
            ack: u64::from(run % 1_000) * 1_000_000 + u64::from(number % 1_000_000),
            key: format!("{run}-{conversation}-{number}"),
            text,
        }
    }

    /// How far the run is.
    pub fn now(&self) -> Duration {
        self.lock().began.elapsed()
    }

    /// How long after its instant a message was really written.
    pub fn left(&self, at: Duration) {
        let mut pages = self.lock();
        let late = pages.began.elapsed().saturating_sub(at);
        note(&mut pages.lag, late);
    }

    /// A message reached a socket. `receiver` numbers the sockets that get the
    /// conversation's messages.
    pub fn heard(&self, receiver: usize, text: &str, now: Instant) {
        let mut words = text.split(' ').map_while(|word| word.parse::<u64>().ok());
        let (Some(run), Some(conversation), Some(number), Some(at)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return;
        };
        let mut pages = self.lock();
        if run != u64::from(pages.run) {
            return;
        }
        let place = conversation as usize * pages.receivers + receiver;
        let Some(next) = pages.next.get_mut(place) else {
            pages.wrong(format!(
                "socket {receiver} heard of {conversation}, unasked"
            ));
            return;
        };
        if u64::from(*next) != number {
            let expected = *next;
            pages.wrong(format!(
                "conversation {conversation}, socket {receiver}: {number} came, {expected} was next"
            ));
            return;
        }
        *next += 1;
        pages.total_heard += 1;
        let at = Duration::from_micros(at);
        if at >= pages.timed_from {
            let late = now.saturating_duration_since(pages.began + at);
            note(&mut pages.delivery, late);
        }
    }

    /// The server says that a message is durable. True if it belongs to this run.
    pub fn acked(&self, conversation: usize, ack: u64, at: Option<Duration>, now: Instant) -> bool {
        let mut pages = self.lock();
        if ack / 1_000_000 != u64::from(pages.run % 1_000) {
            return false;
        }
        let expected = pages.next_ack[conversation];
        if ack % 1_000_000 != u64::from(expected % 1_000_000) {
            pages.wrong(format!(
                "conversation {conversation}: ack {ack} came, {expected} was next"
            ));
            return false;
        }
        pages.next_ack[conversation] += 1;
        pages.total_acked += 1;
        if let Some(at) = at
            && at >= pages.timed_from
        {
            pages.timed_acks += 1;
            let late = now.saturating_duration_since(pages.began + at);
            note(&mut pages.ack, late);
        }
        true
    }

    pub fn refused(&self, why: String) {
        self.lock().wrong(why);
    }

    /// Whether all that was sent has arrived everywhere, or something is wrong.
    pub fn settled(&self) -> bool {
        let pages = self.lock();
        pages.wrong.is_some() || pages.complete()
    }

    /// Whether all has arrived, whatever was wrong with it.
    pub fn complete(&self) -> bool {
        self.lock().complete()
    }

    pub fn figures(&self) -> Figures {
        let mut pages = self.lock();
        let expected = pages.total_sent * pages.receivers as u64;
        let (heard, acked, sent) = (pages.total_heard, pages.total_acked, pages.total_sent);
        if heard != expected || acked != sent {
            pages.wrong(format!(
                "{heard} of {expected} deliveries and {acked} of {sent} acks came"
            ));
        }
        let lag_p99 = pages.lag.value_at_quantile(0.99);
        if u128::from(lag_p99) > LAG_MAX.as_micros() {
            pages.wrong(format!("the generator was {lag_p99} µs late at its p99"));
        }
        Figures {
            sent,
            delivered: heard,
            acked,
            timed_acks: pages.timed_acks,
            delivery_p50: pages.delivery.value_at_quantile(0.5),
            delivery_p99: pages.delivery.value_at_quantile(0.99),
            delivery_p999: pages.delivery.value_at_quantile(0.999),
            delivery_max: pages.delivery.max(),
            ack_p50: pages.ack.value_at_quantile(0.5),
            ack_p99: pages.ack.value_at_quantile(0.99),
            lag_p99,
            void: pages.wrong.clone(),
        }
    }
}

/// What a sender needs to send.
pub struct Letter {
    pub ack: u64,
    pub key: String,
    pub text: String,
}

impl Pages {
    fn complete(&self) -> bool {
        let expected = self.total_sent * self.receivers as u64;
        self.total_heard == expected && self.total_acked == self.total_sent
    }

    /// The first thing that is wrong is the one to look at.
    fn wrong(&mut self, why: String) {
        self.wrong.get_or_insert(why);
    }
}

fn note(histogram: &mut Histogram<u64>, late: Duration) {
    let micros = u64::try_from(late.as_micros()).unwrap_or(u64::MAX);
    histogram.saturating_record(micros.max(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book() -> Book {
        let book = Book::new().unwrap();
        book.begin(2, 2, Duration::ZERO);
        book
    }

    #[test]
    fn a_run_in_which_all_arrives_once_counts() {
        let book = book();
        let letter = book.write(1, Duration::ZERO);
        assert_eq!(letter.text.len(), MESSAGE_BYTES);
        assert!(!book.settled());
        book.heard(0, &letter.text, Instant::now());
        book.heard(1, &letter.text, Instant::now());
        assert!(book.acked(1, letter.ack, Some(Duration::ZERO), Instant::now()));
        assert!(book.settled());
        assert_eq!(book.figures().void, None);
    }

    #[test]
    fn loss_repetition_disorder_and_strangers_make_it_void() {
        let lost = book();
        lost.write(0, Duration::ZERO);
        assert!(lost.figures().void.unwrap().contains("0 of 2 deliveries"));

        let twice = book();
        let letter = twice.write(0, Duration::ZERO);
        twice.heard(0, &letter.text, Instant::now());
        twice.heard(0, &letter.text, Instant::now());
        assert!(twice.figures().void.unwrap().contains("1 was next"));

        let reordered = book();
        let _first = reordered.write(0, Duration::ZERO);
        let second = reordered.write(0, Duration::ZERO);
        reordered.heard(0, &second.text, Instant::now());
        assert!(reordered.figures().void.unwrap().contains("0 was next"));
    }

    #[test]
    fn a_late_generator_makes_it_void_and_old_frames_do_not() {
        let book = book();
        let old = book.write(0, Duration::ZERO);
        book.begin(2, 2, Duration::ZERO);
        book.heard(0, &old.text, Instant::now());
        assert_eq!(book.figures().void, None);
        std::thread::park_timeout(Duration::from_millis(5));
        book.left(Duration::ZERO);
        assert!(book.figures().void.unwrap().contains("late"));
    }
}
