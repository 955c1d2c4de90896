//! Teams: who answers together, and how their queue is shared out.

use deskbell_domain::event::Changes;
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::text::{Check, NAME_MAX_CHARS};
use deskbell_domain::{Actor, AgentId, EventBody, Permission, Refusal, TeamId};
use deskbell_store::Tx;

use crate::admin::tell;
use crate::app::{App, Surroundings, found, require};
use crate::error::Error;

#[derive(Debug, Clone)]
pub struct NewTeam {
    pub name: String,
    pub strategy: Strategy,
}

#[derive(Debug, Clone, Default)]
pub struct TeamPatch {
    pub name: Option<String>,
    pub strategy: Option<Strategy>,
    pub if_version: Option<i64>,
}

impl App {
    pub async fn list_teams(&self, actor: &Actor) -> Result<Vec<Team>, Error> {
        require(actor, Permission::ReadDesk)?;
        Ok(self.store.snapshot(actor.tenant).await?.teams().await?)
    }

    pub async fn create_team(&self, actor: &Actor, new: NewTeam) -> Result<Team, Error> {
        require(actor, Permission::Administer)?;
        let mut check = Check::new();
        check.required("/name", &new.name, NAME_MAX_CHARS, false);
        check.done()?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let team = Team {
            id: TeamId(self.ids.uuid()),
            name: new.name,
            strategy: new.strategy,
            agent_ids: vec![],
            created_at: near.now,
            version: 1,
        };
        let made = team.clone();
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, team) = (near.clone(), by.clone(), made.clone());
                Box::pin(async move {
                    tx.insert_team(&team).await?;
                    tell(
                        tx,
                        &near,
                        &by,
                        EventBody::TeamCreated { team },
                        Default::default(),
                    )
                })
            })
            .await?;
        self.ring();
        Ok(team)
    }

    pub async fn update_team(
        &self,
        actor: &Actor,
        id: TeamId,
        patch: TeamPatch,
    ) -> Result<Team, Error> {
        require(actor, Permission::Administer)?;
        let mut check = Check::new();
        if let Some(name) = &patch.name {
            check.required("/name", name, NAME_MAX_CHARS, false);
        }
        check.done()?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let team = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                Box::pin(async move {
                    let before = found(tx.team(id).await?, "team")?;
                    if patch
                        .if_version
                        .is_some_and(|version| version != before.version)
                    {
                        return Err(Refusal::Stale.into());
                    }
                    let mut team = before.clone();
                    team.name = patch.name.unwrap_or(team.name);
                    team.strategy = patch.strategy.unwrap_or(team.strategy);
                    if team == before {
                        return Ok(team);
                    }
                    team.version += 1;
                    tx.save_team(&team).await?;
                    let changes = Changes::between(&before, &team);
                    tell(
                        tx,
                        &near,
                        &by,
                        EventBody::TeamUpdated { team: team.clone() },
                        changes,
                    )?;
                    Ok::<_, Error>(team)
                })
            })
            .await?;
        self.ring();
        Ok(team)
    }

    /// Only a team that no inbox rings and no open conversation waits for.
    pub async fn delete_team(&self, actor: &Actor, id: TeamId) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    let team = found(tx.team(id).await?, "team")?;
                    if tx.team_in_use(id).await? {
                        return Err(Refusal::InUse("The team").into());
                    }
                    for member in team.agent_ids {
                        leave(tx, &near, &by, member, id).await?;
                    }
                    tx.delete_team(id).await?;
                    let body = EventBody::TeamDeleted { team_id: id };
                    tell(tx, &near, &by, body, Default::default())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

/// A team that goes is left by its members first: their own state names it.
async fn leave(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    id: AgentId,
    team: TeamId,
) -> Result<(), Error> {
    let Some(mut agent) = tx.hold_agent(id).await? else {
        return Ok(());
    };
    let before = agent.view();
    agent.team_ids.retain(|one| *one != team);
    agent.version += 1;
    tx.save_agent(&agent).await?;
    let changes = Changes::between(&before, &agent.view());
    let body = EventBody::AgentUpdated {
        agent: agent.view(),
    };
    tell(tx, near, by, body, changes)
}

/// A team names its members, so it changes with whoever comes or goes. To be
/// called when the agent is saved.
pub(super) async fn members_changed(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    agent: AgentId,
    before: &[TeamId],
    after: &[TeamId],
) -> Result<(), Error> {
    let left = before.iter().filter(|team| !after.contains(team));
    let joined = after.iter().filter(|team| !before.contains(team));
    for id in left.chain(joined) {
        let Some(mut team) = tx.team(*id).await? else {
            continue;
        };
        let mut was = team.clone();
        if after.contains(id) {
            was.agent_ids.retain(|member| *member != agent);
        } else {
            was.agent_ids.push(agent);
            was.agent_ids.sort();
        }
        team.version += 1;
        tx.save_team(&team).await?;
        let changes = Changes::between(&was, &team);
        tell(tx, near, by, EventBody::TeamUpdated { team }, changes)?;
    }
    Ok(())
}
