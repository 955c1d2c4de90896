//! What integration tests are built from: a whole server in the test's process,
//! with time, ids and chance held still, and clients that speak the public
//! protocol to it.
//!
//! Start with `app.rs` (the server), then `people.rs` (who talks to it). Nothing
//! here knows what a single test is about.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "the functions tests are built from are tests too"
)]

pub mod app;
pub mod chance;
pub mod crm;
pub mod database;
pub mod environment;
pub mod guests;
pub mod http;
pub mod people;
pub mod planted;
pub mod reducer;
pub mod seeded;
pub mod socket;

pub use app::{Setup, TestApp};
pub use chance::Chance;
pub use deskbell_store::Engine;
pub use http::{Answer, Http};
pub use people::{Agent, PASSWORD, Visitor};
pub use socket::{Closed, Socket};

/// Defines tests that run on SQLite and on PostgreSQL:
///
/// ```text
/// both_engines! {
///     async fn a_visitor_rings(app) { … }
/// }
/// ```
///
/// `app` is a fresh `TestApp` with the demo desk; a test that wants another one
/// names its argument's type: `async fn it(engine: Engine) { … }`.
#[macro_export]
macro_rules! both_engines {
    () => {};
    ($(#[$meta:meta])* async fn $name:ident($engine:ident: Engine) $body:block $($rest:tt)*) => {
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports, reason = "a test may need nothing of its file")]
            use super::*;

            async fn run($engine: $crate::Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run($crate::Engine::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::Engine::Postgres).await;
            }
        }
        $crate::both_engines! { $($rest)* }
    };
    ($(#[$meta:meta])* async fn $name:ident($app:ident) $body:block $($rest:tt)*) => {
        $crate::both_engines! {
            $(#[$meta])*
            async fn $name(engine: Engine) {
                let $app = $crate::TestApp::new(engine).await;
                $body
                $app.finish().await;
            }
            $($rest)*
        }
    };
}
