//! Code that is still needed though nothing at work names it any more, or not yet.
//!
//! A call ends on the version it began with: whoever holds an installation that
//! was replaced, or a call of it, still finds its code. Both share the
//! installation's configuration, so that tells whether one of them is left.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use deskbell_domain::plugin::Digest;
use serde_json::{Map, Value};

#[derive(Default)]
pub(super) struct InUse(Mutex<Vec<(Digest, Weak<Config>)>>);

type Config = Map<String, Value>;

/// Keeps code from being let go of.
pub(crate) struct Hold {
    _token: Arc<Config>,
}

impl InUse {
    pub(super) fn hold(&self, digest: Digest) -> Hold {
        let token = Arc::default();
        self.until_dropped(digest, &token);
        Hold { _token: token }
    }

    pub(super) fn until_dropped(&self, digest: Digest, config: &Arc<Config>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.push((digest, Arc::downgrade(config)));
    }

    pub(super) fn digests(&self) -> Vec<Digest> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(_, config)| config.strong_count() > 0);
        held.iter().map(|(digest, _)| *digest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_held_as_long_as_somebody_may_call_it() {
        let (in_use, digest) = (InUse::default(), Digest([1; 32]));
        let config = Arc::default();
        in_use.until_dropped(digest, &config);
        let of_a_call = config.clone();
        drop(config);
        assert_eq!(in_use.digests(), [digest]);
        drop(of_a_call);
        assert!(in_use.digests().is_empty());
        let hold = in_use.hold(digest);
        assert_eq!(in_use.digests(), [digest]);
        drop(hold);
        assert!(in_use.digests().is_empty());
    }
}
