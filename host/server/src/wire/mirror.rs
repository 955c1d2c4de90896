//! Wire types that follow a domain type: `mirror!` for structs, `mirror_words!`
//! for enums of plain words.
//!
//! Both take the domain value apart without `..` and without `_`: when the domain
//! gains a field or a word, this crate stops compiling until it is decided here.

/// A struct with the domain's fields. A field whose type differs says how it is
/// made: `agent: Option<AgentRef> = agent.map(Into::into)`.
macro_rules! mirror {
    (
        $(#[$meta:meta])*
        $name:ident of $domain:path {
            $($(#[$field_meta:meta])* $field:ident: $type:ty $(= $made:expr)?,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                let $domain { $($field),+ } = value;
                Self { $($field: $crate::wire::mirror::field!($field $(= $made)?)),+ }
            }
        }
    };
}

macro_rules! field {
    ($field:ident) => {
        $field
    };
    ($field:ident = $made:expr) => {
        $made
    };
}

/// An enum of words, convertible both ways.
macro_rules! mirror_words {
    ($($(#[$meta:meta])* $name:ident of $domain:path { $($(#[$word_meta:meta])* $word:ident),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$word_meta])* $word),+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                use $domain as Domain;
                match value {
                    $(Domain::$word => Self::$word),+
                }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                use $domain as Domain;
                match value {
                    $($name::$word => Domain::$word),+
                }
            }
        }
    )+};
}

pub(crate) use {field, mirror, mirror_words};
