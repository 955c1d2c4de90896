//! The doubles: names that answer what a test says, and a wire that counts who is
//! dialled and puts a test's server at the other end.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{Connector, Egress, EgressConfig, Faults, Method, Request, Resolver, Stream, Terms};

/// A public address of nobody in particular.
pub(super) const PUBLIC: &str = "1.1.1.1";

/// Each look-up gets the next answer, the last one for ever.
pub(super) struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    pub(super) asked: AtomicUsize,
}

impl Names {
    pub(super) fn at(answers: &[&str]) -> Arc<Self> {
        let answers = answers.iter().map(|one| vec![one.parse().unwrap()]);
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            asked: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Resolver for Names {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        let last = answers.len() == 1;
        match last {
            true => Ok(answers[0].clone()),
            false => Ok(answers.pop_front().unwrap()),
        }
    }
}

type Served = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct Wire {
    serve: Box<dyn Fn(DuplexStream) -> Served + Send + Sync>,
    pub(super) dialled: Mutex<Vec<SocketAddr>>,
    servers: Mutex<JoinSet<()>>,
}

impl Wire {
    pub(super) fn to<F, S>(serve: F) -> Arc<Self>
    where
        F: Fn(DuplexStream) -> S + Send + Sync + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        Arc::new(Self {
            serve: Box::new(move |stream| Box::pin(serve(stream))),
            dialled: Mutex::default(),
            servers: Mutex::default(),
        })
    }

    /// Hears the request and says this.
    pub(super) fn saying(answer: impl Into<String>) -> Arc<Self> {
        let answer = answer.into();
        Self::to(move |mut stream| {
            let answer = answer.clone();
            async move {
                let _request = heard(&mut stream).await;
                let _gone = stream.write_all(answer.as_bytes()).await;
            }
        })
    }

    pub(super) fn dialled(&self) -> Vec<String> {
        let dialled = self.dialled.lock().unwrap();
        dialled.iter().map(ToString::to_string).collect()
    }
}

#[async_trait]
impl Connector for Wire {
    async fn connect(&self, to: SocketAddr) -> io::Result<Box<dyn Stream>> {
        self.dialled.lock().unwrap().push(to);
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        self.servers.lock().unwrap().spawn((self.serve)(theirs));
        Ok(Box::new(ours))
    }
}

/// The head of a request.
pub(super) async fn heard(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

pub(super) fn egress(names: &Arc<Names>, wire: &Arc<Wire>, faults: Faults) -> Egress {
    Egress::new(config(names, wire, faults)).unwrap()
}

/// Plain http is allowed, as TLS is not what most of these tests are about.
pub(super) fn config(names: &Arc<Names>, wire: &Arc<Wire>, faults: Faults) -> EgressConfig {
    EgressConfig {
        resolver: names.clone(),
        connector: wire.clone(),
        allow_http: true,
        faults,
        ..EgressConfig::default()
    }
}

pub(super) fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
    }
}

pub(super) fn terms(hosts: &[&str]) -> Terms {
    Terms {
        client: Uuid::from_u128(1),
        hosts: hosts.iter().map(|host| host.parse().unwrap()).collect(),
        timeout: Duration::from_secs(20),
        request_bytes: 1024,
        response_bytes: 64 * 1024,
        additions: Vec::new(),
    }
}
