//! The journal of a kill test: what was sent, what was acknowledged, and what the
//! server says of it afterwards. It complains and does not panic, so that a test
//! can show that it would complain.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;

use super::desk::{number, text};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Ack {
    pub(super) message_id: String,
    pub(super) conversation_id: String,
    pub(super) seq: i64,
    pub(super) created_at: String,
}

struct Sent {
    conversation: String,
    text: String,
    ack: Option<Ack>,
    /// As history showed it: id and seq.
    seen: Option<(String, i64)>,
}

#[derive(Default)]
pub(super) struct Journal {
    /// By `client_msg_id`, which is unique over all senders here.
    sent: HashMap<String, Sent>,
    /// Acknowledged and not yet read in a history.
    unread: BTreeSet<String>,
    /// The ids of a conversation's messages as far as they were read; the first
    /// has seq 1.
    histories: HashMap<String, Vec<String>>,
    pub(super) complaints: Vec<String>,
    pub(super) acks: usize,
    pub(super) repeats: usize,
}

impl Journal {
    pub(super) fn complain(&mut self, what: String) {
        self.complaints.push(what);
    }

    pub(super) fn sends(&mut self, key: &str, conversation: &str, text: &str) {
        let sent = Sent {
            conversation: conversation.to_owned(),
            text: text.to_owned(),
            ack: None,
            seen: None,
        };
        let before = self.sent.insert(key.to_owned(), sent);
        assert!(before.is_none(), "the test gave {key} twice");
    }

    /// An ack; of a repeat it must be the first one again.
    pub(super) fn acked(&mut self, key: &str, ack: Ack) {
        let sent = self.sent.get_mut(key).expect("an ack of something sent");
        let mut wrong = Vec::new();
        if ack.conversation_id != sent.conversation {
            wrong.push(format!(
                "{key}: acknowledged in another conversation: {ack:?}"
            ));
        }
        match (&sent.ack, &sent.seen) {
            (Some(first), _) if *first != ack => {
                wrong.push(format!("{key}: acknowledged twice: {first:?} and {ack:?}"));
            }
            (None, Some((id, seq))) if *id != ack.message_id || *seq != ack.seq => {
                wrong.push(format!(
                    "{key}: is {id} with seq {seq}, but acknowledged as {ack:?}"
                ));
            }
            _ => {}
        }
        if sent.ack.is_some() {
            self.repeats += 1;
        } else {
            self.acks += 1;
        }
        if sent.seen.is_none() {
            self.unread.insert(key.to_owned());
        }
        sent.ack = Some(ack);
        self.complaints.append(&mut wrong);
    }

    /// Where anything was sent.
    pub(super) fn conversations(&self) -> BTreeSet<String> {
        self.sent
            .values()
            .map(|sent| sent.conversation.clone())
            .collect()
    }

    /// How many of a conversation's messages were read.
    pub(super) fn read_up_to(&self, conversation: &str) -> i64 {
        self.histories
            .get(conversation)
            .map_or(0, |read| read.len() as i64)
    }

    /// What follows of a history after `read_up_to`.
    pub(super) fn read(&mut self, conversation: &str, messages: &[Value]) {
        for message in messages {
            let history = self.histories.entry(conversation.to_owned()).or_default();
            let (id, seq) = (text(message, "id"), number(message, "seq"));
            let expected = history.len() as i64 + 1;
            history.push(id.clone());
            if seq != expected {
                self.complain(format!(
                    "{conversation}: seq {seq} where {expected} should be"
                ));
            }
            self.find(conversation, message, id, seq);
        }
    }

    fn find(&mut self, conversation: &str, message: &Value, id: String, seq: i64) {
        let key = message["client_msg_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let Some(sent) = self.sent.get_mut(&key) else {
            self.complain(format!("{conversation}: nobody sent {message}"));
            return;
        };
        let complaint = if let Some((other, at)) = &sent.seen {
            Some(format!(
                "{key}: doubled: {other} with seq {at} and {id} with seq {seq}"
            ))
        } else if sent.conversation != conversation || message["text"] != *sent.text {
            Some(format!("{key}: is not as it was sent: {message}"))
        } else {
            let other = sent
                .ack
                .as_ref()
                .filter(|ack| ack.message_id != id || ack.seq != seq);
            other.map(|ack| format!("{key}: acknowledged as {ack:?}, but is {id} with seq {seq}"))
        };
        sent.seen = Some((id, seq));
        self.unread.remove(&key);
        self.complaints.extend(complaint);
    }

    /// After all histories were read to their ends: what was acknowledged is there.
    pub(super) fn nothing_lost(&mut self) {
        for key in std::mem::take(&mut self.unread) {
            let ack = self.sent[&key].ack.clone();
            self.complain(format!("{key}: lost, though acknowledged as {ack:?}"));
        }
    }

    /// A history read again from its beginning is what was read bit by bit.
    pub(super) fn same_again(&mut self, conversation: &str, messages: &[Value]) {
        let again: Vec<String> = messages.iter().map(|message| text(message, "id")).collect();
        if self.histories.get(conversation) != Some(&again) {
            self.complain(format!("{conversation}: its history has changed"));
        }
    }

    /// After everything unacknowledged was repeated: it is all there.
    pub(super) fn nothing_missing(&mut self) {
        let missing: Vec<_> = self
            .sent
            .iter()
            .filter(|(_, sent)| sent.seen.is_none())
            .map(|(key, _)| key.clone())
            .collect();
        for key in missing {
            self.complain(format!(
                "{key}: repeated until acknowledged, and yet not there"
            ));
        }
    }
}

#[test]
fn a_journal_complains_of_each_kind_of_loss() {
    let ack = |seq: i64| Ack {
        message_id: format!("msg_{seq}"),
        conversation_id: "conv".to_owned(),
        seq,
        created_at: String::new(),
    };
    let message = |key: &str, seq: i64| serde_json::json!({ "id": format!("msg_{seq}"), "seq": seq, "client_msg_id": key, "text": "t" });
    let journal = |acks: &[(&str, i64)], history: &[(&str, i64)]| {
        let mut journal = Journal::default();
        ["a", "b"]
            .iter()
            .for_each(|key| journal.sends(key, "conv", "t"));
        acks.iter()
            .for_each(|(key, seq)| journal.acked(key, ack(*seq)));
        let history: Vec<_> = history
            .iter()
            .map(|(key, seq)| message(key, *seq))
            .collect();
        journal.read("conv", &history);
        journal.nothing_lost();
        journal.complaints
    };
    assert_eq!(
        journal(&[("a", 1)], &[("a", 1), ("b", 2)]),
        Vec::<String>::new()
    );
    type Keys = &'static [(&'static str, i64)];
    let rows: [(Keys, Keys, &str); 5] = [
        (&[("a", 1), ("b", 2)], &[("a", 1)], "lost"),
        (&[], &[("a", 1), ("a", 2)], "doubled"),
        (&[], &[("a", 1), ("b", 3)], "where 2 should be"),
        (&[("a", 1)], &[("b", 1), ("a", 2)], "acknowledged as"),
        (&[], &[("c", 1)], "nobody sent"),
    ];
    for (acks, history, expected) in rows {
        let complaints = journal(acks, history);
        assert!(
            complaints.iter().any(|c| c.contains(expected)),
            "{expected}: {complaints:?}"
        );
    }
    assert!(
        !journal(&[("a", 1), ("a", 2)], &[]).is_empty(),
        "a second ack that differs"
    );
}
