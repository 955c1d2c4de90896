//! A search request and its answer, as data: highlights are segments, never HTML.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{ConversationId, MessageId, Refusal, Status, TenantId, Timestamp};
use serde::Serialize;

use crate::wall::Viewer;

#[derive(Debug, Clone)]
pub struct SearchRequest {
    pub tenant: TenantId,
    pub viewer: Viewer,
    pub q: String,
    /// 1 to 200.
    pub limit: usize,
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchResults {
    #[serde(rename = "items")]
    pub hits: Vec<Hit>,
    /// How many there are in all, at this moment.
    pub total: usize,
    pub next_cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub seq: i64,
    /// The part of the message around what was found.
    pub highlight: Vec<Segment>,
    pub sender_kind: ActorKind,
    pub sender_name: Option<String>,
    /// A note.
    pub private: bool,
    /// The conversation's.
    pub status: Status,
    pub created_at: Timestamp,
    /// 0 to 1: how exactly the words were found.
    pub score: f32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    pub text: String,
    pub hit: bool,
}

/// The page a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    pub offset: usize,
    pub limit: usize,
}

impl Page {
    const LIMIT_MAX: usize = 200;
    /// Deeper pages cost memory for every hit above them, and nobody reads there.
    const DEPTH_MAX: usize = 10_000;

    pub(crate) fn of(request: &SearchRequest) -> Result<Self, Refusal> {
        if !(1..=Self::LIMIT_MAX).contains(&request.limit) {
            let detail = format!("From 1 to {}.", Self::LIMIT_MAX);
            return Err(Refusal::field("/limit", "out_of_range", detail));
        }
        let offset = match &request.cursor {
            None => 0,
            Some(cursor) => Self::offset(cursor)
                .ok_or_else(|| Refusal::field("/cursor", "bad_cursor", "Not a cursor of ours."))?,
        };
        Ok(Self {
            offset,
            limit: request.limit,
        })
    }

    fn offset(cursor: &str) -> Option<usize> {
        let digits = cursor.strip_prefix("s1-")?;
        let plain = digits.len() <= 5 && digits.bytes().all(|b| b.is_ascii_digit());
        let offset = digits.parse().ok().filter(|_| plain)?;
        (offset < Self::DEPTH_MAX).then_some(offset)
    }

    pub(crate) fn next(self, total: usize) -> Option<String> {
        let next = self.offset + self.limit;
        (next < total.min(Self::DEPTH_MAX)).then(|| format!("s1-{next}"))
    }
}
