//! The hook `variables`: values for `{{name}}` in canned responses.

use std::collections::BTreeMap;

use crate::{Attributes, Call, HookError};

/// Fills in variables of canned responses. A person waits for it.
pub trait Variables {
    /// The variables this plugin can fill in. Asked once, when the plugin is
    /// uploaded, with an empty configuration: the answer must not depend on one.
    fn definitions() -> Vec<Definition>;

    /// The values it has. A name that is left out stays unresolved: the agent
    /// sees which, and nothing is sent.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]: all names stay unresolved, and admins can read why.
    fn resolve(call: &Call, request: Request) -> Result<Values, HookError>;
}

/// A variable the plugin can fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Lower-case words joined by dots, such as `order.status`.
    pub name: String,
    /// One line for whoever writes a canned response.
    pub description: String,
}

impl Definition {
    /// A variable of this name and description.
    pub fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
        }
    }
}

/// What the plugin is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The names wanted, all from the plugin's definitions.
    pub names: Vec<String>,
    /// The conversation the response is for.
    pub conversation: Conversation,
    /// The person who will read it.
    pub contact: Contact,
    /// Who is about to send it.
    pub agent: Agent,
    /// What a later desk may add.
    pub attributes: Attributes,
}

impl Request {
    /// Whether this name is wanted.
    #[must_use]
    pub fn wants(&self, name: &str) -> bool {
        self.names.iter().any(|wanted| wanted == name)
    }
}

/// The conversation a response is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conversation {
    /// `conv_…`
    pub id: String,
    /// What it is about, in the visitor's words.
    pub subject: Option<String>,
    /// What it is about, in the desk's words.
    pub category: Option<String>,
    /// What the page said when it began, such as an order's number.
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

/// The agent who is about to send.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Agent {
    /// `agt_…`
    pub id: String,
    /// What colleagues and visitors call them.
    pub name: String,
}

/// Values by name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// No values yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the text of a name, in place of an earlier one.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.0.insert(name.into(), text.into());
    }

    /// The text of a name, if it was set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether nothing was set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names and their texts, by name.
impl IntoIterator for Values {
    type Item = (String, String);
    type IntoIter = std::collections::btree_map::IntoIter<String, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Makes a type the plugin's source of variables:
/// `export_variables!(MyVariables);`, once in a plugin. The type implements
/// [`Variables`].
#[macro_export]
macro_rules! export_variables {
    ($variables:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::variables::Exported<$variables>;
            #[cfg(target_arch = "wasm32")]
            $crate::bindings::variables::export!(Exported with_types_in $crate::bindings::variables);

            #[cfg(not(target_arch = "wasm32"))]
            const fn has_variables<T: $crate::Variables>() {}
            #[cfg(not(target_arch = "wasm32"))]
            has_variables::<$variables>();
        };
    };
}
