//! Lists of conversations: filtered, in the queue's order, or just their ids.

use deskbell_domain::{
    AgentId, ContactId, Conversation, ConversationId, InboxId, Priority, Status, TeamId, Timestamp,
};
use sea_orm::sea_query::{CaseStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, Order, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::conversation::row::{self, Column};
use crate::error::StoreError;
use crate::rows::get;
use crate::tx::Tx;

/// What a list is to contain; an absent part does not restrict.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// An agent with their teams, who sees what those have, what they have
    /// themselves, and what has no team.
    pub viewer: Option<(AgentId, Vec<TeamId>)>,
    pub status: Option<Status>,
    pub team_id: Option<TeamId>,
    pub assignee_id: Option<AgentId>,
    pub contact_id: Option<ContactId>,
    pub inbox_id: Option<InboxId>,
}

fn of_teams(teams: &[TeamId]) -> Condition {
    let teams: Vec<Uuid> = teams.iter().map(|team| team.0).collect();
    Condition::any()
        .add(Column::TeamId.is_null())
        .add(Column::TeamId.is_in(teams))
}

impl ConversationFilter {
    fn condition(&self) -> Condition {
        let mut all = Condition::all();
        if let Some((agent, teams)) = &self.viewer {
            all = all.add(of_teams(teams).add(Column::AssigneeId.eq(agent.0)));
        }
        if let Some(status) = self.status {
            all = all.add(Column::Status.eq(status.as_str()));
        }
        if let Some(team) = self.team_id {
            all = all.add(Column::TeamId.eq(team.0));
        }
        if let Some(agent) = self.assignee_id {
            all = all.add(Column::AssigneeId.eq(agent.0));
        }
        if let Some(contact) = self.contact_id {
            all = all.add(Column::ContactId.eq(contact.0));
        }
        if let Some(inbox) = self.inbox_id {
            all = all.add(Column::InboxId.eq(inbox.0));
        }
        all
    }
}

/// Priorities as numbers, as their words do not sort.
fn urgency() -> SimpleExpr {
    let mut case = CaseStatement::new();
    for (n, priority) in (1..).zip(Priority::ALL) {
        case = case.case(Column::Priority.eq(priority.as_str()), n);
    }
    case.finally(0).into()
}

fn newest_first(select: Select<row::Entity>) -> Select<row::Entity> {
    select
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
}

impl Tx {
    /// The newest first; with `before`, those after that one in the list.
    pub async fn conversations(
        &self,
        filter: &ConversationFilter,
        before: Option<(Timestamp, ConversationId)>,
        limit: u64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut select = self.find::<row::Entity>().filter(filter.condition());
        if let Some((at, id)) = before {
            let same = Condition::all()
                .add(Column::CreatedAt.eq(at.0))
                .add(Column::Id.lt(id.0));
            select = select.filter(Condition::any().add(Column::CreatedAt.lt(at.0)).add(same));
        }
        self.conversations_of(newest_first(select).limit(limit))
            .await
    }

    /// The queue in its order: the most urgent, then who waited longest. With
    /// teams given, only theirs and what has none.
    pub async fn queued(
        &self,
        viewer: Option<Vec<TeamId>>,
        limit: u64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut select = self
            .find::<row::Entity>()
            .filter(Column::Status.eq(Status::Queued.as_str()));
        if let Some(teams) = viewer {
            select = select.filter(of_teams(&teams));
        }
        let select = select
            .order_by(urgency(), Order::Desc)
            .order_by_asc(Column::QueuedAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        self.conversations_of(select).await
    }

    /// 1 is next in its team's queue; None: it is not queued.
    pub async fn queue_place(&self, id: ConversationId) -> Result<Option<i64>, StoreError> {
        let Some(own) = self.conversation(id).await? else {
            return Ok(None);
        };
        if own.status != Status::Queued {
            return Ok(None);
        }
        let queued_at = own.queued_at.unwrap_or(own.created_at).0;
        let earlier = Condition::any().add(Column::QueuedAt.lt(queued_at)).add(
            Condition::all()
                .add(Column::QueuedAt.eq(queued_at))
                .add(Column::Id.lt(id.0)),
        );
        let above: Vec<&str> = Priority::ALL
            .iter()
            .filter(|p| **p > own.priority)
            .map(|p| p.as_str())
            .collect();
        let beside = Condition::all()
            .add(Column::Priority.eq(own.priority.as_str()))
            .add(earlier);
        let team = match own.team_id {
            Some(team) => Column::TeamId.eq(team.0),
            None => Column::TeamId.is_null(),
        };
        let statement = self
            .find::<row::Entity>()
            .select_only()
            .column_as(Column::Id.count(), "ahead")
            .filter(Column::Status.eq(Status::Queued.as_str()))
            .filter(team)
            .filter(
                Condition::any()
                    .add(Column::Priority.is_in(above))
                    .add(beside),
            )
            .build(self.link().get_database_backend());
        let row = self
            .link()
            .query_all_raw(statement)
            .await?
            .into_iter()
            .next();
        row.map(|row| Ok(get::<i64>(&row, "ahead")? + 1))
            .transpose()
    }

    /// The contact's one open conversation in an inbox.
    pub async fn open_conversation(
        &self,
        inbox: InboxId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(Column::InboxId.eq(inbox.0))
            .filter(Column::ContactId.eq(contact.0))
            .filter(Column::OpenSlot.eq(1_i16));
        Ok(self.ids(select).await?.pop())
    }

    /// The contact's newest conversation in an inbox: what a new one follows.
    pub async fn latest_conversation(
        &self,
        inbox: InboxId,
        contact: ContactId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(Column::InboxId.eq(inbox.0))
            .filter(Column::ContactId.eq(contact.0));
        Ok(self.ids(newest_first(select).limit(1)).await?.pop())
    }

    /// The newest first, in all inboxes.
    pub async fn contact_conversations(
        &self,
        contact: ContactId,
        limit: u64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(Column::ContactId.eq(contact.0));
        self.conversations_of(newest_first(select).limit(limit))
            .await
    }

    /// The conversations that hold one of the agent's seats.
    pub async fn active_of(&self, agent: AgentId) -> Result<Vec<ConversationId>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(Column::AssigneeId.eq(agent.0))
            .filter(Column::Status.eq(Status::Active.as_str()))
            .order_by_asc(Column::Id);
        self.ids(select).await
    }

    /// Every seat that is taken.
    pub async fn active_seats(&self) -> Result<Vec<(AgentId, ConversationId)>, StoreError> {
        let statement = self
            .find::<row::Entity>()
            .select_only()
            .columns([Column::AssigneeId, Column::Id])
            .filter(Column::Status.eq(Status::Active.as_str()))
            .filter(Column::AssigneeId.is_not_null())
            .build(self.link().get_database_backend());
        let seat = |row: &QueryResult| {
            Ok((
                AgentId(get(row, "assignee_id")?),
                ConversationId(get(row, "id")?),
            ))
        };
        self.link()
            .query_all_raw(statement)
            .await?
            .iter()
            .map(seat)
            .collect()
    }

    /// Every conversation in the order of their ids: for rebuilding an index.
    pub async fn conversations_after(
        &self,
        after: Option<ConversationId>,
        limit: u64,
    ) -> Result<Vec<Conversation>, StoreError> {
        let mut select = self
            .find::<row::Entity>()
            .order_by_asc(Column::Id)
            .limit(limit);
        if let Some(after) = after {
            select = select.filter(Column::Id.gt(after.0));
        }
        self.conversations_of(select).await
    }

    async fn ids(&self, select: Select<row::Entity>) -> Result<Vec<ConversationId>, StoreError> {
        let statement = select
            .select_only()
            .column(Column::Id)
            .build(self.link().get_database_backend());
        let rows = self.link().query_all_raw(statement).await?;
        rows.iter()
            .map(|row| Ok(ConversationId(get(row, "id")?)))
            .collect()
    }
}
