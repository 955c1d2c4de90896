//! A call of a plugin in writing: what it was asked, what it found around it, and
//! what came of it.
//!
//! Authors write scenarios by hand, and a recording of a production call is one
//! too. Each hook has a form for its question and its answer, one file each;
//! `people.rs` has what several share, `ids.rs` lets a word stand for an id,
//! `difference.rs` compares. Nothing here runs a plugin.

mod bot;
mod context;
mod difference;
mod events;
mod filter;
mod ids;
mod people;
mod routing;
mod variables;
mod webhook;

pub use difference::{Difference, differences};
pub use ids::Ids;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use deskbell_domain::plugin::{Capability, Digest, Hook};
use deskbell_domain::{Availability, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::hooks::HookError;

/// The form of a hook's question and answer.
pub trait Written: Sized + Send {
    const HOOK: Hook;
    type Answer;

    /// What is not written has a default.
    ///
    /// # Errors
    ///
    /// In words, what is wrong with it.
    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String>;

    fn write(&self) -> Value;

    fn answer(answer: &Self::Answer, ids: &Ids) -> Value;

    /// Why the desk would not follow this answer, as far as the call alone tells.
    fn unfit(&self, _: &Self::Answer, _: Timestamp) -> Option<String> {
        None
    }
}

/// One call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub hook: Hook,
    /// When it is, for the plugin.
    #[serde(default = "new_year")]
    pub now: Timestamp,
    /// Ids of the call's own are made from it.
    #[serde(default)]
    pub seed: u64,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub config: Map<String, Value>,
    /// Stand-ins for secrets that an admin has entered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, String>,
    /// What it keeps before the call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kv: BTreeMap<String, Blob>,
    /// Whom it may ask for by id.
    #[serde(default, skip_serializing_if = "People::is_empty")]
    pub directory: People,
    /// The requests it makes, in their order, and how they are answered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<Exchange>,
    #[serde(default)]
    pub input: Value,
    #[serde(default)]
    pub expect: Expect,
    /// There when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Recorded>,
}

/// Which plugin it was recorded of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub plugin: String,
    pub version: String,
    pub digest: Digest,
    pub capabilities: Vec<Capability>,
    /// What was too large to be kept: such a recording cannot be replayed whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// What is to come of it. What is not written is not compared.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// All it keeps afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kv: Option<BTreeMap<String, Blob>>,
    /// All lines of its log: `info: …`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fuel_at_most: Option<u64>,
}

impl Expect {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.answer.is_none()
            && self.failure.is_none()
            && self.kv.is_none()
            && self.log.is_none()
            && self.fuel_at_most.is_none()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl From<&HookError> for Failure {
    fn from(error: &HookError) -> Self {
        Self {
            code: error.code().to_owned(),
            detail: Some(error.to_string()),
        }
    }
}

/// Agents and teams, for the capability `directory`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct People {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentForm>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamForm>,
}

impl People {
    fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.teams.is_empty()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentForm {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default = "online")]
    pub availability: Availability,
    #[serde(default)]
    pub load: i64,
    #[serde(default = "some_room")]
    pub capacity: i64,
    #[serde(default)]
    pub team_ids: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamForm {
    pub id: String,
    pub name: String,
}

/// A request to the outside, and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub request: RequestForm,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerForm>,
    /// In place of an answer: `denied`, `timeout`, `too_large`, `unreachable` or
    /// `too_many_requests`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

/// Headers and a body that are not written are not compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestForm {
    #[serde(default = "get")]
    pub method: String,
    pub url: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Blob>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnswerForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    #[serde(skip_serializing_if = "Vec::is_empty", with = "headers")]
    pub headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<Value>,
}

impl AnswerForm {
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match (&self.json, &self.body) {
            (Some(json), _) => json.to_string().into(),
            (None, Some(body)) => body.0.clone(),
            (None, None) => Bytes::new(),
        }
    }
}

/// Bytes: as a text where they are one, else as `{ base64 = "…" }`; by hand also
/// as `{ json = … }`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blob(pub Bytes);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum BlobForm {
    Text(String),
    Bytes { base64: String },
    Json { json: Value },
}

impl Serialize for Blob {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let form = match std::str::from_utf8(&self.0) {
            Ok(text) => BlobForm::Text(text.to_owned()),
            Err(_) => BlobForm::Bytes {
                base64: STANDARD.encode(&self.0),
            },
        };
        form.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(match BlobForm::deserialize(d)? {
            BlobForm::Text(text) => text.into(),
            BlobForm::Bytes { base64 } => {
                let bytes = STANDARD.decode(base64);
                bytes.map_err(serde::de::Error::custom)?.into()
            }
            BlobForm::Json { json } => json.to_string().into(),
        }))
    }
}

/// Headers by name; one that is there twice has a list.
mod headers {
    use super::{BTreeMap, Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Values {
        One(String),
        More(Vec<String>),
    }

    pub(super) fn serialize<S: serde::Serializer>(
        headers: &[(String, String)],
        s: S,
    ) -> Result<S::Ok, S::Error> {
        let mut by_name: BTreeMap<&str, Values> = BTreeMap::new();
        for (name, value) in headers {
            let next = match by_name.remove(name.as_str()) {
                None => Values::One(value.clone()),
                Some(Values::One(first)) => Values::More(vec![first, value.clone()]),
                Some(Values::More(mut all)) => {
                    all.push(value.clone());
                    Values::More(all)
                }
            };
            by_name.insert(name, next);
        }
        by_name.serialize(s)
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(
        d: D,
    ) -> Result<Vec<(String, String)>, D::Error> {
        let by_name: BTreeMap<String, Values> = BTreeMap::deserialize(d)?;
        let mut headers = Vec::new();
        for (name, values) in by_name {
            let name = name.to_lowercase();
            match values {
                Values::One(value) => headers.push((name, value)),
                Values::More(all) => {
                    headers.extend(all.into_iter().map(|value| (name.clone(), value)));
                }
            }
        }
        Ok(headers)
    }
}

const fn new_year() -> Timestamp {
    // 2026-01-01T09:00:00Z
    Timestamp(1_767_258_000_000)
}

const fn online() -> Availability {
    Availability::Online
}

const fn some_room() -> i64 {
    5
}

fn get() -> String {
    "GET".to_owned()
}

/// A form out of JSON; nothing at all is a form with nothing filled in.
fn filled_in<T: DeserializeOwned>(input: Value) -> Result<T, String> {
    let input = match input {
        Value::Null => Value::Object(Map::new()),
        other => other,
    };
    serde_json::from_value(input).map_err(|error| format!("input: {error}"))
}

/// A form into JSON. Forms are plain: there is nothing that could fail.
fn put_down(form: impl Serialize) -> Value {
    serde_json::to_value(form).unwrap_or_default()
}
