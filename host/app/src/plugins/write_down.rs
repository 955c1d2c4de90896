//! What this node noted of plugins goes into the database: failures, counted; the
//! lines of their logs; and a sample of their calls.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::PluginFailure;
use deskbell_domain::time::{MINUTE, Millis};
use deskbell_domain::{Actor, EventBody, InstallationId, TenantId};

use crate::admin::tell;
use crate::app::App;
use crate::error::Error;
use crate::plugins::records::Noted;

/// The desk hears of one kind of failure at most this often.
const TELL_EVERY: Millis = MINUTE;
/// Of one installation.
const LINES_KEPT: u64 = 2_000;
const CALLS_KEPT: u64 = 500;

impl App {
    /// What this node noted of failures goes into the database, and the desk hears
    /// of those that are new.
    pub(super) async fn write_failures_down(&self) -> Result<bool, Error> {
        let noted = self.plugins.failures.take();
        let any = !noted.is_empty();
        for (tenant, failures) in noted {
            // A tenant's failures are not worth more than the others'.
            if let Err(error) = self.write_down(tenant, failures).await {
                tracing::warn!(%error, "failures of plugins were not written down");
            }
        }
        Ok(any)
    }

    async fn write_down(
        &self,
        tenant: TenantId,
        failures: Vec<PluginFailure>,
    ) -> Result<(), Error> {
        let near = self.surroundings(&self.tenant(tenant).await?);
        let by = Actor::system(tenant);
        let told = self.store.write(tenant, move |tx| {
            let (near, by, failures) = (near.clone(), by.clone(), failures.clone());
            Box::pin(async move {
                let mut told = false;
                for failure in failures {
                    // It may be gone by now, and what was noted of it with it.
                    let there = tx.hold_installation(failure.installation_id).await?;
                    if there.is_none() {
                        continue;
                    }
                    let (failure, last) = tx.add_plugin_failure(&failure).await?;
                    if last.is_some_and(|at| near.now.since(at) < TELL_EVERY) {
                        continue;
                    }
                    tx.told_of_failure(&failure, near.now).await?;
                    let body = EventBody::PluginTrapped { failure };
                    tell(tx, &near, &by, body, Changes::default())?;
                    told = true;
                }
                Ok::<_, Error>(told)
            })
        });
        if told.await? {
            self.ring();
        }
        Ok(())
    }

    /// The logs and calls that were noted since. One tenant's are not worth more
    /// than the others'; what could not be written is gone.
    pub(super) async fn write_records_down(&self) -> Result<bool, Error> {
        let noted = self.plugins.records.take(self.now());
        let any = !noted.is_empty();
        for (tenant, noted) in noted {
            if let Err(error) = self.write_records(tenant, noted).await {
                tracing::warn!(%error, "what plugins logged was not written down");
            }
        }
        if any {
            self.plugins.logged();
        }
        Ok(any)
    }

    async fn write_records(
        &self,
        tenant: TenantId,
        noted: Vec<(InstallationId, Noted)>,
    ) -> Result<(), Error> {
        let now = self.now();
        let written = self.store.write(tenant, move |tx| {
            let noted = noted.clone();
            Box::pin(async move {
                for (id, Noted { lines, calls }) in noted {
                    if tx.hold_installation(id).await?.is_none() {
                        continue;
                    }
                    tx.add_plugin_log_lines(id, &lines, LINES_KEPT, now).await?;
                    tx.add_plugin_invocations(id, &calls, CALLS_KEPT, now)
                        .await?;
                }
                Ok::<_, Error>(())
            })
        });
        written.await
    }
}
