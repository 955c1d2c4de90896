//! Watches what a call reads, asks and writes, and passes it on unchanged. It keeps
//! no more of it than a recording may hold.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_domain::{Agent, TeamId};

use super::Recorder;
use crate::hooks::{
    Call, CallRecord, CallSink, Directory, DirectoryFailed, Expected, Keys, KeysFailed, Outgoing,
};
use crate::outside::{OutboundFailure, OutboundMethod, OutboundRequest, OutboundResponse};
use crate::scenario::{AgentForm, AnswerForm, Blob, Exchange, People, RequestForm, TeamForm};

/// Bytes of values and bodies that are kept of one call.
const MOST: usize = super::RECORDING_BYTES;

/// What was seen of one call.
pub(super) struct Watched(Arc<Seen>);

#[derive(Default)]
struct Seen {
    /// Bytes of values and bodies kept so far.
    spent: AtomicUsize,
    kv: Mutex<Kv>,
    directory: Mutex<People>,
    http: Mutex<Vec<Exchange>>,
    log: Mutex<Vec<String>>,
}

impl Seen {
    /// Whether there is room for so many bytes more; then they are counted.
    fn affords(&self, bytes: usize) -> bool {
        let more = |spent: usize| Some(spent.saturating_add(bytes)).filter(|it| *it <= MOST);
        let order = Ordering::Relaxed;
        self.spent.fetch_update(order, order, more).is_ok()
    }

    fn body(&self, bytes: &Bytes) -> Option<Blob> {
        self.affords(bytes.len()).then(|| Blob(bytes.clone()))
    }

    fn value(&self, bytes: Option<Bytes>) -> Was {
        match bytes {
            Some(bytes) if !self.affords(bytes.len()) => Was::There,
            known => Was::Known(known),
        }
    }
}

/// What a key was, as far as that is known.
#[derive(Clone)]
enum Was {
    Known(Option<Bytes>),
    /// With a value that nobody looked at, or that is too much to keep.
    There,
}

/// Of the keys it touched: what was there, and what is.
#[derive(Default)]
struct Kv {
    before: BTreeMap<String, Was>,
    now: BTreeMap<String, Was>,
}

impl Kv {
    /// Only what was there before the call itself changed it.
    fn found(&mut self, key: &str, was: Was) {
        if self.now.contains_key(key) {
            return;
        }
        match self.before.get(key) {
            Some(Was::Known(_)) => {}
            Some(Was::There) | None => {
                self.before.insert(key.to_owned(), was);
            }
        }
    }
}

fn held<T>(it: &Mutex<T>) -> MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

fn there(kv: &BTreeMap<String, Was>) -> BTreeMap<String, Blob> {
    let there = kv.iter().filter_map(|(key, was)| {
        let value = match was {
            Was::Known(value) => value.clone()?,
            Was::There => Bytes::new(),
        };
        Some((key.clone(), Blob(value)))
    });
    there.collect()
}

impl Watched {
    /// Puts itself between the call and all it may reach.
    pub(super) fn over(call: &mut Call) -> Self {
        let seen = Arc::new(Seen::default());
        call.keys = Arc::new(WatchedKeys(seen.clone(), call.keys.clone()));
        call.outgoing = Arc::new(WatchedOutgoing(seen.clone(), call.outgoing.clone()));
        call.directory = Arc::new(WatchedDirectory(seen.clone(), call.directory.clone()));
        call.sink = Arc::new(WatchedSink(seen.clone(), call.sink.clone()));
        Self(seen)
    }

    pub(super) fn kv(&self) -> BTreeMap<String, Blob> {
        there(&held(&self.0.kv).before)
    }

    /// None if it touched nothing.
    pub(super) fn kv_after(&self) -> Option<BTreeMap<String, Blob>> {
        let kv = held(&self.0.kv);
        if kv.before.is_empty() && kv.now.is_empty() {
            return None;
        }
        let mut after = kv.before.clone();
        after.extend(kv.now.clone());
        Some(there(&after))
    }

    pub(super) fn directory(&self) -> People {
        held(&self.0.directory).clone()
    }

    pub(super) fn http(&self) -> Vec<Exchange> {
        held(&self.0.http).clone()
    }

    pub(super) fn log(&self) -> Vec<String> {
        held(&self.0.log).clone()
    }
}

struct WatchedKeys(Arc<Seen>, Arc<dyn Keys>);

#[async_trait]
impl Keys for WatchedKeys {
    async fn get(&self, key: String) -> Result<Option<Bytes>, KeysFailed> {
        let found = self.1.get(key.clone()).await?;
        let was = self.0.value(found.clone());
        held(&self.0.kv).found(&key, was);
        Ok(found)
    }

    async fn list(&self, prefix: String, after: Option<String>) -> Result<Vec<String>, KeysFailed> {
        let found = self.1.list(prefix, after).await?;
        let mut kv = held(&self.0.kv);
        // That it is there is all that is known of it.
        for key in &found {
            kv.found(key, Was::There);
        }
        drop(kv);
        Ok(found)
    }

    async fn change(
        &self,
        key: String,
        expected: Expected,
        value: Option<Bytes>,
    ) -> Result<bool, KeysFailed> {
        let changed = self.1.change(key.clone(), expected.clone(), value.clone());
        let changed = changed.await?;
        let mut kv = held(&self.0.kv);
        // What can be told of the key from how that went.
        let known = match (&expected, changed) {
            (Expected::Exactly(wanted), true) => self.0.value(wanted.clone()),
            (Expected::Anything, false) => Was::Known(None),
            // Something else than was expected, which may be nothing.
            (Expected::Exactly(Some(_)), false) => Was::Known(None),
            (Expected::Exactly(None), false) | (Expected::Anything, true) => Was::There,
        };
        kv.found(&key, known);
        if changed || expected == Expected::Anything {
            let value = self.0.value(value);
            kv.now.insert(key, value);
        }
        Ok(changed)
    }
}

struct WatchedOutgoing(Arc<Seen>, Arc<dyn Outgoing>);

#[async_trait]
impl Outgoing for WatchedOutgoing {
    async fn send(&self, request: OutboundRequest) -> Result<OutboundResponse, OutboundFailure> {
        let form = RequestForm {
            method: method(request.method).to_owned(),
            url: request.url.clone(),
            headers: joined(&request.headers),
            body: match request.body.is_empty() {
                true => None,
                false => self.0.body(&request.body),
            },
            json: None,
        };
        let answer = self.1.send(request).await;
        let (told, failure) = match &answer {
            Ok(response) => {
                let told = AnswerForm {
                    status: Some(response.status),
                    headers: response.headers.clone(),
                    body: self.0.body(&response.body),
                    json: None,
                };
                (Some(told), None)
            }
            Err(failure) => (None, Some(word(failure).to_owned())),
        };
        held(&self.0.http).push(Exchange {
            request: form,
            answer: told,
            failure,
        });
        answer
    }
}

/// One that is there several times is one with all its values.
fn joined(headers: &[(String, String)]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        all.entry(name.clone())
            .and_modify(|it| *it = format!("{it}, {value}"))
            .or_insert_with(|| value.clone());
    }
    all
}

struct WatchedDirectory(Arc<Seen>, Arc<dyn Directory>);

#[async_trait]
impl Directory for WatchedDirectory {
    async fn find_agent(&self, id_or_email: &str) -> Result<Option<Agent>, DirectoryFailed> {
        let found = self.1.find_agent(id_or_email).await?;
        if let Some(agent) = &found {
            held(&self.0.directory).agents.push(AgentForm {
                id: agent.id.to_string(),
                name: agent.name.clone(),
                email: agent.email.clone(),
                availability: agent.availability,
                load: agent.load,
                capacity: agent.capacity,
                team_ids: agent.team_ids.iter().map(ToString::to_string).collect(),
            });
        }
        Ok(found)
    }

    async fn find_team(
        &self,
        id_or_name: &str,
    ) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        let found = self.1.find_team(id_or_name).await?;
        if let Some((id, name)) = &found {
            held(&self.0.directory).teams.push(TeamForm {
                id: id.to_string(),
                name: name.clone(),
            });
        }
        Ok(found)
    }
}

struct WatchedSink(Arc<Seen>, Arc<dyn CallSink>);

impl CallSink for WatchedSink {
    fn may_begin(&self) -> bool {
        self.1.may_begin()
    }

    fn called(&self, record: CallRecord) {
        let lines = record.log.iter();
        let lines = lines.map(|line| format!("{}: {}", line.level.as_str(), line.text));
        *held(&self.0.log) = lines.collect();
        self.1.called(record);
    }

    /// It is watched already.
    fn recorder(&self) -> Option<Arc<dyn Recorder>> {
        None
    }
}

const fn method(method: OutboundMethod) -> &'static str {
    match method {
        OutboundMethod::Get => "GET",
        OutboundMethod::Head => "HEAD",
        OutboundMethod::Post => "POST",
        OutboundMethod::Put => "PUT",
        OutboundMethod::Patch => "PATCH",
        OutboundMethod::Delete => "DELETE",
    }
}

const fn word(failure: &OutboundFailure) -> &'static str {
    match failure {
        OutboundFailure::Denied(_) => "denied",
        OutboundFailure::Timeout(_) => "timeout",
        OutboundFailure::TooLarge(_) => "too_large",
        OutboundFailure::Unreachable(_) => "unreachable",
        OutboundFailure::TooManyRequests(_) => "too_many_requests",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_gives_way_to_what_is_read() {
        let (mut kv, a) = (Kv::default(), Some(Bytes::from_static(b"a")));
        kv.found("k", Was::There);
        kv.found("k", Was::Known(a));
        kv.found("k", Was::There);
        assert_eq!(there(&kv.before)["k"].0, "a");
        // What the call itself wrote was not there before.
        kv.now.insert("new".to_owned(), Was::Known(None));
        kv.found("new", Was::There);
        assert!(!there(&kv.before).contains_key("new"));
    }

    #[test]
    fn no_more_is_kept_than_a_recording_holds() {
        let seen = Seen::default();
        let half = Bytes::from(vec![0; MOST / 2 + 1]);
        assert!(seen.body(&half).is_some());
        assert!(seen.body(&half).is_none());
        assert!(matches!(seen.value(Some(half)), Was::There));
        assert!(seen.body(&Bytes::from_static(b"small")).is_some());
    }
}
