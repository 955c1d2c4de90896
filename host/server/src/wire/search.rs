//! Search on the wire. What was found is marked in segments, never in HTML.

use deskbell_domain::{ConversationId, MessageId, Timestamp};
use deskbell_search as search;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::id;
use super::mirror::mirror;
use super::word::{ActorKind, Status};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words, "phrases", `from:name`, `from:visitor`, `status:active`.
    #[param(
        min_length = 1,
        max_length = 200,
        example = "refund from:ana status:resolved"
    )]
    pub q: String,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// The messages that were found, best first.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchResults {
    pub items: Vec<SearchHit>,
    /// How many there are in all, at this moment.
    pub total: usize,
    pub next_cursor: Option<String>,
}

impl From<search::SearchResults> for SearchResults {
    fn from(value: search::SearchResults) -> Self {
        let search::SearchResults {
            hits,
            total,
            next_cursor,
        } = value;
        Self {
            items: hits.into_iter().map(Into::into).collect(),
            total,
            next_cursor,
        }
    }
}

mirror! {
    /// A message that was found.
    SearchHit of search::Hit {
        #[schema(value_type = id::ConversationId)]
        conversation_id: ConversationId,
        #[schema(value_type = id::MessageId)]
        message_id: MessageId,
        seq: i64,
        /// The part of the message around what was found.
        highlight: Vec<Segment> = highlight.into_iter().map(Into::into).collect(),
        sender_kind: ActorKind = sender_kind.into(),
        sender_name: Option<String>,
        /// A note.
        private: bool,
        /// The conversation's.
        status: Status = status.into(),
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        /// 0 to 1: how exactly the words were found.
        score: f32,
    }
}

mirror! {
    /// A piece of a highlighted text.
    Segment of search::Segment {
        text: String,
        /// This piece is what was looked for.
        hit: bool,
    }
}
