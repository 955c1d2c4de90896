//! What a plugin is told of its own installation.

use std::sync::Arc;

use serde_json::{Map, Value};

/// A configuration that is not stored yet; the call has the same one.
#[derive(Debug, Clone)]
pub struct ValidateRequest {
    pub config: Arc<Map<String, Value>>,
}

/// What a plugin finds wrong, by its place in the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFinding {
    pub pointer: String,
    pub detail: String,
}

#[derive(Debug, Clone)]
pub struct UpgradeRequest {
    pub from_version: String,
}
