//! The hook `context`: what another system knows about a contact, beside the chat.

use crate::{Attributes, Call, HookError};

/// Looks a contact up in another system. An agent waits for it, with the
/// conversation open beside it.
pub trait Context {
    /// What is known, as cards; none where nothing is known.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: the agent reads its text in place of the cards. Other
    /// plugins' cards are shown all the same.
    fn lookup(call: &Call, request: Request) -> Result<Vec<Card>, HookError>;
}

/// Whom the cards are to be about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The conversation the agent has open.
    pub conversation: Conversation,
    /// The person behind it.
    pub contact: Contact,
    /// What a later desk may add.
    pub attributes: Attributes,
}

/// The conversation the agent has open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// `conv_…`
    pub id: String,
    /// `inb_…`
    pub inbox_id: String,
    /// What it is about, in the visitor's words.
    pub subject: Option<String>,
    /// What it is about, in the desk's words.
    pub category: Option<String>,
    /// What the page said, and what was set since.
    pub attributes: Attributes,
}

/// The person behind a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// `con_…`
    pub id: String,
    /// Their name, if they gave one.
    pub name: Option<String>,
    /// A claim by the visitor unless `verified`.
    pub email: Option<String>,
    /// The site vouched for who they are.
    pub verified: bool,
    /// The desk marked them.
    pub vip: bool,
    /// What the desk knows about them.
    pub attributes: Attributes,
}

/// A card beside the chat; at most 5 of them. Texts have at most 500 characters,
/// links begin with `https://`.
///
/// ```
/// use deskbell_plugin_api::context::{Card, Field};
///
/// let card = Card::new("Ana Silva")
///     .link("https://crm.example/people/17")
///     .text("Plan", "Gold")
///     .field(Field::new("Last order", "A-1").link("https://crm.example/orders/1"));
/// assert_eq!(card.fields.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// What it is about.
    pub title: String,
    /// Where there is more.
    pub link: Option<String>,
    /// At most 20.
    pub fields: Vec<Field>,
    /// What a later desk may understand.
    pub attributes: Attributes,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is.
    pub label: String,
    /// How it is.
    pub value: String,
    /// Where there is more.
    pub link: Option<String>,
}

impl Card {
    /// A card without fields yet.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// With a link, on its title.
    #[must_use]
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }

    /// One more field, of two texts.
    #[must_use]
    pub fn text(self, label: impl Into<String>, value: impl Into<String>) -> Self {
        self.field(Field::new(label, value))
    }

    /// One more field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }
}

impl Field {
    /// A field of two texts.
    #[must_use]
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            link: None,
        }
    }

    /// With a link, on its value.
    #[must_use]
    pub fn link(mut self, link: impl Into<String>) -> Self {
        self.link = Some(link.into());
        self
    }
}

/// Makes a type the plugin's source of cards: `export_context!(MyContext);`, once in
/// a plugin. The type implements [`Context`].
///
/// ```
/// use deskbell_plugin_api::context::{Card, Request};
/// use deskbell_plugin_api::{Call, Context, HookError, export_context};
///
/// struct Shop;
///
/// impl Context for Shop {
///     fn lookup(_call: &Call, request: Request) -> Result<Vec<Card>, HookError> {
///         let order = request.conversation.attributes.text("order_id");
///         Ok(order.map(|id| Card::new("Order").text("Number", id)).into_iter().collect())
///     }
/// }
///
/// export_context!(Shop);
///
/// # #[cfg(not(target_arch = "wasm32"))] {
/// use deskbell_plugin_api::testing;
/// let request = testing::context_request().attribute("order_id", "A-1").build();
/// let cards = Shop::lookup(&testing::call(), request)?;
/// assert_eq!(cards, [Card::new("Order").text("Number", "A-1")]);
/// # }
/// # Ok::<(), HookError>(())
/// ```
#[macro_export]
macro_rules! export_context {
    ($context:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::context::Exported<$context>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::context::export!(Exported with_types_in $crate::bindings::context);

            #[cfg(not(target_arch = "wasm32"))]
            const fn has_context<T: $crate::Context>() {}
            #[cfg(not(target_arch = "wasm32"))]
            has_context::<$context>();
        };
    };
}
