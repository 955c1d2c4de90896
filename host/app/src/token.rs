//! Access tokens: signed by keys from the database, checked with our own clock.
//!
//! HS256 with a fixed algorithm and a key named by `kid`. The library's own time
//! checks are off because it reads the system's clock; `exp` and `nbf` are
//! required and compared with the app's. A token names its plane in `aud` and its
//! log-in session in `sid`.

use std::collections::HashSet;

use deskbell_domain::time::{DAY, MINUTE, Millis, SECOND};
use deskbell_domain::{KeyId, SessionId, TenantId, Timestamp};
use deskbell_store::system::SigningKey;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use serde::{Deserialize, Serialize};

use crate::app::{App, stored};
use crate::auth::Plane;
use crate::error::{AuthError, Error};

pub const ACCESS_LIFE: Millis = 15 * MINUTE;
/// A visitor's token lives longer: there is no refresh, the secret makes another.
pub const VISITOR_LIFE: Millis = DAY;
/// Signing keys change this often; an old one is honoured while its tokens live.
const KEY_LIFE: Millis = 30 * DAY;
const ISSUER: &str = "deskbell";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: String,
    pub tid: TenantId,
    pub sid: SessionId,
    pub iat: i64,
    pub nbf: i64,
    pub exp: i64,
}

fn newest(keys: Vec<SigningKey>, now: Timestamp) -> Option<SigningKey> {
    keys.into_iter()
        .filter(|key| key.retired_at.is_none() && now.since(key.created_at) < KEY_LIFE)
        .max_by_key(|key| key.created_at)
}

impl App {
    /// Signs a token for the session; answers it with its seconds to live.
    pub(crate) async fn sign(
        &self,
        plane: Plane,
        tenant: TenantId,
        subject: String,
        session: SessionId,
        life: Millis,
    ) -> Result<(String, i64), Error> {
        let now = self.now();
        let key = self.signing_key(now).await?;
        let seconds = now.0.div_euclid(SECOND);
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: plane.as_str().to_owned(),
            sub: subject,
            tid: tenant,
            sid: session,
            iat: seconds,
            nbf: seconds,
            exp: seconds + life / SECOND,
        };
        let header = Header {
            kid: Some(key.id.to_string()),
            ..Header::new(Algorithm::HS256)
        };
        let token = encode(&header, &claims, &EncodingKey::from_secret(&key.secret))
            .map_err(|error| Error::Internal(format!("sign: {error}")))?;
        Ok((token, life / SECOND))
    }

    /// The claims of a token that is ours, of this plane and of this moment.
    pub(crate) async fn claims(&self, token: &str, plane: Plane) -> Result<Claims, Error> {
        let header = decode_header(token).map_err(|_| AuthError::TokenInvalid)?;
        let id: KeyId = header
            .kid
            .and_then(|kid| kid.parse().ok())
            .ok_or(AuthError::TokenInvalid)?;
        let key = match self.key_named(id) {
            Some(key) => key,
            None => {
                self.load_keys().await?;
                self.key_named(id).ok_or(AuthError::TokenInvalid)?
            }
        };
        let mut rules = Validation::new(Algorithm::HS256);
        rules.validate_exp = false;
        rules.validate_nbf = false;
        rules.validate_aud = false;
        rules.set_issuer(&[ISSUER]);
        rules.required_spec_claims =
            HashSet::from(["aud", "exp", "iss", "nbf", "sub"].map(str::to_owned));
        let claims = decode::<Claims>(token, &DecodingKey::from_secret(&key.secret), &rules)
            .map_err(|_| AuthError::TokenInvalid)?
            .claims;
        let seconds = self.now().0.div_euclid(SECOND);
        if claims.aud != plane.as_str() {
            return Err(AuthError::WrongPlane.into());
        }
        if seconds >= claims.exp {
            return Err(AuthError::TokenExpired.into());
        }
        // Two nodes' clocks may differ a little.
        if claims.nbf > seconds + 5 {
            return Err(AuthError::TokenInvalid.into());
        }
        Ok(claims)
    }

    async fn signing_key(&self, now: Timestamp) -> Result<SigningKey, Error> {
        if let Some(key) = newest(self.known.keys(), now) {
            return Ok(key);
        }
        self.load_keys().await?;
        if let Some(key) = newest(self.known.keys(), now) {
            return Ok(key);
        }
        let key = SigningKey {
            id: KeyId(self.ids.uuid()),
            secret: self.secrets.bytes().to_vec(),
            created_at: now,
            retired_at: None,
        };
        let made = key.clone();
        stored(
            self.store
                .system(move |sys| {
                    let key = made.clone();
                    Box::pin(async move { sys.insert_signing_key(&key).await })
                })
                .await,
        )?;
        self.load_keys().await?;
        Ok(key)
    }

    fn key_named(&self, id: KeyId) -> Option<SigningKey> {
        self.known.keys().into_iter().find(|key| key.id == id)
    }

    async fn load_keys(&self) -> Result<(), Error> {
        self.known
            .set_keys(self.store.system_snapshot().await?.signing_keys().await?);
        Ok(())
    }
}

/// The uuid inside a `sub`.
pub(crate) fn subject<T: std::str::FromStr>(claims: &Claims) -> Result<T, AuthError> {
    claims.sub.parse().map_err(|_| AuthError::TokenInvalid)
}

/// A secret in the form clients keep: 64 hex digits with a prefix that says what
/// it is, so that leak scanners can find it.
pub(crate) fn secret_text(prefix: &str, bytes: [u8; 32]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(format!("{prefix}_"), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is stored of a secret: it is random, so a plain hash is enough.
pub(crate) fn secret_hash(text: &str) -> Vec<u8> {
    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}
