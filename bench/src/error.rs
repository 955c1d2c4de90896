//! Why a bench stopped. A void run is no error: it is a result, and in the table.

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Outcome<T> = Result<T, Error>;

/// A missing thing, named.
pub fn missing<T>(value: Option<T>, what: &str) -> Outcome<T> {
    value.ok_or_else(|| format!("missing: {what}").into())
}
