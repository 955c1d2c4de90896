//! Log-in, tokens and sessions: who gets in, for how long, and who is out at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell_tests::reducer::{list, text};
use deskbell_tests::{Agent, PASSWORD, Setup, TestApp, Visitor, both_engines};
use serde_json::{Value, json};

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh";
const SNAPSHOT: &str = "/api/v1/agent/snapshot";
const MINUTE: i64 = 60_000;

fn credentials(tenant: &str, email: &str, password: &str) -> Value {
    json!({ "tenant": tenant, "email": email, "password": password })
}

both_engines! {
    async fn log_in_right_and_wrong(app) {
        let wrong = [
            credentials("demo", "ana@demo.test", "deskbell-dem0"),
            credentials("demo", "nobody@demo.test", PASSWORD),
            credentials("emo", "ana@demo.test", PASSWORD),
            credentials("demo", "", ""),
        ];
        let mut told = Vec::new();
        for body in wrong {
            let mut problem = app.http.post(LOGIN, body).await.refused(401, "bad_credentials");
            problem["request_id"] = Value::Null;
            told.push(problem);
        }
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "they all look the same: {told:?}");
        // The address as people type it.
        let right = credentials("demo", " Ana@Demo.test ", PASSWORD);
        let ana = Agent::logged_in(&app.http, app.http.post(LOGIN, right).await.ok(200));
        assert_eq!(ana.name, "Ana");
        assert!(!ana.logged_in.to_string().contains("argon2"));
        ana.http.get(SNAPSHOT).await.ok(200);
    }

    async fn an_access_token_lives_fifteen_minutes(app) {
        let ana = app.agent("ana").await;
        app.advance(15 * MINUTE - 1);
        ana.http.get(SNAPSHOT).await.ok(200);
        app.advance(1);
        ana.http.get(SNAPSHOT).await.refused(401, "token_expired");
        let next = app.http.post(REFRESH, json!({ "refresh_token": ana.refresh_token })).await;
        let next = Agent::logged_in(&app.http, next.ok(200));
        next.http.get(SNAPSHOT).await.ok(200);
        // A socket belongs to the session, not to the token.
        let mut desk = next.connect().await;
        app.pass(20 * MINUTE).await;
        desk.command("set_availability", json!({ "availability": "away" })).await;
        desk.close().await;
    }

    async fn made_up_tokens_are_refused(engine: Engine) {
        let app = TestApp::new(engine).await;
        let (ana, visitor) = (app.agent("ana").await, app.visitor().await);
        let mut setup = Setup::new(engine);
        setup.seed = 2;
        let foreign = setup.start().await;
        let twin = foreign.agent("ana").await;
        assert_eq!(ana.id, twin.id, "the same in everything but the keys");
        assert_ne!(ana.token, twin.token);

        let [header, claims, signature] = parts(&ana.token);
        let (mut none, mut other, mut later) = (decoded(&header), decoded(&header), decoded(&claims));
        none["alg"] = json!("none");
        other["alg"] = json!("HS512");
        later["exp"] = json!(later["exp"].as_i64().map(|exp| exp + 1_000_000));
        let mut widget = decoded(&claims);
        widget["aud"] = json!("widget");
        let mut nameless = decoded(&header);
        nameless.as_object_mut().expect("a header").remove("kid");
        let forged = [
            ("another installation's key", twin.token.clone()),
            ("no signature wanted", format!("{}.{claims}.", encoded(&none))),
            ("no signature wanted, one given", format!("{}.{claims}.{signature}", encoded(&none))),
            ("another algorithm", format!("{}.{claims}.{signature}", encoded(&other))),
            ("a later end", format!("{header}.{}.{signature}", encoded(&later))),
            ("another plane", format!("{header}.{}.{signature}", encoded(&widget))),
            ("no key named", format!("{}.{claims}.{signature}", encoded(&nameless))),
            ("no signature", format!("{header}.{claims}.")),
            ("half of it", format!("{header}.{claims}")),
            ("nothing", String::new()),
            ("no token", "x".repeat(5_000)),
        ];
        for (what, token) in forged {
            let http = app.http.with_token(&token);
            let answer = http.get(SNAPSHOT).await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
            assert!(answer.headers.contains_key("www-authenticate"), "{what}");
            let answer = http.get("/api/v1/widget/snapshot").await;
            assert_eq!(answer.status, 401, "{what}: {}", answer.text);
        }
        app.http.with_token(&visitor.token).get(SNAPSHOT).await.refused(401, "wrong_plane");
        ana.http.get("/api/v1/widget/snapshot").await.refused(401, "wrong_plane");
        ana.http.get(SNAPSHOT).await.ok(200);
        for app in [app, foreign] {
            app.finish().await;
        }
    }

    async fn a_refresh_token_works_once(app) {
        let ana = app.agent("ana").await;
        let mut desk = ana.connect().await;
        app.settle().await;
        let trade = |token: String| {
            let http = app.http.clone();
            async move { http.post(REFRESH, json!({ "refresh_token": token })).await }
        };
        let second = trade(ana.refresh_token.clone()).await.ok(200);
        assert_ne!(second["refresh_token"], ana.refresh_token.as_str());
        let third = trade(text(&second, "refresh_token")).await.ok(200);
        ana.http.get(SNAPSHOT).await.ok(200);
        // Seen twice: one of the two who had it stole it. All of the session ends.
        trade(ana.refresh_token.clone()).await.refused(401, "refresh_token_reused");
        trade(text(&third, "refresh_token")).await.refused(401, "session_revoked");
        ana.http.get(SNAPSHOT).await.refused(401, "session_revoked");
        app.http.with_token(&text(&third, "access_token")).get(SNAPSHOT).await.refused(401, "session_revoked");
        app.settle().await;
        assert_eq!(desk.expect_close().await.code, 4003);
        trade("dbr_0000".to_owned()).await.refused(401, "token_invalid");
        // Another session of hers goes on.
        app.agent("ana").await.http.get(SNAPSHOT).await.ok(200);
    }

    async fn a_refresh_token_ends_with_its_session(app) {
        let ana = app.agent("ana").await;
        app.advance(30 * 24 * 60 * MINUTE);
        let late = app.http.post(REFRESH, json!({ "refresh_token": ana.refresh_token })).await;
        late.refused(401, "token_expired");
    }

    async fn logging_out_ends_the_session_and_its_sockets(app) {
        let (here, there) = (app.agent("ana").await, app.agent("ana").await);
        let (mut socket, mut other) = (here.connect().await, there.connect().await);
        app.settle().await;
        here.http.poke("/api/v1/auth/logout").await.ok(204);
        here.http.get(SNAPSHOT).await.refused(401, "session_revoked");
        let spent = app.http.post(REFRESH, json!({ "refresh_token": here.refresh_token })).await;
        spent.refused(401, "session_revoked");
        app.settle().await;
        let closed = socket.expect_close().await;
        assert_eq!(closed.code, 4003, "{closed:?}");
        other.fence().await;
        other.close().await;
    }

    async fn sessions_are_listed_and_ended(app) {
        let (here, there) = (app.agent("ana").await, app.agent("ana").await);
        let ben = app.agent("ben").await;
        let mut socket = there.connect().await;
        app.settle().await;
        let listed = list(&here.http.get("/api/v1/auth/sessions").await.ok(200)["items"]);
        assert_eq!(listed.len(), 2);
        let theirs = text(&socket.welcome, "session");
        assert!(listed.iter().any(|session| session["id"] == theirs.as_str()), "{listed:?}");
        let path = format!("/api/v1/auth/sessions/{theirs}");
        ben.http.delete(&path).await.refused(404, "not_found");
        here.http.delete(&path).await.ok(204);
        there.http.get(SNAPSHOT).await.refused(401, "session_revoked");
        app.settle().await;
        assert_eq!(socket.expect_close().await.code, 4003);
        let left = list(&here.http.get("/api/v1/auth/sessions").await.ok(200)["items"]);
        assert_eq!(left.len(), 1);
    }

    async fn the_same_secret_is_the_same_visitor(app) {
        let first = app.visitor().await;
        let id = first.ring("v1", "hello").await;
        let again = |secret: &str, inbox: &str| {
            let body = json!({ "inbox": inbox, "secret": secret });
            let http = app.http.clone();
            async move { Visitor::arrive(&http, body).await }
        };
        let same = again(&first.secret, "demo-web").await;
        assert_eq!((&same.id, &same.secret), (&first.id, &first.secret));
        same.http.get(&format!("/api/v1/widget/conversations/{id}")).await.ok(200);
        first.http.get("/api/v1/widget/snapshot").await.ok(200);
        let stranger = again(&format!("dbv_{}", "0".repeat(64)), "demo-web").await;
        assert_ne!(stranger.id, first.id);
        assert_ne!(stranger.secret, format!("dbv_{}", "0".repeat(64)), "a made-up secret is nobody's");
        stranger.http.get(&format!("/api/v1/widget/conversations/{id}")).await.refused(404, "not_found");
        // A secret belongs to its inbox.
        let owner = app.agent("owner").await;
        let team = owner.snapshot().await["teams"][0]["id"].clone();
        let inbox = json!({ "key": "second-web", "name": "Second", "default_team_id": team });
        owner.http.post("/api/v1/inboxes", inbox).await.ok(201);
        assert_ne!(again(&first.secret, "second-web").await.id, first.id);
        let unknown = json!({ "inbox": "nowhere" });
        app.http.post("/api/v1/widget/sessions", unknown).await.refused(404, "not_found");
        app.advance(24 * 60 * MINUTE);
        first.http.get("/api/v1/widget/snapshot").await.refused(401, "token_expired");
    }
}

fn parts(token: &str) -> [String; 3] {
    let parts: Vec<_> = token.split('.').map(str::to_owned).collect();
    parts.try_into().expect("a token of three parts")
}

fn decoded(part: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn encoded(part: &Value) -> String {
    URL_SAFE_NO_PAD.encode(part.to_string())
}
