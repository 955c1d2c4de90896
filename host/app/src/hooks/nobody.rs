//! What a call has where there is no desk around it: nobody who hears, nobody outside,
//! nothing that is kept.

use async_trait::async_trait;
use bytes::Bytes;

use super::{CallRecord, CallSink, Expected, Keys, KeysFailed, Outgoing, Signing, SigningFailed};
use crate::outside::{OutboundFailure, OutboundRequest, OutboundResponse};

/// Hears nothing: for tools that have no desk.
#[derive(Debug, Clone, Copy)]
pub struct NoSink;

impl CallSink for NoSink {
    fn may_begin(&self) -> bool {
        true
    }

    fn called(&self, _: CallRecord) {}
}

/// For calls that ask nobody outside.
pub struct NoOutgoing;

#[async_trait]
impl Outgoing for NoOutgoing {
    async fn send(&self, _: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let why = "nobody is asked here".to_owned();
        Err(OutboundFailure::Denied(why))
    }
}

/// For calls that keep nothing.
pub struct NoKeys;

#[async_trait]
impl Keys for NoKeys {
    async fn get(&self, _: String) -> Result<Option<Bytes>, KeysFailed> {
        Err(KeysFailed::Unavailable)
    }

    async fn list(&self, _: String, _: Option<String>) -> Result<Vec<String>, KeysFailed> {
        Err(KeysFailed::Unavailable)
    }

    async fn change(&self, _: String, _: Expected, _: Option<Bytes>) -> Result<bool, KeysFailed> {
        Err(KeysFailed::Unavailable)
    }
}

/// For calls that sign nothing.
pub struct NoSigning;

impl Signing for NoSigning {
    fn secret(&self, _: &str) -> Result<Vec<u8>, SigningFailed> {
        Err(SigningFailed::Unavailable)
    }

    fn chance(&self) -> [u8; 32] {
        [0; 32]
    }
}
