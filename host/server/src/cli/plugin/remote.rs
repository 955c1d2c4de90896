//! A server as authors' commands see it: its API, asked over the one way out.

use std::time::Duration;

use bytes::Bytes;
use deskbell_domain::reach::HostPattern;
use deskbell_egress::{Allowed, Egress, EgressConfig, Method, Request, Roots, Terms};
use serde_json::Value;
use uuid::Uuid;

use super::super::Failure;

/// It compiles what it is given.
const PATIENCE: Duration = Duration::from_secs(30);
const LARGEST: usize = 16 * 1024 * 1024;

/// Where it is, and as whom it is asked.
#[derive(clap::Args)]
pub(in super::super) struct Server {
    /// The address of the server, such as http://127.0.0.1:8080.
    #[arg(long)]
    url: String,
    /// An admin's access token; `-` reads it from standard input, where no other
    /// user of the machine sees it.
    #[arg(long)]
    token: String,
    /// Certificates to trust beside the public ones, as PEM.
    #[arg(long)]
    ca_file: Option<std::path::PathBuf>,
    /// Send the token over plain http to another machine, where others may read it on
    /// the way.
    #[arg(long)]
    insecure: bool,
}

pub(super) struct Remote {
    engine: Egress,
    hosts: Vec<HostPattern>,
    api: String,
    token: String,
}

impl Server {
    pub(super) fn reach(self) -> Result<Remote, Failure> {
        let host = HostPattern::of_url(&self.url)
            .map_err(|error| Failure(format!("--url {}: {error}", self.url)))?;
        if !self.insecure && is_readable_on_the_way(&self.url, &host) {
            let why = "the token would go over plain http, where others can read it: \
                       ask over https, or say --insecure";
            return Err(Failure(format!("--url {}: {why}", self.url)));
        }
        let mut roots = Roots::public();
        if let Some(path) = &self.ca_file {
            let cannot = |error: String| Failure(format!("{}: {error}", path.display()));
            let pem = std::fs::read(path).map_err(|error| cannot(error.to_string()))?;
            roots = roots.and(&pem).map_err(|error| cannot(error.to_string()))?;
        }
        // A server may be anywhere; a range of everything is not taken in one.
        let everywhere = ["0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"];
        let everywhere = everywhere.map(str::parse::<Allowed>);
        let allowed = everywhere.into_iter().collect::<Result<Vec<_>, _>>()?;
        let engine = Egress::new(EgressConfig {
            roots,
            // The author's own machine asks the author's own server.
            allowed,
            allow_http: true,
            ..EgressConfig::default()
        })?;
        let token = match self.token.as_str() {
            "-" => first_line()?,
            token => token.to_owned(),
        };
        Ok(Remote {
            engine,
            hosts: vec![host],
            api: format!("{}/api/v1", self.url.trim_end_matches('/')),
            token,
        })
    }
}

/// Whether it goes without TLS, and to another machine.
fn is_readable_on_the_way(url: &str, host: &HostPattern) -> bool {
    if url.trim().starts_with("https://") {
        return false;
    }
    let host = host.to_string();
    let ends = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    let name = &host[..ends.unwrap_or(host.len())];
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<std::net::IpAddr>();
    !(name == "localhost" || address.is_ok_and(|it| it.is_loopback()))
}

fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

impl Remote {
    pub(super) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.send(Method::Get, path, None, Bytes::new()).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let body = body.to_string().into();
        self.send(Method::Post, path, Some("application/json"), body)
            .await
    }

    pub(super) async fn upload(&self, file: Bytes) -> Result<Value, Failure> {
        self.send(Method::Post, "/plugins", Some("application/wasm"), file)
            .await
    }

    /// All of a list, page by page.
    pub(super) async fn all(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let mut items = Vec::new();
        let mut from = String::new();
        loop {
            let page = self.get(&format!("{path}?limit=200{from}")).await?;
            items.extend(page["items"].as_array().cloned().unwrap_or_default());
            match page["next_cursor"].as_str() {
                Some(cursor) => from = format!("&cursor={cursor}"),
                None => return Ok(items),
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
    ) -> Result<Value, Failure> {
        let url = format!("{}{path}", self.api);
        let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", self.token))];
        headers.extend(kind.map(|kind| ("content-type".to_owned(), kind.to_owned())));
        let terms = Terms {
            client: Uuid::nil(),
            hosts: self.hosts.clone(),
            timeout: PATIENCE,
            request_bytes: LARGEST,
            response_bytes: LARGEST,
            additions: Vec::new(),
        };
        let request = Request {
            method,
            url,
            headers,
            body,
        };
        let answer = self.engine.send(request, &terms).await?;
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if (200..300).contains(&answer.status) {
            return Ok(json);
        }
        Err(refused(answer.status, &json))
    }
}

/// What the server says of itself, one sentence a mistake.
fn refused(status: u16, problem: &Value) -> Failure {
    let mut words: Vec<String> = Vec::new();
    for error in problem["errors"].as_array().into_iter().flatten() {
        let at = error["pointer"].as_str().unwrap_or_default();
        let detail = error["detail"].as_str().unwrap_or_default();
        words.push(format!("{at}: {detail}"));
    }
    if words.is_empty() {
        let said = problem["detail"].as_str().or(problem["title"].as_str());
        words.push(said.unwrap_or("it says no more").to_owned());
    }
    Failure(format!("the server says {status}: {}", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_in_the_clear_to_this_machine_only() {
        let server = |url: &str, insecure| Server {
            url: url.to_owned(),
            token: "t".to_owned(),
            ca_file: None,
            insecure,
        };
        for url in [
            "https://desk.example",
            "http://localhost:8080",
            "http://127.0.0.1:8080/",
            "http://127.0.0.1",
            "http://127.9.9.9:1",
            "http://[::1]:8080",
            "http://[::1]",
        ] {
            assert!(server(url, false).reach().is_ok(), "{url}");
        }
        for url in [
            "http://desk.example",
            "http://desk.example:8080",
            "http://192.168.0.2",
            "http://[2001:db8::1]:8080",
            "http://[2001:db8::1]",
            "http://localhost.example",
            "http://127.0.0.1.example",
        ] {
            let told = server(url, false).reach().err().expect("it is refused");
            assert!(told.0.contains("--insecure"), "{}", told.0);
            assert!(server(url, true).reach().is_ok(), "{url}");
        }
    }
}
