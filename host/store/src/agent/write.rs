//! Agents of many units at once: loaded and held, and their seats written.

use deskbell_domain::{Agent, AgentId, TeamId, TenantId};
use sea_orm::{FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::agent::{entity, row};
use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, get, join, pack};
use crate::together::Piece;

const KEYS: Shape = Shape(&[("tenant_id", Column::Uuid), ("id", Column::Uuid)]);

/// Loads agents with their teams, in one statement, and holds their rows, in the
/// order of their ids.
pub(crate) async fn load(
    link: &Link,
    keys: impl IntoIterator<Item = (TenantId, AgentId)>,
) -> Result<Vec<(TenantId, Agent)>, StoreError> {
    let keys: Vec<String> = keys
        .into_iter()
        .map(|(tenant, id)| {
            Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("id", id.0)
                .finish()
        })
        .collect();
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (source, join) = (KEYS.source(link.engine, 1), join(link.engine));
    let (teams, hold) = match link.engine {
        Engine::Sqlite => ("group_concat(hex(m.team_id))", ""),
        Engine::Postgres => ("string_agg(m.team_id::text, ',')", " FOR UPDATE OF a"),
    };
    let sql = format!(
        "SELECT a.*, (SELECT {teams} FROM team_members m \
         WHERE m.tenant_id = a.tenant_id AND m.agent_id = a.id) AS teams \
         FROM {source} {join} agents a ON a.tenant_id = r.tenant_id AND a.id = r.id \
         ORDER BY a.tenant_id, a.id{hold}"
    );
    link.rows(&sql, vec![pack(&keys)])
        .await?
        .iter()
        .map(of)
        .collect()
}

fn of(result: &QueryResult) -> Result<(TenantId, Agent), StoreError> {
    let row = row::Model::from_query_result(result, "")?;
    let tenant = TenantId(row.tenant_id);
    let teams: Option<String> = get(result, "teams")?;
    let mut teams = teams
        .iter()
        .flat_map(|list| list.split(','))
        .map(|text| Uuid::try_parse(text).map(TeamId))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| StoreError::Corrupt(e.to_string()))?;
    teams.sort_unstable();
    Ok((tenant, entity(row, teams)?))
}

const SEATS: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("load", Column::Int),
    ("availability", Column::Text),
    ("last_assigned_at", Column::Int),
    ("version", Column::Int),
]);

/// What a conversation may change of agents: seats, availability, and when they
/// last got a chat. The rows exist and are held, so the insert's half of the
/// statement, with its fillers, never happens.
pub(crate) fn writing_seats(engine: Engine, agents: &[(TenantId, &Agent)]) -> Option<Piece> {
    if agents.is_empty() {
        return None;
    }
    let source = SEATS.source(engine, 1);
    let sql = format!(
        "INSERT INTO agents (tenant_id, id, load, availability, last_assigned_at, version, \
         email, name, role, password_hash, capacity, choice, connected, last_active_at, created_at) \
         SELECT tenant_id, id, load, availability, last_assigned_at, version, \
         '', '', '', '', 0, '', false, 0, 0 FROM {source} WHERE true \
         ON CONFLICT (tenant_id, id) DO UPDATE SET load = excluded.load, \
         availability = excluded.availability, last_assigned_at = excluded.last_assigned_at, \
         version = excluded.version"
    );
    let rows: Vec<String> = agents
        .iter()
        .map(|(tenant, agent)| {
            Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("id", agent.id.0)
                .int("load", agent.load)
                .text("availability", agent.availability.as_str())
                .time("last_assigned_at", agent.last_assigned_at)
                .int("version", agent.version)
                .finish()
        })
        .collect();
    Some(Piece::new(sql, &rows))
}
