//! Where somebody is in the feed: an opaque text for the outside.
//!
//! The epoch is part of it, because positions of another database (or of this
//! one before it was restored from a copy) mean nothing here.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which feed positions belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Epoch(u128);

impl Epoch {
    pub(crate) fn parse(hex: &str) -> Option<Self> {
        u128::from_str_radix(hex, 16).ok().map(Self)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// "Everything up to and including this position."
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    pub epoch: Epoch,
    pub position: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of this server")]
pub struct BadCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&self.epoch.0.to_be_bytes());
        bytes[16..].copy_from_slice(&self.position.to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        // Longer text is not looked at at all.
        if text.len() != 32 {
            return Err(BadCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        let (epoch, position) = bytes.split_at_checked(16).ok_or(BadCursor)?;
        let epoch = u128::from_be_bytes(epoch.try_into().map_err(|_| BadCursor)?);
        let position = i64::from_be_bytes(position.try_into().map_err(|_| BadCursor)?);
        if position < 0 {
            return Err(BadCursor);
        }
        Ok(Self {
            epoch: Epoch(epoch),
            position,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_garbage_is_refused() {
        let cursor = Cursor {
            epoch: Epoch(u128::MAX - 5),
            position: 1_234_567,
        };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        let negative = Cursor {
            position: -1,
            ..cursor
        }
        .to_string();
        for wrong in [
            "",
            "a",
            &"A".repeat(33),
            "!".repeat(32).as_str(),
            negative.as_str(),
        ] {
            assert_eq!(wrong.parse::<Cursor>(), Err(BadCursor), "{wrong}");
        }
    }
}
