//! Typed ids: a UUIDv7 each, with a prefix in text form (`conv_…`).
//!
//! A prefix makes a wrong id visible to people and unparsable to us; the newtype
//! makes it uncompilable. Ids are made only by an `IdSource` (see `case.rs`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of the form {prefix}…")]
pub struct BadId {
    pub prefix: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text, $prefix).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )+};
}

ids! {
    TenantId = "ten",
    InboxId = "inb",
    TeamId = "team",
    AgentId = "agt",
    ContactId = "con",
    VisitorId = "vis",
    /// A log-in session (`sid` of a token), not a socket.
    SessionId = "ses",
    TokenId = "tok",
    ConversationId = "conv",
    MessageId = "msg",
    EventId = "evt",
    CannedResponseId = "can",
    DecisionId = "dec",
    JobId = "job",
    NodeId = "node",
    ConnectionId = "sock",
    KeyId = "key",
    PluginId = "plg",
    InstallationId = "ins",
    AuditEntryId = "aud",
}

/// Exactly one spelling per id: 32 lower-case hex digits after the prefix.
fn parse(text: &str, prefix: &'static str) -> Result<Uuid, BadId> {
    let bad = BadId { prefix };
    let hex = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(|| bad.clone())?;
    let plain = hex.len() == 32 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !plain {
        return Err(bad);
    }
    Uuid::try_parse(hex).map_err(|_| bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_has_one_spelling() {
        let id = ConversationId(Uuid::from_u128(7));
        let text = id.to_string();
        assert_eq!(text, "conv_00000000000000000000000000000007");
        assert_eq!(text.parse(), Ok(id));
        for wrong in [
            "",
            "conv_",
            "conv_7",
            "msg_00000000000000000000000000000007",
            "conv_0000000000000000000000000000000G",
            "conv_0000000000000000000000000000000A",
            "conv_00000000-0000-0000-0000-000000000007",
            "conv_000000000000000000000000000000070",
        ] {
            assert!(wrong.parse::<ConversationId>().is_err(), "{wrong}");
        }
    }
}
