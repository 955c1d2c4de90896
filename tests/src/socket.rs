//! A socket as a client sees it: frames in order, each wait with a bound.
//!
//! What a test does not ask for is kept, so that looking for one frame never
//! loses another. `events` fences with ping and pong: all that the server had
//! queued before is read then, without waiting for time to pass.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};

use crate::http::is_problem;

/// A bound, not a wait: what is awaited comes within milliseconds or never.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How a socket ended. 1006: without a close frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub code: u16,
    pub reason: String,
}

pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub path: String,
    /// Read, but not asked for yet.
    kept: VecDeque<Value>,
    commands: u64,
    /// The welcome, once there was one.
    pub welcome: Value,
    /// Of the last frame that had one: where to resume.
    pub cursor: String,
}

impl Socket {
    /// Opens the socket and says nothing.
    pub async fn open(base: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::try_open(base, path, headers)
            .await
            .unwrap_or_else(|status| panic!("{path}: the upgrade was answered {status}"))
    }

    /// The same, or the status the upgrade was refused with.
    pub async fn try_open(base: &str, path: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let address = base.strip_prefix("http://").expect("an address of ours");
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        let _ = stream.set_nodelay(true);
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .expect("a socket's address");
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header's name");
            let value = HeaderValue::from_str(value).expect("a header's value");
            request.headers_mut().insert(name, value);
        }
        match bounded(
            "the upgrade",
            tokio_tungstenite::client_async(request, stream),
        )
        .await
        {
            Ok((stream, _)) => Ok(Self {
                stream,
                path: path.to_owned(),
                kept: VecDeque::new(),
                commands: 0,
                welcome: Value::Null,
                cursor: String::new(),
            }),
            Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                Err(answer.status().as_u16())
            }
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Where it was opened.
    #[must_use]
    pub fn base(&self) -> String {
        let address = self
            .stream
            .get_ref()
            .peer_addr()
            .expect("a connected socket");
        format!("http://{address}")
    }

    /// Logs in; answers the welcome.
    pub async fn hello(&mut self, token: &str, cursor: Option<&str>) -> Value {
        self.send(json!({ "type": "hello", "token": token, "cursor": cursor }))
            .await;
        let welcome = self.frame("welcome", |_| true).await;
        self.cursor = text(&welcome, "cursor");
        self.welcome = welcome.clone();
        welcome
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub async fn send_text(&mut self, text: String) {
        self.send_message(Message::text(text)).await;
    }

    /// Sending to a server that has closed meanwhile is no failure: the close is
    /// what is read next.
    pub async fn send_message(&mut self, message: Message) {
        let _ = bounded("sending", self.stream.send(message)).await;
    }

    /// Runs a command; answers its result.
    #[track_caller]
    pub fn command<'a>(
        &'a mut self,
        name: &'a str,
        params: Value,
    ) -> impl Future<Output = Value> + 'a {
        let caller = std::panic::Location::caller();
        async move {
            match self.try_command(name, params).await {
                Ok(result) => result,
                Err(problem) => panic!("{name} at {caller}: {problem}"),
            }
        }
    }

    /// The same, or its problem.
    pub async fn try_command(&mut self, name: &str, params: Value) -> Result<Value, Value> {
        let id = self.start_command(name, params).await;
        self.answer(&id).await
    }

    /// Sends a command without waiting for its answer; answers its id.
    pub async fn start_command(&mut self, name: &str, params: Value) -> String {
        self.commands += 1;
        let id = format!("c{}", self.commands);
        self.send(json!({ "type": "command", "id": id, "name": name, "params": params }))
            .await;
        id
    }

    pub async fn answer(&mut self, id: &str) -> Result<Value, Value> {
        let answer = self
            .take(&format!("the answer of {id}"), |frame| {
                frame["id"] == id && (frame["type"] == "ack" || frame["type"] == "error")
            })
            .await;
        if answer["type"] == "ack" {
            return Ok(answer["result"].clone());
        }
        is_problem(&answer["problem"], &answer.to_string());
        Err(answer["problem"].clone())
    }

    /// Says that one is typing, or no more. Returns when the server has passed it
    /// on: answers leave in the order of what they answer.
    pub async fn typing(&mut self, conversation: &str, on: bool) {
        self.send(json!({
            "type": "signal", "name": "typing", "conversation_id": conversation,
            "data": { "on": on },
        }))
        .await;
        let nothing_new = json!({ "conversation_id": conversation, "seq": 0 });
        self.command("mark_read", nothing_new).await;
    }

    /// The first event of this type not asked for yet.
    pub async fn expect_event(&mut self, kind: &str) -> Value {
        let frame = self
            .take(&format!("event {kind}"), |frame| {
                frame["type"] == "event" && frame["event"]["type"] == kind
            })
            .await;
        frame["event"].clone()
    }

    pub async fn expect_signal(&mut self, name: &str) -> Value {
        self.frame("signal", |frame| frame["name"] == name).await
    }

    /// The first kept or coming frame of this type that fits.
    pub async fn frame(&mut self, kind: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.take(&format!("a frame {kind}"), |frame| {
            frame["type"] == kind && fits(frame)
        })
        .await
    }

    /// All event frames the server had queued, in order, those kept included.
    pub async fn events(&mut self) -> Vec<Value> {
        self.fence().await;
        let (events, others): (Vec<_>, Vec<_>) = self
            .kept
            .drain(..)
            .partition(|frame| frame["type"] == "event");
        self.kept.extend(others);
        events
    }

    /// The types of `events`.
    pub async fn event_types(&mut self) -> Vec<String> {
        self.events()
            .await
            .iter()
            .map(|frame| text(&frame["event"], "type"))
            .collect()
    }

    /// Reads until everything queued before now is in.
    pub async fn fence(&mut self) {
        self.send(json!({ "type": "ping" })).await;
        loop {
            let frame = self.read("a pong").await;
            if frame["type"] == "pong" {
                return;
            }
            self.kept.push_back(frame);
        }
    }

    /// The kept frames, for tests that look at everything.
    pub fn drain(&mut self) -> Vec<Value> {
        self.kept.drain(..).collect()
    }

    async fn take(&mut self, wanted: &str, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&fits) {
            return self.kept.remove(at).unwrap_or_default();
        }
        loop {
            let frame = self.read(wanted).await;
            if fits(&frame) {
                return frame;
            }
            self.kept.push_back(frame);
        }
    }

    async fn read(&mut self, wanted: &str) -> Value {
        match self.next(wanted).await {
            Ok(frame) => frame,
            Err(closed) => panic!(
                "{}: closed while waiting for {wanted}: {closed:?}",
                self.path
            ),
        }
    }

    /// The next frame from the wire, or how the socket ended.
    pub async fn next(&mut self, wanted: &str) -> Result<Value, Closed> {
        loop {
            let kept: Vec<_> = self.kept.iter().map(kind).collect();
            let what = format!("{}: {wanted}; kept are {kept:?}", self.path);
            let next = bounded(&what, self.stream.next()).await;
            match next {
                Some(Ok(Message::Text(text))) => {
                    let frame: Value = serde_json::from_str(&text).expect("a frame is JSON");
                    if frame["type"] == "event" {
                        self.cursor = self::text(&frame, "cursor");
                    }
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(Closed {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    });
                }
                Some(Ok(Message::Close(None)) | Err(_)) | None => {
                    return Err(Closed {
                        code: 1006,
                        reason: String::new(),
                    });
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// Reads on until the server closes.
    pub async fn expect_close(&mut self) -> Closed {
        loop {
            match self.next("the close").await {
                Ok(frame) => self.kept.push_back(frame),
                Err(closed) => return closed,
            }
        }
    }

    /// Leaves, and waits until the server has noted it: it lets go of the
    /// connection only after that.
    pub async fn close(mut self) {
        let _ = self.stream.close(None).await;
        self.expect_end().await;
    }

    /// Reads to the very end of the connection.
    pub async fn expect_end(mut self) {
        while let Some(Ok(_)) = bounded("the end of the connection", self.stream.next()).await {}
    }
}

fn kind(frame: &Value) -> String {
    let inner = [&frame["event"]["type"], &frame["name"]]
        .into_iter()
        .find_map(Value::as_str);
    format!("{} {}", text(frame, "type"), inner.unwrap_or_default())
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

/// Waits, but not for ever.
pub async fn bounded<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(done) => done,
        Err(_) => panic!("waited {PATIENCE:?} for {what}"),
    }
}
