//! The filter hook with nothing around it.

use std::path::Path;

use wasmtime::component::InstancePre;

use super::bindings::filter::exports::deskbell::filter::message_filter as filter;
use super::{Guest, context, prepared, store, told};
use crate::error::Outcome;

pub struct FilterFloor {
    pre: InstancePre<Guest>,
    filter: filter::GuestIndices,
    config: String,
    request: filter::Request,
}

impl FilterFloor {
    pub fn new(file: &Path, config: &str, text: &str) -> Outcome<Self> {
        let pre = prepared(file)?;
        Ok(Self {
            filter: filter::GuestIndices::new(&pre).map_err(told)?,
            pre,
            config: config.to_owned(),
            request: filter::Request {
                direction: filter::Direction::Inbound,
                sender_kind: filter::SenderKind::Visitor,
                conversation_id: Some("conv_018bcfe568007000800000000000000a".to_owned()),
                inbox_id: Some("inb_018bcfe568007000800000000000000b".to_owned()),
                fields: vec![filter::Field {
                    name: "text".to_owned(),
                    text: text.to_owned(),
                }],
                attributes: Vec::new(),
            },
        })
    }

    /// One call; answers what became of the text, if it was to be changed.
    pub fn call(&self) -> Outcome<Option<String>> {
        let mut store = store(&self.pre, &self.config);
        let instance = self.pre.instantiate(&mut store).map_err(told)?;
        let guest = self.filter.load(&mut store, &instance).map_err(told)?;
        let said = guest.call_filter(&mut store, &context(), &self.request);
        match said.map_err(told)? {
            Ok(decision) => Ok(match decision.verdict {
                filter::Verdict::Rewrite(mut fields) => fields.pop().map(|field| field.text),
                _ => None,
            }),
            Err(error) => Err(format!("{error:?}").into()),
        }
    }
}
