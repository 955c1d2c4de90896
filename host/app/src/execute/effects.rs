//! What a plugin wants done about an event it was told of: one unit.

use std::sync::Arc;

use deskbell_domain::actor::ActorKind;
use deskbell_domain::conversation::effects::{apply, first_note_key};
use deskbell_domain::integration::Effect;
use deskbell_domain::{Actor, Case, ConversationId, EventId};
use deskbell_store::merged::{Dedupe, Submitted, Unit};

use crate::app::App;
use crate::error::Error;
use crate::execute::{Outcome, sender_uuid, submit_error};

impl App {
    /// All of it, or nothing; what was done before is not done again.
    pub(super) async fn apply_effects(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        event: EventId,
        depth: u8,
        effects: Vec<Effect>,
    ) -> Result<Outcome, Error> {
        let near = self.surroundings(&self.tenant(actor.tenant).await?);
        let by = actor.to_ref();
        let dedupe = match first_note_key(event, &effects) {
            Some(client_msg_id) => Some(Dedupe {
                sender_kind: ActorKind::Plugin,
                sender_id: sender_uuid(actor)?,
                client_msg_id,
            }),
            // An attribute is as it is, however often it is set.
            None => None,
        };
        let unit = Unit {
            tenant: actor.tenant,
            conversation,
            agents: vec![],
            with_assignee: false,
            with_bot: false,
            dedupe,
            timer: None,
            lease: None,
            decide: Arc::new(move |case: &mut Case| {
                apply(case, &near.cx(), &by, event, depth, &effects)
            }),
        };
        match self.store.submit(unit).await.map_err(submit_error)? {
            Submitted::Done(()) => self.ring(),
            Submitted::Duplicate(_) | Submitted::TimerGone => {}
        }
        Ok(Outcome::Done)
    }
}
