//! JSON with nothing left to chance: read once into a value, then into a type.
//!
//! Reading refuses what parsers disagree on (a key that comes twice, NaN) and what
//! costs stack (deep nesting), with line and column. Typing refuses unknown fields
//! and wrong types, and names the field by JSON pointer.

mod exact;

use std::cell::RefCell;
use std::fmt;

use deskbell_domain::refusal::FieldError;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_path_to_error::{Path, Segment};

use self::exact::Exact;
use crate::problem::{Problem, escape};

/// Arrays and objects within each other, at most.
pub const MAX_DEPTH: usize = 32;

/// Reads JSON text.
pub fn value(text: &[u8]) -> Result<Value, Problem> {
    let flaw = RefCell::new(None);
    let mut json = serde_json::Deserializer::from_slice(text);
    let seed = Strict {
        depth: 0,
        flaw: &flaw,
    };
    let read = seed
        .deserialize(&mut json)
        .and_then(|value| json.end().map(|()| value));
    read.map_err(|error| match flaw.into_inner() {
        Some(flaw) => flaw.problem(&error),
        None => malformed(text, &error),
    })
}

/// Reads JSON text as `T`.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    typed(value(text)?)
}

/// Turns a value into `T`, or says which field does not fit.
pub fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    typed_at("", value)
}

/// The same for a part of a document that begins at `pointer`.
pub fn typed_at<T: DeserializeOwned>(pointer: &str, value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(Exact(value))
        .map_err(|error| misfit(pointer, error.path(), &error.inner().to_string()))
}

/// A problem for what serde says about the value at `path`.
pub(super) fn misfit(base: &str, path: &Path, message: &str) -> Problem {
    let mut pointer = base.to_owned();
    for segment in path {
        match segment {
            Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    let named = |start: &str| {
        let rest = message.strip_prefix(start)?;
        rest.split_once('`')
    };
    if let Some((field, rest)) = named("unknown field `") {
        // The path may or may not have the key already.
        let step = format!("/{}", escape(field));
        if !pointer.ends_with(&step) {
            pointer.push_str(&step);
        }
        let known = rest.trim_start_matches(", ");
        let detail = if known.starts_with("expected") {
            format!("There is no such field; {known}.")
        } else {
            "There is no such field.".to_owned()
        };
        return Problem::field(&pointer, "unknown_field", detail);
    }
    if let Some((field, _)) = named("missing field `") {
        pointer.push_str(&format!("/{}", escape(field)));
        return Problem::field(&pointer, "required", "This field is required.");
    }
    if message.starts_with("invalid type") {
        return Problem::field(&pointer, "wrong_type", sentence(message));
    }
    Problem::field(&pointer, "bad_value", sentence(message))
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

fn malformed(text: &[u8], error: &serde_json::Error) -> Problem {
    if text.is_empty() {
        return Problem::malformed("malformed_json", "The body is empty; JSON was expected.");
    }
    let detail = format!("This is not JSON: {error}.");
    Problem::malformed("malformed_json", detail)
}

/// Why JSON that can be read is refused all the same. The pointer grows from the
/// inside out while the error travels up.
struct Flaw {
    code: &'static str,
    detail: String,
    pointer: String,
}

impl Flaw {
    fn problem(self, error: &serde_json::Error) -> Problem {
        let (line, column) = (error.line(), error.column());
        let detail = format!("{} At line {line}, column {column}.", self.detail);
        Problem::malformed(self.code, detail.clone()).with_field(FieldError::new(
            &self.pointer,
            self.code,
            self.detail,
        ))
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    depth: usize,
    flaw: &'a RefCell<Option<Flaw>>,
}

impl Strict<'_> {
    fn refuse<E: serde::de::Error>(&self, code: &'static str, detail: String, step: &str) -> E {
        let error = E::custom(code);
        *self.flaw.borrow_mut() = Some(Flaw {
            code,
            detail,
            pointer: step.to_owned(),
        });
        error
    }

    fn within<E>(&self, step: impl fmt::Display) -> impl FnOnce(E) -> E {
        move |error| {
            if let Some(flaw) = self.flaw.borrow_mut().as_mut() {
                flaw.pointer = format!("/{step}{}", flaw.pointer);
            }
            error
        }
    }

    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth + 1;
        if depth > MAX_DEPTH {
            let detail = format!("Nested more than {MAX_DEPTH} deep.");
            return Err(self.refuse("too_deep", detail, ""));
        }
        Ok(Self { depth, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Value, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq
            .next_element_seed(inner)
            .map_err(self.within(items.len()))?
        {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let step = escape(&key);
            if fields.contains_key(&key) {
                let detail = format!("The key `{key}` comes twice.");
                return Err(self.refuse("duplicate_key", detail, &format!("/{step}")));
            }
            let value = map.next_value_seed(inner).map_err(self.within(step))?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests;
