//! HTTP as a client sees it. Every refusal is checked for its shape on the way.

use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A client of one server, with or without a token.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    /// `http://127.0.0.1:port`
    pub base: String,
    pub token: Option<String>,
    /// A 500 fails the test, except where bugs are planted.
    pub forgiving: bool,
}

#[derive(Debug, Clone)]
pub struct Answer {
    /// The request, for messages.
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Http {
    #[must_use]
    pub fn new(base: String) -> Self {
        // A proxy of the machine has no business between a test and its server.
        let client = reqwest::Client::builder().no_proxy().build();
        Self {
            client: client.expect("an HTTP client"),
            base,
            token: None,
            forgiving: false,
        }
    }

    /// The same client with this token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    #[must_use]
    pub fn without_token(&self) -> Self {
        Self {
            token: None,
            ..self.clone()
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, &[]).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body), &[]).await
    }

    /// POST without a body.
    pub async fn poke(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None, &[]).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body), &[]).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body), &[]).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, &[]).await
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        match body {
            Some(body) => {
                let mut all = vec![("content-type", "application/json")];
                all.extend_from_slice(headers);
                self.raw(method, path, body.to_string().into_bytes(), &all)
                    .await
            }
            None => self.raw(method, path, Vec::new(), headers).await,
        }
    }

    /// Whatever bytes, with whatever headers.
    pub async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Vec<u8>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let asked = format!("{method} {path}");
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.body(body);
        }
        let response = request.send().await;
        let response = response.unwrap_or_else(|error| panic!("{asked}: no answer: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await;
        let text = text.unwrap_or_else(|error| panic!("{asked}: the answer broke off: {error}"));
        let answer = Answer {
            asked,
            status,
            headers,
            text,
        };
        if !self.forgiving {
            answer.check_problem(path);
        }
        answer
    }
}

impl Answer {
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{}: {error} in {:?}", self.asked, self.text))
    }

    /// The JSON, if this is the expected success. An empty body is null.
    #[track_caller]
    pub fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        if self.text.is_empty() {
            return Value::Null;
        }
        self.json()
    }

    /// The problem, if this is the expected refusal.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        let problem = self.json();
        assert_eq!(problem["code"], code, "{}: {}", self.asked, self.text);
        problem
    }

    /// The same for wrong input: the one field it names.
    #[track_caller]
    pub fn names(&self, pointer: &str, code: &str) {
        let problem = self.json();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let found = errors
            .iter()
            .any(|error| error["pointer"] == pointer && error["code"] == code);
        assert!(
            found,
            "{}: no {pointer} {code} in {}",
            self.asked, self.text
        );
    }

    /// Every refusal of the API is a problem of one shape.
    fn check_problem(&self, path: &str) {
        if self.status < 400 || !path.starts_with("/api/") {
            return;
        }
        let told = format!("{} {}: {}", self.asked, self.status, self.text);
        let kind = self
            .headers
            .get("content-type")
            .and_then(|v| v.to_str().ok());
        assert_eq!(kind, Some("application/problem+json"), "{told}");
        let problem: Value = serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("a problem that is no JSON: {error}: {told}"));
        is_problem(&problem, &told);
        assert_eq!(problem["status"], self.status, "{told}");
        assert!(self.status != 500, "an unforeseen failure: {told}");
    }
}

/// The shape of a problem, in an answer or in a socket's error frame.
pub fn is_problem(problem: &Value, told: &str) {
    let fields: Vec<_> = problem
        .as_object()
        .unwrap_or_else(|| panic!("a problem is an object: {told}"))
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "code",
        "detail",
        "errors",
        "request_id",
        "status",
        "title",
        "type",
    ];
    let mut sorted = fields;
    sorted.sort_unstable();
    assert_eq!(sorted, expected, "{told}");
    for name in ["code", "detail", "request_id", "title", "type"] {
        let text = problem[name].as_str().unwrap_or_default();
        assert!(!text.is_empty(), "{name} is empty: {told}");
    }
    for error in problem["errors"].as_array().expect("errors is a list") {
        let named = ["pointer", "code", "detail"].map(|name| error[name].is_string());
        assert_eq!(named, [true; 3], "{told}");
    }
}

/// A value as part of a query string.
#[must_use]
pub fn quoted(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
