//! Many rows in one parameter, and columns back into domain types.
//!
//! A batch goes to the engine as one JSON array, so a statement's text does not
//! depend on how many rows it carries and stays prepared. `Shape::source` is the
//! table expression that unfolds it, in the engine's own dialect.

use deskbell_domain::Timestamp;
use sea_orm::QueryResult;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::open::Engine;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Column {
    Uuid,
    Int,
    Small,
    Text,
    Bool,
}

/// The columns of the rows in a JSON parameter.
pub(crate) struct Shape(pub(crate) &'static [(&'static str, Column)]);

impl Shape {
    /// `$n` as a table called `r`.
    pub(crate) fn source(&self, engine: Engine, n: usize) -> String {
        let columns: Vec<String> = self
            .0
            .iter()
            .map(|(name, column)| match (engine, column) {
                (Engine::Sqlite, Column::Uuid) => format!("unhex(value ->> '{name}') AS {name}"),
                (Engine::Sqlite, _) => format!("value ->> '{name}' AS {name}"),
                (Engine::Postgres, Column::Uuid) => format!("{name} uuid"),
                (Engine::Postgres, Column::Int) => format!("{name} bigint"),
                (Engine::Postgres, Column::Small) => format!("{name} smallint"),
                (Engine::Postgres, Column::Text) => format!("{name} text"),
                (Engine::Postgres, Column::Bool) => format!("{name} boolean"),
            })
            .collect();
        let columns = columns.join(", ");
        match engine {
            Engine::Sqlite => format!("(SELECT {columns} FROM json_each(${n})) AS r"),
            Engine::Postgres => format!("json_to_recordset(${n}::json) AS r({columns})"),
        }
    }

    /// The column names, as a list in SQL.
    pub(crate) fn names(&self) -> String {
        self.0
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The join that keeps the parameter's rows on the outside. SQLite's planner
/// would otherwise be free to scan the table instead.
pub(crate) fn join(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "CROSS JOIN",
        Engine::Postgres => "JOIN",
    }
}

pub(crate) fn hex(id: Uuid) -> Value {
    Value::String(id.simple().to_string())
}

pub(crate) fn hex_or_null(id: Option<Uuid>) -> Value {
    id.map_or(Value::Null, hex)
}

pub(crate) fn millis(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.0.into())
}

/// The parameter: rows as a JSON array.
pub(crate) fn pack(rows: Vec<Value>) -> sea_orm::Value {
    Value::Array(rows).to_string().into()
}

/// A limit as SQL wants it.
pub(crate) fn count(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads a column by name.
pub(crate) fn get<T: sea_orm::TryGetable>(row: &QueryResult, name: &str) -> Result<T, StoreError> {
    row.try_get("", name)
        .map_err(|e| StoreError::Corrupt(format!("{name}: {e}")))
}

/// A word from a fixed list.
pub(crate) fn word<T>(parse: fn(&str) -> Option<T>, text: &str) -> Result<T, StoreError> {
    parse(text).ok_or_else(|| StoreError::Corrupt(format!("unknown word {text:?}")))
}

/// JSON kept as text.
pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Corrupt(e.to_string()))
}

pub(crate) fn attributes(map: &Map<String, Value>) -> Result<String, StoreError> {
    to_json(map)
}
