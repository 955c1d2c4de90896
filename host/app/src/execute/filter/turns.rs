//! Turns: one sender's messages go past the filters one after the other.
//!
//! Without them a filter that takes longer for the first message than for the
//! second would change their order. Whoever asks first comes first, and one sender
//! never waits for another. Only tenants with filters have any.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{Actor, TenantId};
use tokio::sync::OwnedMutexGuard;

type Key = (TenantId, ActorKind, Option<String>);
type Line = Arc<tokio::sync::Mutex<()>>;

/// The senders that have something under way.
#[derive(Clone, Default)]
pub(crate) struct Turns {
    lines: Arc<Mutex<HashMap<Key, Line>>>,
}

/// Until it is dropped, nothing else of this sender is looked at.
pub(crate) struct Turn {
    turns: Turns,
    key: Key,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    pub(crate) async fn take(&self, actor: &Actor) -> Turn {
        let by = actor.to_ref();
        let key = (actor.tenant, by.kind, by.id);
        let line = self.lock().entry(key.clone()).or_default().clone();
        // First of all, so that whoever gives up waiting leaves nothing behind.
        let mut turn = Turn {
            turns: self.clone(),
            key,
            held: None,
        };
        turn.held = Some(line.lock_owned().await);
        turn
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lines = self.turns.lock();
        self.held = None;
        // Whoever waits holds the line too, and nobody joins while we look.
        let last = |line: &Line| Arc::strong_count(line) == 1;
        if lines.get(&self.key).is_some_and(last) {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_asks_first_comes_first_and_nothing_is_left() {
        let turns = Turns::default();
        let actor = Actor::system(TenantId(uuid::Uuid::from_u128(1)));
        let first = turns.take(&actor).await;
        let order = Mutex::new(Vec::new());
        let waiting = (0..5).map(|n| {
            let (turns, actor, order) = (turns.clone(), actor.clone(), &order);
            async move {
                let _turn = turns.take(&actor).await;
                order.lock().unwrap().push(n);
            }
        });
        let all = futures_util::future::join_all(waiting);
        let release = async { drop(first) };
        tokio::join!(all, release);
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
        assert!(turns.lock().is_empty());
    }
}
