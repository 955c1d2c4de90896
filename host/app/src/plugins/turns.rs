//! What follows from a breaker's turn: the desk is told, and an installation that
//! failed too often goes back to the version that worked, or is switched off.

use deskbell_domain::event::Changes;
use deskbell_domain::plugin::{BreakerOpening, Hook, Installation, OnFailure, PluginFailure};
use deskbell_domain::{Actor, EventBody};
use deskbell_store::Tx;

use crate::admin::tell;
use crate::admin::upgrades::{returned, switched_off};
use crate::app::{App, Surroundings};
use crate::error::Error;
use crate::hooks::HookError;
use crate::plugins::breaker::Turn;
use crate::plugins::breakers::Turned;
use crate::plugins::failures::plain;

impl App {
    /// True if a breaker turned since the last look. What could not be told is
    /// told with the next step; until then an open breaker stays open anyway.
    pub(super) async fn follow_breakers(&self) -> Result<bool, Error> {
        let mut turned = self.plugins.breakers.take_turned();
        let any = !turned.is_empty();
        while !turned.is_empty() {
            let next = turned.remove(0);
            if let Err(error) = self.follow(&next).await {
                turned.insert(0, next);
                self.plugins.breakers.put_back(turned);
                return Err(error);
            }
        }
        Ok(any)
    }

    async fn follow(&self, turned: &Turned) -> Result<(), Error> {
        let tenant = turned.key.tenant;
        let near = self.surroundings(&self.tenant(tenant).await?);
        let (by, of) = (Actor::system(tenant), turned.clone());
        // A version to return to must be callable before it is asked.
        let _hold = match turned.turn {
            Turn::Opened {
                too_often: true, ..
            } => self.hold_previous(turned).await?,
            _ => None,
        };
        let changed = self.store.write(tenant, move |tx| {
            let (near, by, of) = (near.clone(), by.clone(), of.clone());
            Box::pin(async move { tell_of_turn(tx, &near, &by, &of).await })
        });
        let changed = changed.await?;
        self.ring();
        if changed {
            self.refresh_plugins(tenant).await?;
            self.prepare_plugins(Some(tenant)).await?;
        }
        Ok(())
    }

    async fn hold_previous(
        &self,
        turned: &Turned,
    ) -> Result<Option<crate::plugins::in_use::Hold>, Error> {
        let key = turned.key;
        let tx = self.store.snapshot(key.tenant).await?;
        let Some(one) = tx.installation(key.installation).await? else {
            return Ok(None);
        };
        let Some(previous) = &one.previous else {
            return Ok(None);
        };
        let file = tx.plugin_version(one.plugin_id, &previous.plugin_version);
        let Some(file) = file.await? else {
            return Ok(None);
        };
        drop(tx);
        Ok(self.prepare_ahead(key.tenant, file.digest).await?.ok())
    }
}

/// True if the installation is another one now.
async fn tell_of_turn(
    tx: &Tx,
    near: &Surroundings,
    by: &Actor,
    turned: &Turned,
) -> Result<bool, Error> {
    let id = turned.key.installation;
    // It may be gone by now.
    let Some(there) = tx.hold_installation(id).await? else {
        return Ok(false);
    };
    let (hook, none) = (turned.key.hook, Changes::default());
    let Turn::Opened { until, too_often } = turned.turn else {
        let body = EventBody::PluginBreakerClosed {
            installation_id: id,
            hook,
        };
        tell(tx, near, by, body, none)?;
        return Ok(false);
    };
    let why = turned.why.as_ref();
    let opening = BreakerOpening {
        installation_id: id,
        plugin_name: there.plugin_name.clone(),
        hook,
        until,
        code: why.map_or("unknown", HookError::code).to_owned(),
        detail: why.map(|why| plain(&why.to_string())).unwrap_or_default(),
    };
    let last = opening.detail.clone();
    tell(
        tx,
        near,
        by,
        EventBody::PluginBreakerOpened { opening },
        none,
    )?;
    // Another node, or an admin, may have come first.
    let same = there.enabled && turned.digest.is_none_or(|digest| digest == there.digest);
    let (done, detail) = match (too_often && same, &there.previous) {
        (true, Some(previous)) if previous.worked => {
            let reason = format!(
                "Version {} failed too often in `{}`: {last}. The desk went back to {}.",
                there.plugin_version,
                hook.as_str(),
                previous.plugin_version
            );
            returned(tx, near, by, &there, Some(reason.clone())).await?;
            (true, reason)
        }
        // Whoever fails closed stays at work, and what it should see is held: nothing
        // is to pass because its filter broke.
        (true, _) if fails_closed(&there) => (
            false,
            format!(
                "it failed too often and stays, as what it should see is held; at last: {last}"
            ),
        ),
        (true, _) => {
            let reason = format!(
                "It failed too often in `{}`: {last}. The desk switched it off.",
                hook.as_str()
            );
            switched_off(tx, near, by, &there, reason.clone()).await?;
            (true, reason)
        }
        (false, _) => (
            false,
            format!("it failed too often and was left out for a while; at last: {last}"),
        ),
    };
    note(tx, near, &there, turned, detail).await?;
    Ok(done)
}

fn fails_closed(one: &Installation) -> bool {
    one.hooks.contains(&Hook::Filter) && one.on_failure == OnFailure::Hold
}

/// An opening is a line among the failures.
async fn note(
    tx: &Tx,
    near: &Surroundings,
    of: &Installation,
    turned: &Turned,
    detail: String,
) -> Result<(), Error> {
    let failure = PluginFailure {
        installation_id: of.id,
        hook: turned.key.hook,
        code: HookError::BreakerOpen.code().to_owned(),
        detail: plain(&detail),
        conversation_id: None,
        count: 1,
        first_at: near.now,
        last_at: near.now,
    };
    tx.add_plugin_failure(&failure).await?;
    Ok(())
}
