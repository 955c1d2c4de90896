//! Agents: rows, their teams, and the seats that only a held row may change.
//!
//! The password hash is read and written by methods of its own, so that it never
//! travels with an agent.

mod write;

pub(crate) use write::{load, writing_seats};

use deskbell_domain::{Agent, AgentId, Availability, Presence, Role, TeamId, Timestamp};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::word;
use crate::team;
use crate::tx::{TenantTable, Tx, all_set, insert_unless};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "agents")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub email: String,
        pub name: String,
        pub role: String,
        pub password_hash: String,
        pub capacity: i64,
        pub load: i64,
        pub choice: String,
        pub availability: String,
        pub connected: bool,
        pub disconnected_at: Option<i64>,
        pub last_active_at: i64,
        pub last_assigned_at: Option<i64>,
        pub deactivated_at: Option<i64>,
        pub created_at: i64,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

pub(crate) fn entity(row: row::Model, team_ids: Vec<TeamId>) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: AgentId(row.id),
        email: row.email,
        name: row.name,
        role: word(Role::parse, &row.role)?,
        team_ids,
        capacity: row.capacity,
        load: row.load,
        presence: Presence {
            connected: row.connected,
            disconnected_at: row.disconnected_at.map(Timestamp),
            choice: word(Availability::parse, &row.choice)?,
            last_active_at: Timestamp(row.last_active_at),
        },
        availability: word(Availability::parse, &row.availability)?,
        last_assigned_at: row.last_assigned_at.map(Timestamp),
        deactivated_at: row.deactivated_at.map(Timestamp),
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}

impl Tx {
    fn agent_row(&self, agent: &Agent) -> row::Model {
        row::Model {
            tenant_id: self.tenant().0,
            id: agent.id.0,
            email: agent.email.clone(),
            name: agent.name.clone(),
            role: agent.role.as_str().to_owned(),
            password_hash: String::new(),
            capacity: agent.capacity,
            load: agent.load,
            choice: agent.presence.choice.as_str().to_owned(),
            availability: agent.availability.as_str().to_owned(),
            connected: agent.presence.connected,
            disconnected_at: agent.presence.disconnected_at.map(|at| at.0),
            last_active_at: agent.presence.last_active_at.0,
            last_assigned_at: agent.last_assigned_at.map(|at| at.0),
            deactivated_at: agent.deactivated_at.map(|at| at.0),
            created_at: agent.created_at.0,
            version: agent.version,
        }
    }

    async fn with_teams(&self, rows: Vec<row::Model>) -> Result<Vec<Agent>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let members = if ids.is_empty() {
            Vec::new()
        } else {
            self.memberships_of(ids).await?
        };
        rows.into_iter()
            .map(|row| {
                let teams = members
                    .iter()
                    .filter(|(_, agent)| agent.0 == row.id)
                    .map(|(team, _)| *team);
                let teams = teams.collect();
                entity(row, teams)
            })
            .collect()
    }

    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let row = self
            .find::<row::Entity>()
            .filter(row::Column::Id.eq(id.0))
            .one(self.link());
        Ok(self
            .with_teams(row.await?.into_iter().collect())
            .await?
            .pop())
    }

    /// The agent, held until this transaction ends: presence and seats change
    /// only so. A unit that also holds a conversation takes that one first.
    pub async fn hold_agent(&self, id: AgentId) -> Result<Option<Agent>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::Id.eq(id.0))
            .lock_exclusive();
        let row = select.one(self.link()).await?;
        Ok(self.with_teams(row.into_iter().collect()).await?.pop())
    }

    /// All of the tenant's, in the order of their ids, deactivated ones too.
    pub async fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let rows = self
            .find::<row::Entity>()
            .order_by_asc(row::Column::Id)
            .all(self.link());
        self.with_teams(rows.await?).await
    }

    /// Who logs in with this address (kept in lower case), and their hash.
    pub async fn agent_login(&self, email: &str) -> Result<Option<(AgentId, String)>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::Email.eq(email));
        let row = select.one(self.link()).await?;
        Ok(row.map(|row| (AgentId(row.id), row.password_hash)))
    }

    /// With the teams the agent names. False, and nothing written: the address
    /// is taken.
    pub async fn insert_agent(
        &self,
        agent: &Agent,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let mut row = self.agent_row(agent);
        password_hash.clone_into(&mut row.password_hash);
        if !insert_unless(self, row, [row::Column::TenantId, row::Column::Email]).await? {
            return Ok(false);
        }
        self.set_memberships(team::Side::Agent(agent.id, &agent.team_ids))
            .await?;
        Ok(true)
    }

    /// Writes an agent whose row is held, and their teams. Not the password.
    pub async fn save_agent(&self, agent: &Agent) -> Result<(), StoreError> {
        let mut row = all_set(self.agent_row(agent));
        row.password_hash = sea_orm::ActiveValue::NotSet;
        let update = self.update::<row::Entity>().set(row);
        update
            .filter(row::Column::Id.eq(agent.id.0))
            .exec(self.link())
            .await?;
        self.set_memberships(team::Side::Agent(agent.id, &agent.team_ids))
            .await
    }

    pub async fn set_password(&self, id: AgentId, hash: &str) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::PasswordHash, Expr::val(hash));
        update
            .filter(row::Column::Id.eq(id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }
}
