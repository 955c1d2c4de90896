//! Canned responses: the desk's saved replies.

use deskbell_domain::canned::{CannedResponse, SHORTCUT_MAX, TITLE_MAX_CHARS};
use deskbell_domain::event::Changes;
use deskbell_domain::text::{Check, MESSAGE_MAX_CHARS};
use deskbell_domain::{Actor, CannedResponseId, EventBody, Permission, Refusal};

use crate::admin::tell;
use crate::app::{App, found, require};
use crate::error::Error;

const TAKEN: Refusal = Refusal::Taken("The shortcut");

#[derive(Debug, Clone)]
pub struct NewCannedResponse {
    pub shortcut: String,
    pub title: String,
    pub text: String,
}

#[derive(Debug, Clone, Default)]
pub struct CannedResponsePatch {
    pub shortcut: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub enabled: Option<bool>,
    pub if_version: Option<i64>,
}

impl App {
    pub async fn list_canned_responses(&self, actor: &Actor) -> Result<Vec<CannedResponse>, Error> {
        require(actor, Permission::ReadDesk)?;
        Ok(self
            .store
            .snapshot(actor.tenant)
            .await?
            .canned_responses()
            .await?)
    }

    pub async fn create_canned_response(
        &self,
        actor: &Actor,
        new: NewCannedResponse,
    ) -> Result<CannedResponse, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let canned = CannedResponse {
            id: CannedResponseId(self.ids.uuid()),
            shortcut: new.shortcut,
            title: new.title,
            text: new.text,
            enabled: true,
            used_count: 0,
            last_used_at: None,
            created_at: near.now,
            version: 1,
        };
        check(&canned)?;
        let made = canned.clone();
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by, canned) = (near.clone(), by.clone(), made.clone());
                Box::pin(async move {
                    if !tx.insert_canned_response(&canned).await? {
                        return Err(TAKEN.into());
                    }
                    let body = EventBody::CannedResponseCreated {
                        canned_response: canned,
                    };
                    tell(tx, &near, &by, body, Default::default())
                })
            })
            .await?;
        self.ring();
        Ok(canned)
    }

    pub async fn update_canned_response(
        &self,
        actor: &Actor,
        id: CannedResponseId,
        patch: CannedResponsePatch,
    ) -> Result<CannedResponse, Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        let canned = self
            .store
            .write(actor.tenant, move |tx| {
                let (near, by, patch) = (near.clone(), by.clone(), patch.clone());
                Box::pin(async move {
                    let before = found(tx.canned_response(id).await?, "canned response")?;
                    if patch
                        .if_version
                        .is_some_and(|version| version != before.version)
                    {
                        return Err(Refusal::Stale.into());
                    }
                    let mut canned = before.clone();
                    canned.shortcut = patch.shortcut.unwrap_or(canned.shortcut);
                    canned.title = patch.title.unwrap_or(canned.title);
                    canned.text = patch.text.unwrap_or(canned.text);
                    canned.enabled = patch.enabled.unwrap_or(canned.enabled);
                    check(&canned)?;
                    if canned == before {
                        return Ok(canned);
                    }
                    canned.version += 1;
                    if !tx.save_canned_response(&canned).await? {
                        return Err(TAKEN.into());
                    }
                    let changes = Changes::between(&before, &canned);
                    let body = EventBody::CannedResponseUpdated {
                        canned_response: canned.clone(),
                    };
                    tell(tx, &near, &by, body, changes)?;
                    Ok::<_, Error>(canned)
                })
            })
            .await?;
        self.ring();
        Ok(canned)
    }

    pub async fn delete_canned_response(
        &self,
        actor: &Actor,
        id: CannedResponseId,
    ) -> Result<(), Error> {
        require(actor, Permission::Administer)?;
        let tenant = self.tenant(actor.tenant).await?;
        let (near, by) = (self.surroundings(&tenant), actor.clone());
        self.store
            .write(actor.tenant, move |tx| {
                let (near, by) = (near.clone(), by.clone());
                Box::pin(async move {
                    if !tx.delete_canned_response(id).await? {
                        return Err(Refusal::NotFound("canned response").into());
                    }
                    let body = EventBody::CannedResponseDeleted {
                        canned_response_id: id,
                    };
                    tell(tx, &near, &by, body, Default::default())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

fn check(canned: &CannedResponse) -> Result<(), Refusal> {
    let mut check = Check::new();
    let shortcut_fits = (1..=SHORTCUT_MAX).contains(&canned.shortcut.len())
        && canned
            .shortcut
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
    if !shortcut_fits {
        let detail = format!("1 to {SHORTCUT_MAX} lower-case letters, digits, '-' or '_'.");
        check.refuse("/shortcut", "bad_name", detail);
    }
    check.required("/title", &canned.title, TITLE_MAX_CHARS, false);
    check.required("/text", &canned.text, MESSAGE_MAX_CHARS, true);
    check.done()
}
