//! How much one call of a plugin may use, as far as people set it. A hook's own
//! limits are the sandbox's; a tenant may lower them for an installation.

use serde::{Deserialize, Serialize};

/// None is no word about it: the hook's own limit holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CallLimits {
    pub cpu_ms: Option<u32>,
    pub wall_ms: Option<u32>,
    pub memory_mib: Option<u32>,
    pub host_calls: Option<u32>,
    /// Requests to the outside; none of them is a limit too.
    pub http_requests: Option<u32>,
    pub log_kib: Option<u32>,
}

impl CallLimits {
    /// Each limit by its name, with the least that makes sense.
    #[must_use]
    pub fn each(&self) -> [(&'static str, Option<u32>, u32); 6] {
        [
            ("cpu_ms", self.cpu_ms, 1),
            ("wall_ms", self.wall_ms, 1),
            ("memory_mib", self.memory_mib, 1),
            ("host_calls", self.host_calls, 0),
            ("http_requests", self.http_requests, 0),
            ("log_kib", self.log_kib, 0),
        ]
    }

    /// The higher of each, for what may be called in more than one way.
    #[must_use]
    pub fn or_higher(self, other: Self) -> Self {
        Self {
            cpu_ms: self.cpu_ms.max(other.cpu_ms),
            wall_ms: self.wall_ms.max(other.wall_ms),
            memory_mib: self.memory_mib.max(other.memory_mib),
            host_calls: self.host_calls.max(other.host_calls),
            http_requests: self.http_requests.max(other.http_requests),
            log_kib: self.log_kib.max(other.log_kib),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_higher_of_two_has_every_limit() {
        let one = CallLimits {
            cpu_ms: Some(20),
            wall_ms: Some(100),
            ..CallLimits::default()
        };
        let other = CallLimits {
            cpu_ms: Some(250),
            http_requests: Some(8),
            ..CallLimits::default()
        };
        let both = one.or_higher(other);
        assert_eq!(both.cpu_ms, Some(250));
        assert_eq!(both.wall_ms, Some(100));
        assert_eq!(both.http_requests, Some(8));
        assert_eq!(both.log_kib, None);
        assert_eq!(both, other.or_higher(one));
    }
}
