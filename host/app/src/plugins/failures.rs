//! What went wrong with plugins since it was last written down.
//!
//! One entry for each installation, hook and kind of failure, however often it
//! happens, so neither memory nor the database grows with a plugin's failing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use deskbell_domain::plugin::{Hook, PluginFailure};
use deskbell_domain::{ConversationId, InstallationId, TenantId, Timestamp};

use crate::hooks::HookError;

/// Of a plugin's own words, this much is kept.
const DETAIL_MAX_CHARS: usize = 500;

type Key = (TenantId, InstallationId, Hook, &'static str);

#[derive(Default)]
pub(super) struct Failures {
    noted: Mutex<HashMap<Key, PluginFailure>>,
}

impl Failures {
    pub(super) fn note(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        hook: Hook,
        error: &HookError,
        conversation: Option<ConversationId>,
        now: Timestamp,
    ) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = noted
            .entry((tenant, installation, hook, error.code()))
            .or_insert_with(|| PluginFailure {
                installation_id: installation,
                hook,
                code: error.code().to_owned(),
                detail: String::new(),
                conversation_id: None,
                count: 0,
                first_at: now,
                last_at: now,
            });
        entry.count += 1;
        entry.last_at = now;
        entry.detail = plain(&error.to_string());
        entry.conversation_id = conversation.or(entry.conversation_id);
    }

    /// All of them, by tenant.
    pub(super) fn take(&self) -> HashMap<TenantId, Vec<PluginFailure>> {
        let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        let mut by_tenant: HashMap<_, Vec<_>> = HashMap::new();
        for ((tenant, ..), failure) in noted {
            by_tenant.entry(tenant).or_default().push(failure);
        }
        by_tenant
    }
}

/// Guests write parts of this: control characters do not belong in a record, and
/// PostgreSQL refuses one of them.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(DETAIL_MAX_CHARS)
        .collect()
}
