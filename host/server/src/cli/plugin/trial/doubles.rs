//! The desk as a scenario has it: what the plugin keeps, and whom it may ask for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{Directory, DirectoryFailed, Expected, Keys, KeysFailed};
use deskbell_app::scenario::{Blob, Ids, People};
use deskbell_domain::reach::{KEYS_BYTES, MOST_KEYS};
use deskbell_domain::{Agent, AgentId, Availability, Presence, Role, TeamId, Timestamp};

/// In one answer, as on a server.
const LISTED: usize = 1_000;

pub(super) struct PlayedKeys(Mutex<BTreeMap<String, Bytes>>);

impl PlayedKeys {
    pub(super) fn new(before: &BTreeMap<String, Blob>) -> Self {
        let kept = before.iter();
        let kept = kept.map(|(key, value)| (key.clone(), value.0.clone()));
        Self(Mutex::new(kept.collect()))
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn kept(&self) -> BTreeMap<String, Blob> {
        let all = self.all();
        let kept = all.iter();
        kept.map(|(key, value)| (key.clone(), Blob(value.clone())))
            .collect()
    }
}

#[async_trait]
impl Keys for PlayedKeys {
    async fn get(&self, key: String) -> Result<Option<Bytes>, KeysFailed> {
        Ok(self.all().get(&key).cloned())
    }

    async fn list(&self, prefix: String, after: Option<String>) -> Result<Vec<String>, KeysFailed> {
        let all = self.all();
        let wanted = all.keys().filter(|key| {
            key.starts_with(&prefix) && after.as_ref().is_none_or(|after| *key > after)
        });
        Ok(wanted.take(LISTED).cloned().collect())
    }

    async fn change(
        &self,
        key: String,
        expected: Expected,
        value: Option<Bytes>,
    ) -> Result<bool, KeysFailed> {
        let mut all = self.all();
        let there = all.get(&key).cloned();
        let exactly = matches!(expected, Expected::Exactly(_));
        if let Expected::Exactly(wanted) = expected
            && wanted != there
        {
            return Ok(false);
        }
        if let Some(value) = &value {
            let weight = |key: &String, value: &Bytes| (key.len() + value.len()) as i64;
            let others = all.iter().filter(|(other, _)| **other != key);
            let (count, bytes) = others.fold((1, weight(&key, value)), |(count, bytes), (k, v)| {
                (count + 1, bytes + weight(k, v))
            });
            if count > MOST_KEYS || bytes > KEYS_BYTES {
                let why =
                    format!("an installation keeps at most {MOST_KEYS} keys, {KEYS_BYTES} bytes");
                return Err(KeysFailed::Full(why));
            }
        }
        match value {
            Some(value) => all.insert(key, value),
            None => all.remove(&key),
        };
        Ok(exactly || there.is_some())
    }
}

pub(super) struct PlayedDirectory {
    agents: Vec<Agent>,
    teams: Vec<(TeamId, String)>,
}

impl PlayedDirectory {
    pub(super) fn new(people: &People, ids: &mut Ids, now: Timestamp) -> Self {
        let teams = people.teams.iter();
        let teams = teams.map(|team| (ids.read(&team.id, TeamId), team.name.clone()));
        let teams = teams.collect();
        let agents = people.agents.iter().map(|agent| Agent {
            id: ids.read(&agent.id, AgentId),
            email: agent.email.clone(),
            name: agent.name.clone(),
            role: Role::Agent,
            team_ids: agent
                .team_ids
                .iter()
                .map(|id| ids.read(id, TeamId))
                .collect(),
            capacity: agent.capacity,
            load: agent.load,
            presence: Presence {
                connected: true,
                disconnected_at: None,
                choice: Availability::Online,
                last_active_at: now,
            },
            availability: agent.availability,
            last_assigned_at: None,
            deactivated_at: None,
            created_at: now,
            version: 1,
        });
        Self {
            agents: agents.collect(),
            teams,
        }
    }
}

#[async_trait]
impl Directory for PlayedDirectory {
    async fn find_agent(&self, id_or_email: &str) -> Result<Option<Agent>, DirectoryFailed> {
        let email = id_or_email.trim().to_lowercase();
        let mut agents = self.agents.iter();
        let found = agents.find(|one| one.id.to_string() == id_or_email || one.email == email);
        Ok(found.cloned())
    }

    async fn find_team(
        &self,
        id_or_name: &str,
    ) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        let mut teams = self.teams.iter();
        let found = teams.find(|(id, name)| id.to_string() == id_or_name || name == id_or_name);
        Ok(found.cloned())
    }
}
