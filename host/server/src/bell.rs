//! Bells that ring on other nodes too.

pub mod redis;
