//! The schemas of ids, times and free attributes.
//!
//! The values themselves are the domain's types, which know nothing of schemas;
//! a field names its schema here with `#[schema(value_type = …)]`.

use std::borrow::Cow;

use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

macro_rules! id_schemas {
    ($($name:ident = $prefix:literal),+ $(,)?) => {$(
        pub struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(concat!("^", $prefix, "_[0-9a-f]{32}$")))
                    .examples([concat!($prefix, "_019aa3f27c8e7d10b3a4c5d6e7f80912")])
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                stringify!($name).into()
            }
        }
    )+

    #[cfg(test)]
    const PREFIXES: &[(&str, &str)] =
        &[$(($prefix, deskbell_domain::$name::PREFIX)),+];
    };
}

id_schemas! {
    TenantId = "ten",
    InboxId = "inb",
    TeamId = "team",
    AgentId = "agt",
    ContactId = "con",
    VisitorId = "vis",
    SessionId = "ses",
    ConversationId = "conv",
    MessageId = "msg",
    EventId = "evt",
    CannedResponseId = "can",
    DecisionId = "dec",
    PluginId = "plg",
    InstallationId = "ins",
    AuditEntryId = "aud",
    JobId = "job",
}

/// RFC 3339 in UTC, with milliseconds.
pub struct Timestamp;

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("RFC 3339 in UTC, with milliseconds."))
            .examples(["2026-11-21T08:30:00.125Z"])
            .into()
    }
}

impl ToSchema for Timestamp {
    fn name() -> Cow<'static, str> {
        "Timestamp".into()
    }
}

/// Free attributes: at most 50, 8 KiB in all.
pub struct Attributes;

impl PartialSchema for Attributes {
    fn schema() -> RefOr<Schema> {
        let word = |kind| ObjectBuilder::new().schema_type(kind);
        let value = OneOfBuilder::new()
            .item(word(Type::String).max_length(Some(1_000)))
            .item(word(Type::Number))
            .item(word(Type::Boolean));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some("Free attributes by name; at most 50, 8 KiB in all."))
            .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::OneOf(
                value.build(),
            )))))
            .max_properties(Some(50))
            .into()
    }
}

impl ToSchema for Attributes {
    fn name() -> Cow<'static, str> {
        "Attributes".into()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn prefixes_are_the_domains() {
        for (here, there) in super::PREFIXES {
            assert_eq!(here, there);
        }
    }
}
