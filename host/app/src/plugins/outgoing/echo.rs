//! Whether an answer shows a text that went with its request, as careless servers
//! do in their error pages. It is found as it is, and as a URL and JSON spell it.
//! Who means to hide it from us can: this guards against accidents.

use memchr::memmem::Finder;

use crate::outside::OutboundResponse;
use crate::plugins::tokens::form;

/// A text that is shorter may stand in an answer by chance.
const TELLING: usize = 8;

pub(super) fn shows(answer: &OutboundResponse, text: &str) -> bool {
    if text.len() < TELLING {
        return false;
    }
    let mut spellings = vec![text.to_owned(), form(text), text.replace('/', "\\/")];
    spellings.dedup();
    spellings.iter().any(|spelling| {
        // In time that grows with the answer alone, whatever the two are made of.
        let finder = Finder::new(spelling);
        let holds = |bytes: &[u8]| finder.find(bytes).is_some();
        let mut headers = answer.headers.iter();
        holds(&answer.body) || headers.any(|(_, value)| holds(value.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn a_text_is_found_in_each_of_its_spellings() {
        let with = |location: &str, body: &str| OutboundResponse {
            status: 302,
            headers: vec![("location".to_owned(), location.to_owned())],
            body: Bytes::from(body.to_owned()),
        };
        let token = "ab+cd/ef=gh";
        for (location, body) in [
            ("/", "no such token: ab+cd/ef=gh."),
            ("/contacts/?key=ab%2Bcd%2Fef%3Dgh", ""),
            ("/", r#"{"token":"ab+cd\/ef=gh"}"#),
        ] {
            assert!(shows(&with(location, body), token), "{location} {body}");
        }
        assert!(!shows(&with("/", "ab+cd/ef=g"), token));
        assert!(!shows(&with("/", "a1b2c3d"), "a1b2c3d"), "by chance");
    }
}
