//! The router hook with nothing around it.

use wasmtime::component::InstancePre;

use super::bindings::router::exports::deskbell::routing::router;
use super::{Guest, context, prepared, store, told};
use crate::error::Outcome;
use std::path::Path;

pub struct RouterFloor {
    pre: InstancePre<Guest>,
    router: router::GuestIndices,
    config: String,
    request: router::Request,
}

impl RouterFloor {
    pub fn new(
        file: &Path,
        config: &str,
        candidates: &[(String, String, String)],
    ) -> Outcome<Self> {
        let pre = prepared(file)?;
        Ok(Self {
            router: router::GuestIndices::new(&pre).map_err(told)?,
            pre,
            config: config.to_owned(),
            request: request(candidates),
        })
    }

    /// One call; answers whom the plugin chose.
    pub fn call(&self) -> Outcome<Option<String>> {
        let mut store = store(&self.pre, &self.config);
        let instance = self.pre.instantiate(&mut store).map_err(told)?;
        let guest = self.router.load(&mut store, &instance).map_err(told)?;
        let said = guest.call_route(&mut store, &context(), &self.request);
        match said.map_err(told)? {
            Ok(decision) => Ok(match decision.verdict {
                router::Verdict::Assign(id) => Some(id),
                _ => None,
            }),
            Err(error) => Err(format!("{error:?}").into()),
        }
    }
}

/// The request of `benches/plugin/samples.rs`, in the guest's words.
fn request(candidates: &[(String, String, String)]) -> router::Request {
    let candidate = |(id, name, email): &(String, String, String)| router::Candidate {
        agent_id: id.clone(),
        name: name.clone(),
        email: email.clone(),
        load: 1,
        capacity: 5,
        skills: Vec::new(),
        last_assigned_ms: Some(1_700_000_000_000),
        attributes: Vec::new(),
    };
    router::Request {
        conversation: router::Conversation {
            id: "conv_018bcfe568007000800000000000000a".to_owned(),
            inbox_id: "inb_018bcfe568007000800000000000000b".to_owned(),
            subject: Some("Where is it?".to_owned()),
            category: Some("bench".to_owned()),
            priority: router::Priority::Medium,
            attributes: Vec::new(),
        },
        contact: router::Contact {
            id: "con_018bcfe568007000800000000000000c".to_owned(),
            name: Some("Ada".to_owned()),
            email: None,
            verified: false,
            vip: true,
            attributes: Vec::new(),
        },
        waiting_ms: 5_000,
        queue: router::Queue {
            team_id: "team_018bcfe568007000800000000000000d".to_owned(),
            team_name: "Everybody".to_owned(),
            waiting: 1,
            position: 1,
        },
        candidates: candidates.iter().map(candidate).collect(),
        candidates_total: u32::try_from(candidates.len()).unwrap_or(u32::MAX),
        retry_of: None,
        attributes: Vec::new(),
    }
}
