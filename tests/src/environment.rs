//! The tests' own switches in the environment, and the only place that reads them.
//!
//! `scripts/with-servers` sets the addresses. They are no settings of Deskbell's.

/// The admin address of a PostgreSQL in which tests make databases of their own.
///
/// A test that needs it and has none fails: skipping would look like passing.
#[must_use]
pub fn postgres() -> String {
    read("DESKBELL_TEST_POSTGRES").unwrap_or_else(|| {
        panic!(
            "this test needs a PostgreSQL server and DESKBELL_TEST_POSTGRES is not set: \
             run it as `scripts/with-servers cargo test …`"
        )
    })
}

/// The address of a Redis for tests with several nodes; like `postgres`.
#[must_use]
pub fn redis() -> String {
    read("DESKBELL_TEST_REDIS").unwrap_or_else(|| {
        panic!(
            "this test needs a Redis server and DESKBELL_TEST_REDIS is not set: \
             run it as `scripts/with-servers cargo test …`"
        )
    })
}

/// How often the kill tests kill, in all.
#[must_use]
pub fn kills() -> usize {
    let given = read("DESKBELL_KILLS");
    given.map_or(200, |text| {
        text.parse().expect("DESKBELL_KILLS is a number")
    })
}

/// Whether committed files are to be rewritten from what the test sees.
#[must_use]
pub fn bless() -> bool {
    read("DESKBELL_BLESS").is_some_and(|value| value == "1")
}

/// A seed for random sequences, to repeat a failure.
#[must_use]
pub fn seed() -> Option<u64> {
    read("DESKBELL_TEST_SEED").and_then(|text| text.parse().ok())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one home of the tests' environment"
)]
fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
