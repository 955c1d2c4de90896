//! The REST API of a running Deskbell, as far as the benches need it.

use serde_json::{Value, json};

use super::desks;
use crate::error::{Outcome, missing};
use crate::process::Server;
use crate::subject::Person;

pub struct Api {
    client: reqwest::Client,
    base: String,
}

impl Api {
    pub fn new(server: &Server) -> Outcome<Self> {
        Ok(Self {
            client: reqwest::Client::builder().no_proxy().build()?,
            base: format!("{}/api/v1", server.base()),
        })
    }

    pub async fn post(&self, path: &str, token: Option<&str>, body: Value) -> Outcome<Value> {
        let mut request = self.client.post(format!("{}{path}", self.base)).json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("POST {path}: {status}: {text}").into());
        }
        Ok(serde_json::from_str(&text)?)
    }

    pub async fn log_in(&self, tenant: usize, email: &str) -> Outcome<String> {
        let (tenant, password) = (desks::slug(tenant), desks::PASSWORD);
        let body = json!({ "tenant": tenant, "email": email, "password": password });
        let answer = self.post("/auth/login", None, body).await?;
        Ok(missing(answer["access_token"].as_str(), "an access token")?.to_owned())
    }

    pub async fn agent(&self, tenant: usize, n: usize) -> Outcome<Person> {
        Ok(Person {
            token: self.log_in(tenant, &desks::email(n)).await?,
            path: "/api/v1/agent/socket",
        })
    }

    pub async fn visitor(&self, tenant: usize) -> Outcome<Person> {
        let body = json!({ "inbox": desks::inbox(tenant) });
        let answer = self.post("/widget/sessions", None, body).await?;
        Ok(Person {
            token: missing(answer["token"].as_str(), "a visitor's token")?.to_owned(),
            path: "/api/v1/widget/socket",
        })
    }
}
