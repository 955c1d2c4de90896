//! A call that came to nothing is noted: for the admin (`failures.rs`), and for the
//! breaker of whoever is to blame.

use deskbell_domain::plugin::Hook;
use deskbell_domain::{ConversationId, InstallationId, TenantId};

use super::breakers::Key;
use crate::app::App;
use crate::hooks::HookError;

impl App {
    /// Remembers that a call had no usable answer. Written down later, counted;
    /// a plugin that fails at every call costs no write for each.
    pub fn note_plugin_failure(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        hook: Hook,
        error: &HookError,
        conversation: Option<ConversationId>,
    ) {
        self.note(tenant, installation, hook, error, conversation, false);
    }

    /// As `note_plugin_failure`, of a call that had an answer, which nobody can use.
    pub fn note_bad_answer(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        hook: Hook,
        error: &HookError,
        conversation: Option<ConversationId>,
    ) {
        self.note(tenant, installation, hook, error, conversation, true);
    }

    /// As these, of something that failed before: it counts, and says nothing new to
    /// the breaker, but that the call it may have let through came to nothing.
    pub(crate) fn note_failure_again(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        hook: Hook,
        error: &HookError,
        conversation: Option<ConversationId>,
    ) {
        if matches!(error, HookError::NotReady | HookError::BreakerOpen) {
            return;
        }
        let (now, plugins) = (self.now(), &self.plugins);
        plugins
            .failures
            .note(tenant, installation, hook, error, conversation, now);
        let key = Key {
            tenant,
            installation,
            hook,
        };
        plugins.breakers.came_to_nothing(&key, now);
    }

    fn note(
        &self,
        tenant: TenantId,
        installation: InstallationId,
        hook: Hook,
        error: &HookError,
        conversation: Option<ConversationId>,
        answered: bool,
    ) {
        // Still being prepared is no failing of the plugin's; of one that is left
        // out it was told when it was.
        if matches!(error, HookError::NotReady | HookError::BreakerOpen) {
            return;
        }
        let (now, plugins) = (self.now(), &self.plugins);
        plugins
            .failures
            .note(tenant, installation, hook, error, conversation, now);
        if !error.is_the_plugins() {
            return;
        }
        let key = Key {
            tenant,
            installation,
            hook,
        };
        let digest = plugins.digest_of(&key);
        if plugins.breakers.failed(key, error, answered, digest, now) {
            plugins.ring();
        }
    }
}
