//! The reference server as a subject. See `bench/reference/socketio`.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::json;
use tokio::process::Command;

use super::{Cast, Person, Started, Subject};
use crate::dialect::socketio::SocketIo as Dialect;
use crate::error::Outcome;
use crate::postgres::Database;
use crate::process::{self, Server};

pub struct SocketIo {
    pub folder: PathBuf,
    pub postgres: String,
}

const PATH: &str = "/socket.io/?EIO=4&transport=websocket";

impl SocketIo {
    pub fn command(&self, database: &Database) -> Command {
        let mut command = process::command("node");
        command
            .arg(self.folder.join("server.mjs"))
            .env("NODE_ENV", "production")
            .env("DATABASE_URL", &database.url);
        command
    }
}

#[async_trait]
impl Subject for SocketIo {
    fn name(&self) -> String {
        "Socket.IO + PostgreSQL".to_owned()
    }

    fn configuration(&self) -> String {
        "bench/reference/socketio: one INSERT a message, broadcast and ack after it; \
         pool of 10 connections (pg's default), WebSocket only, other settings as they come"
            .to_owned()
    }

    async fn start(&self, cast: &Cast) -> Outcome<Started> {
        let database = Database::create(&self.postgres, "bench_socketio", None).await?;
        let server = Server::start(self.command(&database)).await?;
        let visitors = sessions(&server, "visitor", cast.tenants, cast.visitors).await?;
        let agents = sessions(&server, "agent", cast.tenants, cast.agents).await?;
        Ok(Started {
            server,
            dialect: Arc::new(Dialect),
            visitors,
            agents,
            database: Some(database),
            folder: None,
        })
    }
}

/// Tokens for everybody of a role.
pub async fn sessions(
    server: &Server,
    role: &str,
    tenants: usize,
    each: usize,
) -> Outcome<Vec<Person>> {
    let everybody: Vec<_> = (0..tenants)
        .flat_map(|tenant| (0..each).map(move |n| (tenant, n)))
        .collect();
    let wanted: Vec<_> = everybody
        .iter()
        .map(|(tenant, n)| json!({ "role": role, "tenant": tenant, "n": n }))
        .collect();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client
        .post(format!("{}/sessions", server.base()))
        .json(&wanted)
        .send()
        .await?;
    let tokens: Vec<String> = answer.error_for_status()?.json().await?;
    let person = |token| Person { token, path: PATH };
    Ok(tokens.into_iter().map(person).collect())
}
