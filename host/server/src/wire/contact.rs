//! Contacts on the wire.

use deskbell_domain as domain;
use deskbell_domain::{ContactId, Timestamp};
use serde_json::{Map, Value};

use super::id;
use super::mirror::mirror;

mirror! {
    /// The person behind one or more visitors.
    Contact of domain::Contact {
        #[schema(value_type = id::ContactId)]
        id: ContactId,
        name: Option<String>,
        /// What a visitor typed; a claim until `verified`.
        email: Option<String>,
        verified: bool,
        vip: bool,
        #[schema(value_type = id::Attributes)]
        attributes: Map<String, Value>,
        #[schema(value_type = id::Timestamp)]
        created_at: Timestamp,
        version: i64,
    }
}

mirror! {
    /// A contact as a conversation shows it.
    ContactRef of domain::ContactRef {
        #[schema(value_type = id::ContactId)]
        id: ContactId,
        name: Option<String>,
        email: Option<String>,
        verified: bool,
        vip: bool,
    }
}
