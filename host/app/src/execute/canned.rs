//! Using a canned response: one call fills it, sends it and counts it.

use deskbell_domain::canned::{Rendered, core_variable, render};
use deskbell_domain::command::{CannedRef, UseCannedResponse};
use deskbell_domain::event::Changes;
use deskbell_domain::message::Draft;
use deskbell_domain::text::{Check, MESSAGE_MAX_CHARS};
use deskbell_domain::{Actor, CannedResponseId, EventBody, Refusal, Who};
use serde_json::{Map, json};

use crate::admin::tell;
use crate::app::{App, found};
use crate::error::Error;
use crate::execute::Outcome;
use crate::execute::filter::Sending;

impl App {
    /// With a variable missing nothing is sent, and the agent hears which.
    pub(super) async fn use_canned_response(
        &self,
        actor: &Actor,
        used: UseCannedResponse,
    ) -> Result<Outcome, Error> {
        let conversation = self.visible_conversation(actor, used.conversation).await?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let canned = match used.which {
            CannedRef::Id(id) => tx.canned_response(id).await?,
            CannedRef::Shortcut(shortcut) => tx.canned_by_shortcut(&shortcut).await?,
        };
        drop(tx);
        let canned = found(canned, "canned response")?;
        if !canned.enabled {
            return Err(Refusal::Disabled.into());
        }
        let agent_name = match &actor.who {
            Who::Agent { name, .. } => name.as_str(),
            _ => "",
        };
        let core = |name: &str| core_variable(name, &conversation, agent_name);
        let mut rendered = render(&canned.text, core);
        if !rendered.missing.is_empty() {
            let names = std::mem::take(&mut rendered.missing);
            let values = self.plugin_variables(actor, &conversation, names).await?;
            rendered = render(&canned.text, |name| {
                core(name).or_else(|| values.get(name).cloned())
            });
        }
        let Rendered { mut text, missing } = rendered;
        if used.preview {
            return Ok(Outcome::Canned {
                text,
                missing,
                ack: None,
            });
        }
        if !missing.is_empty() {
            return Err(Refusal::MissingVariables(missing).into());
        }
        let mut check = Check::new();
        check.required("/text", &text, MESSAGE_MAX_CHARS, true);
        check.done()?;
        let draft = Draft {
            client_msg_id: used.client_msg_id,
            text: text.clone(),
            private: false,
            attributes: Map::new(),
        };
        let (ack, new) = match self.filter_draft(actor, used.conversation, draft).await? {
            Sending::Now(draft) => {
                // As it is stored, which filters may have changed.
                draft.text.clone_into(&mut text);
                self.send_message(actor, used.conversation, draft).await?
            }
            Sending::Before(ack) => (ack, false),
        };
        // The message is sent, whatever becomes of its count.
        if new && let Err(error) = self.count_use(actor, canned.id).await {
            tracing::warn!(%error, "a canned response's use was not counted");
        }
        Ok(Outcome::Canned {
            text,
            missing,
            ack: Some(ack),
        })
    }

    /// Counted beside the send: what a crash between the two loses is one count.
    async fn count_use(&self, actor: &Actor, id: CannedResponseId) -> Result<(), Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    tx.count_use(id, near.now).await?;
                    // Its row is ours now, so this is what the counting made of it.
                    let Some(after) = tx.canned_response(id).await? else {
                        return Ok(());
                    };
                    let mut changes = Map::new();
                    for (name, now) in
                        [("used_count", after.used_count), ("version", after.version)]
                    {
                        changes.insert(name.to_owned(), json!([now - 1, now]));
                    }
                    let body = EventBody::CannedResponseUpdated {
                        canned_response: after,
                    };
                    tell(tx, &near, &by, body, Changes(changes))
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}
