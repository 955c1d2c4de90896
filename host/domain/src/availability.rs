//! Is this agent to be given chats now? One function with one order of rules.

use serde::{Deserialize, Serialize};

use crate::tenant::TenantSettings;
use crate::time::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    Online,
    Away,
    Busy,
    Offline,
}

impl Availability {
    pub const ALL: [Self; 4] = [Self::Online, Self::Away, Self::Busy, Self::Offline];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Away => "away",
            Self::Busy => "busy",
            Self::Offline => "offline",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|value| value.as_str() == text)
    }
}

/// What availability is worked out from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presence {
    /// Has at least one socket.
    pub connected: bool,
    /// When the last socket went; none means there never was one.
    pub disconnected_at: Option<Timestamp>,
    /// What the agent, or a supervisor for them, chose. It can only lower.
    pub choice: Availability,
    pub last_active_at: Timestamp,
}

/// The rules in their order: no socket past the grace, then the choice, then
/// capacity, then idleness. Whoever passes them all is online.
#[must_use]
pub fn effective(
    presence: &Presence,
    load: i64,
    capacity: i64,
    settings: &TenantSettings,
    now: Timestamp,
) -> Availability {
    let reachable = presence.connected
        || presence
            .disconnected_at
            .is_some_and(|at| now.since(at) < settings.presence_grace_ms);
    if !reachable {
        return Availability::Offline;
    }
    if presence.choice != Availability::Online {
        return presence.choice;
    }
    if load >= capacity {
        return Availability::Busy;
    }
    if now.since(presence.last_active_at) >= settings.away_after_ms {
        return Availability::Away;
    }
    Availability::Online
}

#[cfg(test)]
mod tests {
    use super::*;
    use Availability::*;

    #[test]
    fn each_rule_in_its_order() {
        let settings = TenantSettings::default();
        let now = Timestamp(10_000_000);
        let long_ago = Timestamp(now.0 - settings.away_after_ms);
        let within = Some(Timestamp(now.0 - settings.presence_grace_ms + 1));
        let past = Some(Timestamp(now.0 - settings.presence_grace_ms));
        // connected, disconnected_at, choice, active at, load of 5, expected
        let rows = [
            (true, None, Online, now, 0, Online),
            (false, None, Online, now, 0, Offline),
            (false, within, Online, now, 0, Online),
            (false, past, Online, now, 0, Offline),
            (false, past, Away, now, 9, Offline),
            (true, None, Offline, now, 0, Offline),
            (true, None, Away, now, 5, Away),
            (true, None, Busy, long_ago, 0, Busy),
            (true, None, Online, long_ago, 5, Busy),
            (true, None, Online, long_ago, 4, Away),
            (true, None, Online, now, 4, Online),
            (true, None, Online, now, 6, Busy),
        ];
        for (i, (connected, disconnected_at, choice, last_active_at, load, expected)) in
            rows.into_iter().enumerate()
        {
            let presence = Presence {
                connected,
                disconnected_at,
                choice,
                last_active_at,
            };
            assert_eq!(
                effective(&presence, load, 5, &settings, now),
                expected,
                "row {i}"
            );
        }
    }
}
