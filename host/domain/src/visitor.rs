//! A visitor: the browser somebody rings from, and what it says of itself.
//!
//! All of it is a claim, for the desk to read; no rule depends on it. Who the
//! visitor is, is in `contact.rs`.

use serde::{Deserialize, Serialize};

use crate::id::{ContactId, InboxId, VisitorId};
use crate::text::Check;
use crate::time::Timestamp;

const ADDRESS_MAX_CHARS: usize = 2_000;
const TITLE_MAX_CHARS: usize = 300;
const WORD_MAX_BYTES: usize = 64;

/// The page a visitor is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub url: String,
    pub title: Option<String>,
    pub referrer: Option<String>,
}

/// Where a visitor's browser is, as it said last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Whereabouts {
    pub page: Option<Page>,
    pub locale: Option<String>,
    pub time_zone: Option<String>,
    pub screen: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub id: VisitorId,
    pub contact_id: ContactId,
    pub inbox_id: InboxId,
    pub whereabouts: Whereabouts,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

impl Whereabouts {
    /// Addresses become links on the desk, so only those of web pages pass.
    pub fn check(&self, check: &mut Check) {
        if let Some(page) = &self.page {
            address(check, "/page/url", &page.url);
            if let Some(title) = &page.title {
                check.optional("/page/title", title, TITLE_MAX_CHARS, true);
            }
            if let Some(referrer) = page.referrer.as_deref().filter(|text| !text.is_empty()) {
                address(check, "/page/referrer", referrer);
            }
        }
        word(check, "/locale", self.locale.as_deref(), b"-_.@");
        word(check, "/time_zone", self.time_zone.as_deref(), b"/-_+:");
        word(check, "/screen", self.screen.as_deref(), b".");
    }

    /// What is not said again stays as it was.
    #[must_use]
    pub fn or(self, before: Self) -> Self {
        Self {
            page: self.page.or(before.page),
            locale: self.locale.or(before.locale),
            time_zone: self.time_zone.or(before.time_zone),
            screen: self.screen.or(before.screen),
        }
    }
}

fn address(check: &mut Check, pointer: &str, text: &str) {
    check.optional(pointer, text, ADDRESS_MAX_CHARS, false);
    if !text.starts_with("https://") && !text.starts_with("http://") {
        check.refuse(pointer, "bad_url", "Like https://shop.example/orders/1.");
    }
}

fn word(check: &mut Check, pointer: &str, text: Option<&str>, marks: &[u8]) {
    let Some(text) = text else { return };
    let fits = (1..=WORD_MAX_BYTES).contains(&text.len());
    let plain = |b: u8| b.is_ascii_alphanumeric() || marks.contains(&b);
    if !fits || !text.bytes().all(plain) {
        check.refuse(
            pointer,
            "bad_word",
            "Letters, digits and few marks, at most 64.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    fn page(url: &str) -> Whereabouts {
        Whereabouts {
            page: Some(Page {
                url: url.to_owned(),
                title: None,
                referrer: Some(String::new()),
            }),
            ..Whereabouts::default()
        }
    }

    fn refused(it: &Whereabouts) -> Vec<String> {
        let mut check = Check::new();
        it.check(&mut check);
        match check.done() {
            Ok(()) => vec![],
            Err(Refusal::Invalid(errors)) => errors.into_iter().map(|e| e.pointer).collect(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_page_that_could_run_something_is_refused() {
        assert!(refused(&page("https://shop.example/orders?id=1")).is_empty());
        assert_eq!(refused(&page("javascript:alert(1)")), ["/page/url"]);
        assert_eq!(refused(&page("data:text/html,x")), ["/page/url"]);
    }

    #[test]
    fn words_are_words() {
        let good = Whereabouts {
            page: None,
            locale: Some("de-AT".to_owned()),
            time_zone: Some("America/Argentina/Buenos_Aires".to_owned()),
            screen: Some("1920x1080".to_owned()),
        };
        assert!(refused(&good).is_empty());
        let bad = Whereabouts {
            locale: Some("de AT".to_owned()),
            time_zone: Some(String::new()),
            screen: Some("9".repeat(65)),
            page: None,
        };
        assert_eq!(refused(&bad), ["/locale", "/time_zone", "/screen"]);
    }

    #[test]
    fn what_is_not_said_stays() {
        let before = page("https://a.example/");
        let now = Whereabouts {
            locale: Some("de".to_owned()),
            ..Whereabouts::default()
        };
        let both = now.or(before.clone());
        assert_eq!(both.page, before.page);
        assert_eq!(both.locale.as_deref(), Some("de"));
    }
}
