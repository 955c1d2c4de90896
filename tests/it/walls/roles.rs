//! Every role, and nobody, on every route: who has not what a route names is told
//! so, whatever else the request may be.

use deskbell_domain::Role;
use deskbell_tests::TestApp;

use super::desk::Desk;
use super::routes::{Open, Routes};

pub(super) async fn knock(app: &TestApp, routes: &Routes, desk: &Desk) -> Vec<String> {
    let mut complaints = Vec::new();
    let visitor = app.http.with_token(&desk.visitor.token);
    let garbage = app.http.with_token("eyJhbGciOiJub25lIn0.e30.");
    for route in &routes.all {
        if route.open == Open::All {
            continue;
        }
        let requests = match routes.requests(route, desk, &desk.ids, "words") {
            Ok(requests) => requests,
            Err(what) => {
                complaints.push(format!("{} {}: {what}", route.method, route.path));
                continue;
            }
        };
        let Some(request) = requests.last() else {
            continue;
        };
        let mut clients = vec![
            ("nobody", app.http.clone(), vec![401]),
            ("somebody with a made-up token", garbage.clone(), vec![401]),
        ];
        match route.open {
            Open::All => {}
            Open::Visitors => {
                clients.push(("an agent", desk.of_role(app, "agent"), vec![401, 403]));
                clients.push(("an owner", desk.of_role(app, "owner"), vec![401, 403]));
            }
            Open::Agents(permission) => {
                clients.push(("a visitor", visitor.clone(), vec![401, 403]));
                for role in Role::ALL
                    .into_iter()
                    .filter(|role| !role.allows(permission))
                {
                    clients.push((role.as_str(), desk.of_role(app, role.as_str()), vec![403]));
                }
            }
        }
        for (who, http, expected) in clients {
            let answer = request.send(&http).await;
            if !expected.contains(&answer.status) {
                complaints.push(format!(
                    "{}: {who} is told {}, not one of {expected:?}: {}",
                    answer.asked, answer.status, answer.text
                ));
            }
        }
    }
    complaints
}
