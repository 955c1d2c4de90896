//! The audit log: entries are added with the change they are about, and read. There
//! is no way to change one but to count in it that the same was tried again, and none
//! to delete one before its time.

use std::fmt::Write as _;

use deskbell_domain::actor::{ActorKind, ActorRef};
use deskbell_domain::audit::{AuditEntry, Target};
use deskbell_domain::{AuditEntryId, Timestamp};
use sea_orm::{QueryResult, Value};
use serde_json::Map;

use crate::error::StoreError;
use crate::rows::{Column, Row, Shape, count, get, join, json, pack, to_json, word};
use crate::system::SystemTx;
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

/// So many entries are looked at for one that an attempt is counted in.
const LATEST: u32 = 50;

/// Something that was tried and failed, and may be tried without end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub action: &'static str,
    pub target_id: Option<String>,
    pub address: String,
    pub since: Timestamp,
}

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

    /// Adds an attempt to the entry of the same kind that is there since `since`: of the
    /// same target, from the same address. False if there is none.
    pub async fn count_attempt(&self, of: &Attempt) -> Result<bool, StoreError> {
        // Of the latest only, so that an attempt costs the same however many there were.
        let sql = format!(
            "SELECT n, details FROM (SELECT n, at, action, address, details FROM audit \
             WHERE tenant_id = $1 AND {} ORDER BY n DESC LIMIT {LATEST}) latest \
             WHERE action = $3 AND address = $4 AND at >= $5 ORDER BY n DESC LIMIT 1",
            match &of.target_id {
                Some(_) => "target_id = $2",
                // Named all the same: each value must be used.
                None => "target_id IS NULL AND $2 = ''",
            }
        );
        let values: Vec<Value> = vec![
            self.tenant().0.into(),
            of.target_id.clone().unwrap_or_default().into(),
            of.action.into(),
            of.address.clone().into(),
            of.since.0.into(),
        ];
        let Some(row) = self.link().row(&sql, values).await? else {
            return Ok(false);
        };
        let (n, before): (i64, String) = (get(&row, "n")?, get(&row, "details")?);
        let mut details: Map<String, serde_json::Value> = json(&before)?;
        let attempts = details.get("attempts").and_then(serde_json::Value::as_i64);
        details.insert("attempts".to_owned(), (attempts.unwrap_or(1) + 1).into());
        let details = to_json(&details)?;
        // If somebody else counted meanwhile, this one gets an entry of its own.
        let sql = "UPDATE audit SET details = $1 WHERE tenant_id = $2 AND n = $3 AND details = $4";
        let values = vec![
            details.as_str().into(),
            self.tenant().0.into(),
            n.into(),
            before.into(),
        ];
        Ok(self.link().run(sql, values).await? == 1)
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

impl SystemTx {
    /// Forgets entries from before `before`, the oldest first. At most `limit` are looked
    /// at: their numbers come with the time.
    pub async fn forget_audit(&self, before: Timestamp, limit: u64) -> Result<u64, StoreError> {
        let sql = "DELETE FROM audit WHERE n IN (SELECT n FROM \
                   (SELECT n, at FROM audit ORDER BY n LIMIT $2) oldest WHERE at < $1)";
        let values = vec![before.0.into(), count(limit).into()];
        self.link().run(sql, values).await
    }
}
