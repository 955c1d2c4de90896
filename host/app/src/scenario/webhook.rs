//! The hook `webhook` in writing.

use deskbell_domain::Timestamp;
use deskbell_domain::integration::{Effect, check_effects};
use deskbell_domain::plugin::Hook;
use deskbell_domain::webhook::Change;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Blob, Ids, Written, filled_in, headers, put_down};
use crate::hooks::WebhookRequest;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Of the webhook in the manifest.
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "headers")]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: Blob,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received_at: Option<Timestamp>,
    #[serde(default = "first")]
    attempt: u32,
}

const fn first() -> u32 {
    1
}

impl Written for WebhookRequest {
    const HOOK: Hook = Hook::Webhook;
    type Answer = Vec<Change>;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let id = form.id.as_deref().unwrap_or("delivery");
        Ok(Self {
            id: ids.read(id, deskbell_domain::JobId).0,
            name: form.name,
            headers: form.headers,
            body: form.body.0,
            received_at: form.received_at.unwrap_or(now),
            attempt: form.attempt,
        })
    }

    fn write(&self) -> Value {
        put_down(Form {
            id: Some(deskbell_domain::JobId(self.id).to_string()),
            name: self.name.clone(),
            headers: self.headers.clone(),
            body: Blob(self.body.clone()),
            received_at: Some(self.received_at),
            attempt: self.attempt,
        })
    }

    fn answer(changes: &Vec<Change>, ids: &Ids) -> Value {
        let changes = changes.iter().map(|change| {
            let at = ids.word(change.conversation.0, change.conversation);
            match &change.effect {
                Effect::SetAttribute { name, value } => json!({
                    "conversation": at, "set_attribute": { "name": name, "value": value },
                }),
                Effect::AddNote(text) => json!({ "conversation": at, "add_note": text }),
            }
        });
        json!({ "changes": changes.collect::<Vec<_>>() })
    }

    fn unfit(&self, changes: &Vec<Change>, _: Timestamp) -> Option<String> {
        let effects: Vec<_> = changes.iter().map(|it| it.effect.clone()).collect();
        check_effects(&effects).err()
    }
}
