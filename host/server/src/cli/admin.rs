//! `deskbell admin`: the operator's hand on tenants and agents.
//!
//! A password is never an argument, where every user of the machine could read
//! it: it comes from a file or from standard input.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use clap::{Subcommand, ValueEnum};
use deskbell_app::admin::agents::NewAgent;
use deskbell_app::admin::tenants::NewTenant;
use deskbell_app::{App, Error};
use deskbell_domain::agent::DEFAULT_CAPACITY;
use deskbell_domain::{Actor, Refusal, Role};

use super::{Failure, Outcome, close, open, say};
use crate::config::{Config, Wrong};
use crate::serve::app;

#[derive(Subcommand)]
pub(super) enum Admin {
    /// Make a tenant with its first owner.
    CreateTenant {
        /// The short name in log-ins.
        #[arg(long)]
        slug: String,
        #[arg(long)]
        name: String,
        #[arg(long)]
        owner_email: String,
        #[arg(long)]
        owner_name: String,
        /// Else the first line of standard input.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// Make an agent.
    CreateAgent {
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        #[arg(long, value_enum, default_value = "agent")]
        role: RoleName,
        /// A team's name; may be given several times.
        #[arg(long)]
        team: Vec<String>,
        /// Else the first line of standard input.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// Give an agent a new password; their sessions end.
    SetPassword {
        #[arg(long)]
        tenant: String,
        #[arg(long)]
        email: String,
        /// Else the first line of standard input.
        #[arg(long)]
        password_file: Option<PathBuf>,
    },
    /// List the agents of a tenant.
    Agents {
        #[arg(long)]
        tenant: String,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    Agent,
    Supervisor,
    Admin,
    Owner,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Agent => Self::Agent,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Admin => Self::Admin,
            RoleName::Owner => Self::Owner,
        }
    }
}

pub(super) async fn run(config: Config, command: Admin) -> Outcome {
    let parts = open(&config).await?;
    let done = perform(&app(&parts), command).await;
    close(parts).await;
    done
}

async fn perform(app: &App, command: Admin) -> Outcome {
    match command {
        Admin::CreateTenant {
            slug,
            name,
            owner_email,
            owner_name,
            password_file,
        } => {
            let owner_password = password(password_file.as_deref())?;
            let new = NewTenant {
                slug,
                name,
                owner_email,
                owner_name,
                owner_password,
            };
            let (tenant, owner) = app.create_tenant(new).await.map_err(named)?;
            say(&format!("{} {} (owner {owner})", tenant.id, tenant.slug));
        }
        Admin::CreateAgent {
            tenant,
            email,
            name,
            role,
            team,
            password_file,
        } => {
            let actor = system(app, &tenant).await?;
            let new = NewAgent {
                email,
                name,
                role: role.into(),
                password: password(password_file.as_deref())?,
                capacity: DEFAULT_CAPACITY,
                team_ids: teams(app, &actor, &team).await?,
            };
            let agent = app.create_agent(&actor, new).await.map_err(named)?;
            say(&format!("{} {}", agent.id, agent.email));
        }
        Admin::SetPassword {
            tenant,
            email,
            password_file,
        } => {
            let actor = system(app, &tenant).await?;
            let agent = app.agent_by_email(&actor, &email).await.map_err(named)?;
            let password = password(password_file.as_deref())?;
            app.set_password(&actor, agent, password)
                .await
                .map_err(named)?;
            say(&format!(
                "{agent} has a new password; their sessions are ended."
            ));
        }
        Admin::Agents { tenant } => {
            let actor = system(app, &tenant).await?;
            for agent in app.list_agents(&actor).await? {
                let out = if agent.deactivated_at.is_some() {
                    " (deactivated)"
                } else {
                    ""
                };
                say(&format!(
                    "{} {:<12} {}{out}",
                    agent.id,
                    agent.role.as_str(),
                    agent.email
                ));
            }
        }
    }
    Ok(())
}

async fn system(app: &App, slug: &str) -> Result<Actor, Failure> {
    match app.tenant_by_slug(slug).await? {
        Some(tenant) => Ok(Actor::system(tenant.id)),
        None => Err(Wrong::new("--tenant", format!("there is no tenant {slug:?}")).into()),
    }
}

async fn teams(
    app: &App,
    actor: &Actor,
    names: &[String],
) -> Result<Vec<deskbell_domain::TeamId>, Failure> {
    let there = app.list_teams(actor).await?;
    let find = |name: &String| {
        let team = there.iter().find(|team| team.name == *name);
        team.map(|team| team.id)
            .ok_or_else(|| Wrong::new("--team", format!("there is no team {name:?}")).into())
    };
    names.iter().map(find).collect()
}

/// The argument a refusal is about, from the field it names.
fn named(error: Error) -> Failure {
    match &error {
        Error::Refused(Refusal::Invalid(fields)) => fields.first().map_or_else(
            || Failure::from(&error),
            |field| {
                let argument = field.pointer.trim_start_matches('/').replace('_', "-");
                Failure(format!("--{argument}: {}", field.detail))
            },
        ),
        _ => Failure::from(error),
    }
}

fn password(file: Option<&Path>) -> Result<String, Wrong> {
    let text = match file {
        Some(path) => std::fs::read_to_string(path).map_err(|error| {
            let reason = format!("cannot read {}: {error}", path.display());
            Wrong::new("--password-file", reason)
        })?,
        None => {
            let mut line = String::new();
            let input = std::io::stdin();
            if input.is_terminal() {
                say("Password (it will be seen while you type):");
            }
            let read = input.lock().read_line(&mut line);
            read.map_err(|error| Wrong::new("standard input", error.to_string()))?;
            line
        }
    };
    let password = text.lines().next().unwrap_or_default().to_owned();
    if password.is_empty() {
        let reason = "no password; give --password-file or a line on standard input".to_owned();
        return Err(Wrong::new("--password-file", reason));
    }
    Ok(password)
}
