//! Teams and who is in them.

use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::{AgentId, TeamId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::word;
use crate::tx::{TenantTable, Tx, all_set};

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "teams")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        pub strategy: String,
        pub created_at: i64,
        pub version: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod member {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "team_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub team_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub agent_id: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

impl TenantTable for member::Entity {
    const TENANT: member::Column = member::Column::TenantId;
}

/// Which side of the memberships is being set, and to what.
pub(crate) enum Side<'a> {
    Agent(AgentId, &'a [TeamId]),
    Team(TeamId, &'a [AgentId]),
}

fn entity(row: row::Model, agent_ids: Vec<AgentId>) -> Result<Team, StoreError> {
    Ok(Team {
        id: TeamId(row.id),
        name: row.name,
        strategy: word(Strategy::parse, &row.strategy)?,
        agent_ids,
        created_at: Timestamp(row.created_at),
        version: row.version,
    })
}

impl Tx {
    fn team_row(&self, team: &Team) -> row::Model {
        row::Model {
            tenant_id: self.tenant().0,
            id: team.id.0,
            name: team.name.clone(),
            strategy: team.strategy.as_str().to_owned(),
            created_at: team.created_at.0,
            version: team.version,
        }
    }

    async fn with_members(&self, rows: Vec<row::Model>) -> Result<Vec<Team>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let select = self
            .find::<member::Entity>()
            .filter(member::Column::TeamId.is_in(ids));
        let members = select
            .order_by_asc(member::Column::AgentId)
            .all(self.link())
            .await?;
        rows.into_iter()
            .map(|row| {
                let of_team = members.iter().filter(|member| member.team_id == row.id);
                let agents = of_team.map(|member| AgentId(member.agent_id)).collect();
                entity(row, agents)
            })
            .collect()
    }

    pub async fn team(&self, id: TeamId) -> Result<Option<Team>, StoreError> {
        let row = self
            .find::<row::Entity>()
            .filter(row::Column::Id.eq(id.0))
            .one(self.link());
        match row.await? {
            Some(row) => Ok(self.with_members(vec![row]).await?.pop()),
            None => Ok(None),
        }
    }

    /// All of the tenant's, in the order of their ids.
    pub async fn teams(&self) -> Result<Vec<Team>, StoreError> {
        let rows = self
            .find::<row::Entity>()
            .order_by_asc(row::Column::Id)
            .all(self.link());
        self.with_members(rows.await?).await
    }

    /// With the members the team names.
    pub async fn insert_team(&self, team: &Team) -> Result<(), StoreError> {
        let row = self.team_row(team).into_active_model();
        row::Entity::insert(row)
            .exec_without_returning(self.link())
            .await?;
        self.set_memberships(Side::Team(team.id, &team.agent_ids))
            .await
    }

    /// With the members the team names.
    pub async fn save_team(&self, team: &Team) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .set(all_set(self.team_row(team)));
        update
            .filter(row::Column::Id.eq(team.id.0))
            .exec(self.link())
            .await?;
        self.set_memberships(Side::Team(team.id, &team.agent_ids))
            .await
    }

    /// Whether an inbox or a conversation, open or not, still points to it.
    pub async fn team_in_use(&self, id: TeamId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS used WHERE \
            EXISTS (SELECT 1 FROM inboxes WHERE tenant_id = $1 AND default_team_id = $2) OR \
            EXISTS (SELECT 1 FROM conversations WHERE tenant_id = $1 AND team_id = $2)";
        let values = vec![self.tenant().0.into(), id.0.into()];
        Ok(self.link().row(sql, values).await?.is_some())
    }

    /// Only one that nothing points to.
    pub async fn delete_team(&self, id: TeamId) -> Result<(), StoreError> {
        self.set_memberships(Side::Team(id, &[])).await?;
        let delete = self
            .delete::<row::Entity>()
            .filter(row::Column::Id.eq(id.0));
        delete.exec(self.link()).await?;
        Ok(())
    }

    /// Who is in which team, of these agents.
    pub(crate) async fn memberships_of(
        &self,
        agents: Vec<Uuid>,
    ) -> Result<Vec<(TeamId, AgentId)>, StoreError> {
        let select = self
            .find::<member::Entity>()
            .filter(member::Column::AgentId.is_in(agents));
        let rows = select
            .order_by_asc(member::Column::TeamId)
            .all(self.link())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (TeamId(row.team_id), AgentId(row.agent_id)))
            .collect())
    }

    pub(crate) async fn set_memberships(&self, side: Side<'_>) -> Result<(), StoreError> {
        let (gone, pairs): (_, Vec<(Uuid, Uuid)>) = match side {
            Side::Agent(agent, teams) => (
                member::Column::AgentId.eq(agent.0),
                teams.iter().map(|team| (team.0, agent.0)).collect(),
            ),
            Side::Team(team, agents) => (
                member::Column::TeamId.eq(team.0),
                agents.iter().map(|agent| (team.0, agent.0)).collect(),
            ),
        };
        self.delete::<member::Entity>()
            .filter(gone)
            .exec(self.link())
            .await?;
        if pairs.is_empty() {
            return Ok(());
        }
        let rows = pairs.into_iter().map(|(team_id, agent_id)| {
            member::Model {
                tenant_id: self.tenant().0,
                team_id,
                agent_id,
            }
            .into_active_model()
        });
        member::Entity::insert_many(rows)
            .exec_without_returning(self.link())
            .await?;
        Ok(())
    }
}
