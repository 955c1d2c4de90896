//! The hook `filter`: what people write, before it is stored.

use crate::{Attributes, Call, HookError};

/// Reads what people write before anything of it is stored, and may change it.
///
/// The sender waits for the answer, at most [`Call::deadline_ms`]. Filters are
/// asked in their order; each sees what the one before made of it.
pub trait Filter {
    /// What is to become of these words.
    ///
    /// # Errors
    ///
    /// Any [`HookError`]. As the tenant chose, the words are then stored with the
    /// mark "unfiltered", or they wait. Never quote them in the error: admins read
    /// it, and it is stored.
    fn filter(call: &Call, request: Request) -> Result<Decision, HookError>;
}

/// Which way the words go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From a visitor.
    Inbound,
    /// To a visitor.
    Outbound,
    /// For the desk only: a note, or the reason for what somebody did.
    Note,
}

impl Direction {
    /// The word for it: `inbound`, `outbound` or `note`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
            Self::Note => "note",
        }
    }
}

/// Who wrote them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SenderKind {
    /// Somebody on a page.
    Visitor,
    /// Somebody at the desk.
    Agent,
    /// A plugin that talks with visitors.
    Bot,
    /// Another plugin.
    Plugin,
    /// The desk itself.
    System,
}

/// What the filter is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Which way the words go.
    pub direction: Direction,
    /// Who wrote them.
    pub sender: SenderKind,
    /// `conv_…`, as the sender named it; `None` for what begins one.
    pub conversation_id: Option<String>,
    /// `inb_…`: where a visitor writes; `None` for others.
    pub inbox_id: Option<String>,
    /// The texts. A name may be there twice; a rewrite of it is for both.
    pub fields: Vec<Field>,
    /// What a later desk may add.
    pub attributes: Attributes,
}

impl Request {
    /// The text of a name, if it is there.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|field| field.name == name);
        found.map(|field| field.text.as_str())
    }
}

/// One text by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// `text`, `subject`, `category`, `form.name`, `form.email`,
    /// `attributes.<name>`, `comment` or `reason`.
    pub name: String,
    /// What was typed.
    pub text: String,
}

impl Field {
    /// A field of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// What a filter says: a verdict, and a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What is to happen.
    pub verdict: Verdict,
    /// One sentence for the people at the desk, beside an annotation or a rewrite.
    /// It is stored: never quote in it what you took out.
    pub reason: Option<String>,
}

/// What is to happen with the words. The desk checks it: an answer it cannot
/// follow is as good as none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As they are.
    Allow,
    /// As they are, with these attributes for the people at the desk: texts,
    /// numbers and truth values. Only a message carries them.
    Annotate(Attributes),
    /// With these texts in place of the fields of these names, which were in the
    /// request. The new texts keep to the limits that the old ones keep to. An
    /// empty text takes an optional field away.
    Rewrite(Vec<Field>),
    /// Not now: the message is held and shown again later. Why, for admins.
    Hold(String),
    /// Never: a sentence for whoever sent them. Nothing is stored.
    Reject(String),
}

impl Decision {
    /// The words stay as they are.
    #[must_use]
    pub fn allow() -> Self {
        Verdict::Allow.into()
    }

    /// The words stay as they are, and the desk sees these attributes beside them.
    #[must_use]
    pub fn annotate(attributes: Attributes) -> Self {
        Verdict::Annotate(attributes).into()
    }

    /// These texts take the place of the fields of their names; without any, the
    /// words stay as they are.
    #[must_use]
    pub fn rewrite(fields: Vec<Field>) -> Self {
        if fields.is_empty() {
            return Self::allow();
        }
        Verdict::Rewrite(fields).into()
    }

    /// The message waits, and is shown again later.
    #[must_use]
    pub fn hold(why: impl Into<String>) -> Self {
        Verdict::Hold(why.into()).into()
    }

    /// The words are refused with this sentence for whoever sent them.
    #[must_use]
    pub fn reject(sentence: impl Into<String>) -> Self {
        Verdict::Reject(sentence.into()).into()
    }

    /// The same decision with its reason: one sentence for the people at the
    /// desk.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

impl From<Verdict> for Decision {
    fn from(verdict: Verdict) -> Self {
        let reason = None;
        Self { verdict, reason }
    }
}

/// Makes a type the plugin's filter: `export_filter!(MyFilter);`, once in a
/// plugin. The type implements [`Filter`].
///
/// ```
/// use deskbell_plugin_api::filter::{Decision, Request};
/// use deskbell_plugin_api::{Call, Filter, HookError, export_filter};
///
/// struct NoShouting;
///
/// impl Filter for NoShouting {
///     fn filter(_call: &Call, request: Request) -> Result<Decision, HookError> {
///         let loud = |text: &str| text.len() > 20 && text == text.to_uppercase();
///         Ok(match request.text("text") {
///             Some(text) if loud(text) => Decision::reject("Please do not shout."),
///             _ => Decision::allow(),
///         })
///     }
/// }
///
/// export_filter!(NoShouting);
///
/// # #[cfg(not(target_arch = "wasm32"))] {
/// use deskbell_plugin_api::testing;
/// let request = testing::filter_request().text("WHERE IS MY ORDER? ANSWER ME!").build();
/// let decision = NoShouting::filter(&testing::call(), request)?;
/// assert_eq!(decision, Decision::reject("Please do not shout."));
/// # }
/// # Ok::<(), HookError>(())
/// ```
#[macro_export]
macro_rules! export_filter {
    ($filter:ty) => {
        const _: () = {
            #[cfg(target_arch = "wasm32")]
            type Exported = $crate::bindings::filter::Exported<$filter>;
            #[cfg(target_arch = "wasm32")]
    $crate::bindings::filter::export!(Exported with_types_in $crate::bindings::filter);

            #[cfg(not(target_arch = "wasm32"))]
            const fn is_a_filter<T: $crate::Filter>() {}
            #[cfg(not(target_arch = "wasm32"))]
            is_a_filter::<$filter>();
        };
    };
}
