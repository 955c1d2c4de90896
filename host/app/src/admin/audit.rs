//! The audit log, read by admins. Entries are written with the changes they are
//! about (`admin.rs`); there is no use case that changes or deletes one.

use std::collections::HashMap;

use deskbell_domain::actor::ActorKind;
use deskbell_domain::audit::AuditEntry;
use deskbell_domain::{Actor, Permission, Refusal, Timestamp};
use deskbell_store::{Actions, AuditFilter, Tx};

use crate::app::{App, require};
use crate::error::Error;

/// More of them nobody means.
const MOST_ACTIONS: usize = 20;

/// What is asked of the log. None asks nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub actor_id: Option<String>,
    pub actor_kind: Option<ActorKind>,
    /// Names of actions, and `plugin.*` for all of a noun, with commas between them.
    pub action: Option<String>,
    pub target_id: Option<String>,
    /// Not before this.
    pub from: Option<Timestamp>,
    /// Before this.
    pub to: Option<Timestamp>,
    pub cursor: Option<String>,
    pub limit: u64,
}

impl App {
    /// The latest first, with their targets' names, and the cursor of what is older.
    pub async fn audit(
        &self,
        actor: &Actor,
        query: AuditQuery,
    ) -> Result<(Vec<AuditEntry>, Option<String>), Error> {
        require(actor, Permission::Administer)?;
        let limit = query.limit;
        let filter = filter(query)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        // One more tells whether there is more.
        let mut found = tx.audit(&filter, limit.saturating_add(1)).await?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let last = found.last().map(|(n, _)| n.to_string());
        let mut entries: Vec<_> = found.into_iter().map(|(_, entry)| entry).collect();
        name(&tx, &mut entries).await?;
        Ok((entries, last.filter(|_| more)))
    }

    /// The cursor of what is older than the `limit` entries asked for, before any of
    /// them is read.
    pub async fn audit_beyond(
        &self,
        actor: &Actor,
        query: AuditQuery,
    ) -> Result<Option<String>, Error> {
        require(actor, Permission::Administer)?;
        let limit = query.limit;
        let filter = filter(query)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let next = tx.audit_after(&filter, limit).await?;
        // A cursor names the entry before: one that is not there does as well.
        Ok(next.map(|n| n.saturating_add(1).to_string()))
    }
}

fn filter(query: AuditQuery) -> Result<AuditFilter, Refusal> {
    let before = query.cursor.map(|cursor| cursor.parse::<i64>());
    let before = before.transpose().map_err(|_| {
        let detail = "This is no `next_cursor` of the audit log. Begin without one.";
        Refusal::field("/cursor", "bad_cursor", detail)
    })?;
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from >= to
    {
        return Err(Refusal::field("/to", "out_of_range", "Later than `from`."));
    }
    Ok(AuditFilter {
        actor_id: query.actor_id,
        actor_kind: query.actor_kind,
        actions: query.action.as_deref().map_or(Ok(vec![]), actions)?,
        target_id: query.target_id,
        from: query.from,
        to: query.to,
        before,
    })
}

fn actions(text: &str) -> Result<Vec<Actions>, Refusal> {
    let all: Vec<_> = text.split(',').map(one_of).collect();
    if all.len() > MOST_ACTIONS {
        let detail = format!("At most {MOST_ACTIONS} of them.");
        return Err(Refusal::field("/action", "too_many", detail));
    }
    all.into_iter().collect::<Option<_>>().ok_or_else(|| {
        let detail = "Names such as `plugin.upgraded`, or `plugin.*` for all of a kind, \
                      with commas between them.";
        Refusal::field("/action", "bad_value", detail)
    })
}

fn one_of(text: &str) -> Option<Actions> {
    let (noun, verb) = text.split_once('.')?;
    let word = |it: &str| {
        let known = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        !it.is_empty() && it.len() <= 40 && it.chars().all(known)
    };
    match verb {
        "*" => word(noun).then(|| Actions::Of(noun.to_owned())),
        verb => (word(noun) && word(verb)).then(|| Actions::Named(text.to_owned())),
    }
}

/// Names of targets: as they are called today, or were when they were last there.
async fn name(tx: &Tx, entries: &mut [AuditEntry]) -> Result<(), Error> {
    let has = |kind: &str| entries.iter().any(|it| it.target.kind == kind);
    let mut names: HashMap<String, String> = HashMap::new();
    if has("agent") {
        names.extend(
            tx.agents()
                .await?
                .into_iter()
                .map(|it| (it.id.to_string(), it.name)),
        );
    }
    if has("team") {
        names.extend(
            tx.teams()
                .await?
                .into_iter()
                .map(|it| (it.id.to_string(), it.name)),
        );
    }
    if has("inbox") {
        names.extend(
            tx.inboxes()
                .await?
                .into_iter()
                .map(|it| (it.id.to_string(), it.name)),
        );
    }
    if has("canned_response") {
        let all = tx.canned_responses().await?.into_iter();
        names.extend(all.map(|it| (it.id.to_string(), format!("/{}", it.shortcut))));
    }
    let mut keys: HashMap<String, String> = HashMap::new();
    if has("plugin") || has("installation") {
        for plugin in tx.plugins().await? {
            names.insert(plugin.id.to_string(), plugin.name.clone());
            keys.insert(plugin.key, plugin.name);
        }
        let all = tx.installations().await?.into_iter();
        names.extend(all.map(|it| (it.id.to_string(), it.plugin_name)));
    }
    let mut gone: Vec<String> = Vec::new();
    // A session has no name.
    let named = entries.iter().filter(|it| it.target.kind != "session");
    for id in named.filter_map(|it| it.target.id.as_ref()) {
        if !names.contains_key(id) && !gone.contains(id) {
            gone.push(id.clone());
        }
    }
    if !gone.is_empty() {
        for entry in tx.audit_names(&gone).await? {
            if let (Some(called), Some(id)) = (entry.called(), entry.target.id) {
                names.insert(id, keys.get(&called).cloned().unwrap_or(called));
            }
        }
    }
    for entry in entries {
        let id = entry.target.id.as_ref();
        entry.target.name = id.and_then(|id| names.get(id)).cloned();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_one_by_one_or_by_their_noun() {
        let told = actions("plugin.*,team.updated,canned_response.*").unwrap();
        let expected = [
            Actions::Of("plugin".to_owned()),
            Actions::Named("team.updated".to_owned()),
            Actions::Of("canned_response".to_owned()),
        ];
        assert_eq!(told, expected);
        let many = vec!["team.updated"; MOST_ACTIONS + 1].join(",");
        for wrong in [
            "",
            "team",
            "team.",
            "*.*",
            "team.up*",
            "team.updated,",
            "Team.updated",
            "team.%",
            &many,
        ] {
            assert!(actions(wrong).is_err(), "{wrong}");
        }
    }
}
