//! What is measured: Deskbell on either database, and the reference server.
//!
//! A subject starts a fresh server on fresh data, with everybody logged in, and
//! says which dialect its sockets speak. Everything after that is the same for
//! all of them.

pub mod deskbell;
pub mod socketio;

use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;

use crate::dialect::Dialect;
use crate::error::Outcome;
use crate::postgres::Database;
use crate::process::{self, Server};

/// How many people there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cast {
    pub tenants: usize,
    /// Of each tenant.
    pub agents: usize,
    /// Of each tenant.
    pub visitors: usize,
}

/// Somebody who can open a socket.
#[derive(Debug, Clone)]
pub struct Person {
    pub token: String,
    /// The path of the socket.
    pub path: &'static str,
}

#[async_trait]
pub trait Subject: Send + Sync {
    fn name(&self) -> String;
    /// How it was configured, for the report.
    fn configuration(&self) -> String;
    async fn start(&self, cast: &Cast) -> Outcome<Started>;
}

/// A server that runs, and the people who will use it: visitor n of tenant t is
/// at `t * cast.visitors + n`, agents likewise.
pub struct Started {
    pub server: Server,
    pub dialect: Arc<dyn Dialect>,
    pub visitors: Vec<Person>,
    pub agents: Vec<Person>,
    pub database: Option<Database>,
    pub folder: Option<TempDir>,
}

/// What was used so far.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub server: std::time::Duration,
    pub database: std::time::Duration,
}

impl Started {
    pub fn used(&self) -> Outcome<Used> {
        let database = match &self.database {
            Some(database) => process::cpu_of_family(database.postmaster)?,
            None => std::time::Duration::ZERO,
        };
        Ok(Used {
            server: process::cpu(self.server.pid)?,
            database,
        })
    }

    pub async fn end(self) -> Outcome<()> {
        self.server.kill().await?;
        if let Some(database) = self.database {
            database.drop().await?;
        }
        Ok(())
    }
}
