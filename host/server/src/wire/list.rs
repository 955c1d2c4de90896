//! Lists: `{items, next_cursor}`, and what a query string may ask of them.
//!
//! Lists that the app pages answer its cursors. The desk's furniture (agents,
//! teams, …) is read whole and cut here, with the last item's id as the cursor.

use deskbell_app::query::{ConversationFilter, MessageRange, Page};
use deskbell_domain::{AgentId, ContactId, InboxId, Refusal, TeamId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::id;
use super::word::Status;

pub const DEFAULT_LIMIT: u32 = 50;
pub const MAX_LIMIT: u32 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    pub items: Vec<T>,
    /// For `?cursor=`; null at the end.
    pub next_cursor: Option<String>,
}

/// Done, and there is nothing to say about it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationsQuery {
    pub status: Option<Status>,
    #[param(value_type = Option<id::TeamId>)]
    pub team_id: Option<TeamId>,
    #[param(value_type = Option<id::AgentId>)]
    pub assignee_id: Option<AgentId>,
    #[param(value_type = Option<id::ContactId>)]
    pub contact_id: Option<ContactId>,
    #[param(value_type = Option<id::InboxId>)]
    pub inbox_id: Option<InboxId>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// At most one of the three; none means the newest.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MessagesQuery {
    /// Older than this.
    pub before_seq: Option<i64>,
    /// Newer than this.
    pub after_seq: Option<i64>,
    /// On both sides of this.
    pub around_seq: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
}

impl MessagesQuery {
    pub fn into_range(self) -> Result<MessageRange, Refusal> {
        let Self {
            before_seq,
            after_seq,
            around_seq,
            limit: wanted,
        } = self;
        if [before_seq, after_seq, around_seq].iter().flatten().count() > 1 {
            let detail = "Only one of before_seq, after_seq and around_seq.";
            return Err(Refusal::field("/before_seq", "only_one", detail));
        }
        Ok(MessageRange {
            before_seq,
            after_seq,
            around_seq,
            limit: u64::from(limit(wanted)?),
        })
    }
}

impl ConversationsQuery {
    pub fn into_parts(self) -> Result<(ConversationFilter, Page), Refusal> {
        let Self {
            status,
            team_id,
            assignee_id,
            contact_id,
            inbox_id,
            limit: wanted,
            cursor,
        } = self;
        let filter = ConversationFilter {
            status: status.map(Into::into),
            team_id,
            assignee_id,
            contact_id,
            inbox_id,
        };
        let limit = u64::from(limit(wanted)?);
        Ok((filter, Page { limit, cursor }))
    }
}

/// The wanted number of items; more than allowed is refused, not cut silently.
pub fn limit(wanted: Option<u32>) -> Result<u32, Refusal> {
    limit_of(wanted, DEFAULT_LIMIT, MAX_LIMIT)
}

/// As `limit`, of what is longer or shorter than a page.
pub fn limit_of(wanted: Option<u32>, default: u32, most: u32) -> Result<u32, Refusal> {
    let limit = wanted.unwrap_or(default);
    if (1..=most).contains(&limit) {
        Ok(limit)
    } else {
        let detail = format!("Between 1 and {most}.");
        Err(Refusal::field("/limit", "out_of_range", detail))
    }
}

/// A page of a list that was read whole.
pub fn page<T>(
    items: Vec<T>,
    query: &PageQuery,
    id: impl Fn(&T) -> String,
) -> Result<Listed<T>, Refusal> {
    let limit = limit(query.limit)? as usize;
    let start = match &query.cursor {
        None => 0,
        Some(cursor) => items
            .iter()
            .position(|item| id(item) == *cursor)
            .map(|at| at + 1)
            .ok_or_else(bad_cursor)?,
    };
    let left = items.len() - start;
    let items: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next_cursor = items.last().filter(|_| left > limit).map(id);
    Ok(Listed { items, next_cursor })
}

impl<T> Listed<T> {
    /// A list that is paged by something else, or not at all.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
        }
    }
}

fn bad_cursor() -> Refusal {
    Refusal::field(
        "/cursor",
        "bad_cursor",
        "This cursor leads nowhere (any more). Begin without one.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(limit: Option<u32>, cursor: Option<&str>) -> PageQuery {
        PageQuery {
            limit,
            cursor: cursor.map(str::to_owned),
        }
    }

    #[test]
    fn pages_join_up_without_gap_or_repeat() {
        let all = || vec!["a", "b", "c", "d", "e"];
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let asked = query(Some(2), cursor.as_deref());
            let listed = page(all(), &asked, |item| (*item).to_owned()).unwrap();
            seen.extend(listed.items);
            cursor = listed.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, all());
        let exact = page(all(), &query(Some(5), None), |item| (*item).to_owned()).unwrap();
        assert_eq!(exact.next_cursor, None);
    }

    #[test]
    fn bad_limits_and_cursors_are_named() {
        for asked in [
            query(Some(0), None),
            query(Some(201), None),
            query(None, Some("z")),
        ] {
            let refused = page(vec!["a"], &asked, |item| (*item).to_owned());
            assert!(matches!(refused, Err(Refusal::Invalid(_))), "{asked:?}");
        }
    }
}
