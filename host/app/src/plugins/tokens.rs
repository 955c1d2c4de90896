//! Tokens that are got with a secret (OAuth 2.0 client credentials), for one
//! installation: kept in memory until shortly before they expire, and asked for by
//! one call at a time however many need one.
//!
//! A token endpoint is asked like any other server: through `Outbound`, at the
//! secret's own hosts, in the installation's pace. No word of a secret or a token is
//! in a failure. Who sends a token where is `outgoing.rs`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use deskbell_domain::Timestamp;
use deskbell_domain::oauth::{ClientAuth, ClientCredentials};
use deskbell_domain::reach::HostPattern;
use deskbell_domain::time::{DAY, MINUTE, Millis, SECOND};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::outside::{
    Clock, Outbound, OutboundFailure, OutboundMethod, OutboundRequest, OutboundResponse,
    OutboundTerms,
};

/// A token endpoint that takes longer has no answer. A guest's own request may wait
/// longer, so that whoever asks in vain is there to hear it.
const WITHIN: Duration = Duration::from_secs(4);
const ANSWER_BYTES: usize = 64 * 1024;
const LONGEST_TOKEN: usize = 4 * 1024;
/// Of a token whose endpoint does not say.
const LIFE: Millis = 5 * MINUTE;
/// A token is not used in the last part of its life: its way takes time too.
const MARGIN: Millis = MINUTE;
/// An endpoint that gave none is not asked again at once: those who wait hear the
/// same. And a token that is younger than this is not renewed, whatever an API says:
/// the next one would fare no better.
const REST: Millis = 10 * SECOND;

/// What an endpoint may say of a refusal (RFC 6749, 5.2). Anything else it says is
/// not repeated: it could be the secret.
const REFUSALS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// Planted bugs: each switches a check off, so that a test can show that it was the
/// check that helped. Nothing but tests sets one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Each request gets a token of its own.
    pub(super) nothing_kept: bool,
    /// A token is used for ever.
    pub(super) no_end: bool,
    /// Everybody asks at once.
    pub(super) all_at_once: bool,
    /// A token that was refused is not got again.
    pub(super) no_renewal: bool,
    /// An endpoint that refused is asked again at once.
    pub(super) no_rest: bool,
    /// Failures say what the endpoint said.
    pub(super) all_words: bool,
    /// The guest gets answers that hold a token.
    pub(super) echoes_pass: bool,
}

/// How one secret is turned into tokens under the present configuration.
pub(super) struct Exchange {
    declared: ClientCredentials,
    token_url: Option<String>,
    client_id: Option<String>,
    scope: Option<String>,
    /// Whoever holds it asks; the others wait, and find what it got.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// What was got last; it stays when no newer one is to be had.
    token: Option<Token>,
    rest: Option<Rest>,
}

/// Why there was none, and how long nobody asks again.
struct Rest {
    failure: OutboundFailure,
    until: Timestamp,
}

/// A token. It shows itself to nobody.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) value: Arc<str>,
    got_at: Timestamp,
    until: Timestamp,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

/// What was got is no part of how it is got.
impl PartialEq for Exchange {
    fn eq(&self, other: &Self) -> bool {
        self.declared == other.declared
            && self.token_url == other.token_url
            && self.client_id == other.client_id
            && self.scope == other.scope
    }
}

impl Eq for Exchange {}

/// Who asks for a token, and with what.
pub(super) struct Asking<'a> {
    pub(super) outbound: &'a dyn Outbound,
    pub(super) clock: &'a dyn Clock,
    /// Whose pace it is.
    pub(super) client: Uuid,
    /// The secret's name, for messages, and its hosts.
    pub(super) name: &'a str,
    pub(super) hosts: &'a [HostPattern],
    pub(super) secret: &'a str,
    pub(super) faults: Faults,
}

impl Exchange {
    pub(super) fn new(declared: &ClientCredentials, config: &Map<String, Value>) -> Self {
        let scope = declared.scope.as_ref();
        Self {
            token_url: declared.token_url.under(config),
            client_id: declared.client_id.under(config),
            scope: scope.and_then(|scope| scope.under(config)),
            declared: declared.clone(),
            kept: Mutex::default(),
        }
    }

    /// A token that can be used now. If one was refused, another one, unless that
    /// would come too soon.
    pub(super) async fn token(
        &self,
        asking: &Asking<'_>,
        refused: Option<&Token>,
    ) -> Result<Token, OutboundFailure> {
        let faults = asking.faults;
        if faults.all_at_once || faults.nothing_kept {
            return self.ask(asking).await.map_err(|no| no.failure);
        }
        let mut kept = self.kept.lock().await;
        let now = asking.clock.now();
        if let Some(token) = &kept.token
            && token.is_good(now, refused, faults)
        {
            return Ok(token.clone());
        }
        if let Some(rest) = &kept.rest
            && now < rest.until
            && !faults.no_rest
        {
            return Err(rest.failure.clone());
        }
        // Whoever stops waiting here leaves the place to the next.
        match self.ask(asking).await {
            Ok(token) => {
                *kept = Kept {
                    token: Some(token.clone()),
                    rest: None,
                };
                Ok(token)
            }
            Err(no) => {
                kept.rest = no.rests.then(|| Rest {
                    failure: no.failure.clone(),
                    until: asking.clock.now().plus(REST),
                });
                Err(no.failure)
            }
        }
    }

    async fn ask(&self, asking: &Asking<'_>) -> Result<Token, NotGot> {
        let name = asking.name;
        let missing = |what: &str, pointer: Option<&str>| {
            let setting = pointer.unwrap_or(what).trim_start_matches('/');
            let why = format!("no token for the secret {name}: the setting {setting} is empty");
            NotGot::resting(OutboundFailure::Denied(why))
        };
        let declared = &self.declared;
        let url = self.token_url.as_deref();
        let url = url.ok_or_else(|| missing("token_url", declared.token_url.pointer()))?;
        let id = self.client_id.as_deref();
        let id = id.ok_or_else(|| missing("client_id", declared.client_id.pointer()))?;
        let request = self.request(url, id, asking.secret);
        let terms = OutboundTerms {
            client: asking.client,
            hosts: asking.hosts.to_vec(),
            secrets: Vec::new(),
        };
        let answer = asking.outbound.send(request, terms).await;
        let answer = answer.map_err(|failure| NotGot {
            // Too many of ours: the endpoint was not asked.
            rests: !matches!(failure, OutboundFailure::TooManyRequests(_)),
            failure: about(name, failure),
        })?;
        let host = HostPattern::of_url(url).map_or_else(|_| "it".to_owned(), |it| it.to_string());
        read(&answer, asking.clock.now()).map_err(|why| {
            let mut why = format!("no token for the secret {name}: {host} {}", why.0);
            if asking.faults.all_words {
                why.push_str(&String::from_utf8_lossy(&answer.body));
            }
            NotGot::resting(match answer.status {
                429 => OutboundFailure::TooManyRequests(why),
                500.. => OutboundFailure::Unreachable(why),
                _ => OutboundFailure::Denied(why),
            })
        })
    }

    fn request(&self, url: &str, id: &str, secret: &str) -> OutboundRequest {
        let mut body = "grant_type=client_credentials".to_owned();
        let mut add = |name: &str, value: &str| {
            body.push_str(&format!("&{name}={}", form(value)));
        };
        if let Some(scope) = &self.scope {
            add("scope", scope);
        }
        let mut headers = vec![
            ("accept".to_owned(), "application/json".to_owned()),
            (
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            ),
        ];
        match self.declared.client_auth {
            ClientAuth::Basic => {
                let both = STANDARD.encode(format!("{}:{}", form(id), form(secret)));
                headers.push(("authorization".to_owned(), format!("Basic {both}")));
            }
            ClientAuth::Body => {
                add("client_id", id);
                add("client_secret", secret);
            }
        }
        OutboundRequest {
            method: OutboundMethod::Post,
            url: url.to_owned(),
            headers,
            body: Bytes::from(body),
            timeout: WITHIN,
            response_bytes: ANSWER_BYTES,
        }
    }
}

impl Token {
    fn is_good(&self, now: Timestamp, refused: Option<&Self>, faults: Faults) -> bool {
        let was_refused = refused.is_some_and(|refused| refused.value == self.value);
        let young = now.since(self.got_at) < REST && !faults.no_rest;
        (!was_refused || young) && (now < self.until || faults.no_end)
    }
}

struct NotGot {
    failure: OutboundFailure,
    /// Whether the endpoint is to be left alone for a while.
    rests: bool,
}

impl NotGot {
    fn resting(failure: OutboundFailure) -> Self {
        Self {
            failure,
            rests: true,
        }
    }
}

/// The same failure, with what it was about.
fn about(name: &str, failure: OutboundFailure) -> OutboundFailure {
    let why = |why: String| format!("no token for the secret {name}: {why}");
    match failure {
        OutboundFailure::Denied(it) => OutboundFailure::Denied(why(it)),
        OutboundFailure::Timeout(it) => OutboundFailure::Timeout(why(it)),
        OutboundFailure::TooLarge(it) => OutboundFailure::TooLarge(why(it)),
        OutboundFailure::Unreachable(it) => OutboundFailure::Unreachable(why(it)),
        OutboundFailure::TooManyRequests(it) => OutboundFailure::TooManyRequests(why(it)),
    }
}

/// What an endpoint answers; it may answer more.
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Value>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Why there is no token in an answer, in our own words.
struct NoToken(String);

fn read(answer: &OutboundResponse, now: Timestamp) -> Result<Token, NoToken> {
    if !(200..300).contains(&answer.status) {
        let refused: Option<Refused> = serde_json::from_slice(&answer.body).ok();
        let known = refused.and_then(|it| REFUSALS.into_iter().find(|word| *word == it.error));
        let why = known.map_or_else(String::new, |word| format!(" ({word})"));
        return Err(NoToken(format!("answered {}{why}", answer.status)));
    }
    let granted: Granted = serde_json::from_slice(&answer.body)
        .map_err(|_| NoToken("answered without an access_token".to_owned()))?;
    let kind = granted.token_type.as_deref().unwrap_or("bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(NoToken("gives tokens that are no bearer tokens".to_owned()));
    }
    let token = granted.access_token;
    let plain = token.bytes().all(|b| b.is_ascii_graphic());
    if token.is_empty() || token.len() > LONGEST_TOKEN || !plain {
        let why = "gave a token that cannot stand in a request";
        return Err(NoToken(why.to_owned()));
    }
    let life = granted.expires_in.as_ref().and_then(seconds);
    let life = life.map_or(LIFE, |life| life.saturating_mul(SECOND).clamp(SECOND, DAY));
    Ok(Token {
        value: token.into(),
        got_at: now,
        until: now.plus(life - MARGIN.min(life / 10)),
    })
}

/// A number, or as some write it, a text of digits.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

/// As a form writes it: `application/x-www-form-urlencoded`.
pub(super) fn form(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}
