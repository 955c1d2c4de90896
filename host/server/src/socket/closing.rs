//! Why a socket is closed, as code and reason.
//!
//! A reason that asks for patience has the milliseconds as its first number.

use std::time::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    pub code: u16,
    pub reason: String,
}

impl Closing {
    fn new(code: u16, reason: impl Into<String>) -> Self {
        let mut reason: String = reason.into();
        // A close frame has room for 123 bytes.
        let end = (0..=reason.len().min(120))
            .rev()
            .find(|at| reason.is_char_boundary(*at));
        reason.truncate(end.unwrap_or_default());
        Self { code, reason }
    }

    /// Said nothing, or nothing true, within the time to log in.
    #[must_use]
    pub fn not_authenticated(reason: impl Into<String>) -> Self {
        Self::new(4001, reason)
    }

    /// The log-in session was ended.
    #[must_use]
    pub fn revoked() -> Self {
        Self::new(4003, "the session was ended")
    }

    #[must_use]
    pub fn too_fast(wait: Duration) -> Self {
        let millis = wait.as_millis().max(1);
        Self::new(4008, format!("too many frames; wait {millis} ms"))
    }

    /// Reads too slowly to be told everything.
    #[must_use]
    pub fn too_slow() -> Self {
        Self::new(4009, "resync: too slow a reader")
    }

    /// What the agent may see has changed.
    #[must_use]
    pub fn other_sight() -> Self {
        Self::new(4009, "resync: teams or role changed")
    }

    #[must_use]
    pub fn going_away(wait: Duration) -> Self {
        let millis = wait.as_millis();
        Self::new(4012, format!("going away; come back in {millis} ms"))
    }

    /// Nothing heard for too long. Nobody is likely to read this.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(4012, "nothing heard; come back in 0 ms")
    }

    /// Text frames are all we speak (RFC 6455, 7.4.1).
    #[must_use]
    pub fn not_text() -> Self {
        Self::new(1003, "frames must be JSON text")
    }

    /// What to answer when reading failed: a frame over the limit, or none at all
    /// by the protocol. None: the client is gone, so nobody reads an answer.
    #[must_use]
    pub fn unreadable(error: &str) -> Option<Self> {
        if error.contains("too long") {
            return Some(Self::new(1009, error));
        }
        let gone = ["IO error", "reset without closing", "closed"];
        let told = !gone.iter().any(|sign| error.contains(sign));
        told.then(|| Self::new(1002, error))
    }

    #[must_use]
    pub fn internal() -> Self {
        Self::new(1011, "something went wrong on the server")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_fit_and_hints_are_numbers() {
        let long = Closing::not_authenticated("ä".repeat(100));
        assert!(long.reason.len() <= 120 && long.reason.ends_with('ä'));
        for (error, code) in [
            (
                "Space limit exceeded: Message too long: 20022 > 16384",
                Some(1009),
            ),
            (
                "WebSocket protocol error: Reserved bits are non-zero",
                Some(1002),
            ),
            (
                "WebSocket protocol error: Connection reset without closing handshake",
                None,
            ),
            ("IO error: Connection reset by peer (os error 104)", None),
        ] {
            let closing = Closing::unreadable(error);
            assert_eq!(closing.map(|closing| closing.code), code, "{error}");
        }
        let hint = Closing::too_fast(Duration::from_micros(10));
        assert_eq!(hint.reason, "too many frames; wait 1 ms");
    }
}
