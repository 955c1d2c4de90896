//! Passwords: Argon2id, a few at a time, on threads that may block.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::error::{AuthError, Error};

/// Each check holds 19 MiB and a core for tens of milliseconds: two at once, a
/// short queue behind them, and the rest are told to come back.
const AT_ONCE: usize = 2;
const WAITING: usize = 64;

/// A hash of a password nobody has, so that an unknown address costs as much
/// time as a known one.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVza2JlbGwtZGVjb3k$\
                     8Zk7u5Zr9Q0b2m6eSgL4Jv1xwXo3yT5hN7cPqRsUdWA";

#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            admitted: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
        }
    }
}

impl Passwords {
    /// The PHC string of a password.
    pub async fn hash(&self, password: String, salt: [u8; 32]) -> Result<String, Error> {
        self.run(move || {
            Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt[..16])
                .map(|hash| hash.to_string())
                .map_err(|error| Error::Internal(format!("password hash: {error}")))
        })
        .await?
    }

    /// Whether the password fits. `None` (no such person) takes as long.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Error> {
        self.run(move || {
            let known = hash.is_some();
            let text = hash.unwrap_or_else(|| DECOY.to_owned());
            let fits = PasswordHash::new(&text).is_ok_and(|h| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &h)
                    .is_ok()
            });
            known && fits
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let _admitted = self
            .admitted
            .try_acquire()
            .map_err(|_| AuthError::TooBusy)?;
        let closed = |_| Error::Internal("password gate closed".to_owned());
        let _running = self.running.acquire().await.map_err(closed)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| Error::Internal(format!("password thread: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_fit_only_their_password() {
        let passwords = Passwords::default();
        let hash = passwords.hash("right".into(), [7; 32]).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(
            passwords
                .verify("right".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.verify("wrong".into(), Some(hash)).await.unwrap());
        assert!(!passwords.verify("right".into(), None).await.unwrap());
        assert!(
            PasswordHash::new(DECOY).is_ok(),
            "the decoy must cost a real check"
        );
    }
}
