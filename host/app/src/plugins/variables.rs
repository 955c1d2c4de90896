//! Variables: which there are, and the values plugins have for them.

use std::collections::BTreeMap;
use std::sync::Arc;

use deskbell_domain::canned::CORE_VARIABLES;
use deskbell_domain::plugin::Hook;
use deskbell_domain::text::MESSAGE_MAX_CHARS;
use deskbell_domain::{Actor, AgentRef, Conversation, InstallationId, Permission, TenantId, Who};
use futures_util::future::join_all;

use crate::app::{App, found, require};
use crate::error::Error;
use crate::hooks::{HookError, VariablesRequest};
use crate::plugins::Installed;

/// A variable somebody can write into a canned response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub description: String,
    /// The installation that fills it in; none is Deskbell itself.
    pub plugin: Option<(InstallationId, String)>,
}

impl App {
    /// Deskbell's own first, then each plugin's.
    pub async fn list_variables(&self, actor: &Actor) -> Result<Vec<Variable>, Error> {
        require(actor, Permission::ReadDesk)?;
        let mut all: Vec<_> = CORE_VARIABLES
            .iter()
            .map(|(name, description)| Variable {
                name: (*name).to_owned(),
                description: (*description).to_owned(),
                plugin: None,
            })
            .collect();
        for one in self.installed_for(actor.tenant, Hook::Variables) {
            for defined in &one.variables {
                // Of two with the same name, the first is asked.
                if all.iter().all(|known| known.name != defined.name) {
                    all.push(Variable {
                        name: defined.name.clone(),
                        description: defined.description.clone(),
                        plugin: Some((one.id, one.name.clone())),
                    });
                }
            }
        }
        Ok(all)
    }

    /// The values plugins have for these names. Each is asked once, for all names
    /// that are its; one that fails is noted, and its names stay without a value.
    pub(crate) async fn plugin_variables(
        &self,
        actor: &Actor,
        conversation: &Conversation,
        mut names: Vec<String>,
    ) -> Result<BTreeMap<String, String>, Error> {
        let Who::Agent { id, name, .. } = &actor.who else {
            return Ok(BTreeMap::new());
        };
        let mut asked = Vec::new();
        for one in self.installed(actor.tenant, Hook::Variables) {
            let defines = |name: &String| one.variables.iter().any(|d| d.name == *name);
            let (its, rest) = names.into_iter().partition::<Vec<_>, _>(defines);
            names = rest;
            if !its.is_empty() {
                asked.push((one, its));
            }
        }
        if asked.is_empty() {
            return Ok(BTreeMap::new());
        }
        let tx = self.store.snapshot(actor.tenant).await?;
        let contact = found(tx.contact(conversation.contact.id).await?, "contact")?;
        drop(tx);
        let agent = AgentRef {
            id: *id,
            name: name.clone(),
        };
        let asks = asked.into_iter().map(|(one, names)| {
            let request = VariablesRequest {
                names,
                conversation: conversation.clone(),
                contact: contact.clone(),
                agent: agent.clone(),
            };
            let (app, tenant) = (self.clone(), actor.tenant);
            let asked = async move { app.ask_for_variables(tenant, one, request).await };
            self.plugins.going_on.through(asked)
        });
        let values = join_all(asks).await.into_iter().flatten();
        Ok(values.flatten().collect())
    }

    async fn ask_for_variables(
        &self,
        tenant: TenantId,
        one: Arc<Installed>,
        request: VariablesRequest,
    ) -> BTreeMap<String, String> {
        let (names, conversation) = (request.names.clone(), request.conversation.id);
        let call = one.call(self, Hook::Variables);
        let answer = self.hooks.resolve_variables(call, request).await;
        match answer {
            Ok(mut values) => {
                values.retain(|name, _| names.contains(name));
                if let Some(name) = values.iter().find_map(unfit) {
                    let why = format!("the value of `{name}` cannot be part of a message");
                    let (error, hook) = (HookError::BadAnswer(why), Hook::Variables);
                    self.note_bad_answer(tenant, one.id, hook, &error, Some(conversation));
                    values.retain(|name, value| unfit((name, value)).is_none());
                }
                values
            }
            Err(error) => {
                let hook = Hook::Variables;
                self.note_plugin_failure(tenant, one.id, hook, &error, Some(conversation));
                BTreeMap::new()
            }
        }
    }
}

/// The name, if its value is no text that one can send.
fn unfit((name, value): (&String, &String)) -> Option<String> {
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let unfit = value.chars().any(control) || value.chars().count() > MESSAGE_MAX_CHARS;
    unfit.then(|| name.clone())
}
