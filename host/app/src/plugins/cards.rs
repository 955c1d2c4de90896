//! Cards beside a chat: what other systems know of its contact.
//!
//! All installations with the hook are asked side by side, each within its own
//! deadline; one that fails says so in its own place. An answer is kept for a
//! minute, in memory, for whoever opens the same conversation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deskbell_domain::integration::{Card, check_cards};
use deskbell_domain::plugin::Hook;
use deskbell_domain::time::{MINUTE, Millis};
use deskbell_domain::{
    Actor, Contact, Conversation, ConversationId, InstallationId, Permission, TenantId, Timestamp,
};
use futures_util::future::join_all;

use crate::app::{App, found, require};
use crate::error::Error;
use crate::execute::check_visible;
use crate::hooks::{ContextRequest, HookError};
use crate::plugins::{Installed, failures};

const KEPT_FOR: Millis = MINUTE;
/// Answers kept at a time. When there are so many, the oldest half goes.
const MOST_KEPT: usize = 10_000;

/// What one installation shows, or why it does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub installed: Arc<Installed>,
    pub cards: Result<Vec<Card>, NotShown>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotShown {
    /// A stable word, such as `deadline_exceeded`.
    pub kind: &'static str,
    pub message: String,
}

#[derive(Default)]
pub(super) struct Cards(Mutex<HashMap<Key, Kept>>);

type Key = (TenantId, ConversationId, InstallationId);

struct Kept {
    at: Timestamp,
    /// Who answered, as it was then.
    by: Arc<Installed>,
    cards: Vec<Card>,
}

impl Cards {
    fn kept(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(
        &self,
        installed: &Installed,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Option<Vec<Card>> {
        let kept = self.kept();
        let key = (installed.tenant, conversation, installed.id);
        let found = kept.get(&key)?;
        let good = now.since(found.at) < KEPT_FOR && found.by.behaves_like(installed);
        good.then(|| found.cards.clone())
    }

    fn keep(
        &self,
        by: Arc<Installed>,
        conversation: ConversationId,
        cards: Vec<Card>,
        now: Timestamp,
    ) {
        let mut kept = self.kept();
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, one| now.since(one.at) < KEPT_FOR);
        }
        if kept.len() >= MOST_KEPT {
            let mut ages: Vec<_> = kept.values().map(|one| one.at).collect();
            let (_, median, _) = ages.select_nth_unstable(MOST_KEPT / 2);
            let median = *median;
            kept.retain(|_, one| one.at > median);
        }
        let key = (by.tenant, conversation, by.id);
        kept.insert(key, Kept { at: now, by, cards });
    }
}

impl App {
    /// What plugins know of a conversation's contact, in the order they are asked.
    /// `fresh` asks again although an answer is kept.
    pub async fn conversation_cards(
        &self,
        actor: &Actor,
        id: ConversationId,
        fresh: bool,
    ) -> Result<Vec<Shown>, Error> {
        require(actor, Permission::Converse)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let conversation = found(tx.conversation(id).await?, "conversation")?;
        check_visible(actor, &conversation)?;
        let contact = found(tx.contact(conversation.contact.id).await?, "contact")?;
        drop(tx);
        // With those that are left out: the agent sees that one is.
        let all = self.installed_for(actor.tenant, Hook::Context);
        let asks = all
            .into_iter()
            .map(|one| self.ask_for_cards(one, &conversation, &contact, fresh));
        Ok(join_all(asks).await)
    }

    async fn ask_for_cards(
        &self,
        installed: Arc<Installed>,
        conversation: &Conversation,
        contact: &Contact,
        fresh: bool,
    ) -> Shown {
        let (id, kept) = (conversation.id, &self.plugins.cards);
        if !fresh && let Some(cards) = kept.get(&installed, id, self.now()) {
            let cards = Ok(cards);
            return Shown { installed, cards };
        }
        let request = ContextRequest {
            conversation: conversation.clone(),
            contact: contact.clone(),
        };
        let call = installed.call(self, Hook::Context);
        let said = self.hooks.look_up(call, request).await;
        let (tenant, hook, about) = (installed.tenant, Hook::Context, Some(id));
        let cards = match said {
            Ok(cards) => match check_cards(&cards, self.outbound.allows_http()) {
                Ok(()) => {
                    kept.keep(installed.clone(), id, cards.clone(), self.now());
                    Ok(cards)
                }
                Err(why) => {
                    let error = HookError::BadAnswer(why);
                    self.note_bad_answer(tenant, installed.id, hook, &error, about);
                    Err(error)
                }
            },
            Err(error) => {
                self.note_plugin_failure(tenant, installed.id, hook, &error, about);
                Err(error)
            }
        };
        let cards = cards.map_err(|error| NotShown {
            kind: error.code(),
            message: failures::plain(&error.to_string()),
        });
        Shown { installed, cards }
    }
}
