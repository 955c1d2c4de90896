//! What is in the CRM: contacts, deals, notes, owners and the stages of deals; and
//! the few requests about them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::wire::{Answer, Asked};

/// `/crm/v3/objects/…` this is.
const OBJECTS: &str = "/crm/v3/objects/";
/// Nobody made it at another time.
const MADE: &str = "2026-01-05T09:00:00.000Z";

pub(super) struct Records {
    all: BTreeMap<String, Vec<Record>>,
    /// Notes and deals, with the contacts they are about.
    about: BTreeSet<(String, String)>,
    next: u64,
}

struct Record {
    id: String,
    properties: Map<String, Value>,
}

impl Default for Records {
    fn default() -> Self {
        let mut records = Self {
            all: BTreeMap::new(),
            about: BTreeSet::new(),
            next: 101,
        };
        let mia = records.add(
            "contacts",
            json!({
                "email": "mia@example.com", "firstname": "Mia", "lastname": "Lund",
                "company": "Lund Ceramics", "lifecyclestage": "customer",
                "hubspot_owner_id": "41629779",
            }),
        );
        for deal in [
            json!({
                "dealname": "Second kiln", "amount": "12500.00", "deal_currency_code": "EUR",
                "dealstage": "contractsent", "closedate": "2026-12-07T16:50:06.678Z",
                "hs_is_closed": "false",
            }),
            json!({
                "dealname": "Glazes for the spring", "amount": "840.50",
                "deal_currency_code": "EUR", "dealstage": "qualifiedtobuy",
                "closedate": "2026-11-30T16:50:06.678Z", "hs_is_closed": "false",
            }),
            json!({
                "dealname": "First kiln", "amount": "9900.00", "deal_currency_code": "EUR",
                "dealstage": "closedwon", "closedate": "2024-03-01T10:00:00.000Z",
                "hs_is_closed": "true",
            }),
        ] {
            let deal = records.add("deals", deal);
            records.about.insert((deal, mia.clone()));
        }
        records
    }
}

impl Records {
    fn add(&mut self, objects: &str, properties: Value) -> String {
        let id = self.next.to_string();
        self.next += 1;
        let properties = properties.as_object().cloned().unwrap_or_default();
        let record = Record {
            id: id.clone(),
            properties,
        };
        self.all.entry(objects.to_owned()).or_default().push(record);
        id
    }

    pub(super) fn answer(&mut self, asked: &Asked) -> Answer {
        if let Some(path) = asked.path.strip_prefix(OBJECTS)
            && asked.method == "POST"
        {
            return match path.split_once('/') {
                Some((objects, "search")) => self.search(objects, &asked.json()),
                Some((objects, "batch/upsert")) => self.upsert(objects, &asked.json()),
                _ => nothing(),
            };
        }
        if asked.method == "PUT"
            && let Some(path) = asked.path.strip_prefix("/crm/v4/objects/notes/")
            && let Some((note, contact)) = path.split_once("/associations/default/contacts/")
        {
            return self.associate(note, contact);
        }
        if asked.method == "GET"
            && let Some(path) = asked.path.strip_prefix("/crm/v3/objects/deals/")
        {
            return self.deal(path);
        }
        if asked.is("GET", "/crm/v3/owners/41629779") {
            return Answer::of(
                200,
                json!({
                    "id": "41629779", "email": "sam@crm.example", "type": "PERSON",
                    "firstName": "Sam", "lastName": "Reed", "userId": 9_586_504,
                    "createdAt": MADE, "updatedAt": MADE, "archived": false,
                }),
            );
        }
        if asked.is("GET", "/crm/v3/pipelines/deals") {
            let stage =
                |id: &str, label: &str| json!({ "id": id, "label": label, "archived": false });
            let stages = [
                stage("qualifiedtobuy", "Qualified to buy"),
                stage("contractsent", "Contract sent"),
                stage("closedwon", "Closed won"),
            ];
            let pipeline = json!({ "id": "default", "label": "Sales pipeline", "stages": stages });
            return Answer::of(200, json!({ "results": [pipeline] }));
        }
        nothing()
    }

    /// Groups of filters, any of which is enough; `EQ` is the one operator.
    fn search(&self, objects: &str, body: &Value) -> Answer {
        let groups = body["filterGroups"].as_array().cloned().unwrap_or_default();
        let fits = |record: &Record| {
            groups.iter().any(|group| {
                let filters = group["filters"].as_array().into_iter().flatten();
                filters
                    .into_iter()
                    .all(|filter| self.passes(record, filter))
            })
        };
        let of = self.all.get(objects).into_iter().flatten();
        let mut found: Vec<&Record> = of.filter(|record| fits(record)).collect();
        if let Some(by) = body["sorts"][0]["propertyName"].as_str() {
            found.sort_by_key(|record| record.text(by).unwrap_or_default().to_owned());
        }
        let wanted = body["properties"].as_array().cloned().unwrap_or_default();
        let limit = body["limit"].as_u64().unwrap_or(10);
        let shown = found.iter().take(usize::try_from(limit).unwrap_or(10));
        let results: Vec<Value> = shown.map(|record| record.shown(&wanted)).collect();
        Answer::of(200, json!({ "total": found.len(), "results": results }))
    }

    fn passes(&self, record: &Record, filter: &Value) -> bool {
        let value = filter["value"].as_str().unwrap_or_default();
        let name = filter["propertyName"].as_str().unwrap_or_default();
        if filter["operator"] != "EQ" {
            return false;
        }
        match name {
            "associations.contact" => self.about.contains(&(record.id.clone(), value.to_owned())),
            _ => record.text(name) == Some(value),
        }
    }

    /// Makes or changes each, told apart by a property with unique values.
    fn upsert(&mut self, objects: &str, body: &Value) -> Answer {
        let mut results = Vec::new();
        for input in body["inputs"].as_array().cloned().unwrap_or_default() {
            let (by, id) = (input["idProperty"].as_str(), input["id"].as_str());
            let (Some(by), Some(id)) = (by, id) else {
                return Answer::problem(400, "VALIDATION_ERROR", "idProperty and id are missing");
            };
            let unique = [("contacts", "email"), ("notes", "deskbell_event_id")];
            if !unique.contains(&(objects, by)) {
                let words = format!("{by} is not a unique property of {objects}");
                return Answer::problem(400, "VALIDATION_ERROR", &words);
            }
            if objects == "notes" && input["properties"]["hs_timestamp"].is_null() {
                return Answer::problem(400, "VALIDATION_ERROR", "hs_timestamp is required");
            }
            let of = self.all.entry(objects.to_owned()).or_default();
            let there = of.iter_mut().find(|record| record.text(by) == Some(id));
            let sent = input["properties"].as_object().cloned().unwrap_or_default();
            let (id, new) = match there {
                Some(record) => {
                    record.properties.extend(sent);
                    (record.id.clone(), false)
                }
                None => (self.add(objects, Value::Object(sent)), true),
            };
            results.push(json!({
                "id": id, "new": new, "properties": {}, "archived": false,
                "createdAt": MADE, "updatedAt": MADE,
            }));
        }
        Answer::of(
            200,
            json!({ "status": "COMPLETE", "results": results, "startedAt": MADE, "completedAt": MADE }),
        )
    }

    fn associate(&mut self, note: &str, contact: &str) -> Answer {
        let is_there = |objects: &str, id: &str| {
            let mut of = self.all.get(objects).into_iter().flatten();
            of.any(|record| record.id == id)
        };
        if !is_there("notes", note) || !is_there("contacts", contact) {
            return nothing();
        }
        self.about.insert((note.to_owned(), contact.to_owned()));
        Answer::of(200, json!({ "status": "COMPLETE", "results": [] }))
    }

    /// `{id}?properties=…&associations=contacts`.
    fn deal(&self, path: &str) -> Answer {
        let (id, query) = path.split_once('?').unwrap_or((path, ""));
        let wanted = query
            .split('&')
            .find_map(|it| it.strip_prefix("properties="));
        let wanted: Vec<Value> = wanted
            .unwrap_or_default()
            .split(',')
            .map(Value::from)
            .collect();
        let mut deals = self.all.get("deals").into_iter().flatten();
        let Some(deal) = deals.find(|record| record.id == id) else {
            return nothing();
        };
        let contacts = self.about.iter().filter(|(about, _)| about == id);
        let contacts: Vec<_> = contacts
            .map(|(_, contact)| json!({ "id": contact, "type": "deal_to_contact" }))
            .collect();
        let mut shown = deal.shown(&wanted);
        if query.contains("associations=contacts") {
            shown["associations"] = json!({ "contacts": { "results": contacts } });
        }
        Answer::of(200, shown)
    }

    /// Somebody in sales closes the deal; its id.
    pub(super) fn close(&mut self, name: &str, stage: &str) -> Option<String> {
        let mut deals = self.all.get_mut("deals").into_iter().flatten();
        let deal = deals.find(|record| record.text("dealname") == Some(name))?;
        deal.properties.insert("dealstage".to_owned(), stage.into());
        deal.properties
            .insert("hs_is_closed".to_owned(), "true".into());
        Some(deal.id.clone())
    }

    pub(super) fn count(&self, objects: &str) -> usize {
        self.all.get(objects).map_or(0, Vec::len)
    }

    pub(super) fn contact(&self, email: &str) -> Option<Value> {
        let mut contacts = self.all.get("contacts").into_iter().flatten();
        let contact = contacts.find(|record| record.text("email") == Some(email))?;
        Some(Value::Object(contact.properties.clone()))
    }

    pub(super) fn notes(&self, email: &str) -> Vec<Value> {
        let mut contacts = self.all.get("contacts").into_iter().flatten();
        let Some(contact) = contacts.find(|record| record.text("email") == Some(email)) else {
            return Vec::new();
        };
        let notes = self.all.get("notes").into_iter().flatten();
        let its = notes.filter(|note| self.about.contains(&(note.id.clone(), contact.id.clone())));
        its.map(|note| Value::Object(note.properties.clone()))
            .collect()
    }
}

impl Record {
    fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_str()
    }

    /// With the properties that were asked for; one that is not there is null.
    fn shown(&self, wanted: &[Value]) -> Value {
        let names = wanted.iter().filter_map(Value::as_str);
        let properties: Map<String, Value> = names
            .map(|name| (name.to_owned(), json!(self.text(name))))
            .collect();
        json!({
            "id": self.id, "properties": properties,
            "createdAt": MADE, "updatedAt": MADE, "archived": false,
        })
    }
}

fn nothing() -> Answer {
    Answer::problem(404, "OBJECT_NOT_FOUND", "resource not found")
}
