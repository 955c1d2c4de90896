//! Observers: each has a socket, a snapshot that grows stale, and the reference
//! reducer, whose result is held against a fresh snapshot.

use deskbell_tests::reducer::{Picture, Plane, sorted, with_versions_of};
use deskbell_tests::{Agent, Http, Socket, TestApp, Visitor};
use serde_json::Value;

pub(super) struct Watch {
    observers: Vec<Observer>,
}

struct Observer {
    name: &'static str,
    plane: Plane,
    http: Http,
    socket: Socket,
    before: Value,
    picture: Picture,
}

/// What one observer saw of one step.
pub(super) struct Run {
    pub observer: &'static str,
    pub plane: Plane,
    pub before: Value,
    pub events: Vec<Value>,
    /// The fresh snapshot, with the versions an observer can know.
    pub after: Value,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            observers: Vec::new(),
        }
    }

    pub(super) async fn agent(&mut self, name: &'static str, agent: &Agent) {
        self.add(
            name,
            Plane::Agent,
            agent.http.clone(),
            agent.connect().await,
        );
    }

    pub(super) async fn visitor(&mut self, name: &'static str, visitor: &Visitor) {
        self.add(
            name,
            Plane::Widget,
            visitor.http.clone(),
            visitor.connect().await,
        );
    }

    fn add(&mut self, name: &'static str, plane: Plane, http: Http, socket: Socket) {
        self.observers.push(Observer {
            name,
            plane,
            http,
            socket,
            before: Value::Null,
            picture: Picture::of(plane, &Value::Null),
        });
    }

    /// Takes the snapshots that are to grow stale.
    pub(super) async fn begin(&mut self, app: &TestApp) {
        app.settle().await;
        for observer in &mut self.observers {
            observer.socket.events().await;
            observer.begin().await;
        }
    }

    /// Settles, applies what the sockets brought, and compares.
    pub(super) async fn compare(&mut self, app: &TestApp, told: &str) -> Vec<Run> {
        app.settle().await;
        let mut runs = Vec::new();
        for observer in &mut self.observers {
            runs.push(observer.compare(told).await);
        }
        runs
    }

    pub(super) async fn leave(self) {
        for observer in self.observers {
            observer.socket.close().await;
        }
    }
}

impl Observer {
    async fn begin(&mut self) {
        self.before = self.fresh().await;
        self.picture = Picture::of(self.plane, &self.before);
    }

    async fn fresh(&self) -> Value {
        self.http
            .get(&format!("/api/v1/{}/snapshot", self.plane.as_str()))
            .await
            .ok(200)
    }

    /// The fresh snapshot is the next stale one.
    async fn compare(&mut self, told: &str) -> Run {
        let events: Vec<_> = self
            .socket
            .events()
            .await
            .iter()
            .map(|frame| frame["event"].clone())
            .collect();
        for event in &events {
            self.picture.apply(event);
        }
        let reduced = self.picture.snapshot();
        let fresh = self.fresh().await;
        let after = match self.plane {
            Plane::Agent => fresh.clone(),
            Plane::Widget => with_versions_of(fresh.clone(), &reduced),
        };
        let expected = sorted(self.plane, &after);
        if reduced != expected {
            let differences = differences("", &expected, &reduced).join("\n  ");
            let types: Vec<_> = events
                .iter()
                .map(|event| event["type"].to_string())
                .collect();
            panic!(
                "{told}: as {} sees it, snapshot + events ≠ fresh snapshot (fresh | reduced):\n  \
                 {differences}\nafter {types:?}",
                self.name
            );
        }
        let before = std::mem::replace(&mut self.before, fresh);
        Run {
            observer: self.name,
            plane: self.plane,
            before,
            events,
            after,
        }
    }
}

/// Where two values differ, as paths.
pub(super) fn differences(at: &str, left: &Value, right: &Value) -> Vec<String> {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
            let none = Value::Null;
            keys.into_iter()
                .flat_map(|key| {
                    let (l, r) = (a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none));
                    differences(&format!("{at}/{key}"), l, r)
                })
                .collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .flat_map(|(n, (l, r))| differences(&format!("{at}/{n}"), l, r))
            .collect(),
        (left, right) if left == right => vec![],
        (left, right) => vec![format!("{at}: {left} | {right}")],
    }
}
