//! A contact: the person behind one or more visitors.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::ContactId;
use crate::time::Timestamp;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: ContactId,
    pub name: Option<String>,
    /// What a visitor typed is a claim until `verified`.
    pub email: Option<String>,
    pub verified: bool,
    pub vip: bool,
    pub attributes: Map<String, Value>,
    pub created_at: Timestamp,
    pub version: i64,
}

impl Contact {
    #[must_use]
    pub fn to_ref(&self) -> ContactRef {
        ContactRef {
            id: self.id,
            name: self.name.clone(),
            email: self.email.clone(),
            verified: self.verified,
            vip: self.vip,
        }
    }
}

/// The contact as a conversation shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRef {
    pub id: ContactId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub verified: bool,
    pub vip: bool,
}
