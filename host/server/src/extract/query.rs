//! A query string, strictly: unknown and repeated names are refused.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::value::{Error, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::strict::misfit;
use crate::problem::{Problem, escape};

#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        type Pairs = axum::extract::Query<Vec<(String, String)>>;
        let pairs = Pairs::try_from_uri(&parts.uri)
            .map_err(|_| Problem::malformed("malformed_query", "This is not a query string."))?;
        read(pairs.0).map(Self)
    }
}

fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Problem> {
    for (at, (name, _)) in pairs.iter().enumerate() {
        if pairs[..at].iter().any(|(earlier, _)| earlier == name) {
            let detail = format!("`{name}` comes twice.");
            return Err(Problem::field(
                &format!("/{}", escape(name)),
                "duplicate",
                detail,
            ));
        }
    }
    let pairs = pairs.into_iter().map(|(name, text)| (name, Text(text)));
    serde_path_to_error::deserialize(MapDeserializer::new(pairs))
        .map_err(|error| misfit("", error.path(), &error.inner().to_string()))
}

/// One value of a query string: whatever its text can be read as.
struct Text(String);

impl<'de> IntoDeserializer<'de, Error> for Text {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Text {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_string(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.parse();
        visitor.visit_i64(number.map_err(|_| Error::custom("expected a whole number"))?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.parse();
        visitor.visit_u64(number.map_err(|_| Error::custom("expected a whole number from 0 up"))?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(Error::custom("expected true or false")),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0
            .into_deserializer()
            .deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::list::{ConversationsQuery, MessagesQuery};

    async fn told<T: DeserializeOwned>(query: &str) -> Result<T, String> {
        let uri = format!("/x?{query}");
        let (mut parts, ()) = axum::http::Request::get(uri).body(()).unwrap().into_parts();
        let read = Query::<T>::from_request_parts(&mut parts, &()).await;
        read.map(|query| query.0).map_err(|problem| {
            let value = problem.to_value();
            let error = &value["errors"][0];
            format!("{} {} {}", value["status"], error["pointer"], error["code"])
        })
    }

    #[tokio::test]
    async fn good_queries_are_read() {
        let id = "team_00000000000000000000000000000007";
        let query = format!("status=queued&team_id={id}&limit=20&cursor=a%20b");
        let read: ConversationsQuery = told(&query).await.unwrap();
        assert_eq!(read.team_id.unwrap().to_string(), id);
        assert_eq!(
            (read.limit, read.cursor.as_deref()),
            (Some(20), Some("a b"))
        );
        let read: MessagesQuery = told("before_seq=7").await.unwrap();
        assert_eq!(read.before_seq, Some(7));
        assert!(told::<MessagesQuery>("").await.is_ok());
    }

    #[tokio::test]
    async fn bad_queries_name_the_parameter() {
        let rows = [
            ("colour=red", "422 \"/colour\" \"unknown_field\""),
            ("limit=1&limit=2", "422 \"/limit\" \"duplicate\""),
            ("limit=many", "422 \"/limit\" \"bad_value\""),
            ("limit=-1", "422 \"/limit\" \"bad_value\""),
            ("limit=", "422 \"/limit\" \"bad_value\""),
            ("status=gone", "422 \"/status\" \"bad_value\""),
            ("team_id=team_1", "422 \"/team_id\" \"bad_value\""),
        ];
        for (query, expected) in rows {
            let got = told::<ConversationsQuery>(query).await.unwrap_err();
            assert_eq!(got, expected, "{query}");
        }
    }
}
