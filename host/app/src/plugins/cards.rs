//! Cards beside a chat: what other systems know of its contact.
//!
//! All installations with the hook are asked side by side, each within its own
//! deadline; one that fails says so in its own place. An answer is kept for a
//! minute, in memory, for whoever opens the same conversation.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

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
/// Bytes of answers kept at a time, of one tenant and in all. What does not fit is
/// asked for again.
const MOST_OF_A_TENANT: usize = 2 * 1024 * 1024;
const MOST_IN_ALL: usize = 32 * 1024 * 1024;
/// What an answer weighs besides its texts.
const EACH: usize = 512;
const EACH_TEXT: usize = 64;

/// What one installation shows, or why it does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub installed: Arc<Installed>,
    pub cards: Result<Vec<Card>, NotShown>,
}

impl Shown {
    fn stopped(installed: Arc<Installed>) -> Self {
        let error = HookError::Sandbox("the server stops".to_owned());
        let cards = Err(NotShown::because(&error));
        Self { installed, cards }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotShown {
    /// A stable word, such as `deadline_exceeded`.
    pub kind: &'static str,
    pub message: String,
}

impl NotShown {
    fn because(error: &HookError) -> Self {
        Self {
            kind: error.code(),
            message: failures::plain(&error.to_string()),
        }
    }
}

#[derive(Default)]
pub(super) struct Cards(Mutex<Shelf>);

type Key = (TenantId, ConversationId, InstallationId);

#[derive(Default)]
struct Shelf {
    kept: HashMap<Key, Kept>,
    swept_at: Option<Timestamp>,
    bytes: usize,
    of_tenants: HashMap<TenantId, usize>,
}

struct Kept {
    at: Timestamp,
    /// Who answered, as it was then. That an answer is kept keeps nobody's code.
    by: Weak<Installed>,
    cards: Vec<Card>,
    bytes: usize,
}

impl Kept {
    fn is_good(&self, now: Timestamp) -> bool {
        now.since(self.at) < KEPT_FOR && self.by.strong_count() > 0
    }
}

impl Cards {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(
        &self,
        installed: &Installed,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Option<Vec<Card>> {
        let shelf = self.shelf();
        let key = (installed.tenant, conversation, installed.id);
        let found = shelf.kept.get(&key).filter(|one| one.is_good(now))?;
        let by = found.by.upgrade()?;
        by.behaves_like(installed).then(|| found.cards.clone())
    }

    fn keep(
        &self,
        by: &Arc<Installed>,
        conversation: ConversationId,
        cards: Vec<Card>,
        now: Timestamp,
    ) {
        let mut shelf = self.shelf();
        if shelf.swept_at.is_none_or(|at| now.since(at) >= KEPT_FOR) {
            shelf.sweep(now);
        }
        let key = (by.tenant, conversation, by.id);
        shelf.remove(&key);
        let bytes = weight(&cards);
        let of_tenant = shelf.of_tenants.get(&by.tenant).copied().unwrap_or(0);
        if of_tenant + bytes > MOST_OF_A_TENANT || shelf.bytes + bytes > MOST_IN_ALL {
            return;
        }
        shelf.bytes += bytes;
        *shelf.of_tenants.entry(by.tenant).or_default() += bytes;
        let (at, by) = (now, Arc::downgrade(by));
        let kept = Kept {
            at,
            by,
            cards,
            bytes,
        };
        shelf.kept.insert(key, kept);
    }
}

impl Shelf {
    fn sweep(&mut self, now: Timestamp) {
        self.swept_at = Some(now);
        let old = self.kept.iter().filter(|(_, one)| !one.is_good(now));
        let old: Vec<Key> = old.map(|(key, _)| *key).collect();
        for key in old {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &Key) {
        let Some(gone) = self.kept.remove(key) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(gone.bytes);
        if let Some(of_tenant) = self.of_tenants.get_mut(&key.0) {
            *of_tenant = of_tenant.saturating_sub(gone.bytes);
            if *of_tenant == 0 {
                self.of_tenants.remove(&key.0);
            }
        }
    }
}

fn weight(cards: &[Card]) -> usize {
    let text = |text: &str| EACH_TEXT + text.len();
    let link = |link: &Option<String>| text(link.as_deref().unwrap_or_default());
    let card = |card: &Card| -> usize {
        let fields = card.fields.iter();
        let fields =
            fields.map(|field| text(&field.label) + text(&field.value) + link(&field.link));
        EACH + text(&card.title) + link(&card.link) + fields.sum::<usize>()
    };
    EACH + cards.iter().map(card).sum::<usize>()
}

impl App {
    /// What these plugins know of a conversation's contact, in their order. `fresh` asks
    /// again although an answer is kept.
    pub async fn conversation_cards(
        &self,
        actor: &Actor,
        id: ConversationId,
        fresh: bool,
        whom: Vec<Arc<Installed>>,
    ) -> Result<Vec<Shown>, Error> {
        require(actor, Permission::Converse)?;
        let tx = self.store.snapshot(actor.tenant).await?;
        let conversation = found(tx.conversation(id).await?, "conversation")?;
        check_visible(actor, &conversation)?;
        let contact = found(tx.contact(conversation.contact.id).await?, "contact")?;
        drop(tx);
        let asks = whom.into_iter().map(|installed| {
            let (app, one) = (self.clone(), installed.clone());
            let (conversation, contact) = (conversation.clone(), contact.clone());
            // An agent who goes on to the next chat does not wait for this one.
            let asked = self.plugins.going_on.through(async move {
                app.ask_for_cards(one, &conversation, &contact, fresh).await
            });
            async move { asked.await.unwrap_or_else(|| Shown::stopped(installed)) }
        });
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
                    kept.keep(&installed, id, cards.clone(), self.now());
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
        let cards = cards.map_err(|error| NotShown::because(&error));
        Shown { installed, cards }
    }
}
