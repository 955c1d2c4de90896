//! What admins read of a plugin's calls: its log, with a live tail, the calls that
//! are remembered, and figures.

use std::collections::BTreeMap;
use std::time::Duration;

use deskbell_domain::invocation::{Invocation, LogLevel, PluginLogLine};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{Actor, InstallationId, Permission};
use tokio::time::{Instant, timeout_at};

use crate::app::{App, found, require};
use crate::error::Error;
use crate::plugins::records::Figures;

/// A tail waits so long for a line.
const TAIL_WAIT: Duration = Duration::from_secs(20);
/// Other nodes write without telling this one.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Which lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRange {
    /// After this one; none is the newest.
    pub after: Option<i64>,
    /// And graver.
    pub level: LogLevel,
    /// Wait for a line if there is none.
    pub tail: bool,
    pub limit: u64,
}

impl App {
    /// The oldest first.
    pub async fn plugin_log(
        &self,
        actor: &Actor,
        id: InstallationId,
        range: LogRange,
    ) -> Result<Vec<PluginLogLine>, Error> {
        require(actor, Permission::Administer)?;
        let until = Instant::now() + TAIL_WAIT;
        let mut logged = self.plugins.logged.subscribe();
        loop {
            logged.mark_unchanged();
            let tx = self.store.snapshot(actor.tenant).await?;
            found(tx.installation(id).await?, "installation")?;
            let lines = tx.plugin_log(id, range.after, range.level, range.limit);
            let lines = lines.await?;
            drop(tx);
            if !range.tail || !lines.is_empty() || Instant::now() >= until {
                return Ok(lines);
            }
            let look_again = until.min(Instant::now() + LOOK_EVERY);
            // Either way there may be news; the loop looks.
            let _ = timeout_at(look_again, logged.changed()).await;
        }
    }

    /// The latest first.
    pub async fn plugin_invocations(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<Vec<Invocation>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        Ok(tx.plugin_invocations(id).await?)
    }

    /// Of this node's calls.
    pub async fn plugin_figures(
        &self,
        actor: &Actor,
        id: InstallationId,
    ) -> Result<BTreeMap<Hook, Figures>, Error> {
        require(actor, Permission::Administer)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        found(tx.installation(id).await?, "installation")?;
        Ok(self.plugins.records.figures(id))
    }
}
