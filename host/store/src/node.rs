//! The nodes of the cluster, and which sockets are open where.
//!
//! A node that stopped without saying so leaves its rows behind; whoever notices
//! sweeps them up (`remove_node`) and works out who is no longer connected.

use deskbell_domain::time::Millis;
use deskbell_domain::{
    AgentId, ConnectionId, ContactId, NodeId, SessionId, TenantId, Timestamp, VisitorId,
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::lease::now;
use crate::rows::get;
use crate::system::SystemTx;
use crate::tx::Tx;

/// An open socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    pub id: ConnectionId,
    pub node: NodeId,
    pub session_id: SessionId,
    pub agent_id: Option<AgentId>,
    pub visitor_id: Option<VisitorId>,
    pub connected_at: Timestamp,
}

/// Whose socket went away with its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoneConnection {
    pub agent_id: Option<AgentId>,
    pub visitor_id: Option<VisitorId>,
}

fn gone(row: &QueryResult) -> Result<(TenantId, GoneConnection), StoreError> {
    let connection = GoneConnection {
        agent_id: get::<Option<Uuid>>(row, "agent_id")?.map(AgentId),
        visitor_id: get::<Option<Uuid>>(row, "visitor_id")?.map(VisitorId),
    };
    Ok((TenantId(get(row, "tenant_id")?), connection))
}

/// Nodes, by the database's time, as their own clocks differ.
impl SystemTx {
    /// "I am here": at the start, and then every few seconds.
    pub async fn beat_node(&self, node: NodeId) -> Result<(), StoreError> {
        let now = now(self.link().engine);
        let sql = format!(
            "INSERT INTO nodes (id, started_at, seen_at) VALUES ($1, {now}, {now}) \
             ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at"
        );
        self.link().run(&sql, vec![node.0.into()]).await?;
        Ok(())
    }

    /// Nodes that have been silent for longer than this.
    pub async fn dead_nodes(&self, silent_ms: Millis) -> Result<Vec<NodeId>, StoreError> {
        let now = now(self.link().engine);
        let sql = format!("SELECT id FROM nodes WHERE seen_at < {now} - $1 ORDER BY id");
        let rows = self.link().rows(&sql, vec![silent_ms.into()]).await?;
        rows.iter().map(|row| Ok(NodeId(get(row, "id")?))).collect()
    }

    /// Takes a node's row away with the sockets it had, and answers whose those
    /// were.
    pub async fn remove_node(
        &self,
        node: NodeId,
    ) -> Result<Vec<(TenantId, GoneConnection)>, StoreError> {
        self.remove_nodes("=", node).await
    }

    /// All but this one: for an installation that has only one at a time.
    pub async fn remove_other_nodes(
        &self,
        node: NodeId,
    ) -> Result<Vec<(TenantId, GoneConnection)>, StoreError> {
        self.remove_nodes("<>", node).await
    }

    async fn remove_nodes(
        &self,
        which: &str,
        node: NodeId,
    ) -> Result<Vec<(TenantId, GoneConnection)>, StoreError> {
        let sql = format!(
            "DELETE FROM connections WHERE node_id {which} $1 \
             RETURNING tenant_id, agent_id, visitor_id"
        );
        let rows = self.link().rows(&sql, vec![node.0.into()]).await?;
        let sql = format!("DELETE FROM nodes WHERE id {which} $1");
        self.link().run(&sql, vec![node.0.into()]).await?;
        rows.iter().map(gone).collect()
    }
}

impl Tx {
    pub async fn insert_connection(&self, connection: &Connection) -> Result<(), StoreError> {
        let sql = "INSERT INTO connections (tenant_id, id, node_id, session_id, agent_id, \
                   visitor_id, connected_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values = vec![
            self.tenant().0.into(),
            connection.id.0.into(),
            connection.node.0.into(),
            connection.session_id.0.into(),
            connection.agent_id.map(|id| id.0).into(),
            connection.visitor_id.map(|id| id.0).into(),
            connection.connected_at.0.into(),
        ];
        self.link().run(sql, values).await?;
        Ok(())
    }

    /// False if it was gone already.
    pub async fn delete_connection(&self, id: ConnectionId) -> Result<bool, StoreError> {
        let sql = "DELETE FROM connections WHERE tenant_id = $1 AND id = $2";
        Ok(self
            .link()
            .run(sql, vec![self.tenant().0.into(), id.0.into()])
            .await?
            == 1)
    }

    /// Whether the agent has a socket on any node.
    pub async fn agent_connected(&self, agent: AgentId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS one FROM connections \
                   WHERE tenant_id = $1 AND agent_id = $2 LIMIT 1";
        let values = vec![self.tenant().0.into(), agent.0.into()];
        Ok(self.link().row(sql, values).await?.is_some())
    }

    /// Whether any of the contact's visitors has a socket on any node.
    pub async fn contact_connected(&self, contact: ContactId) -> Result<bool, StoreError> {
        let sql = "SELECT 1 AS one FROM connections c JOIN visitors v \
                   ON v.tenant_id = c.tenant_id AND v.id = c.visitor_id \
                   WHERE v.tenant_id = $1 AND v.contact_id = $2 LIMIT 1";
        let values = vec![self.tenant().0.into(), contact.0.into()];
        Ok(self.link().row(sql, values).await?.is_some())
    }
}
