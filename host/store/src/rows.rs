//! Many rows in one parameter, and columns back into domain types.
//!
//! A batch goes to the engine as one JSON array, so a statement's text does not
//! depend on how many rows it carries and stays prepared. `Shape::source` is the
//! table expression that unfolds it, in the engine's own dialect.

use std::fmt::Write as _;

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
            Engine::Sqlite => format!("(SELECT {columns} FROM jsonb_each(${n})) AS r"),
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

/// One row of a JSON parameter, written as it is built.
pub(crate) struct Row(String);

impl Row {
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(512))
    }

    fn key(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push('"');
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    fn write(mut self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        self.key(name);
        // Writing to a string cannot fail.
        let _ = match value {
            Some(value) => write!(self.0, "{value}"),
            None => write!(self.0, "null"),
        };
        self
    }

    pub(crate) fn uuid(self, name: &str, id: impl Into<Option<Uuid>>) -> Self {
        let mut buffer = Uuid::encode_buffer();
        let id = id.into();
        let text = id
            .as_ref()
            .map(|id| &*id.simple().encode_lower(&mut buffer));
        self.text(name, text)
    }

    pub(crate) fn int(self, name: &str, value: impl Into<Option<i64>>) -> Self {
        self.write(name, value.into())
    }

    pub(crate) fn time(self, name: &str, at: impl Into<Option<Timestamp>>) -> Self {
        self.write(name, at.into().map(|at| at.0))
    }

    pub(crate) fn bool(self, name: &str, value: bool) -> Self {
        self.write(name, Some(value))
    }

    pub(crate) fn text<'a>(self, name: &str, value: impl Into<Option<&'a str>>) -> Self {
        let value = value.into();
        self.write(name, value.map(Quoted))
    }

    pub(crate) fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

/// A text as JSON.
struct Quoted<'a>(&'a str);

impl std::fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_char('"')?;
        let mut plain = 0;
        for (at, byte) in self.0.bytes().enumerate() {
            if byte >= 0x20 && byte != b'"' && byte != b'\\' {
                continue;
            }
            f.write_str(&self.0[plain..at])?;
            plain = at + 1;
            match byte {
                b'"' => f.write_str("\\\"")?,
                b'\\' => f.write_str("\\\\")?,
                _ => write!(f, "\\u{byte:04x}")?,
            }
        }
        f.write_str(&self.0[plain..])?;
        f.write_char('"')
    }
}

/// The parameter: rows as a JSON array.
pub(crate) fn pack<'a>(rows: impl IntoIterator<Item = &'a String>) -> sea_orm::Value {
    let mut all = String::from("[");
    for row in rows {
        if all.len() > 1 {
            all.push(',');
        }
        all.push_str(row);
    }
    all.push(']');
    all.into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_json_whatever_the_text() {
        let texts = [
            "",
            "plain",
            "\"\\\n\r\t\u{1}\u{7f}\u{2028}",
            "größer ❤ \"é\"",
            "\\u0041",
        ];
        for text in texts {
            let id = Uuid::from_u128(7);
            let row = Row::new()
                .text("t", text)
                .uuid("u", id)
                .int("n", -3)
                .bool("b", true);
            let rows = [row.time("at", None).finish(), Row::new().finish()];
            let sea_orm::Value::String(Some(packed)) = pack(&rows) else {
                panic!("a text")
            };
            let back: Value = serde_json::from_str(&packed).unwrap();
            let expected = serde_json::json!([
                { "t": text, "u": id.simple().to_string(), "n": -3, "b": true, "at": null }, {}
            ]);
            assert_eq!(back, expected);
        }
    }
}
