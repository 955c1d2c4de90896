//! A small CRM on loopback, for tests of plugins that ask one: the part of HubSpot's
//! REST API that `plugins/crm-sync` uses, written from its public documentation (the
//! pages are in that plugin's README). Tokens expire and can be revoked, requests are
//! limited, and a test says when something fails.
//!
//! `wire.rs` is HTTP, `access.rs` who may ask, `records.rs` what there is. What a test
//! in another process wants of it, it asks at `/control/…`.

mod access;
mod records;
mod telling;
mod wire;

use std::sync::{Arc, Mutex, MutexGuard};

use deskbell_server::tasks::Tasks;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use access::Access;
pub use access::{CLIENT_ID, CLIENT_SECRET};
use records::Records;
pub use telling::{Telling, WEBHOOK_KEY, sign};
pub use wire::Asked;
use wire::{Answer, hear, say};

/// The CRM, with a contact and two deals. It ends with its value.
pub struct Crm {
    pub port: u16,
    state: Arc<Mutex<State>>,
    tasks: Tasks,
}

#[derive(Default)]
struct State {
    access: Access,
    records: Records,
    /// What the next requests to the API are answered instead, first things first.
    failing: Vec<u16>,
    /// Requests that are answered before it is too many; None: any number.
    left: Option<u32>,
    asked: Vec<Asked>,
    /// Its answers repeat what was sent along.
    careless: bool,
}

impl Crm {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State::default()));
        let tasks = Tasks::default();
        let (shared, stop) = (state.clone(), tasks.stop());
        tasks.spawn("crm", async move {
            let serve = async {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let Some(asked) = hear(&mut stream).await else {
                        continue;
                    };
                    let answer = shared.lock().expect("nobody panicked").answer(asked);
                    say(&mut stream, answer).await;
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = serve => {}
            }
        });
        Self { port, state, tasks }
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// As an admin fills in `crm-sync` for it.
    #[must_use]
    pub fn config(&self) -> Value {
        let url = self.url();
        json!({
            "api_url": url,
            "token_url": format!("{url}/oauth/v1/token"),
            "client_id": CLIENT_ID,
            "contact_link": format!("{url}/contacts/{{id}}"),
            "deal_link": format!("{url}/deals/{{id}}"),
            "desk_url": "https://desk.example",
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panicked")
    }

    /// The next requests to the API are answered with these; 0 lets one pass.
    pub fn fail_next(&self, statuses: &[u16]) {
        self.state().failing.extend(statuses);
    }

    /// What fails says with which token it was asked, as careless servers do.
    pub fn be_careless(&self) {
        self.state().careless = true;
    }

    /// So many requests to the API more, then 429; None: as many as one likes.
    pub fn limit(&self, left: Option<u32>) {
        self.state().left = left;
    }

    /// No token that was given out is taken any more.
    pub fn revoke(&self) {
        self.state().access.revoke();
    }

    /// Requests for a token are answered with this status; None: with a token.
    pub fn refuse_tokens(&self, status: Option<u16>) {
        self.state().access.refusing = status;
    }

    /// How long a token is said to be good.
    pub fn token_life(&self, seconds: u64) {
        self.state().access.life = seconds;
    }

    /// The tokens that were given out so far.
    #[must_use]
    pub fn tokens(&self) -> Vec<String> {
        self.state().access.tokens()
    }

    /// Everything that was asked so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    /// The notes about a contact: their properties.
    #[must_use]
    pub fn notes(&self, email: &str) -> Vec<Value> {
        self.state().records.notes(email)
    }

    /// Somebody in sales closes this deal; its id.
    pub fn close_deal(&self, name: &str, stage: &str) -> String {
        let closed = self.state().records.close(name, stage);
        closed.expect("a deal of this name")
    }

    /// How many records of a kind there are, such as `notes`.
    #[must_use]
    pub fn count(&self, objects: &str) -> usize {
        self.state().records.count(objects)
    }

    /// A contact's properties.
    #[must_use]
    pub fn contact(&self, email: &str) -> Option<Value> {
        self.state().records.contact(email)
    }
}

impl Drop for Crm {
    fn drop(&mut self) {
        self.tasks.stop().cancel();
    }
}

impl State {
    fn answer(&mut self, asked: Asked) -> Answer {
        if let Some(wish) = asked.path.strip_prefix("/control/") {
            return self.control(wish, &asked.json());
        }
        self.asked.push(asked.clone());
        if asked.is("POST", "/oauth/v1/token") {
            return self.access.grant(&asked);
        }
        if !self.failing.is_empty() {
            match self.failing.remove(0) {
                0 => {}
                status => {
                    let mut head = asked.head.lines();
                    let token = head.find(|line| line.starts_with("authorization"));
                    let token = token.filter(|_| self.careless).unwrap_or_default();
                    let message = format!("Something is wrong {token}");
                    return Answer::problem(status, "INTERNAL_ERROR", message.trim_end());
                }
            }
        }
        match &mut self.left {
            Some(0) => return too_many(),
            Some(left) => *left -= 1,
            None => {}
        }
        match self.access.refusal(&asked) {
            Some(refusal) => refusal,
            None => self.records.answer(&asked),
        }
    }

    /// What a test in another process wants.
    fn control(&mut self, wish: &str, body: &Value) -> Answer {
        let answer = match wish {
            "fail" => {
                let all = body["statuses"].as_array().into_iter().flatten();
                let all = all.filter_map(Value::as_u64);
                self.failing = all
                    .filter_map(|status| u16::try_from(status).ok())
                    .collect();
                json!({})
            }
            "revoke" => {
                self.access.revoke();
                json!({})
            }
            "notes" => {
                let email = body["email"].as_str().unwrap_or_default();
                json!({ "notes": self.records.notes(email) })
            }
            "tokens" => json!({ "tokens": self.access.tokens() }),
            _ => return Answer::problem(404, "NOT_FOUND", "There is no such switch"),
        };
        Answer::of(200, answer)
    }
}

fn too_many() -> Answer {
    let mut body = json!({
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "correlationId": "c033cdaa-0000-4000-8000-000000000001",
        "policyName": "TEN_SECONDLY_ROLLING",
    });
    body["requestId"] = json!("3d3e35b7-0000-4000-8000-000000000001");
    Answer::of(429, body)
}
