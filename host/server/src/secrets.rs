//! Unguessable bytes from the cryptographic library the whole program uses.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use deskbell_app::SecretSource;

#[derive(Debug, Default)]
pub struct SystemSecrets(SystemRandom);

impl SecretSource for SystemSecrets {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        // The library aborts the process itself when the system has no entropy;
        // a zero secret must never leave this function either way.
        if self.0.fill(&mut bytes).is_err() {
            tracing::error!("the system gives no random bytes");
            std::process::abort();
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_are_alike() {
        let secrets = SystemSecrets::default();
        assert_ne!(secrets.bytes(), secrets.bytes());
    }
}
