//! One tenant's people with the other tenant's ids, on every route and on the
//! sockets: nothing is there for them, and nothing of the other's is told.

use deskbell_tests::{Answer, Http, Socket, TestApp};
use serde_json::json;

use super::desk::Desk;
use super::routes::{Open, Request, Routes};

/// `other`'s people ask for what is `one`'s. Answers what they got that they
/// should not have.
pub(super) async fn knock(app: &TestApp, routes: &Routes, one: &Desk, other: &Desk) -> Vec<String> {
    let mut complaints = Vec::new();
    for route in &routes.all {
        let clients: Vec<(&str, Http)> = match route.open {
            Open::All => vec![("nobody", app.http.clone())],
            Open::Visitors => [("visitor", &other.visitor), ("newcomer", &other.newcomer)]
                .map(|(name, visitor)| (name, app.http.with_token(&visitor.token)))
                .into(),
            Open::Agents(_) => ["agent", "owner"]
                .map(|role| (role, other.of_role(app, role)))
                .into(),
        };
        // With the other's things in the path, then only in body and query. What is
        // looked for is the other's word.
        let in_path = routes.requests(route, one, &other.ids, one.canary);
        let beside = routes.requests(route, other, &one.ids, one.canary);
        let (in_path, beside) = match (in_path, beside) {
            (Ok(in_path), Ok(beside)) => (in_path, beside),
            (in_path, beside) => {
                complaints.extend([in_path.err(), beside.err()].into_iter().flatten());
                continue;
            }
        };
        for (who, http) in &clients {
            for request in in_path.iter().filter(|request| request.path_has_ids) {
                let answer = request.send(http).await;
                complaints.extend(wrong(request, &answer, one, who));
                // Understood by the route, so it must be the object that is missing.
                if answer.status != 404 && answer.status != 422 && answer.status != 403 {
                    complaints.push(format!("as {who}: {}: {}", answer.asked, answer.status));
                }
            }
            // Whose conversation is open goes on with that one, whatever team is named.
            if *who == "visitor" {
                continue;
            }
            let own_path = beside.iter().filter(|request| {
                let nothing = !request.path_has_ids && !request.rest_has_ids;
                (request.rest_has_ids || nothing) && route.open != Open::All
            });
            for request in own_path {
                let reads = request.method == "GET";
                // A write without any id in it only writes to its own desk.
                if !reads && !request.rest_has_ids {
                    continue;
                }
                let answer = request.send(http).await;
                complaints.extend(wrong(request, &answer, one, who));
                if !reads && answer.status < 300 {
                    complaints.push(format!(
                        "as {who}: {} is done: {}",
                        answer.asked, answer.text
                    ));
                }
            }
        }
    }
    complaints
}

/// Whatever the answer is, it holds nothing of `one`'s but what was asked with.
fn wrong(request: &Request, answer: &Answer, one: &Desk, who: &str) -> Option<String> {
    if answer.status >= 500 {
        return Some(format!("as {who}: {}: {}", answer.asked, answer.text));
    }
    let found = one.found_in(&answer.text)?;
    Some(format!(
        "as {who}: {} told of {found}: {} (asked {:?})",
        answer.asked, answer.text, request.body
    ))
}

/// The other's sockets while things happen at `one`'s desk, and commands on them
/// with `one`'s ids.
pub(super) async fn knock_by_socket(app: &TestApp, one: &Desk, other: &Desk) -> Vec<String> {
    let base = &app.http.base;
    let mut sockets = Vec::new();
    for (name, path, token) in [
        ("agent", "agent", &other.tokens["agent"]),
        ("owner", "agent", &other.tokens["owner"]),
        ("visitor", "widget", &other.visitor.token),
    ] {
        let mut socket = Socket::open(base, &format!("/api/v1/{path}/socket"), &[]).await;
        // A cursor of the feed's beginning: everything there ever was is missed.
        socket.hello(token, None).await;
        sockets.push((name, path, token, socket));
    }
    app.settle().await;
    happen(app, one).await;
    app.settle().await;
    let mut complaints = Vec::new();
    let conversation = &one.ids["ConversationId"];
    for (name, path, token, socket) in &mut sockets {
        socket
            .send(json!({
                "type": "signal", "name": "typing", "conversation_id": conversation,
                "data": { "on": true },
            }))
            .await;
        for (command, params) in [
            (
                "send_message",
                json!({ "conversation_id": conversation, "client_msg_id": "x", "text": "x" }),
            ),
            (
                "mark_read",
                json!({ "conversation_id": conversation, "seq": 1 }),
            ),
            ("resolve", json!({ "conversation_id": conversation })),
            (
                "end_conversation",
                json!({ "conversation_id": conversation }),
            ),
            ("assign", json!({ "conversation_id": conversation })),
        ] {
            match socket.try_command(command, params).await {
                Ok(result) => complaints.push(format!("as {name}: {command} is done: {result}")),
                Err(problem) => {
                    // Each plane knows only its own commands.
                    let status = problem["status"].as_u64().unwrap_or_default();
                    if status != 404 && problem["errors"][0]["code"] != "unknown_command" {
                        complaints.push(format!("as {name}: {command}: {problem}"));
                    }
                }
            }
        }
        socket.fence().await;
        let mut resumed = Socket::open(base, &format!("/api/v1/{path}/socket"), &[]).await;
        let before = socket.welcome["cursor"].as_str().map(str::to_owned);
        let welcome = resumed.hello(token, before.as_deref()).await;
        if welcome["resumed"] != true {
            complaints.push(format!("as {name}: not resumed: {welcome}"));
        }
        resumed.fence().await;
        for frame in socket.drain().iter().chain(&resumed.drain()) {
            if let Some(found) = one.found_in(&frame.to_string()) {
                complaints.push(format!("as {name}: a socket told of {found}: {frame}"));
            }
        }
        resumed.close().await;
    }
    for (_, _, _, socket) in sockets {
        socket.close().await;
    }
    complaints
}

/// Something of each kind, and everything back as it was.
async fn happen(app: &TestApp, one: &Desk) {
    let token = &one.tokens["agent"];
    let mut desk = Socket::open(&app.http.base, "/api/v1/agent/socket", &[]).await;
    desk.hello(token, None).await;
    let guest = app.visitor_at(&one.inbox_key()).await;
    let mut widget = guest.connect().await;
    let words = format!("{} again", one.canary);
    let started = widget
        .command(
            "start_conversation",
            json!({ "client_msg_id": "g1", "text": words }),
        )
        .await;
    app.settle().await;
    let id = started["id"].as_str().unwrap_or_default();
    widget.typing(id, true).await;
    desk.typing(id, true).await;
    let said = json!({ "conversation_id": id, "client_msg_id": "s1", "text": words });
    desk.command("send_message", said).await;
    desk.command("close", json!({ "conversation_id": id }))
        .await;
    app.settle().await;
    widget.close().await;
    desk.close().await;
}
