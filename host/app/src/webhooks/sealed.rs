//! What is kept of a request until a plugin has dealt with it: the body, and the
//! headers it may see, sealed and bound to the row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use deskbell_domain::webhook::{HEADER_BYTES, WebhookSettings};
use deskbell_domain::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::webhooks::Posted;

/// What its job says in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Received {
    pub(crate) name: String,
    pub(crate) received_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

#[derive(Serialize, Deserialize)]
struct Form {
    headers: Vec<(String, String)>,
    body: String,
}

pub(super) fn seal(
    app: &App,
    tenant: TenantId,
    delivery: Uuid,
    settings: &WebhookSettings,
    posted: Posted,
) -> Result<Vec<u8>, Error> {
    let headers = settings.headers.iter().filter_map(|name| {
        let value = posted.header(name).filter(|it| it.len() <= HEADER_BYTES)?;
        Some((name.clone(), value.to_owned()))
    });
    let form = Form {
        headers: headers.collect(),
        body: STANDARD.encode(&posted.body),
    };
    let plain = serde_json::to_vec(&form).map_err(|error| Error::Internal(error.to_string()))?;
    let sealed = app
        .sealing
        .as_ref()
        .map(|key| key.seal(&place(tenant, delivery), &plain));
    let failed = || Error::Internal("a request could not be sealed".to_owned());
    sealed.ok_or_else(failed)?.map_err(|_| failed())
}

impl Contents {
    /// None: it was sealed with another key, or for another row.
    pub(crate) fn open(app: &App, tenant: TenantId, delivery: Uuid, sealed: &[u8]) -> Option<Self> {
        let key = app.sealing.as_ref()?;
        let plain = key.open(&place(tenant, delivery), sealed).ok()?;
        let form: Form = serde_json::from_slice(&plain).ok()?;
        let body = STANDARD.decode(form.body).ok()?;
        Some(Self {
            headers: form.headers,
            body: body.into(),
        })
    }
}

/// What a seal is bound to: moved into another row, it does not open.
fn place(tenant: TenantId, delivery: Uuid) -> Vec<u8> {
    let ids = [tenant.0, delivery];
    let ids = ids.iter().flat_map(|id| *id.as_bytes());
    b"webhook delivery".iter().copied().chain(ids).collect()
}
