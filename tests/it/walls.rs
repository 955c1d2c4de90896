//! The walls, for every route of the served API description: between tenants,
//! between roles, between planes.
//!
//! Nothing here lists routes: `walls/routes.rs` reads them from the description
//! and `walls/fill.rs` fills in their parameters, `walls/desk.rs` makes two tenants whose every
//! text names its owner, `walls/twins.rs` and `walls/roles.rs` knock. A route
//! that cannot be filled in fails the test: it must not stay untested.

mod desk;
mod fill;
mod roles;
mod routes;
mod twins;

use deskbell_store::Faults;
use deskbell_tests::{Engine, Setup, TestApp, both_engines};

use desk::Desk;
use routes::Routes;

async fn empty(engine: Engine) -> TestApp {
    let mut setup = Setup::new(engine);
    setup.demo = false;
    setup.start().await
}

fn agree(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

both_engines! {
    async fn no_tenant_sees_or_changes_another(engine: Engine) {
        let app = empty(engine).await;
        let routes = Routes::read(&app).await;
        let (one, other) = (Desk::make(&app, "alder").await, Desk::make(&app, "birch").await);
        let spare = Desk::make(&app, "cedar").await;
        agree(&routes.fit(&app, &spare).await);
        agree(&twins::knock_by_socket(&app, &one, &other).await);
        let before = one.whole(&app).await;
        agree(&twins::knock(&app, &routes, &one, &other).await);
        let after = one.whole(&app).await;
        for (path, was) in before {
            assert_eq!(after.get(&path), Some(&was), "{path}: somebody else changed it");
        }
        app.finish().await;
    }

    async fn a_forgotten_tenant_is_found(engine: Engine) {
        let mut app = empty(engine).await;
        let routes = Routes::read(&app).await;
        let (one, other) = (Desk::make(&app, "alder").await, Desk::make(&app, "birch").await);
        agree(&twins::knock(&app, &routes, &one, &other).await);
        let faults = Faults { forget_tenant: true, ..Faults::default() };
        app.restart(faults).await;
        app.http.forgiving = true;
        let complaints = twins::knock(&app, &routes, &one, &other).await;
        assert!(complaints.len() > 10, "the planted bug is not found: {complaints:?}");
        app.stop().await;
    }

    async fn every_route_asks_for_its_role(engine: Engine) {
        let app = empty(engine).await;
        let routes = Routes::read(&app).await;
        let desk = Desk::make(&app, "alder").await;
        agree(&roles::knock(&app, &routes, &desk).await);
        app.finish().await;
    }
}
