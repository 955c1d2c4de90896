//! The reference reducer: a snapshot, and the events after it, make the next one.
//!
//! The rules clients follow, written down once more and as plainly as possible:
//! an entity is replaced by a newer version of itself, older ones are ignored;
//! `changes` hold the absolute new values of a conversation's fields; what a
//! snapshot holds of the conversations is decided by their own fields. It must
//! not know how the server works anything out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::http::Answer;

type ById = BTreeMap<String, Value>;

/// The messages of a conversation that a widget's snapshot carries.
const THREAD_MESSAGES: usize = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plane {
    Agent,
    Widget,
}

impl Plane {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Widget => "widget",
        }
    }
}

/// What a client knows.
#[derive(Debug, Clone)]
pub struct Picture {
    plane: Plane,
    me: String,
    inbox: Value,
    /// Whole entities by noun, then by id. Conversations also those a snapshot
    /// would not show, as only their newer versions count.
    entities: BTreeMap<&'static str, ById>,
    /// A widget's messages by conversation and number.
    threads: BTreeMap<String, BTreeMap<i64, Value>>,
}

const NOUNS: [&str; 4] = ["agents", "teams", "inboxes", "canned_responses"];

impl Picture {
    #[must_use]
    pub fn of(plane: Plane, snapshot: &Value) -> Self {
        let mut picture = Self {
            plane,
            me: text(&snapshot["self"], "id"),
            inbox: snapshot["inbox"].clone(),
            entities: BTreeMap::new(),
            threads: BTreeMap::new(),
        };
        for noun in NOUNS {
            for entity in list(&snapshot[noun]) {
                picture.put(noun, entity);
            }
        }
        for mut conversation in list(&snapshot["conversations"]) {
            let messages = match conversation.as_object_mut() {
                Some(fields) => fields.remove("messages").unwrap_or_default(),
                None => Value::Null,
            };
            let thread = picture
                .threads
                .entry(text(&conversation, "id"))
                .or_default();
            for message in list(&messages) {
                thread.insert(number(&message, "seq"), message);
            }
            picture.put("conversations", conversation);
        }
        picture
    }

    #[must_use]
    pub fn of_answer(plane: Plane, answer: &Answer) -> Self {
        Self::of(plane, &answer.ok(200))
    }

    pub fn apply(&mut self, event: &Value) {
        let data = &event["data"];
        match event["type"].as_str().unwrap_or_default() {
            "message.created" => {
                let message = &data["message"];
                if let Some(thread) = self.threads.get_mut(&text(message, "conversation_id")) {
                    thread.insert(number(message, "seq"), message.clone());
                }
                self.change(event);
            }
            "message.delivered" | "message.read" | "routing.decided" => self.change(event),
            "contact.created" | "contact.updated" => self.rename_contact(&data["contact"]),
            "agent.created" | "agent.updated" | "agent.availability_changed" => {
                self.put("agents", data["agent"].clone());
                self.rename_assignee(&data["agent"]);
            }
            "team.created" | "team.updated" => self.put("teams", data["team"].clone()),
            "team.deleted" => self.remove("teams", &text(data, "team_id")),
            "inbox.created" | "inbox.updated" => self.put("inboxes", data["inbox"].clone()),
            "canned_response.created" | "canned_response.updated" => {
                self.put("canned_responses", data["canned_response"].clone());
            }
            "canned_response.deleted" => {
                self.remove("canned_responses", &text(data, "canned_response_id"));
            }
            // No snapshot holds them.
            kind if kind.starts_with("plugin.") || kind.starts_with("installation.") => {}
            kind if kind.starts_with("conversation.") => {
                let conversation = data["conversation"].clone();
                self.threads.entry(text(&conversation, "id")).or_default();
                self.put("conversations", conversation);
            }
            other => panic!("the reference reducer does not know {other}"),
        }
    }

    /// In the form of a snapshot, with lists in the order of ids.
    #[must_use]
    pub fn snapshot(&self) -> Value {
        let mut snapshot = Map::new();
        if self.plane == Plane::Widget {
            snapshot.insert("inbox".to_owned(), self.inbox.clone());
        } else {
            snapshot.insert("self".to_owned(), self.entity("agents", &self.me));
            for noun in NOUNS {
                snapshot.insert(noun.to_owned(), self.all(noun, |_| true));
            }
        }
        let conversations = self.all("conversations", |it| self.shows(it));
        snapshot.insert("conversations".to_owned(), conversations);
        Value::Object(snapshot)
    }

    /// Mine that are active, and the queues I see; a widget shows all it knows.
    fn shows(&self, conversation: &Value) -> bool {
        if self.plane == Plane::Widget {
            return true;
        }
        let me = self.entity("agents", &self.me);
        match conversation["status"].as_str() {
            Some("active") => conversation["assignee"]["id"] == self.me.as_str(),
            Some("queued") => {
                let team = &conversation["team_id"];
                me["role"] != "agent" || team.is_null() || list(&me["team_ids"]).contains(team)
            }
            _ => false,
        }
    }

    fn all(&self, noun: &str, shown: impl Fn(&Value) -> bool) -> Value {
        let entities = self.entities.get(noun).into_iter().flatten();
        let shown = entities.filter(|(_, entity)| shown(entity));
        let widget = self.plane == Plane::Widget;
        let with_messages = |(id, entity): (&String, &Value)| {
            let mut entity = entity.clone();
            if widget && let Some(fields) = entity.as_object_mut() {
                let thread = self.threads.get(id).into_iter().flat_map(BTreeMap::values);
                let all: Vec<_> = thread.cloned().collect();
                let last = all[all.len().saturating_sub(THREAD_MESSAGES)..].to_vec();
                fields.insert("messages".to_owned(), Value::Array(last));
            }
            entity
        };
        shown.map(with_messages).collect()
    }

    fn entity(&self, noun: &str, id: &str) -> Value {
        let found = self.entities.get(noun).and_then(|all| all.get(id));
        found.cloned().unwrap_or_default()
    }

    fn put(&mut self, noun: &'static str, entity: Value) {
        let all = self.entities.entry(noun).or_default();
        let id = text(&entity, "id");
        let known = all.get(&id).map(|known| number(known, "version"));
        if known.is_none_or(|known| number(&entity, "version") > known) {
            all.insert(id, entity);
        }
    }

    fn remove(&mut self, noun: &'static str, id: &str) {
        self.entities.entry(noun).or_default().remove(id);
    }

    /// The fields that `changes` names, if they are newer than what is known.
    fn change(&mut self, event: &Value) {
        let all = self.entities.entry("conversations").or_default();
        let Some(known) = all.get_mut(&text(event, "conversation_id")) else {
            return;
        };
        let changes = event["changes"].as_object().cloned().unwrap_or_default();
        let newest = changes.get("version").and_then(|pair| pair[1].as_i64());
        if newest.is_none_or(|version| version <= number(known, "version")) {
            return;
        }
        for (name, pair) in changes {
            assert!(
                known.get(&name).is_some(),
                "a change of a field that is not there: {name}"
            );
            known[name] = pair[1].clone();
        }
    }

    fn rename_contact(&mut self, contact: &Value) {
        let shown = json!({
            "id": contact["id"], "name": contact["name"], "email": contact["email"],
            "verified": contact["verified"], "vip": contact["vip"],
        });
        for conversation in self
            .entities
            .entry("conversations")
            .or_default()
            .values_mut()
        {
            if conversation["contact"]["id"] == shown["id"] {
                conversation["contact"] = shown.clone();
            }
        }
    }

    fn rename_assignee(&mut self, agent: &Value) {
        for conversation in self
            .entities
            .entry("conversations")
            .or_default()
            .values_mut()
        {
            if conversation["assignee"]["id"] == agent["id"] {
                conversation["assignee"]["name"] = agent["name"].clone();
            }
        }
    }
}

/// A snapshot as `Picture::snapshot` gives it.
#[must_use]
pub fn sorted(plane: Plane, snapshot: &Value) -> Value {
    Picture::of(plane, snapshot).snapshot()
}

/// A widget's conversations with the versions of another snapshot. Notes and
/// routing move a version without an event that visitors hear of.
#[must_use]
pub fn with_versions_of(mut snapshot: Value, other: &Value) -> Value {
    for conversation in snapshot["conversations"]
        .as_array_mut()
        .into_iter()
        .flatten()
    {
        let same = list(&other["conversations"])
            .into_iter()
            .find(|o| o["id"] == conversation["id"]);
        if let Some(same) = same {
            let (fresh, known) = (number(conversation, "version"), number(&same, "version"));
            assert!(
                fresh >= known,
                "a version from the future: {known} before {fresh}"
            );
            conversation["version"] = known.into();
        }
    }
    snapshot
}

#[must_use]
pub fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

#[must_use]
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_default()
}
