//! Cards beside a chat, on the wire.

use deskbell_app::plugins;
use deskbell_domain::{InstallationId, PluginId, integration};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::id;
use super::list::PageQuery;
use super::mirror::mirror;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardsQuery {
    /// Ask again, although an answer of the last minute is kept.
    pub fresh: Option<bool>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u32>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl CardsQuery {
    pub fn into_parts(self) -> (bool, PageQuery) {
        let Self {
            fresh,
            limit,
            cursor,
        } = self;
        (fresh.unwrap_or(false), PageQuery { limit, cursor })
    }
}

/// What one installation shows beside a chat.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstallationCards {
    #[schema(value_type = id::InstallationId)]
    pub installation_id: InstallationId,
    pub plugin: CardsPlugin,
    pub cards: Vec<Card>,
    /// Why there are none; null: it answered.
    pub failure: Option<CardsFailure>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardsPlugin {
    #[schema(value_type = id::PluginId)]
    pub id: PluginId,
    pub name: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CardsFailure {
    /// A stable word, such as `deadline_exceeded`.
    #[schema(example = "deadline_exceeded")]
    pub kind: String,
    pub message: String,
}

impl From<plugins::Shown> for InstallationCards {
    fn from(shown: plugins::Shown) -> Self {
        let plugins::Shown { installed, cards } = shown;
        let (cards, failure) = match cards {
            Ok(cards) => (cards, None),
            Err(plugins::NotShown { kind, message }) => {
                let kind = kind.to_owned();
                (Vec::new(), Some(CardsFailure { kind, message }))
            }
        };
        Self {
            installation_id: installed.id,
            plugin: CardsPlugin {
                id: installed.plugin,
                name: installed.name.clone(),
            },
            cards: cards.into_iter().map(Into::into).collect(),
            failure,
        }
    }
}

mirror! {
    /// What another system knows of the contact.
    Card of integration::Card {
        title: String,
        /// `https`, to be opened in a new tab.
        link: Option<String>,
        fields: Vec<CardField> = fields.into_iter().map(Into::into).collect(),
    }
}

mirror! {
    CardField of integration::CardField {
        label: String,
        value: String,
        link: Option<String>,
    }
}
