//! The audit log: entries are added with the change they are about, and read. There
//! is no way to change or delete one.

use std::fmt::Write as _;

use deskbell_domain::actor::{ActorKind, ActorRef};
use deskbell_domain::audit::{AuditEntry, Target};
use deskbell_domain::{AuditEntryId, Timestamp};
use sea_orm::{QueryResult, Value};

use crate::error::StoreError;
use crate::rows::{Column, Row, Shape, count, get, join, json, pack, to_json, word};
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

const IDS: Shape = Shape(&[("id", Column::Text)]);

/// Which entries; none asks nothing of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor_id: Option<String>,
    pub actor_kind: Option<ActorKind>,
    /// One of these; an empty list is every one.
    pub actions: Vec<Actions>,
    pub target_id: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    /// Older than this one.
    pub before: Option<i64>,
}

/// One action by its name, or all of one noun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actions {
    Named(String),
    Of(String),
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
            name: None,
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
        let (condition, mut values) = self.asked(filter);
        values.push(count(limit).into());
        let sql = format!(
            "SELECT * FROM audit WHERE {condition} ORDER BY n DESC LIMIT ${}",
            values.len()
        );
        let rows = self.link().rows(&sql, values).await?;
        rows.iter().map(entry).collect()
    }

    /// The number of the entry that `skipped` others come before, if there are so many.
    pub async fn audit_after(
        &self,
        filter: &AuditFilter,
        skipped: u64,
    ) -> Result<Option<i64>, StoreError> {
        let (condition, mut values) = self.asked(filter);
        values.push(count(skipped).into());
        let sql = format!(
            "SELECT n FROM audit WHERE {condition} ORDER BY n DESC LIMIT 1 OFFSET ${}",
            values.len()
        );
        let rows = self.link().rows(&sql, values).await?;
        rows.first().map(|row| get(row, "n")).transpose()
    }

    /// The entries that say what these targets were called, the oldest first.
    pub async fn audit_names(&self, targets: &[String]) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = targets.iter().map(|id| Row::new().text("id", id.as_str()));
        let rows: Vec<String> = rows.map(Row::finish).collect();
        let engine = self.link().engine;
        let sql = format!(
            "SELECT audit.* FROM {} {} audit ON audit.target_id = r.id AND audit.tenant_id = $2
             WHERE audit.action IN ('agent.created', 'team.created', 'team.updated',
                 'inbox.created', 'inbox.updated', 'canned_response.created',
                 'canned_response.updated', 'plugin.created', 'plugin.installed')
             ORDER BY audit.n",
            IDS.source(engine, 1),
            join(engine)
        );
        let values = vec![pack(&rows), self.tenant().0.into()];
        let found = self.link().rows(&sql, values).await?;
        let all = found.iter().map(entry);
        all.map(|it| it.map(|(_, entry)| entry)).collect()
    }

    /// A filter as a condition, and what it is filled with.
    fn asked(&self, filter: &AuditFilter) -> (String, Vec<Value>) {
        let mut values: Vec<Value> = vec![self.tenant().0.into()];
        let mut sql = "tenant_id = $1".to_owned();
        // Writing to a string cannot fail.
        let mut and = |condition: &str, value: Value| {
            values.push(value);
            let _ = write!(sql, " AND {condition} ${}", values.len());
        };
        and("n <", filter.before.unwrap_or(i64::MAX).into());
        if let Some(id) = &filter.actor_id {
            and("actor_id =", id.as_str().into());
        }
        if let Some(kind) = filter.actor_kind {
            and("actor_kind =", kind.as_str().into());
        }
        if let Some(id) = &filter.target_id {
            and("target_id =", id.as_str().into());
        }
        if let Some(from) = filter.from {
            and("at >=", from.0.into());
        }
        if let Some(to) = filter.to {
            and("at <", to.0.into());
        }
        let mut ways = Vec::new();
        for actions in &filter.actions {
            let (way, value) = match actions {
                Actions::Named(action) => ("= $", action.clone()),
                // `_` is any letter to LIKE.
                Actions::Of(noun) => ("LIKE $", format!("{}.%", noun.replace('_', "!_"))),
            };
            values.push(value.into());
            let way = format!("action {way}{}", values.len());
            ways.push(match actions {
                Actions::Named(_) => way,
                Actions::Of(_) => format!("{way} ESCAPE '!'"),
            });
        }
        if !ways.is_empty() {
            sql += &format!(" AND ({})", ways.join(" OR "));
        }
        (sql, values)
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
