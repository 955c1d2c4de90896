//! Recordings of plugins' calls: until when, and what there is, sealed before it
//! comes here. Bounded for each installation, the oldest go first.

use deskbell_domain::plugin::Hook;
use deskbell_domain::{InstallationId, Timestamp};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{count, get, word};
use crate::system::SystemTx;
use crate::tx::Tx;

/// One call, without what was recorded of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordingFacts {
    /// It orders them, and never comes back.
    pub n: i64,
    pub call_id: Uuid,
    pub at: Timestamp,
    pub hook: Hook,
    pub plugin_version: String,
    pub outcome: String,
    /// Before it was sealed, in bytes.
    pub size: i64,
}

const FACTS: &str = "n, call_id, at, hook, plugin_version, outcome, size";

fn facts(row: &QueryResult) -> Result<RecordingFacts, StoreError> {
    let hook: String = get(row, "hook")?;
    Ok(RecordingFacts {
        n: get(row, "n")?,
        call_id: get(row, "call_id")?,
        at: Timestamp(get(row, "at")?),
        hook: word(Hook::parse, &hook)?,
        plugin_version: get(row, "plugin_version")?,
        outcome: get(row, "outcome")?,
        size: get(row, "size")?,
    })
}

impl Tx {
    /// The installations whose calls are recorded, or were.
    pub async fn recorded_installations(
        &self,
    ) -> Result<Vec<(InstallationId, Timestamp)>, StoreError> {
        let sql = "SELECT installation_id, until FROM plugin_recording WHERE tenant_id = $1";
        let rows = self.link().rows(sql, vec![self.tenant().0.into()]).await?;
        let one = |row: &QueryResult| {
            let id = InstallationId(get(row, "installation_id")?);
            Ok((id, Timestamp(get(row, "until")?)))
        };
        rows.iter().map(one).collect()
    }

    /// From now on its calls are recorded until then; none is not at all. The
    /// installation is held.
    pub async fn record_installation(
        &self,
        id: InstallationId,
        until: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let ids: Vec<Value> = vec![self.tenant().0.into(), id.0.into()];
        let sql = "DELETE FROM plugin_recording WHERE tenant_id = $1 AND installation_id = $2";
        self.link().run(sql, ids.clone()).await?;
        if let Some(until) = until {
            let sql = "INSERT INTO plugin_recording (tenant_id, installation_id, until) \
                       VALUES ($1, $2, $3)";
            let values = [ids, vec![until.0.into()]].concat();
            self.link().run(sql, values).await?;
        }
        Ok(())
    }

    /// Adds a recording and keeps the newest `most`. The installation is held.
    pub async fn add_plugin_recording(
        &self,
        id: InstallationId,
        facts: &RecordingFacts,
        sealed: Vec<u8>,
        most: u64,
    ) -> Result<(), StoreError> {
        let ids: Vec<Value> = vec![self.tenant().0.into(), id.0.into()];
        let sql = "SELECT COALESCE(MAX(n), 0) AS n FROM plugin_recordings \
                   WHERE tenant_id = $1 AND installation_id = $2";
        let row = self.link().row(sql, ids.clone()).await?;
        let last: i64 = row.as_ref().map_or(Ok(0), |row| get(row, "n"))?;
        let n = facts.n.max(last.saturating_add(1));
        let sql = format!(
            "INSERT INTO plugin_recordings (tenant_id, installation_id, {FACTS}, sealed) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        let rest: Vec<Value> = vec![
            n.into(),
            facts.call_id.into(),
            facts.at.0.into(),
            facts.hook.as_str().into(),
            facts.plugin_version.clone().into(),
            facts.outcome.clone().into(),
            facts.size.into(),
            sealed.into(),
        ];
        self.link().run(&sql, [ids.clone(), rest].concat()).await?;
        let sql = "DELETE FROM plugin_recordings WHERE tenant_id = $1 AND installation_id = $2 \
                   AND n <= (SELECT n FROM plugin_recordings WHERE tenant_id = $1 \
                   AND installation_id = $2 ORDER BY n DESC LIMIT 1 OFFSET $3)";
        let values = [ids, vec![count(most).into()]].concat();
        self.link().run(sql, values).await?;
        Ok(())
    }

    /// What was recorded, the latest first.
    pub async fn plugin_recordings(
        &self,
        id: InstallationId,
    ) -> Result<Vec<RecordingFacts>, StoreError> {
        let sql = format!(
            "SELECT {FACTS} FROM plugin_recordings WHERE tenant_id = $1 \
             AND installation_id = $2 ORDER BY n DESC"
        );
        let values = vec![self.tenant().0.into(), id.0.into()];
        let rows = self.link().rows(&sql, values).await?;
        rows.iter().map(facts).collect()
    }

    pub async fn plugin_recording(
        &self,
        id: InstallationId,
        n: i64,
    ) -> Result<Option<(RecordingFacts, Vec<u8>)>, StoreError> {
        let sql = format!(
            "SELECT {FACTS}, sealed FROM plugin_recordings WHERE tenant_id = $1 \
             AND installation_id = $2 AND n = $3"
        );
        let values = vec![self.tenant().0.into(), id.0.into(), n.into()];
        match self.link().row(&sql, values).await? {
            Some(row) => Ok(Some((facts(&row)?, get(&row, "sealed")?))),
            None => Ok(None),
        }
    }

    /// With the time until which more would be recorded.
    pub(crate) async fn delete_plugin_recording(
        &self,
        id: InstallationId,
    ) -> Result<(), StoreError> {
        self.record_installation(id, None).await?;
        self.delete_plugin_recordings(id).await
    }

    pub async fn delete_plugin_recordings(&self, id: InstallationId) -> Result<(), StoreError> {
        let sql = "DELETE FROM plugin_recordings WHERE tenant_id = $1 AND installation_id = $2";
        let values = vec![self.tenant().0.into(), id.0.into()];
        self.link().run(sql, values).await?;
        Ok(())
    }
}

impl SystemTx {
    /// Forgets recordings from before `before`, at most `limit` at once.
    pub async fn forget_plugin_recordings(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM plugin_recordings WHERE (tenant_id, installation_id, n) IN \
                   (SELECT tenant_id, installation_id, n FROM plugin_recordings \
                   WHERE at < $1 LIMIT $2)";
        let values = vec![before.0.into(), count(limit).into()];
        self.link().run(sql, values).await
    }
}
