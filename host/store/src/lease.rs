//! Who may do a thing that only one node may do, for a while.
//!
//! A lease has an epoch that grows with every new holder. Whoever writes under a
//! lease names the epoch, and the write is refused if it is no longer the
//! current one: a holder that slept through its end does no harm. Only the
//! database's time counts here, as nodes' clocks differ.

use deskbell_domain::time::Millis;
use uuid::Uuid;

use crate::error::StoreError;
use crate::link::Link;
use crate::open::{Engine, Store};
use crate::rows::{Column, Row, Shape, get, pack};
use crate::system::SystemTx;
use crate::tx::Tx;

/// A lease somebody writes under: `epoch` proves whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Lease {
    pub(crate) name: String,
    pub(crate) epoch: i64,
}

/// The database's time in milliseconds.
pub(crate) fn now(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)",
        Engine::Postgres => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    }
}

impl SystemTx {
    /// Takes a lease that is free or has run out, or holds on to one's own.
    /// Answers its epoch: the same for as long as nobody else had it in between.
    /// None: somebody else has it.
    pub async fn acquire_lease(
        &self,
        name: &str,
        holder: Uuid,
        hold_ms: Millis,
    ) -> Result<Option<i64>, StoreError> {
        let now = now(self.link().engine);
        let sql = format!(
            "INSERT INTO leases (name, holder, epoch, expires_at) \
             VALUES ($1, $2, 1, {now} + $3) \
             ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, \
             epoch = CASE WHEN leases.holder = excluded.holder THEN leases.epoch \
                ELSE leases.epoch + 1 END, \
             expires_at = excluded.expires_at \
             WHERE leases.holder IS NULL OR leases.holder = excluded.holder \
                OR leases.expires_at <= {now} RETURNING epoch"
        );
        let values = vec![name.into(), holder.into(), hold_ms.into()];
        let row = self.link().row(&sql, values).await?;
        row.map(|row| get(&row, "epoch")).transpose()
    }

    /// Lets go, so that the next need not wait.
    pub async fn release_lease(&self, name: &str, holder: Uuid) -> Result<(), StoreError> {
        let sql = "UPDATE leases SET holder = NULL WHERE name = $1 AND holder = $2";
        self.link()
            .run(sql, vec![name.into(), holder.into()])
            .await?;
        Ok(())
    }
}

impl Tx {
    /// Whether the lease is still ours; it then stays so until this transaction
    /// ends.
    pub async fn holds_lease(&self, name: &str, epoch: i64) -> Result<bool, StoreError> {
        let lease = Lease {
            name: name.to_owned(),
            epoch,
        };
        Ok(lost(self.link(), &[&lease]).await?.is_empty())
    }
}

impl Store {
    /// Who holds a lease now, if any.
    pub async fn lease_holder(&self, name: &str) -> Result<Option<Uuid>, StoreError> {
        let now = now(self.engine());
        let sql = format!("SELECT holder FROM leases WHERE name = $1 AND expires_at > {now}");
        match self.read_rows(&sql, vec![name.into()]).await?.first() {
            Some(row) => get(row, "holder"),
            None => Ok(None),
        }
    }
}

const SHAPE: Shape = Shape(&[("name", Column::Text), ("epoch", Column::Int)]);

/// Which of these leases are no longer current. The rows are held, so that
/// nobody can take one over before the transaction ends.
pub(crate) async fn lost(link: &Link, leases: &[&Lease]) -> Result<Vec<Lease>, StoreError> {
    let hold = match link.engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR SHARE OF l",
    };
    let source = SHAPE.source(link.engine, 1);
    let sql = format!(
        "SELECT l.name, l.epoch FROM leases l \
         WHERE l.name IN (SELECT name FROM {source}) ORDER BY l.name{hold}"
    );
    let rows: Vec<String> = leases
        .iter()
        .map(|lease| {
            Row::new()
                .text("name", lease.name.as_str())
                .int("epoch", lease.epoch)
                .finish()
        })
        .collect();
    let current: Vec<Lease> = link
        .rows(&sql, vec![pack(&rows)])
        .await?
        .iter()
        .map(|row| {
            Ok(Lease {
                name: get(row, "name")?,
                epoch: get(row, "epoch")?,
            })
        })
        .collect::<Result<_, StoreError>>()?;
    Ok(leases
        .iter()
        .filter(|lease| !current.contains(lease))
        .map(|&l| l.clone())
        .collect())
}
