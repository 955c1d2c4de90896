//! What plugins wrote into their logs, and a sample of their calls. Both are
//! bounded for each installation: what is over the bound goes with the next
//! writing, the oldest first, and successes before failures.

use deskbell_domain::invocation::{Invocation, LogLevel, PluginLogLine};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{ConversationId, InstallationId, Timestamp};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::rows::{Column, Row, Shape, count, get, pack, word};
use crate::system::SystemTx;
use crate::tx::Tx;

/// Numbers begin at the time, so that they grow even when nothing is left.
const NUMBERS_A_MILLISECOND: i64 = 1_024;

const LINES: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("installation_id", Column::Uuid),
    ("n", Column::Int),
    ("at", Column::Int),
    ("level", Column::Text),
    ("text", Column::Text),
    ("hook", Column::Text),
    ("call_id", Column::Uuid),
]);

const CALLS: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("installation_id", Column::Uuid),
    ("n", Column::Int),
    ("at", Column::Int),
    ("call_id", Column::Uuid),
    ("hook", Column::Text),
    ("plugin_version", Column::Text),
    ("outcome", Column::Text),
    ("detail", Column::Text),
    ("wall_us", Column::Int),
    ("cpu_us", Column::Int),
    ("peak_memory", Column::Int),
    ("host_calls", Column::Int),
    ("log_lines", Column::Int),
    ("conversation_id", Column::Uuid),
]);

fn line(row: &QueryResult) -> Result<PluginLogLine, StoreError> {
    let (level, hook): (String, String) = (get(row, "level")?, get(row, "hook")?);
    Ok(PluginLogLine {
        installation_id: InstallationId(get(row, "installation_id")?),
        n: get(row, "n")?,
        at: Timestamp(get(row, "at")?),
        level: word(LogLevel::parse, &level)?,
        text: get(row, "text")?,
        hook: word(Hook::parse, &hook)?,
        call_id: get(row, "call_id")?,
    })
}

fn invocation(row: &QueryResult) -> Result<Invocation, StoreError> {
    let hook: String = get(row, "hook")?;
    let conversation: Option<Uuid> = get(row, "conversation_id")?;
    Ok(Invocation {
        installation_id: InstallationId(get(row, "installation_id")?),
        n: get(row, "n")?,
        at: Timestamp(get(row, "at")?),
        call_id: get(row, "call_id")?,
        hook: word(Hook::parse, &hook)?,
        plugin_version: get(row, "plugin_version")?,
        outcome: get(row, "outcome")?,
        detail: get(row, "detail")?,
        wall_us: get(row, "wall_us")?,
        cpu_us: get(row, "cpu_us")?,
        peak_memory: get(row, "peak_memory")?,
        host_calls: get(row, "host_calls")?,
        log_lines: get(row, "log_lines")?,
        conversation_id: conversation.map(ConversationId),
    })
}

impl Tx {
    /// Adds lines to the log, in their order, and keeps its newest `most`. The
    /// installation is held.
    pub async fn add_plugin_log_lines(
        &self,
        id: InstallationId,
        lines: &[PluginLogLine],
        most: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let first = self.next_number("plugin_log_lines", id, now).await?;
        let row = |(n, line): (i64, &PluginLogLine)| {
            Row::new()
                .uuid("tenant_id", self.tenant().0)
                .uuid("installation_id", id.0)
                .int("n", n)
                .time("at", line.at)
                .text("level", line.level.as_str())
                .text("text", line.text.as_str())
                .text("hook", line.hook.as_str())
                .uuid("call_id", line.call_id)
                .finish()
        };
        let rows: Vec<String> = (first..).zip(lines).map(row).collect();
        self.insert_records("plugin_log_lines", &LINES, &rows)
            .await?;
        let sql = "DELETE FROM plugin_log_lines WHERE tenant_id = $1 AND installation_id = $2 \
                   AND n <= (SELECT n FROM plugin_log_lines WHERE tenant_id = $1 \
                   AND installation_id = $2 ORDER BY n DESC LIMIT 1 OFFSET $3)";
        self.link().run(sql, self.bounded(id, most)).await?;
        Ok(())
    }

    /// Adds calls, in their order, and keeps the newest `most`, failures before
    /// successes. The installation is held.
    pub async fn add_plugin_invocations(
        &self,
        id: InstallationId,
        calls: &[Invocation],
        most: u64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if calls.is_empty() {
            return Ok(());
        }
        let first = self.next_number("plugin_invocations", id, now).await?;
        let row = |(n, call): (i64, &Invocation)| {
            Row::new()
                .uuid("tenant_id", self.tenant().0)
                .uuid("installation_id", id.0)
                .int("n", n)
                .time("at", call.at)
                .uuid("call_id", call.call_id)
                .text("hook", call.hook.as_str())
                .text("plugin_version", call.plugin_version.as_str())
                .text("outcome", call.outcome.as_str())
                .text("detail", call.detail.as_deref())
                .int("wall_us", call.wall_us)
                .int("cpu_us", call.cpu_us)
                .int("peak_memory", call.peak_memory)
                .int("host_calls", call.host_calls)
                .int("log_lines", call.log_lines)
                .uuid("conversation_id", call.conversation_id.map(|id| id.0))
                .finish()
        };
        let rows: Vec<String> = (first..).zip(calls).map(row).collect();
        self.insert_records("plugin_invocations", &CALLS, &rows)
            .await?;
        let sql = "DELETE FROM plugin_invocations WHERE tenant_id = $1 AND installation_id = $2 \
                   AND n NOT IN (SELECT n FROM plugin_invocations WHERE tenant_id = $1 \
                   AND installation_id = $2 \
                   ORDER BY CASE outcome WHEN 'ok' THEN 1 ELSE 0 END, n DESC LIMIT $3)";
        self.link().run(sql, self.bounded(id, most)).await?;
        Ok(())
    }

    /// Lines of this level or graver: those after `after`, or the newest, at most
    /// `limit`; the oldest of them first.
    pub async fn plugin_log(
        &self,
        id: InstallationId,
        after: Option<i64>,
        level: LogLevel,
        limit: u64,
    ) -> Result<Vec<PluginLogLine>, StoreError> {
        let order = if after.is_some() { "ASC" } else { "DESC" };
        let levels: Vec<String> = LogLevel::ALL
            .into_iter()
            .filter(|one| *one >= level)
            .map(|one| format!("'{}'", one.as_str()))
            .collect();
        let sql = format!(
            "SELECT * FROM plugin_log_lines WHERE tenant_id = $1 AND installation_id = $2 \
             AND n > $3 AND level IN ({}) ORDER BY n {order} LIMIT $4",
            levels.join(", ")
        );
        let mut values = self.of_installation(id);
        values.extend([after.unwrap_or(-1).into(), count(limit).into()]);
        let rows = self.link().rows(&sql, values).await?;
        let mut lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
        lines.sort_by_key(|line| line.n);
        Ok(lines)
    }

    /// The calls that are remembered, the latest first.
    pub async fn plugin_invocations(
        &self,
        id: InstallationId,
    ) -> Result<Vec<Invocation>, StoreError> {
        let sql = "SELECT * FROM plugin_invocations WHERE tenant_id = $1 \
                   AND installation_id = $2 ORDER BY n DESC";
        let rows = self.link().rows(sql, self.of_installation(id)).await?;
        rows.iter().map(invocation).collect()
    }

    pub(crate) async fn delete_plugin_records(&self, id: InstallationId) -> Result<(), StoreError> {
        for table in ["plugin_log_lines", "plugin_invocations"] {
            let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND installation_id = $2");
            self.link().run(&sql, self.of_installation(id)).await?;
        }
        Ok(())
    }

    fn of_installation(&self, id: InstallationId) -> Vec<Value> {
        vec![self.tenant().0.into(), id.0.into()]
    }

    fn bounded(&self, id: InstallationId, most: u64) -> Vec<Value> {
        let mut values = self.of_installation(id);
        values.push(count(most).into());
        values
    }

    async fn insert_records(
        &self,
        table: &str,
        shape: &Shape,
        rows: &[String],
    ) -> Result<(), StoreError> {
        let (names, source) = (shape.names(), shape.source(self.link().engine, 1));
        let sql = format!("INSERT INTO {table} ({names}) SELECT {names} FROM {source}");
        self.link().run(&sql, vec![pack(rows)]).await?;
        Ok(())
    }

    /// Above every number there was.
    async fn next_number(
        &self,
        table: &str,
        id: InstallationId,
        now: Timestamp,
    ) -> Result<i64, StoreError> {
        let sql = format!(
            "SELECT COALESCE(MAX(n), 0) AS n FROM {table} \
             WHERE tenant_id = $1 AND installation_id = $2"
        );
        let row = self.link().row(&sql, self.of_installation(id)).await?;
        let last: i64 = row.as_ref().map_or(Ok(0), |row| get(row, "n"))?;
        let begin = now.0.saturating_mul(NUMBERS_A_MILLISECOND);
        Ok(begin.max(last.saturating_add(1)))
    }
}

impl SystemTx {
    /// Forgets lines and calls from before `before`, at most `limit` of each at once.
    pub async fn forget_plugin_records(
        &self,
        before: Timestamp,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let mut most = 0;
        for table in ["plugin_log_lines", "plugin_invocations"] {
            let sql = format!(
                "DELETE FROM {table} WHERE (tenant_id, installation_id, n) IN \
                 (SELECT tenant_id, installation_id, n FROM {table} WHERE at < $1 LIMIT $2)"
            );
            let values = vec![before.0.into(), count(limit).into()];
            most = self.link().run(&sql, values).await?.max(most);
        }
        Ok(most)
    }
}
