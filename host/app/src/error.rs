//! Every way the app says no: the desk's refusals, log-in's, and the database's.

use deskbell_domain::refusal::FieldError;
use deskbell_domain::{Kind, Refusal};
use deskbell_store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("internal: {0}")]
    Internal(String),
}

impl Error {
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::Auth(error) => error.kind(),
            Self::Store(StoreError::Unavailable(_) | StoreError::Conflict(_)) => Kind::Unavailable,
            Self::Store(_) | Self::Internal(_) => Kind::Internal,
        }
    }

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Auth(error) => error.code(),
            Self::Store(StoreError::Unavailable(_) | StoreError::Conflict(_)) => "unavailable",
            Self::Store(_) | Self::Internal(_) => "internal",
        }
    }

    /// The wrong fields, when there are any.
    #[must_use]
    pub fn fields(&self) -> &[FieldError] {
        match self {
            Self::Refused(
                Refusal::Invalid(fields)
                | Refusal::PluginRefused(fields)
                | Refusal::GrantMissing(fields),
            ) => fields,
            _ => &[],
        }
    }
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    #[error("The tenant, the e-mail address or the password is wrong.")]
    BadCredentials,
    #[error("The token is not valid.")]
    TokenInvalid,
    #[error("The token has expired.")]
    TokenExpired,
    #[error("The session was ended. Log in again.")]
    SessionRevoked,
    #[error("This token is for the other plane.")]
    WrongPlane,
    #[error("This refresh token was used before. All sessions of it are ended; log in again.")]
    RefreshReused,
    #[error("The tenant is suspended.")]
    Suspended,
    #[error("Too many log-ins at once. Try again in a moment.")]
    TooBusy,
}

impl AuthError {
    #[must_use]
    pub fn kind(self) -> Kind {
        match self {
            Self::Suspended => Kind::Forbidden,
            Self::TooBusy => Kind::RateLimited,
            _ => Kind::Unauthenticated,
        }
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::BadCredentials => "bad_credentials",
            Self::TokenInvalid => "token_invalid",
            Self::TokenExpired => "token_expired",
            Self::SessionRevoked => "session_revoked",
            Self::WrongPlane => "wrong_plane",
            Self::RefreshReused => "refresh_token_reused",
            Self::Suspended => "tenant_suspended",
            Self::TooBusy => "too_many_logins",
        }
    }
}
