//! What a person typed, read into words, phrases and the two filters.
//!
//! There is no syntax to get wrong: `from:` and `status:` are known, another name
//! before a colon is refused by name, and everything else is looked for as it
//! stands. Knows no index: what comes out cannot name a field.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{Refusal, Status};

use crate::words::folded;

const MAX_CHARS: usize = 200;
const MAX_TERMS: usize = 16;

/// A question: all of `wanted`, from any of `from`, in any of `statuses`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Ask {
    pub wanted: Vec<Wanted>,
    pub from: Vec<From>,
    pub statuses: Vec<Status>,
    /// Something was typed that holds no words ("?!"): nothing can match it.
    pub void: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Found exactly, as a beginning, or misspelt.
    Word(String),
    /// These words in this order, exactly; quoted, or written as one (`A-1001`).
    Phrase(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum From {
    Kind(ActorKind),
    Name(Wanted),
}

impl Ask {
    pub(crate) fn parse(q: &str) -> Result<Self, Refusal> {
        if q.trim().is_empty() {
            return Err(refused("required", "Say what to look for."));
        }
        if q.chars().count() > MAX_CHARS {
            let detail = format!("At most {MAX_CHARS} characters.");
            return Err(refused("too_long", detail));
        }
        let mut ask = Self::default();
        let mut rest = q.trim_start();
        let mut terms = 0;
        while !rest.is_empty() {
            terms += 1;
            if terms > MAX_TERMS {
                let detail = format!("At most {MAX_TERMS} words and filters.");
                return Err(refused("too_many_terms", detail));
            }
            let (piece, after) = Piece::next(rest);
            ask.take(piece)?;
            rest = after.trim_start();
        }
        Ok(ask)
    }

    fn take(&mut self, piece: Piece<'_>) -> Result<(), Refusal> {
        let Some(filter) = piece.filter else {
            match wanted(piece.value, piece.quoted) {
                Some(wanted) if self.wanted.contains(&wanted) => {}
                Some(wanted) => self.wanted.push(wanted),
                None => self.void = true,
            }
            return Ok(());
        };
        match filter.to_ascii_lowercase().as_str() {
            "from" => self.from.push(from(piece.value, piece.quoted)?),
            "status" => self.statuses.push(status(piece.value)?),
            _ => {
                let detail = format!(
                    "There is no filter \"{filter}\". Known are from: and status:; put it in \
                     quotes to look for the text itself."
                );
                return Err(refused("unknown_filter", detail));
            }
        }
        Ok(())
    }
}

/// The stretch of input up to the next space outside quotes.
struct Piece<'a> {
    filter: Option<&'a str>,
    value: &'a str,
    quoted: bool,
}

impl<'a> Piece<'a> {
    /// `input` is not empty and does not begin with a space. A quote that is
    /// never closed reaches to the end.
    fn next(input: &'a str) -> (Self, &'a str) {
        let (filter, body) = match filter_name(input) {
            Some(name) => (Some(name), &input[name.len() + 1..]),
            None => (None, input),
        };
        let quoted = body.strip_prefix(['"', '“', '”', '„']);
        let (value, after) = match quoted {
            Some(inside) => inside.split_once(['"', '“', '”']).unwrap_or((inside, "")),
            None => {
                let end = body.find(char::is_whitespace).unwrap_or(body.len());
                body.split_at(end)
            }
        };
        let piece = Self {
            filter,
            value,
            quoted: quoted.is_some(),
        };
        (piece, after)
    }
}

/// `name:` directly before a value. Addresses (`https://…`) and a word with a
/// colon at its end are text.
fn filter_name(input: &str) -> Option<&str> {
    let (name, value) = input.split_once(':')?;
    let named = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'_');
    let known = ["from", "status"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known));
    let valued = value.starts_with(|c: char| !c.is_whitespace());
    let address = value.starts_with("//");
    (named && (known || (valued && !address))).then_some(name)
}

fn wanted(text: &str, quoted: bool) -> Option<Wanted> {
    let mut words = folded(text);
    match (words.len(), quoted) {
        (0, _) => None,
        (1, false) => words.pop().map(Wanted::Word),
        _ => Some(Wanted::Phrase(words)),
    }
}

fn from(value: &str, quoted: bool) -> Result<From, Refusal> {
    // In quotes it is somebody's name, even if the name is "Agent".
    let kind = ActorKind::parse(&value.to_ascii_lowercase()).filter(|_| !quoted);
    if let Some(kind) = kind {
        return Ok(From::Kind(kind));
    }
    wanted(value, quoted).map(From::Name).ok_or_else(|| {
        refused(
            "filter_without_value",
            "from: needs a name, visitor or agent right after it.",
        )
    })
}

fn status(value: &str) -> Result<Status, Refusal> {
    Status::parse(&value.to_ascii_lowercase()).ok_or_else(|| {
        let known: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let known = known.join(", ");
        if value.is_empty() {
            let detail = format!("status: needs one of {known} right after it.");
            return refused("filter_without_value", detail);
        }
        let detail = format!("There is no status \"{value}\". Known are {known}.");
        refused("unknown_status", detail)
    })
}

fn refused(code: &'static str, detail: impl Into<String>) -> Refusal {
    Refusal::field("/q", code, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Wanted {
        Wanted::Word(text.to_owned())
    }

    fn phrase(text: &str) -> Wanted {
        Wanted::Phrase(text.split(' ').map(str::to_owned).collect())
    }

    fn code(q: &str) -> &'static str {
        match Ask::parse(q) {
            Err(Refusal::Invalid(errors)) => errors[0].code,
            other => panic!("{q}: {other:?}"),
        }
    }

    #[test]
    fn words_phrases_and_filters() {
        let ask =
            Ask::parse("Refund \"Late  Delivery\" from:Ana from:\"Ben Oz\" status:active A-10")
                .unwrap();
        assert_eq!(
            ask.wanted,
            [word("refund"), phrase("late delivery"), phrase("a 10")]
        );
        assert_eq!(
            ask.from,
            [From::Name(word("ana")), From::Name(phrase("ben oz"))]
        );
        assert_eq!(ask.statuses, [Status::Active]);
        assert_eq!(
            Ask::parse("FROM:Visitor").unwrap().from,
            [From::Kind(ActorKind::Visitor)]
        );
        assert_eq!(
            Ask::parse("from:\"visitor\"").unwrap().from,
            [From::Name(phrase("visitor"))]
        );
    }

    #[test]
    fn what_looks_like_syntax_is_text() {
        for (q, expected) in [
            ("https://a.test/x", vec![phrase("https a test x")]),
            ("10:30", vec![phrase("10 30")]),
            ("re: order", vec![word("re"), word("order")]),
            ("a AND (b", vec![word("a"), word("and"), word("b")]),
            ("\"never closed", vec![phrase("never closed")]),
            ("fo*o^2~", vec![phrase("fo o 2")]),
            ("twice twice", vec![word("twice")]),
        ] {
            assert_eq!(Ask::parse(q).unwrap().wanted, expected, "{q}");
        }
        assert!(Ask::parse("?!").unwrap().void);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        assert_eq!(code(" "), "required");
        assert_eq!(code(&"x".repeat(201)), "too_long");
        assert_eq!(code(&"x ".repeat(17)), "too_many_terms");
        assert_eq!(code("tenant:other"), "unknown_filter");
        assert_eq!(code("status:gone"), "unknown_status");
        assert_eq!(code("status:"), "filter_without_value");
        assert_eq!(code("from: x"), "filter_without_value");
        let told = Ask::parse("team:sales").unwrap_err().to_string();
        assert!(told.contains("\"team\""), "{told}");
    }
}
