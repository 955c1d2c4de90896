//! The outside world as the app sees it: time and chance come in through these.

use deskbell_domain::Timestamp;

/// The one source of domain time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// Unguessable bytes for tokens, visitor secrets, salts and signing keys.
pub trait SecretSource: Send + Sync {
    fn bytes(&self) -> [u8; 32];
}
