//! What an installation keeps for itself: values by key, under a quota, in its own
//! corner of its own tenant. A change is one transaction, whatever becomes of the
//! call it was made in.

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_domain::reach::{KEYS_BYTES, MOST_KEYS};
use deskbell_domain::{InstallationId, TenantId};
use deskbell_store::{KeyUsage, StoreError, Tx};

use crate::app::App;
use crate::hooks::{Expected, Keys, KeysFailed};

/// In one answer.
const LISTED: u64 = 1_000;

pub(super) struct InstalledKeys {
    app: App,
    tenant: TenantId,
    installation: InstallationId,
}

impl InstalledKeys {
    pub(super) fn new(app: &App, tenant: TenantId, installation: InstallationId) -> Self {
        Self {
            app: app.clone(),
            tenant,
            installation,
        }
    }
}

enum NotChanged {
    Failed(KeysFailed),
    Store(StoreError),
}

impl From<StoreError> for NotChanged {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<NotChanged> for KeysFailed {
    fn from(not: NotChanged) -> Self {
        match not {
            NotChanged::Failed(failed) => failed,
            NotChanged::Store(error) => unavailable(&error),
        }
    }
}

fn unavailable(error: &StoreError) -> KeysFailed {
    tracing::debug!(%error, "a plugin's keys");
    KeysFailed::Unavailable
}

#[async_trait]
impl Keys for InstalledKeys {
    async fn get(&self, key: String) -> Result<Option<Bytes>, KeysFailed> {
        let read = async {
            let tx = self.app.store.snapshot(self.tenant).await?;
            tx.plugin_key(self.installation, key.as_bytes()).await
        };
        let found = read.await.map_err(|error| unavailable(&error))?;
        Ok(found.map(Bytes::from))
    }

    async fn list(&self, prefix: String, after: Option<String>) -> Result<Vec<String>, KeysFailed> {
        let read = async {
            let tx = self.app.store.snapshot(self.tenant).await?;
            let after = after.as_ref().map(String::as_bytes);
            tx.plugin_keys(self.installation, prefix.as_bytes(), after, LISTED)
                .await
        };
        let found = read.await.map_err(|error| unavailable(&error))?;
        let keys = found.into_iter().map(|one| one.key);
        Ok(keys.filter_map(|key| String::from_utf8(key).ok()).collect())
    }

    async fn change(
        &self,
        key: String,
        expected: Expected,
        value: Option<Bytes>,
    ) -> Result<bool, KeysFailed> {
        let (id, now) = (self.installation, self.app.now());
        let changed = self.app.store.write(self.tenant, move |tx| {
            let (key, expected, value) = (key.clone(), expected.clone(), value.clone());
            Box::pin(async move {
                // It may be gone by now.
                if tx.hold_installation(id).await?.is_none() {
                    return Err(NotChanged::Failed(KeysFailed::Unavailable));
                }
                let usage = tx.hold_plugin_keys(id).await?;
                let there = tx.plugin_key(id, key.as_bytes()).await?;
                match &expected {
                    Expected::Anything => {}
                    Expected::Exactly(wanted) if wanted.as_deref() == there.as_deref() => {}
                    Expected::Exactly(_) => return Ok(false),
                }
                let after = after(usage, &key, there.as_deref(), value.as_deref())?;
                let was_there = there.is_some();
                write(tx, id, &key, value.as_deref(), now).await?;
                tx.save_key_usage(id, after).await?;
                // Whether it was as expected, or else whether it was there.
                Ok(was_there || matches!(expected, Expected::Exactly(_)))
            })
        });
        Ok(changed.await?)
    }
}

async fn write(
    tx: &Tx,
    id: InstallationId,
    key: &str,
    value: Option<&[u8]>,
    now: deskbell_domain::Timestamp,
) -> Result<(), StoreError> {
    match value {
        Some(value) => tx.put_plugin_key(id, key.as_bytes(), value, now).await,
        None => tx.delete_plugin_key(id, key.as_bytes()).await,
    }
}

/// What it comes to then, if the quota has room for it.
fn after(
    before: KeyUsage,
    key: &str,
    there: Option<&[u8]>,
    value: Option<&[u8]>,
) -> Result<KeyUsage, NotChanged> {
    let weight = |value: Option<&[u8]>| {
        let bytes = value.map_or(0, |value| key.len() + value.len());
        i64::try_from(bytes).unwrap_or(i64::MAX)
    };
    let usage = KeyUsage {
        keys: before.keys - i64::from(there.is_some()) + i64::from(value.is_some()),
        bytes: before.bytes - weight(there) + weight(value),
    };
    let grows = usage.keys > before.keys || usage.bytes > before.bytes;
    if grows && usage.keys > MOST_KEYS {
        let why = format!("an installation keeps at most {MOST_KEYS} keys");
        return Err(NotChanged::Failed(KeysFailed::Full(why)));
    }
    if grows && usage.bytes > KEYS_BYTES {
        let why = format!("an installation keeps at most {KEYS_BYTES} bytes");
        return Err(NotChanged::Failed(KeysFailed::Full(why)));
    }
    Ok(usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(keys: i64, bytes: i64) -> KeyUsage {
        KeyUsage { keys, bytes }
    }

    fn then(
        before: KeyUsage,
        there: Option<&[u8]>,
        value: Option<&[u8]>,
    ) -> Result<KeyUsage, KeysFailed> {
        after(before, "key", there, value).map_err(KeysFailed::from)
    }

    #[test]
    fn a_quota_counts_keys_and_bytes_of_both() {
        assert_eq!(then(usage(0, 0), None, Some(b"12")), Ok(usage(1, 5)));
        assert_eq!(then(usage(1, 5), Some(b"12"), Some(b"1")), Ok(usage(1, 4)));
        assert_eq!(then(usage(1, 5), Some(b"12"), None), Ok(usage(0, 0)));
        assert_eq!(then(usage(1, 5), None, None), Ok(usage(1, 5)));
        let full = then(usage(MOST_KEYS, 9), None, Some(b""));
        assert!(matches!(full, Err(KeysFailed::Full(why)) if why.contains("keys")));
        let full = then(usage(1, KEYS_BYTES - 4), None, Some(b"12"));
        assert!(matches!(full, Err(KeysFailed::Full(why)) if why.contains("bytes")));
        // What is over a quota that was lowered may still shrink.
        let over = usage(MOST_KEYS + 5, 9);
        assert!(then(over, Some(b"12"), Some(b"1")).is_ok());
    }
}
