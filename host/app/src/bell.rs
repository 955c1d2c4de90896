//! The bell: "something was committed, look", and signals nobody stores.
//!
//! A lost ring costs latency, never truth: what it points at is in the feed. With
//! several nodes the server wraps a `LocalBell` in one that also publishes.

use std::sync::Arc;

use deskbell_domain::{ActorRef, Audience, ConversationId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{broadcast, watch};

/// Signals a listener may fall behind by before it loses the oldest.
const SIGNAL_BUFFER: usize = 4_096;

pub trait Bell: Send + Sync {
    /// After a commit, on every node.
    fn ring(&self);
    /// To every node, this one included.
    fn signal(&self, signal: Signal);
    fn listen(&self) -> Listening;
}

pub struct Listening {
    pub rung: watch::Receiver<u64>,
    pub signals: broadcast::Receiver<Arc<Signal>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SignalName {
    #[serde(rename = "typing")]
    Typing,
    #[serde(rename = "presence")]
    Presence,
    #[serde(rename = "queue.position")]
    QueuePosition,
}

impl SignalName {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Typing => "typing",
            Self::Presence => "presence",
            Self::QueuePosition => "queue.position",
        }
    }
}

/// Something true only now: carried by the bell, gone on restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    pub tenant: TenantId,
    pub name: SignalName,
    pub actor: ActorRef,
    pub conversation_id: Option<ConversationId>,
    pub audience: Audience,
    pub occurred_at: Timestamp,
    pub data: Value,
}

/// The bell of one process.
pub struct LocalBell {
    rung: watch::Sender<u64>,
    signals: broadcast::Sender<Arc<Signal>>,
}

impl Default for LocalBell {
    fn default() -> Self {
        Self {
            rung: watch::channel(0).0,
            signals: broadcast::channel(SIGNAL_BUFFER).0,
        }
    }
}

impl Bell for LocalBell {
    fn ring(&self) {
        self.rung
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    fn signal(&self, signal: Signal) {
        // Nobody listening is no failure.
        let _ = self.signals.send(Arc::new(signal));
    }

    fn listen(&self) -> Listening {
        Listening {
            rung: self.rung.subscribe(),
            signals: self.signals.subscribe(),
        }
    }
}
