//! Inboxes: where visitors ring, under which key and from which pages.

use deskbell_domain::event::Changes;
use deskbell_domain::inbox::{Inbox, Look};
use deskbell_domain::plugin::Hook;
use deskbell_domain::text::{Check, NAME_MAX_CHARS};
use deskbell_domain::{Actor, EventBody, InboxId, InstallationId, Permission, Refusal, TeamId};

use crate::admin::tell;
use crate::app::{App, found, require};
use crate::error::Error;

const ORIGINS_MAX: usize = 50;
const WELCOME_MAX_CHARS: usize = 500;

#[derive(Debug, Clone)]
pub struct NewInbox {
    pub key: String,
    pub name: String,
    pub default_team_id: TeamId,
    pub allowed_origins: Vec<String>,
    pub look: Look,
}

#[derive(Debug, Clone, Default)]
pub struct InboxPatch {
    pub name: Option<String>,
    pub default_team_id: Option<TeamId>,
    pub allowed_origins: Option<Vec<String>>,
    pub look: Option<Look>,
    /// An inner none leaves it to people.
    pub bot: Option<Option<InstallationId>>,
    pub if_version: Option<i64>,
}

impl App {
    pub async fn list_inboxes(&self, actor: &Actor) -> Result<Vec<Inbox>, Error> {
        require(actor, Permission::ReadDesk)?;
        Ok(self.store.snapshot(actor.tenant).await?.inboxes().await?)
    }

    pub async fn create_inbox(&self, actor: &Actor, new: NewInbox) -> Result<Inbox, Error> {
        require(actor, Permission::Administer)?;
        let mut check = Check::new();
        check.required("/name", &new.name, NAME_MAX_CHARS, false);
        let key_fits = (1..=64).contains(&new.key.len())
            && new
                .key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !key_fits {
            check.refuse("/key", "bad_key", "1 to 64 letters, digits, '-' or '_'.");
        }
        check_origins(&mut check, &new.allowed_origins);
        check_look(&mut check, &new.look);
        check.done()?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let inbox = Inbox {
            id: InboxId(self.ids.uuid()),
            key: new.key,
            name: new.name,
            channel: "web".to_owned(),
            default_team_id: new.default_team_id,
            allowed_origins: new.allowed_origins,
            look: new.look,
            bot: None,
            created_at: near.now,
            version: 1,
        };
        let made = inbox.clone();
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, inbox) = (near.clone(), by.clone(), made.clone());
                Box::pin(async move {
                    team_exists(tx, inbox.default_team_id).await?;
                    if !tx.insert_inbox(&inbox).await? {
                        return Err(Refusal::Taken("The inbox key").into());
                    }
                    tell(
                        tx,
                        &near,
                        &by,
                        EventBody::InboxCreated { inbox },
                        Default::default(),
                    )
                })
            })
            .await?;
        self.ring();
        Ok(inbox)
    }

    pub async fn update_inbox(
        &self,
        actor: &Actor,
        id: InboxId,
        patch: InboxPatch,
    ) -> Result<Inbox, Error> {
        require(actor, Permission::Administer)?;
        let mut check = Check::new();
        if let Some(name) = &patch.name {
            check.required("/name", name, NAME_MAX_CHARS, false);
        }
        check_origins(
            &mut check,
            patch.allowed_origins.as_deref().unwrap_or_default(),
        );
        if let Some(look) = &patch.look {
            check_look(&mut check, look);
        }
        check.done()?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let inbox = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                Box::pin(async move {
                    let before = found(tx.inbox(id).await?, "inbox")?;
                    if patch
                        .if_version
                        .is_some_and(|version| version != before.version)
                    {
                        return Err(Refusal::Stale.into());
                    }
                    let mut inbox = before.clone();
                    inbox.name = patch.name.unwrap_or(inbox.name);
                    inbox.default_team_id = patch.default_team_id.unwrap_or(inbox.default_team_id);
                    inbox.allowed_origins = patch.allowed_origins.unwrap_or(inbox.allowed_origins);
                    inbox.look = patch.look.unwrap_or(inbox.look);
                    inbox.bot = patch.bot.unwrap_or(inbox.bot);
                    if let Some(bot) = inbox.bot.filter(|_| inbox.bot != before.bot) {
                        is_bot(tx, bot).await?;
                    }
                    if inbox == before {
                        return Ok(inbox);
                    }
                    team_exists(tx, inbox.default_team_id).await?;
                    inbox.version += 1;
                    tx.save_inbox(&inbox).await?;
                    let changes = Changes::between(&before, &inbox);
                    let body = EventBody::InboxUpdated {
                        inbox: inbox.clone(),
                    };
                    tell(tx, &near, &by, body, changes)?;
                    Ok::<_, Error>(inbox)
                })
            })
            .await?;
        self.ring();
        Ok(inbox)
    }
}

async fn team_exists(tx: &deskbell_store::Tx, id: TeamId) -> Result<(), Error> {
    match tx.team(id).await? {
        Some(_) => Ok(()),
        None => Err(Refusal::field("/default_team_id", "unknown", "There is no such team.").into()),
    }
}

async fn is_bot(tx: &deskbell_store::Tx, id: InstallationId) -> Result<(), Error> {
    let refuse = |code, detail: &str| Err(Refusal::field("/bot", code, detail).into());
    // Held, so that it is not taken away meanwhile.
    match tx.hold_installation(id).await? {
        None => refuse("unknown", "There is no such installation."),
        Some(it) if it.hooks.contains(&Hook::Bot) => Ok(()),
        Some(_) => refuse("no_bot", "This plugin was not granted the hook bot."),
    }
}

/// Scheme, host and port as a browser sends them: nothing behind, no wildcards.
fn check_origins(check: &mut Check, origins: &[String]) {
    if origins.len() > ORIGINS_MAX {
        check.refuse(
            "/allowed_origins",
            "too_many",
            format!("At most {ORIGINS_MAX} origins."),
        );
    }
    for (index, origin) in origins.iter().enumerate() {
        let host = origin
            .strip_prefix("https://")
            .or_else(|| origin.strip_prefix("http://"));
        let plain = |host: &str| {
            !host.is_empty()
                && host.len() <= 255
                && host.bytes().all(
                    |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b':' | b'[' | b']'),
                )
        };
        if !host.is_some_and(plain) {
            let at = format!("/allowed_origins/{index}");
            check.refuse(
                &at,
                "bad_origin",
                "Like https://shop.example, in lower case.",
            );
        }
    }
}

fn check_look(check: &mut Check, look: &Look) {
    let hex = |c: &str| {
        c.len() == 7 && c.starts_with('#') && c[1..].bytes().all(|b| b.is_ascii_hexdigit())
    };
    if look
        .brand_color
        .as_deref()
        .is_some_and(|c| !c.is_ascii() || !hex(c))
    {
        check.refuse("/look/brand_color", "bad_color", "Like #1a73e8.");
    }
    if let Some(title) = &look.welcome_title {
        check.optional("/look/welcome_title", title, NAME_MAX_CHARS, false);
    }
    if let Some(text) = &look.welcome_text {
        check.optional("/look/welcome_text", text, WELCOME_MAX_CHARS, true);
    }
}
