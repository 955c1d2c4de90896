//! What a call of a plugin may use, on the wire.

use deskbell_domain::limits;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What one call of an installation may use at most. Null is the limit of the hook it
/// is called for; a tenant can go below that, never above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CallLimits {
    /// Of the guest alone.
    #[schema(minimum = 1, example = 10)]
    pub cpu_ms: Option<u32>,
    /// From the question to the answer.
    #[schema(minimum = 1)]
    pub wall_ms: Option<u32>,
    #[schema(minimum = 1)]
    pub memory_mib: Option<u32>,
    /// Calls of the interfaces that Deskbell offers to plugins.
    pub host_calls: Option<u32>,
    /// Requests to the outside.
    pub http_requests: Option<u32>,
    /// Of log lines.
    pub log_kib: Option<u32>,
}

impl From<limits::CallLimits> for CallLimits {
    fn from(value: limits::CallLimits) -> Self {
        let limits::CallLimits {
            cpu_ms,
            wall_ms,
            memory_mib,
            host_calls,
            http_requests,
            log_kib,
        } = value;
        Self {
            cpu_ms,
            wall_ms,
            memory_mib,
            host_calls,
            http_requests,
            log_kib,
        }
    }
}

impl From<CallLimits> for limits::CallLimits {
    fn from(value: CallLimits) -> Self {
        let CallLimits {
            cpu_ms,
            wall_ms,
            memory_mib,
            host_calls,
            http_requests,
            log_kib,
        } = value;
        Self {
            cpu_ms,
            wall_ms,
            memory_mib,
            host_calls,
            http_requests,
            log_kib,
        }
    }
}
