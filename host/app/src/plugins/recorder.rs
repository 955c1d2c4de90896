//! The recorder of an installation whose calls an admin wants to see, and what it has
//! recorded until the keeper writes it down, sealed.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::hmac;
use deskbell_domain::plugin::{Capability, Digest, Manifest};
use deskbell_domain::{InstallationId, TenantId, Timestamp};
use deskbell_store::RecordingFacts;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::outgoing::InstalledOutgoing;
use super::recording::{Kept, Recorder, about};
use crate::app::{App, found};
use crate::error::Error;
use crate::scenario::Recorded;
use crate::sealing::SealingKey;

/// Kept for each installation.
const MOST: u64 = 100;
/// In memory, until they are written down; what comes beyond is not recorded.
const WAITING: usize = 20;
/// The same, in bytes, of one tenant and of the node.
const WAITING_OF_A_TENANT: usize = 24 * 1024 * 1024;
const WAITING_IN_ALL: usize = 64 * 1024 * 1024;
/// Numbers begin at the time, so that none comes back.
const NUMBERS_A_MILLISECOND: i64 = 1_024;
const SECRET: &str = "plugin_recordings";
const HIDDEN: &str = "[secret]";

/// Until when an installation is recorded, and its configuration as it may be kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    pub(super) until: Timestamp,
    config: Map<String, Value>,
    /// What its configuration hides.
    hidden: Vec<(String, String)>,
}

impl Terms {
    pub(super) fn new(until: Timestamp, manifest: &Manifest, config: &Map<String, Value>) -> Self {
        let mut hidden = Vec::new();
        let schema = Value::Object(manifest.config.clone());
        let mut config = Value::Object(config.clone());
        Hiding {
            root: &schema,
            hidden: &mut hidden,
        }
        .hide(&schema, "config", &mut config);
        let config = match config {
            Value::Object(config) => config,
            _ => Map::new(),
        };
        Self {
            until,
            config,
            hidden,
        }
    }
}

/// Fields that the dashboard hides while they are typed are no matter of a recording.
struct Hiding<'a> {
    root: &'a Value,
    hidden: &'a mut Vec<(String, String)>,
}

impl Hiding<'_> {
    fn hide(&mut self, schema: &Value, name: &str, value: &mut Value) {
        let root = self.root;
        let named = schema["$ref"].as_str().and_then(|at| at.strip_prefix('#'));
        let schema = named.and_then(|at| root.pointer(at)).unwrap_or(schema);
        if schema["format"] == "password" || schema["secret"] == true {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            self.hidden.push((name.to_owned(), text));
            *value = HIDDEN.into();
            return;
        }
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.hide(&schema["properties"][name.as_str()], name, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.hide(&schema["items"], name, item);
                }
            }
            _ => {}
        }
    }
}

pub(super) struct InstallationRecorder {
    pub(super) app: App,
    pub(super) tenant: TenantId,
    pub(super) installation: InstallationId,
    pub(super) plugin: String,
    pub(super) version: String,
    pub(super) digest: Digest,
    pub(super) capabilities: Arc<[Capability]>,
    pub(super) terms: Arc<Terms>,
    pub(super) outgoing: InstalledOutgoing,
}

impl Recorder for InstallationRecorder {
    fn about(&self) -> Recorded {
        about(&self.plugin, &self.version, self.digest, &self.capabilities)
    }

    fn config(&self) -> Map<String, Value> {
        self.terms.config.clone()
    }

    fn secrets(&self) -> Vec<(String, String)> {
        let mut secrets = self.outgoing.opened();
        secrets.extend(self.terms.hidden.iter().cloned());
        secrets
    }

    fn keep(&self, call: Kept) {
        let plugins = &self.app.plugins;
        plugins.pending.add(self.tenant, self.installation, call);
        plugins.ring();
    }
}

/// Recorded, and not written down yet.
#[derive(Default)]
pub(super) struct Pending {
    waiting: Mutex<Waiting>,
    /// Held while these are written down, and while all are thrown away: nothing that
    /// was on its way comes after.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    calls: HashMap<InstallationId, (TenantId, VecDeque<Kept>)>,
    bytes: usize,
    of_tenants: HashMap<TenantId, usize>,
}

impl Pending {
    fn all(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, tenant: TenantId, installation: InstallationId, call: Kept) {
        let (mut all, size) = (self.all(), call.plain.len());
        let of_tenant = all.of_tenants.get(&tenant).copied().unwrap_or(0);
        if all.bytes + size > WAITING_IN_ALL || of_tenant + size > WAITING_OF_A_TENANT {
            return;
        }
        let its = all.calls.entry(installation);
        let (_, calls) = its.or_insert((tenant, VecDeque::new()));
        if calls.len() < WAITING {
            calls.push_back(call);
            all.bytes += size;
            *all.of_tenants.entry(tenant).or_default() += size;
        }
    }

    fn take(&self) -> HashMap<InstallationId, (TenantId, VecDeque<Kept>)> {
        std::mem::take(&mut *self.all()).calls
    }

    fn forget(&self, installation: InstallationId) {
        let mut all = self.all();
        let Some((tenant, calls)) = all.calls.remove(&installation) else {
            return;
        };
        let bytes: usize = calls.iter().map(|call| call.plain.len()).sum();
        all.bytes = all.bytes.saturating_sub(bytes);
        if let Some(of_tenant) = all.of_tenants.get_mut(&tenant) {
            *of_tenant = of_tenant.saturating_sub(bytes);
        }
    }
}

impl App {
    /// What was recorded since. One that cannot be written is gone.
    pub(super) async fn write_recordings_down(&self) -> Result<bool, Error> {
        let _turn = self.plugins.pending.turn.lock().await;
        let pending = self.plugins.pending.take();
        let any = !pending.is_empty();
        for (id, (tenant, calls)) in pending {
            for call in calls {
                if let Err(error) = self.write_recording(tenant, id, call).await {
                    tracing::warn!(%error, "a recording of a plugin was not written down");
                }
            }
        }
        Ok(any)
    }

    /// Throws away what was recorded of it, written down or not.
    pub(crate) async fn forget_recordings(
        &self,
        tenant: TenantId,
        id: InstallationId,
    ) -> Result<(), Error> {
        let _turn = self.plugins.pending.turn.lock().await;
        let deleted = self.store.write(tenant, move |tx| {
            Box::pin(async move {
                found(tx.hold_installation(id).await?, "installation")?;
                tx.delete_plugin_recordings(id).await?;
                Ok::<_, Error>(())
            })
        });
        deleted.await?;
        self.plugins.pending.forget(id);
        Ok(())
    }

    async fn write_recording(
        &self,
        tenant: TenantId,
        id: InstallationId,
        call: Kept,
    ) -> Result<(), Error> {
        let keys = self.recording_keys(tenant).await?;
        let key = keys.first().ok_or_else(unsealed)?;
        let place = place(tenant, id, call.call_id);
        let sealed = key.seal(&place, &call.plain).map_err(|_| unsealed())?;
        let facts = RecordingFacts {
            n: call.at.0.saturating_mul(NUMBERS_A_MILLISECOND),
            call_id: call.call_id,
            at: call.at,
            hook: call.hook,
            plugin_version: call.plugin_version,
            outcome: call.outcome,
            size: i64::try_from(call.plain.len()).unwrap_or(i64::MAX),
        };
        let written = self.store.write(tenant, move |tx| {
            let (facts, sealed) = (facts.clone(), sealed.clone());
            Box::pin(async move {
                // It may be gone by now.
                if tx.hold_installation(id).await?.is_some() {
                    tx.add_plugin_recording(id, &facts, sealed, MOST).await?;
                }
                Ok::<_, Error>(())
            })
        });
        written.await
    }

    /// The text of a recording.
    pub(crate) async fn open_recording(
        &self,
        tenant: TenantId,
        id: InstallationId,
        call: Uuid,
        sealed: &[u8],
    ) -> Result<Value, Error> {
        let place = place(tenant, id, call);
        let keys = self.recording_keys(tenant).await?;
        let mut opened = keys.iter().filter_map(|key| key.open(&place, sealed).ok());
        let plain = opened.next().ok_or_else(unsealed)?;
        serde_json::from_slice(&plain).map_err(|error| Error::Internal(error.to_string()))
    }

    /// What seals first, then what may have sealed before: the server's key, and one
    /// made of a secret of the installation where it has none.
    async fn recording_keys(&self, tenant: TenantId) -> Result<Vec<Arc<SealingKey>>, Error> {
        let secret = self.installation_secret(SECRET).await?;
        let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let derived = hmac::sign(&secret, tenant.0.as_bytes());
        let derived = derived.as_ref().try_into().map_err(|_| unsealed())?;
        let derived = SealingKey::new(derived).ok_or_else(unsealed)?;
        let given = self.sealing.clone().into_iter();
        Ok(given.chain([Arc::new(derived)]).collect())
    }
}

/// What a seal is bound to.
fn place(tenant: TenantId, installation: InstallationId, call: Uuid) -> Vec<u8> {
    let ids = [tenant.0, installation.0, call];
    let ids = ids.iter().flat_map(|id| *id.as_bytes());
    b"plugin recording 1".iter().copied().chain(ids).collect()
}

fn unsealed() -> Error {
    Error::Internal("a recording could not be sealed or opened".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_waits_has_an_end_in_calls_and_in_bytes() {
        let pending = Pending::default();
        let (tenant, other) = (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let add = |tenant, n: u128, size: usize| {
            let call = Kept {
                call_id: Uuid::from_u128(n),
                at: Timestamp(1),
                hook: deskbell_domain::plugin::Hook::Routing,
                plugin_version: "1.0.0".to_owned(),
                outcome: "ok".to_owned(),
                plain: vec![b' '; size],
            };
            pending.add(tenant, InstallationId(Uuid::from_u128(n)), call);
        };
        let held = || {
            let all = pending.all();
            let calls: usize = all.calls.values().map(|(_, calls)| calls.len()).sum();
            (calls, all.bytes)
        };
        for _ in 0..WAITING + 5 {
            add(tenant, 1, 1);
        }
        assert_eq!(held(), (WAITING, WAITING), "of one installation");
        pending.forget(InstallationId(Uuid::from_u128(1)));
        assert_eq!(held(), (0, 0));
        // Many installations of one tenant, each with little.
        let mib = 1024 * 1024;
        for n in 0..100 {
            add(tenant, n, mib);
        }
        assert_eq!(held().1, WAITING_OF_A_TENANT);
        for n in 0..100 {
            add(TenantId(Uuid::from_u128(3 + n)), 1_000 + n, mib);
        }
        assert_eq!(held().1, WAITING_IN_ALL);
        assert_eq!(pending.take().len(), WAITING_IN_ALL / mib);
        assert_eq!(held(), (0, 0));
        add(other, 1, mib);
        assert_eq!(held(), (1, mib), "there is room again");
    }

    #[test]
    fn what_a_form_hides_is_not_recorded() {
        let manifest = json!({
            "id": "p", "name": "P", "version": "1.0.0", "publisher": "us",
            "config": { "type": "object", "$defs": {
                "hidden": { "type": "string", "secret": true } },
            "properties": {
                "word": { "$ref": "#/$defs/hidden" },
                "code": { "type": "integer", "secret": true },
                "key": { "type": "string", "format": "password" },
                "shops": { "type": "array", "items": { "type": "object", "properties": {
                    "pin": { "type": "string", "format": "password" } } } },
            } },
        });
        let manifest = serde_json::from_value(manifest).unwrap();
        let config = json!({ "word": "w1", "code": 99, "key": "k1", "shops": [{ "pin": "4711", "name": "A" }], "a": 1 });
        let terms = Terms::new(Timestamp(1), &manifest, config.as_object().unwrap());
        let shown = json!({
            "word": HIDDEN, "code": HIDDEN, "key": HIDDEN, "shops": [{ "pin": HIDDEN, "name": "A" }], "a": 1,
        });
        assert_eq!(Value::Object(terms.config), shown);
        let hidden = terms.hidden.iter();
        let mut values: Vec<_> = hidden.map(|(_, value)| value.as_str()).collect();
        values.sort_unstable();
        assert_eq!(values, ["4711", "99", "k1", "w1"]);
    }
}
