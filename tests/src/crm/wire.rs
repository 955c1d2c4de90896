//! HTTP as far as the CRM needs it: one request and one answer on a connection.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: usize = 1024 * 1024;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// The lines of its head.
    pub head: String,
    pub body: String,
}

pub(super) struct Answer {
    status: u16,
    body: Value,
}

impl Asked {
    pub(super) fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.path == path
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Answer {
    pub(super) fn of(status: u16, body: Value) -> Self {
        Self { status, body }
    }

    /// As the API says what is wrong.
    pub(super) fn problem(status: u16, category: &str, message: &str) -> Self {
        let body = json!({
            "status": "error",
            "message": message,
            "correlationId": "aeb5f871-0000-4000-8000-000000000001",
            "category": category,
        });
        Self { status, body }
    }
}

/// None: whoever it was went away, or spoke something else.
pub(super) async fn hear(stream: &mut TcpStream) -> Option<Asked> {
    timeout(PATIENCE, read(stream)).await.ok()?
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 || bytes.len() > LONGEST {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).ok()?;
    let mut first = head.lines().next()?.split(' ');
    let mut asked = Asked {
        method: first.next()?.to_owned(),
        path: first.next()?.to_owned(),
        head,
        body: String::new(),
    };
    let length = asked.header("content-length").unwrap_or("0");
    let length: usize = length.parse().ok().filter(|it| *it <= LONGEST)?;
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    asked.body = String::from_utf8(body).ok()?;
    Some(asked)
}

pub(super) async fn say(stream: &mut TcpStream, answer: Answer) {
    let body = answer.body.to_string();
    let head = format!(
        "HTTP/1.1 {} .\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        answer.status,
        body.len()
    );
    // Whoever asked may be gone by now.
    let _gone = stream.write_all((head + &body).as_bytes()).await;
    let _gone = stream.shutdown().await;
}
