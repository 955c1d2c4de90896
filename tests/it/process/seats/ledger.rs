//! Who has how many chats, told from the events alone, in their order.

use std::collections::HashMap;

use serde_json::Value;

use crate::process::desk::{number, text};

#[derive(Default)]
pub(super) struct Ledger {
    capacity: HashMap<String, i64>,
    /// By conversation: the version, and who has it while it is active.
    seats: HashMap<String, (i64, Option<String>)>,
    pub(super) taken: usize,
    pub(super) complaints: Vec<String>,
}

impl Ledger {
    pub(super) fn new(agents: &[Value]) -> Self {
        let capacity = agents
            .iter()
            .map(|agent| (text(agent, "id"), number(agent, "capacity")));
        Self {
            capacity: capacity.collect(),
            ..Self::default()
        }
    }

    pub(super) fn hear(&mut self, frame: &Value) {
        let conversation = &frame["event"]["data"]["conversation"];
        if frame["type"] != "event" || !conversation.is_object() {
            return;
        }
        let (id, version) = (text(conversation, "id"), number(conversation, "version"));
        let active = conversation["status"] == "active";
        let holder = conversation["assignee"]["id"]
            .as_str()
            .filter(|_| active)
            .map(str::to_owned);
        let before = self.seats.insert(id.clone(), (version, holder.clone()));
        if let Some((older, _)) = &before
            && *older >= version
        {
            self.complaints
                .push(format!("{id}: version {version} after {older}"));
        }
        let (Some(agent), true) = (&holder, before.and_then(|(_, had)| had) != holder) else {
            return;
        };
        self.taken += 1;
        let has = self
            .seats
            .values()
            .filter(|(_, who)| who.as_ref() == Some(agent))
            .count() as i64;
        let capacity = self.capacity.get(agent).copied().unwrap_or(i64::MAX);
        if has > capacity {
            self.complaints
                .push(format!("{agent} has {has} of {capacity}: {frame}"));
        }
    }
}

#[test]
fn a_seat_too_many_is_found() {
    let event = |id: &str, version: i64, status: &str, agent: &str| {
        serde_json::json!({ "type": "event", "event": { "data": { "conversation": {
            "id": id, "version": version, "status": status, "assignee": { "id": agent },
        } } } })
    };
    let ana = serde_json::json!({ "id": "ana", "capacity": 1 });
    let mut ledger = Ledger::new(&[ana]);
    ledger.hear(&event("a", 1, "active", "ana"));
    ledger.hear(&event("a", 2, "resolved", "ana"));
    ledger.hear(&event("b", 1, "active", "ana"));
    assert_eq!(ledger.complaints, Vec::<String>::new());
    ledger.hear(&event("a", 3, "active", "ana"));
    assert_eq!(ledger.complaints.len(), 1);
    assert_eq!(ledger.taken, 3);
}
