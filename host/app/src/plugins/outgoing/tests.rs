//! Tokens in the way of a guest's requests, against an outside that keeps count:
//! each test sees what happens with the mechanism, and what without it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use deskbell_domain::Timestamp;
use deskbell_domain::time::{MINUTE, SECOND};
use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outside::OutboundMethod;

mod rest;

const API: &str = "https://api.test/contacts";
const TOKENS: &str = "https://auth.test/token";
const SECRET: &str = "canary-client-secret";

/// An API, and beside it the endpoint its tokens come from.
#[derive(Default)]
struct World {
    now: AtomicI64,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Requests for a token: the header that says who, and the body.
    tokens: Vec<(Option<String>, String)>,
    under_way: usize,
    most_under_way: usize,
    /// What came with each request to the API.
    api: Vec<Option<String>>,
    /// What the endpoint answers in place of a token.
    refusal: Option<(u16, String)>,
    /// Tokens up to this one are not taken by the API.
    revoked: usize,
    /// The API sends back what it got.
    echoes: bool,
}

impl World {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    fn pass(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }

    fn come(&self, who: Option<String>, body: String) {
        let mut seen = self.seen();
        seen.tokens.push((who, body));
        seen.under_way += 1;
        seen.most_under_way = seen.most_under_way.max(seen.under_way);
    }

    async fn grant(&self, request: &OutboundRequest) -> OutboundResponse {
        let who = request
            .headers
            .iter()
            .find(|(name, _)| name == "authorization");
        let body = String::from_utf8(request.body.to_vec()).unwrap();
        self.come(who.map(|(_, value)| value.clone()), body);
        // Long enough for everybody else to come.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let mut seen = self.seen();
        seen.under_way -= 1;
        let (status, body) = match &seen.refusal {
            Some(refusal) => refusal.clone(),
            None => {
                let token = format!("canary-token-{}", seen.tokens.len());
                let life = 1_800;
                let granted = json!({ "access_token": token, "expires_in": life });
                (200, granted.to_string())
            }
        };
        answer(status, body)
    }
}

fn answer(status: u16, body: impl Into<Bytes>) -> OutboundResponse {
    OutboundResponse {
        status,
        headers: Vec::new(),
        body: body.into(),
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.load(Ordering::SeqCst))
    }
}

#[async_trait]
impl Outbound for World {
    fn goes_to(&self, url: &str, hosts: &[HostPattern]) -> bool {
        let host = HostPattern::of_url(url).unwrap();
        hosts.iter().any(|one| one.covers(&host, 443))
    }

    async fn send(
        &self,
        request: OutboundRequest,
        terms: OutboundTerms,
    ) -> Result<OutboundResponse, OutboundFailure> {
        assert_eq!(
            terms.client,
            Uuid::from_u128(2),
            "in the installation's pace"
        );
        if !self.goes_to(&request.url, &terms.hosts) {
            return Err(OutboundFailure::Denied("not there".to_owned()));
        }
        if request.url == TOKENS {
            assert!(terms.secrets.is_empty() && request.method == OutboundMethod::Post);
            return Ok(self.grant(&request).await);
        }
        let came = terms.secrets.first().map(|secret| secret.value.clone());
        let mut seen = self.seen();
        seen.api.push(came.clone());
        let number = came
            .as_deref()
            .and_then(|it| it.rsplit('-').next()?.parse().ok());
        let is_good = number.is_some_and(|number: usize| number > seen.revoked);
        let said = if seen.echoes {
            came.unwrap_or_default()
        } else {
            "hi".to_owned()
        };
        Ok(answer(if is_good { 200 } else { 401 }, said))
    }
}

fn outgoing(world: &Arc<World>, faults: Faults, more: &Value) -> InstalledOutgoing {
    let mut oauth2 = json!({ "token_url": TOKENS, "client_id": { "config": "/client_id" } });
    for (name, value) in more.as_object().unwrap() {
        oauth2[name] = value.clone();
    }
    let manifest = serde_json::from_value(json!({
        "id": "crm", "name": "CRM", "version": "1.0.0", "publisher": "Us",
        "capabilities": { "http": { "hosts": ["api.test", "other.test"] } },
        "secrets": { "client_secret": {
            "title": "Secret",
            "to": { "hosts": ["api.test", "auth.test"] },
            "placement": { "header": { "name": "Authorization", "prefix": "Bearer " } },
            "oauth2": oauth2,
        } },
    }));
    let (tenant, installation) = (
        TenantId(Uuid::from_u128(1)),
        InstallationId(Uuid::from_u128(2)),
    );
    let key = Arc::new(SealingKey::new(&[1; 32]).unwrap());
    let stored = SealedSecret {
        name: "client_secret".to_owned(),
        sealed: seal(&key, tenant, installation, "client_secret", SECRET).unwrap(),
        updated_at: Timestamp(0),
    };
    let config = json!({ "client_id": "me & you" });
    let mut reach = Reach::new(
        &manifest.unwrap(),
        config.as_object().unwrap(),
        vec![stored],
    );
    reach.faults = faults;
    InstalledOutgoing {
        outbound: world.clone(),
        clock: world.clone(),
        sealing: Some(key),
        tenant,
        installation,
        reach: Arc::new(reach),
    }
}

fn get(url: &str) -> OutboundRequest {
    OutboundRequest {
        method: OutboundMethod::Get,
        url: url.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
        timeout: Duration::from_secs(20),
        response_bytes: 1_024,
    }
}

fn plain(world: &Arc<World>, faults: Faults) -> InstalledOutgoing {
    outgoing(world, faults, &json!({}))
}

async fn status(outgoing: &InstalledOutgoing) -> u16 {
    outgoing.send(get(API)).await.unwrap().status
}

#[tokio::test]
async fn a_token_is_kept_until_shortly_before_it_expires() {
    for (faults, first, later) in [
        (Faults::default(), 1, 2),
        (
            Faults {
                nothing_kept: true,
                ..Faults::default()
            },
            3,
            4,
        ),
        (
            Faults {
                no_end: true,
                ..Faults::default()
            },
            1,
            1,
        ),
    ] {
        let world = Arc::new(World::default());
        let outgoing = plain(&world, faults);
        assert_eq!(status(&outgoing).await, 200);
        assert_eq!(status(&outgoing).await, 200);
        world.pass(29 * MINUTE - SECOND);
        assert_eq!(status(&outgoing).await, 200);
        assert_eq!(world.seen().tokens.len(), first);
        world.pass(SECOND);
        assert_eq!(status(&outgoing).await, 200);
        assert_eq!(world.seen().tokens.len(), later);
        let last = format!("canary-token-{later}");
        assert_eq!(world.seen().api.last(), Some(&Some(last)));
    }
}

#[tokio::test]
async fn however_many_calls_need_one_it_is_asked_for_once() {
    for (all_at_once, asked) in [(false, 1), (true, 20)] {
        let world = Arc::new(World::default());
        let faults = Faults {
            all_at_once,
            ..Faults::default()
        };
        let outgoing = plain(&world, faults);
        let all = join_all((0..20).map(|_| status(&outgoing))).await;
        assert_eq!(all, [200; 20]);
        let seen = world.seen();
        assert_eq!((seen.tokens.len(), seen.most_under_way), (asked, asked));
    }
}

#[tokio::test]
async fn a_401_gets_a_new_token_once() {
    for (no_renewal, then, asked) in [(false, 200, 2), (true, 401, 1)] {
        let world = Arc::new(World::default());
        let faults = Faults {
            no_renewal,
            ..Faults::default()
        };
        let outgoing = plain(&world, faults);
        assert_eq!(status(&outgoing).await, 200);
        world.pass(10 * SECOND);
        world.seen().revoked = 1;
        // Two who find out at the same time get one between them.
        let both = join_all([status(&outgoing), status(&outgoing)]).await;
        assert_eq!(both, [then; 2]);
        assert_eq!(world.seen().tokens.len(), asked);
    }
    let world = Arc::new(World::default());
    let outgoing = plain(&world, Faults::default());
    assert_eq!(status(&outgoing).await, 200);
    world.pass(10 * SECOND);
    world.seen().revoked = 99;
    assert_eq!(status(&outgoing).await, 401, "the guest hears it");
    let seen = world.seen();
    assert_eq!(
        (seen.tokens.len(), seen.api.len()),
        (2, 3),
        "and nobody goes on trying"
    );
}

#[tokio::test]
async fn a_refusal_says_nothing_of_the_secret_and_is_remembered_for_a_while() {
    let said = json!({
        "error": "invalid_client", "error_description": format!("{SECRET} is wrong"),
    });
    for (faults, tells, asked) in [
        (Faults::default(), false, 1),
        (
            Faults {
                all_words: true,
                ..Faults::default()
            },
            true,
            1,
        ),
        (
            Faults {
                no_rest: true,
                ..Faults::default()
            },
            false,
            2,
        ),
    ] {
        let world = Arc::new(World::default());
        let outgoing = plain(&world, faults);
        world.seen().refusal = Some((401, said.to_string()));
        let failure = outgoing.send(get(API)).await.unwrap_err();
        assert!(matches!(failure, OutboundFailure::Denied(_)), "{failure:?}");
        let text = failure.to_string();
        let plainly =
            "no token for the secret client_secret: auth.test answered 401 (invalid_client)";
        assert!(text.starts_with(plainly), "{text}");
        assert_eq!(text.contains("canary"), tells, "{text}");
        outgoing.send(get(API)).await.unwrap_err();
        assert_eq!(world.seen().tokens.len(), asked);
        assert!(world.seen().api.is_empty(), "nothing goes out without");
        world.seen().refusal = None;
        world.pass(10 * SECOND);
        assert_eq!(status(&outgoing).await, 200);
    }
}

#[tokio::test]
async fn each_way_to_fail_is_told_apart() {
    let told = async |status: u16, body: &str| {
        let world = Arc::new(World::default());
        let outgoing = plain(&world, Faults::default());
        world.seen().refusal = Some((status, body.to_owned()));
        outgoing.send(get(API)).await.unwrap_err()
    };
    let why = |rest: &str| format!("no token for the secret client_secret: auth.test {rest}");
    let denied = |rest: &str| OutboundFailure::Denied(why(rest));
    assert_eq!(
        told(503, "").await,
        OutboundFailure::Unreachable(why("answered 503"))
    );
    assert_eq!(
        told(429, "").await,
        OutboundFailure::TooManyRequests(why("answered 429"))
    );
    assert_eq!(told(302, "").await, denied("answered 302"));
    assert_eq!(
        told(400, r#"{"error":"canary"}"#).await,
        denied("answered 400")
    );
    assert_eq!(
        told(200, "canary").await,
        denied("answered without an access_token")
    );
    let mac = r#"{"access_token":"canary","token_type":"mac"}"#;
    assert_eq!(
        told(200, mac).await,
        denied("gives tokens that are no bearer tokens")
    );
    let split = r#"{"access_token":"ca\r\nnary"}"#;
    assert_eq!(
        told(200, split).await,
        denied("gave a token that cannot stand in a request")
    );
    let world = Arc::new(World::default());
    let nobody = outgoing(
        &world,
        Faults::default(),
        &json!({ "client_id": { "config": "/gone" } }),
    );
    let failure = nobody.send(get(API)).await.unwrap_err().to_string();
    assert_eq!(
        failure,
        "no token for the secret client_secret: the setting gone is empty"
    );
}

#[tokio::test]
async fn nobody_asks_for_a_token_that_goes_nowhere() {
    let world = Arc::new(World::default());
    let outgoing = plain(&world, Faults::default());
    outgoing.send(get("https://other.test/")).await.unwrap();
    let seen = world.seen();
    assert_eq!((seen.tokens.len(), &*seen.api), (0, [None].as_slice()));
}

#[tokio::test]
async fn an_answer_with_the_token_in_it_is_not_for_the_guest() {
    for (echoes_pass, passes) in [(false, false), (true, true)] {
        let world = Arc::new(World::default());
        let faults = Faults {
            echoes_pass,
            ..Faults::default()
        };
        let outgoing = plain(&world, faults);
        world.seen().echoes = true;
        let heard = format!("{:?}", outgoing.send(get(API)).await);
        assert_eq!(heard.contains("canary"), passes, "{heard}");
        assert_eq!(
            heard.contains("which no plugin may see"),
            !passes,
            "{heard}"
        );
    }
}

#[tokio::test]
async fn the_client_says_who_it_is_in_the_header_or_in_the_body() {
    let asked = async |more: Value| {
        let world = Arc::new(World::default());
        let outgoing = outgoing(&world, Faults::default(), &more);
        assert_eq!(status(&outgoing).await, 200);
        world.seen().tokens.remove(0)
    };
    // me+%26+you:canary-client-secret
    let who = "Basic bWUrJTI2K3lvdTpjYW5hcnktY2xpZW50LXNlY3JldA==";
    let plain = asked(json!({})).await;
    let grant = "grant_type=client_credentials";
    assert_eq!(plain, (Some(who.to_owned()), grant.to_owned()));
    let more = json!({ "client_auth": "body", "scope": "a b" });
    let body = format!("{grant}&scope=a+b&client_id=me+%26+you&client_secret={SECRET}");
    assert_eq!(asked(more).await, (None, body));
}

#[tokio::test]
async fn the_same_reach_goes_on_with_its_token() {
    let world = Arc::new(World::default());
    let (one, fresh) = (
        plain(&world, Faults::default()),
        plain(&world, Faults::default()),
    );
    assert_eq!(status(&one).await, 200);
    // What was got is no part of what holds.
    assert_eq!(
        one.reach.secrets[0].exchange,
        fresh.reach.secrets[0].exchange
    );
    let other = outgoing(&world, Faults::default(), &json!({ "scope": "more" }));
    assert_ne!(
        one.reach.secrets[0].exchange,
        other.reach.secrets[0].exchange
    );
    let shown = format!("{:?}", one.reach);
    assert!(!shown.contains("canary-token"), "{shown}");
}
