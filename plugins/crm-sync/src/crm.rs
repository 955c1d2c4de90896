//! The CRM's REST API, as HubSpot documents it (the pages are in the README): the
//! few requests this plugin makes, and what of an answer it reads.

use std::collections::BTreeMap;

use deskbell_plugin_api::{HookError, http};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::config::Config;

/// A deal or two more than one wants to read beside a chat.
const MOST_DEALS: u32 = 8;

pub(crate) struct Crm<'a> {
    base: &'a str,
}

/// A record: its id, and those of its properties that were asked for.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    #[serde(default)]
    properties: BTreeMap<String, Option<String>>,
}

/// What is asked of a deal that changed.
const DEAL: &str = "dealname,amount,deal_currency_code,dealstage,hs_is_closed";

/// A deal, and the ids of the contacts it is with.
pub(crate) struct Deal {
    pub(crate) record: Record,
    pub(crate) contacts: Vec<String>,
}

impl Deal {
    pub(crate) fn is_closed(&self) -> bool {
        self.record.get("hs_is_closed") == Some("true")
    }
}

#[derive(Deserialize)]
struct DealShown {
    #[serde(flatten)]
    record: Record,
    #[serde(default)]
    associations: Associations,
}

#[derive(Default, Deserialize)]
struct Associations {
    #[serde(default)]
    contacts: Found<Associated>,
}

#[derive(Deserialize)]
struct Associated {
    id: String,
}

#[derive(Deserialize)]
struct Found<T> {
    results: Vec<T>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        let results = Vec::new();
        Self { results }
    }
}

#[derive(Deserialize)]
pub(crate) struct Owner {
    #[serde(default, rename = "firstName")]
    pub(crate) first_name: Option<String>,
    #[serde(default, rename = "lastName")]
    pub(crate) last_name: Option<String>,
    #[serde(default)]
    pub(crate) email: Option<String>,
}

#[derive(Deserialize)]
struct Pipeline {
    #[serde(default)]
    stages: Vec<Stage>,
}

#[derive(Deserialize)]
struct Stage {
    id: String,
    label: String,
}

#[derive(Deserialize)]
struct Problem {
    message: String,
}

impl Record {
    /// A property that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let value = self.properties.get(name)?.as_deref()?.trim();
        (!value.is_empty()).then_some(value)
    }
}

impl<'a> Crm<'a> {
    pub(crate) fn new(config: &'a Config) -> Self {
        Self {
            base: &config.api_url,
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn contact(&self, email: &str) -> Result<Option<Record>, HookError> {
        let found: Found<Record> = self.post(
            "/crm/v3/objects/contacts/search",
            &json!({
                "filterGroups": [{ "filters": [
                    { "propertyName": "email", "operator": "EQ", "value": email.to_lowercase() },
                ] }],
                "properties": [
                    "email", "firstname", "lastname", "company", "lifecyclestage", "hubspot_owner_id",
                ],
                "limit": 1,
            }),
        )?;
        Ok(found.results.into_iter().next())
    }

    /// The contact of this address, made if there is none; the address is what tells
    /// contacts apart, so asking twice makes one.
    pub(crate) fn upsert_contact(&self, email: &str, more: Value) -> Result<String, HookError> {
        let email = email.to_lowercase();
        let mut properties = more;
        properties["email"] = json!(email);
        self.upsert("contacts", "email", &email, &properties)
    }

    /// The note of this key, made if there is none.
    pub(crate) fn upsert_note(
        &self,
        key_property: &str,
        key: &str,
        at_ms: u64,
        body: &str,
    ) -> Result<String, HookError> {
        let properties = json!({
            key_property: key,
            "hs_timestamp": at_ms.to_string(),
            "hs_note_body": body,
        });
        self.upsert("notes", key_property, key, &properties)
    }

    /// Puts the note where the contact is read; doing it again changes nothing.
    pub(crate) fn attach(&self, note: &str, contact: &str) -> Result<(), HookError> {
        let (note, contact) = (step(note)?, step(contact)?);
        let path = format!("/crm/v4/objects/notes/{note}/associations/default/contacts/{contact}");
        let request = http::Request::new(http::Method::Put, self.url(&path));
        judged(&request.header("accept", "application/json").send()?)
    }

    /// Those that are not closed, as the CRM sorts them: what closes first is first.
    pub(crate) fn open_deals(&self, contact: &str) -> Result<Vec<Record>, HookError> {
        let found: Found<Record> = self.post(
            "/crm/v3/objects/deals/search",
            &json!({
                "filterGroups": [{ "filters": [
                    { "propertyName": "associations.contact", "operator": "EQ", "value": contact },
                    { "propertyName": "hs_is_closed", "operator": "EQ", "value": "false" },
                ] }],
                "sorts": [{ "propertyName": "closedate", "direction": "ASCENDING" }],
                "properties": [
                    "dealname", "amount", "deal_currency_code", "dealstage", "closedate",
                ],
                "limit": MOST_DEALS,
            }),
        )?;
        Ok(found.results)
    }

    /// A deal with the contacts it is with; none if it is gone.
    pub(crate) fn deal(&self, id: u64) -> Result<Option<Deal>, HookError> {
        let path = format!("/crm/v3/objects/deals/{id}?properties={DEAL}&associations=contacts");
        let request = http::get(self.url(&path));
        let answer = request.header("accept", "application/json").send()?;
        if answer.status == 404 {
            return Ok(None);
        }
        let shown: DealShown = read(&answer)?;
        let contacts = shown.associations.contacts.results.into_iter();
        Ok(Some(Deal {
            record: shown.record,
            contacts: contacts.map(|one| one.id).collect(),
        }))
    }

    pub(crate) fn owner(&self, id: &str) -> Result<Owner, HookError> {
        self.get(&format!("/crm/v3/owners/{}", step(id)?))
    }

    /// What people call the stages of a deal, by id.
    pub(crate) fn stages(&self) -> Result<BTreeMap<String, String>, HookError> {
        let found: Found<Pipeline> = self.get("/crm/v3/pipelines/deals")?;
        let stages = found.results.into_iter().flat_map(|it| it.stages);
        Ok(stages.map(|stage| (stage.id, stage.label)).collect())
    }

    fn upsert(
        &self,
        objects: &str,
        id_property: &str,
        id: &str,
        properties: &Value,
    ) -> Result<String, HookError> {
        let made: Found<Record> = self.post(
            &format!("/crm/v3/objects/{objects}/batch/upsert"),
            &json!({ "inputs": [
                { "idProperty": id_property, "id": id, "properties": properties },
            ] }),
        )?;
        // A batch may fail in parts: a batch of one has its one record, or failed.
        let record = made.results.into_iter().next();
        record
            .map(|record| record.id)
            .ok_or_else(|| HookError::Failed(format!("The CRM took no entry into its {objects}.")))
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, HookError> {
        let request = http::post(self.url(path)).json(body);
        read(&request.header("accept", "application/json").send()?)
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, HookError> {
        let request = http::get(self.url(path));
        read(&request.header("accept", "application/json").send()?)
    }
}

/// An id of the CRM's own, as a step of a path.
fn step(id: &str) -> Result<&str, HookError> {
    let plain = id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    match plain && !id.is_empty() {
        true => Ok(id),
        false => Err(HookError::Failed(
            "The CRM gave an id that is none.".to_owned(),
        )),
    }
}

fn read<T: DeserializeOwned>(answer: &http::Response) -> Result<T, HookError> {
    judged(answer)?;
    Ok(answer.read()?)
}

/// What is worth another try is told from what somebody has to set right.
fn judged(answer: &http::Response) -> Result<(), HookError> {
    let status = answer.status;
    let said = || {
        let problem: Option<Problem> = serde_json::from_slice(&answer.body).ok();
        let said = problem.map_or_else(String::new, |it| format!(": {}", it.message));
        said.chars().take(200).collect::<String>()
    };
    match status {
        200..=299 => Ok(()),
        429 => Err(HookError::Unavailable(
            "The CRM is asked too often just now.".to_owned(),
        )),
        500..=599 => Err(HookError::Unavailable(format!(
            "The CRM answered {status}."
        ))),
        401 => Err(HookError::Failed(
            "The CRM does not take our credentials (401).".to_owned(),
        )),
        403 => Err(HookError::Failed(format!(
            "The CRM does not allow it (403){}",
            said()
        ))),
        _ => Err(HookError::Failed(format!(
            "The CRM answered {status}{}",
            said()
        ))),
    }
}
