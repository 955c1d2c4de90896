//! The hook `webhook`: is told of something by another system.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Attributes, Call, HookError};

/// Takes what another system posts to this installation.
///
/// The manifest says at which path, and how the desk knows who posts:
///
/// ```toml
/// [secrets.webhook_key]
/// title = "Key of the webhook"
/// webhook = true
///
/// [webhooks.deals]
/// path = "deals"
/// headers = ["X-Kind"]
/// delivery_id = "X-Delivery"
/// verify = { scheme = "hmac-sha256", header = "X-Signature", secret = "webhook_key", timestamp_header = "X-Timestamp" }
/// ```
///
/// What does not fit that never comes here. The sender has its answer before this is
/// called, and nobody waits. It is called at least once; requests have no order among
/// each other.
pub trait Webhook {
    /// What is to be done, and in which conversations. Nothing is a good answer:
    /// `Changes::none()`.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: the request is shown again later, for 24 hours at most.
    fn handle(call: &Call, request: Request) -> Result<Changes, HookError>;
}

/// What was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// `job_…`, the same at every try: for a service that must not do a thing twice.
    pub id: String,
    /// Of the webhook in the manifest.
    pub name: String,
    /// Names in lower case, and values: those the manifest lists and the request had.
    pub headers: Vec<(String, String)>,
    /// As it was sent.
    pub body: Vec<u8>,
    /// When it came, in milliseconds since 1970.
    pub received_at_ms: u64,
    /// 1 at first, more when it is shown again.
    pub attempt: u32,
    /// What a later desk may add.
    pub attributes: Attributes,
}

impl Request {
    /// For bindings and tests: everything else is empty.
    #[must_use]
    pub(crate) fn new(id: String, name: String, body: Vec<u8>) -> Self {
        Self {
            id,
            name,
            headers: Vec::new(),
            body,
            received_at_ms: 0,
            attempt: 1,
            attributes: Attributes::default(),
        }
    }

    /// A header that the manifest lists.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        let found = all.find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    ///
    /// It is another kind of JSON, or none.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, HookError> {
        serde_json::from_slice(&self.body)
            .map_err(|error| HookError::Failed(format!("What was sent cannot be read: {error}")))
    }
}

/// What is to be done. In each conversation all of it, or nothing if the desk cannot
/// follow one of them.
///
/// Which conversation it is the plugin has to know: from what it kept ([`crate::kv`])
/// when it told the other system of the conversation, or because the other system
/// sends its id.
///
/// ```
/// use deskbell_plugin_api::webhook::Changes;
///
/// let changes = Changes::none()
///     .set_attribute("conv_1", "deal", "won")
///     .add_note("conv_1", "The deal was won.");
/// assert_eq!(changes.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes(Vec<Change>);

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// `conv_…`
    pub conversation_id: String,
    /// What to do there.
    pub effect: Effect,
}

/// What to do in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Sets an attribute of the conversation.
    SetAttribute {
        /// Letters, digits, `_`, `-` and `.`.
        name: String,
        /// JSON: a text, a number, true or false; null removes it.
        json: String,
    },
    /// A note for the desk; the visitor does not see it.
    AddNote(String),
}

impl Changes {
    /// Nothing is to be done.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn and(mut self, conversation_id: impl Into<String>, effect: Effect) -> Self {
        self.0.push(Change {
            conversation_id: conversation_id.into(),
            effect,
        });
        self
    }

    /// Sets an attribute of a conversation. A value that cannot be written as JSON
    /// removes it, as null does.
    #[must_use]
    pub fn set_attribute(
        self,
        conversation_id: impl Into<String>,
        name: impl Into<String>,
        value: impl Serialize,
    ) -> Self {
        let json = serde_json::to_string(&value).unwrap_or_else(|_| "null".to_owned());
        let name = name.into();
        self.and(conversation_id, Effect::SetAttribute { name, json })
    }

    /// Adds a note for the desk to a conversation.
    #[must_use]
    pub fn add_note(self, conversation_id: impl Into<String>, text: impl Into<String>) -> Self {
        self.and(conversation_id, Effect::AddNote(text.into()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is to be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// In their order.
impl IntoIterator for Changes {
    type Item = Change;
    type IntoIter = std::vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Makes a type the one that other systems tell of things: `export_webhook!(MyHook);`,
/// once in a plugin. The type implements [`Webhook`].
///
/// ```
/// use deskbell_plugin_api::webhook::{Changes, Request};
/// use deskbell_plugin_api::{Call, HookError, Webhook, export_webhook};
///
/// #[derive(serde::Deserialize)]
/// struct Shipped {
///     conversation: String,
///     parcel: String,
/// }
///
/// struct Parcels;
///
/// impl Webhook for Parcels {
///     fn handle(_call: &Call, request: Request) -> Result<Changes, HookError> {
///         let shipped: Shipped = request.json()?;
///         let note = format!("The parcel {} is on its way.", shipped.parcel);
///         Ok(Changes::none().add_note(shipped.conversation, note))
///     }
/// }
///
/// export_webhook!(Parcels);
///
/// # #[cfg(not(target_arch = "wasm32"))] {
/// use deskbell_plugin_api::testing;
/// let request = testing::webhook("parcels")
///     .json(serde_json::json!({ "conversation": "conv_1", "parcel": "P-7" }))
///     .build();
/// let changes = Parcels::handle(&testing::call(), request)?;
/// assert_eq!(changes, Changes::none().add_note("conv_1", "The parcel P-7 is on its way."));
/// # }
/// # Ok::<(), HookError>(())
/// ```
#[macro_export]
macro_rules! export_webhook {
    ($webhook:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::webhook::Exported<$webhook>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::webhook::export!(Exported with_types_in $crate::bindings::webhook);

            #[cfg(not(target_arch = "wasm32"))]
            const fn is_told<T: $crate::Webhook>() {}
            #[cfg(not(target_arch = "wasm32"))]
            is_told::<$webhook>();
        };
    };
}
