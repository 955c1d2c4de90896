//! Log-in sessions of both sides, and the refresh tokens of agents' ones.
//!
//! A refresh token works once. Its row stays after use, so that a second use is
//! recognised for what it is.

use deskbell_domain::session::Session;
use deskbell_domain::{AgentId, SessionId, TenantId, Timestamp, TokenId, VisitorId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

use crate::error::StoreError;
use crate::rows::get;
use crate::system::SystemTx;
use crate::tx::{TenantTable, Tx};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub id: TokenId,
    pub session_id: SessionId,
    pub hash: Vec<u8>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[allow(unreachable_pub, reason = "the derives want their items public")]
pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sessions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub agent_id: Option<Uuid>,
        pub visitor_id: Option<Uuid>,
        pub user_agent: Option<String>,
        pub address: Option<String>,
        pub created_at: i64,
        pub last_used_at: i64,
        pub expires_at: i64,
        pub revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TenantTable for row::Entity {
    const TENANT: row::Column = row::Column::TenantId;
}

fn entity(row: row::Model) -> Session {
    Session {
        id: SessionId(row.id),
        agent_id: row.agent_id.map(AgentId),
        visitor_id: row.visitor_id.map(VisitorId),
        user_agent: row.user_agent,
        address: row.address,
        created_at: Timestamp(row.created_at),
        last_used_at: Timestamp(row.last_used_at),
        expires_at: Timestamp(row.expires_at),
        revoked_at: row.revoked_at.map(Timestamp),
    }
}

impl Tx {
    pub async fn session(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let select = self.find::<row::Entity>().filter(row::Column::Id.eq(id.0));
        Ok(select.one(self.link()).await?.map(entity))
    }

    /// The newest first, ended ones too.
    pub async fn agent_sessions(&self, agent: AgentId) -> Result<Vec<Session>, StoreError> {
        let select = self
            .find::<row::Entity>()
            .filter(row::Column::AgentId.eq(agent.0))
            .order_by_desc(row::Column::CreatedAt)
            .order_by_desc(row::Column::Id);
        Ok(select
            .all(self.link())
            .await?
            .into_iter()
            .map(entity)
            .collect())
    }

    pub async fn insert_session(&self, session: &Session) -> Result<(), StoreError> {
        let row = row::Model {
            tenant_id: self.tenant().0,
            id: session.id.0,
            agent_id: session.agent_id.map(|id| id.0),
            visitor_id: session.visitor_id.map(|id| id.0),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
            created_at: session.created_at.0,
            last_used_at: session.last_used_at.0,
            expires_at: session.expires_at.0,
            revoked_at: session.revoked_at.map(|at| at.0),
        };
        row::Entity::insert(row.into_active_model())
            .exec_without_returning(self.link())
            .await?;
        Ok(())
    }

    pub async fn touch_session(
        &self,
        id: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::LastUsedAt, Expr::val(now.0))
            .col_expr(row::Column::ExpiresAt, Expr::val(expires_at.0));
        update
            .filter(row::Column::Id.eq(id.0))
            .exec(self.link())
            .await?;
        Ok(())
    }

    /// False if it was not live.
    pub async fn revoke_session(&self, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        let update = self
            .update::<row::Entity>()
            .col_expr(row::Column::RevokedAt, Expr::val(now.0))
            .filter(row::Column::Id.eq(id.0))
            .filter(row::Column::RevokedAt.is_null())
            .filter(row::Column::ExpiresAt.gt(now.0));
        Ok(update.exec(self.link()).await?.rows_affected == 1)
    }

    pub async fn insert_refresh_token(&self, token: &RefreshToken) -> Result<(), StoreError> {
        let sql = "INSERT INTO refresh_tokens (tenant_id, id, session_id, hash, issued_at, \
                   expires_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            self.tenant().0.into(),
            token.id.0.into(),
            token.session_id.0.into(),
            token.hash.clone().into(),
            token.issued_at.0.into(),
            token.expires_at.0.into(),
            token.used_at.map(|at| at.0).into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }

    /// True for the one use it has.
    pub async fn use_refresh_token(&self, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE refresh_tokens SET used_at = $3 \
                   WHERE tenant_id = $1 AND id = $2 AND used_at IS NULL";
        let values = vec![self.tenant().0.into(), id.0.into(), now.0.into()];
        Ok(self.link().run(sql, values).await? == 1)
    }
}

impl SystemTx {
    /// By what the client shows; the token alone tells whose tenant it is.
    pub async fn refresh_token(
        &self,
        hash: &[u8],
    ) -> Result<Option<(TenantId, RefreshToken)>, StoreError> {
        let sql = "SELECT * FROM refresh_tokens WHERE hash = $1";
        let Some(row) = self.link().row(sql, vec![hash.to_vec().into()]).await? else {
            return Ok(None);
        };
        let token = RefreshToken {
            id: TokenId(get(&row, "id")?),
            session_id: SessionId(get(&row, "session_id")?),
            hash: get(&row, "hash")?,
            issued_at: Timestamp(get(&row, "issued_at")?),
            expires_at: Timestamp(get(&row, "expires_at")?),
            used_at: get::<Option<i64>>(&row, "used_at")?.map(Timestamp),
        };
        Ok(Some((TenantId(get(&row, "tenant_id")?), token)))
    }
}
