//! Making a desk as an operator and an owner do: command line, then admin API.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::Api;
use crate::error::{Outcome, missing};

/// The most a seat count may be: nobody is ever at capacity.
const CAPACITY: u32 = 100;
pub(super) const PASSWORD: &str = "deskbell-bench";
const OWNER: &str = "owner@bench.test";

pub(super) fn slug(tenant: usize) -> String {
    format!("desk-{tenant}")
}

pub(super) fn inbox(tenant: usize) -> String {
    format!("inbox-{tenant}")
}

pub(super) fn email(agent: usize) -> String {
    format!("agent-{agent}@bench.test")
}

/// `deskbell admin create-tenant`, with the password on standard input.
pub(super) async fn create_tenant(mut command: Command, tenant: usize) -> Outcome<()> {
    let name = slug(tenant);
    command
        .args(["admin", "create-tenant", "--slug", &name, "--name", &name])
        .args(["--owner-email", OWNER, "--owner-name", "Owner"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
    }
    let status = child.wait().await?;
    if status.success() {
        return Ok(());
    }
    Err(format!("create-tenant: {status}").into())
}

/// One team, one inbox that rings there, and its agents.
pub(super) async fn furnish(
    api: &Api,
    tenant: usize,
    agents: usize,
    router_plugin: bool,
) -> Outcome<()> {
    let owner = api.log_in(tenant, OWNER).await?;
    let team = json!({ "name": "Everybody", "strategy": "least_loaded" });
    let team = api.post("/teams", Some(&owner), team).await?;
    let new = json!({ "key": inbox(tenant), "name": "Inbox", "default_team_id": team["id"] });
    api.post("/inboxes", Some(&owner), new).await?;
    for agent in 0..agents {
        let new = json!({
            "email": email(agent), "name": format!("Agent {agent}"), "role": "agent",
            "password": PASSWORD, "capacity": CAPACITY, "team_ids": [team["id"]],
        });
        api.post("/agents", Some(&owner), new).await?;
    }
    if router_plugin {
        install_router(api, &owner).await?;
    }
    Ok(())
}

/// Takes skills-router from the catalogue, with a rule that fits every visitor
/// of the bench, so that its opinion is asked and taken.
async fn install_router(api: &Api, owner: &str) -> Outcome<()> {
    let taken = json!({ "catalogue": "skills-router" });
    let taken = api.post("/plugins", Some(owner), taken).await?;
    let plugin = missing(taken["plugin"]["id"].as_str(), "the plugin's id")?;
    let rule = json!({ "name": "everybody", "when": { "category": "bench" }, "agents": [email(0), email(1)] });
    let granted: &Value = &taken["plugin_version"]["capabilities"];
    let wanted = json!({
        "plugin_id": plugin, "hooks": ["routing"], "capabilities": granted,
        "config": { "rules": [rule] }, "enabled": true,
    });
    api.post("/installations", Some(owner), wanted).await?;
    Ok(())
}
