//! What a plugin with the capability `directory` may read: agents and teams of
//! its own tenant, by id or by name. The tenant comes from the installation, so
//! an id of another one finds nothing.

use async_trait::async_trait;
use deskbell_domain::{Agent, AgentId, TeamId, TenantId};
use deskbell_store::StoreError;

use crate::app::App;
use crate::hooks::{Directory, DirectoryFailed};

pub(super) struct DeskDirectory {
    app: App,
    tenant: TenantId,
}

impl DeskDirectory {
    pub(super) fn new(app: App, tenant: TenantId) -> Self {
        Self { app, tenant }
    }

    async fn agent(&self, id_or_email: &str) -> Result<Option<Agent>, StoreError> {
        let tx = self.app.store.snapshot(self.tenant).await?;
        let id = match id_or_email.parse::<AgentId>() {
            Ok(id) => Some(id),
            Err(_) => {
                let email = id_or_email.trim().to_lowercase();
                tx.agent_login(&email).await?.map(|(id, ..)| id)
            }
        };
        let Some(id) = id else { return Ok(None) };
        let agent = tx.agent(id).await?;
        Ok(agent.filter(|agent| agent.deactivated_at.is_none()))
    }

    async fn team(&self, id_or_name: &str) -> Result<Option<(TeamId, String)>, StoreError> {
        let tx = self.app.store.snapshot(self.tenant).await?;
        let team = match id_or_name.parse::<TeamId>() {
            Ok(id) => tx.team(id).await?,
            Err(_) => {
                let teams = tx.teams().await?;
                teams.into_iter().find(|team| team.name == id_or_name)
            }
        };
        Ok(team.map(|team| (team.id, team.name)))
    }
}

#[async_trait]
impl Directory for DeskDirectory {
    async fn find_agent(&self, id_or_email: &str) -> Result<Option<Agent>, DirectoryFailed> {
        // No text of theirs reaches the database that it could not hold.
        if id_or_email.contains('\0') {
            return Ok(None);
        }
        self.agent(id_or_email).await.map_err(|_| DirectoryFailed)
    }

    async fn find_team(
        &self,
        id_or_name: &str,
    ) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        self.team(id_or_name).await.map_err(|_| DirectoryFailed)
    }
}
