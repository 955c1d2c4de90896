//! The audit log, read by admins. Entries are written with the changes they are
//! about (`admin.rs`); there is no use case that changes or deletes one.

use deskbell_domain::audit::AuditEntry;
use deskbell_domain::{Actor, Permission, Refusal};
use deskbell_store::AuditFilter;

use crate::app::{App, require};
use crate::error::Error;

/// What is asked of the log. None asks nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub actor_id: Option<String>,
    pub action: Option<String>,
    pub target_id: Option<String>,
    pub cursor: Option<String>,
    pub limit: u64,
}

impl App {
    /// The latest first, and the cursor of what is older.
    pub async fn audit(
        &self,
        actor: &Actor,
        query: AuditQuery,
    ) -> Result<(Vec<AuditEntry>, Option<String>), Error> {
        require(actor, Permission::Administer)?;
        let before = query.cursor.map(|cursor| cursor.parse::<i64>());
        let before = before.transpose().map_err(|_| {
            let detail = "This is no `next_cursor` of the audit log. Begin without one.";
            Refusal::field("/cursor", "bad_cursor", detail)
        })?;
        let filter = AuditFilter {
            actor_id: query.actor_id,
            action: query.action,
            target_id: query.target_id,
            before,
        };
        let tx = self.store.snapshot(actor.tenant).await?;
        // One more tells whether there is more.
        let mut found = tx.audit(&filter, query.limit.saturating_add(1)).await?;
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().map(|(n, _)| n.to_string());
        let entries = found.into_iter().map(|(_, entry)| entry).collect();
        Ok((entries, last.filter(|_| more)))
    }
}
