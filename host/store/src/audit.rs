//! The audit log: entries are added with the change they are about, and read. There
//! is no way to change or delete one.

use deskbell_domain::actor::{ActorKind, ActorRef};
use deskbell_domain::audit::{AuditEntry, Target};
use deskbell_domain::{AuditEntryId, Timestamp};
use sea_orm::{QueryResult, Value};

use crate::error::StoreError;
use crate::rows::{Column, Row, Shape, count, get, json, pack, to_json, word};
use crate::tx::Tx;

const ENTRIES: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("at", Column::Int),
    ("actor_kind", Column::Text),
    ("actor_id", Column::Text),
    ("actor_name", Column::Text),
    ("action", Column::Text),
    ("target_kind", Column::Text),
    ("target_id", Column::Text),
    ("details", Column::Text),
    ("address", Column::Text),
]);

/// Which entries; none asks nothing of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor_id: Option<String>,
    pub action: Option<String>,
    pub target_id: Option<String>,
    /// Older than this one.
    pub before: Option<i64>,
}

fn entry(row: &QueryResult) -> Result<(i64, AuditEntry), StoreError> {
    let (kind, details): (String, String) = (get(row, "actor_kind")?, get(row, "details")?);
    let entry = AuditEntry {
        id: AuditEntryId(get(row, "id")?),
        at: Timestamp(get(row, "at")?),
        actor: ActorRef {
            kind: word(ActorKind::parse, &kind)?,
            id: get(row, "actor_id")?,
            name: get(row, "actor_name")?,
        },
        action: get(row, "action")?,
        target: Target {
            kind: get(row, "target_kind")?,
            id: get(row, "target_id")?,
        },
        details: json(&details)?,
        address: get(row, "address")?,
    };
    Ok((get(row, "n")?, entry))
}

impl Tx {
    /// With their numbers, the latest first.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        limit: u64,
    ) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
        let mut sql = "SELECT * FROM audit WHERE tenant_id = $1 AND n < $2".to_owned();
        let mut values: Vec<Value> = vec![
            self.tenant().0.into(),
            filter.before.unwrap_or(i64::MAX).into(),
        ];
        let asked = [
            ("actor_id", &filter.actor_id),
            ("action", &filter.action),
            ("target_id", &filter.target_id),
        ];
        for (column, wanted) in asked {
            if let Some(wanted) = wanted {
                values.push(wanted.as_str().into());
                sql += &format!(" AND {column} = ${}", values.len());
            }
        }
        values.push(count(limit).into());
        sql += &format!(" ORDER BY n DESC LIMIT ${}", values.len());
        let rows = self.link().rows(&sql, values).await?;
        rows.iter().map(entry).collect()
    }

    /// What was noted in this transaction becomes part of it.
    pub(crate) async fn write_audit(&self) -> Result<(), StoreError> {
        let noted = self.take_noted();
        if noted.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(noted.len());
        for entry in &noted {
            let details = to_json(&entry.details)?;
            let row = Row::new()
                .uuid("tenant_id", self.tenant().0)
                .uuid("id", entry.id.0)
                .time("at", entry.at)
                .text("actor_kind", entry.actor.kind.as_str())
                .text("actor_id", entry.actor.id.as_deref())
                .text("actor_name", entry.actor.name.as_deref())
                .text("action", entry.action.as_str())
                .text("target_kind", entry.target.kind.as_str())
                .text("target_id", entry.target.id.as_deref())
                .text("details", details.as_str())
                .text("address", entry.address.as_deref());
            rows.push(row.finish());
        }
        let (names, source) = (ENTRIES.names(), ENTRIES.source(self.link().engine, 1));
        let sql = format!("INSERT INTO audit ({names}) SELECT {names} FROM {source}");
        self.link().run(&sql, vec![pack(&rows)]).await?;
        Ok(())
    }
}
