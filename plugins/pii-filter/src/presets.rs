//! What else can be chosen by name.

use std::ops::Range;

use crate::digits::{is_blank_or_dash, runs};

pub(crate) fn emails(text: &str, found: &mut Vec<Range<usize>>) {
    let local = |c: char| c.is_alphanumeric() || "._%+'-".contains(c);
    let host = |c: char| c.is_alphanumeric() || ".-".contains(c);
    for (at, _) in text.match_indices('@') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let kept = before.trim_end_matches(local).len();
        let start = kept + before[kept..].len() - before[kept..].trim_start_matches('.').len();
        let length = after.len() - after.trim_start_matches(host).len();
        let name = after[..length].trim_end_matches(['.', '-']);
        let top = name.rsplit_once('.').map_or("", |(_, top)| top);
        if start < at && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) {
            found.push(start..at + 1 + name.len());
        }
    }
}

/// With the country in front, or with the zero one dials first.
pub(crate) fn phones(text: &str, found: &mut Vec<Range<usize>>) {
    for run in runs(text, |c| is_blank_or_dash(c) || "()/".contains(c)) {
        let ([first, ..], [.., last]) = (run.as_slice(), run.as_slice()) else {
            continue;
        };
        let start = match text[..first.at.start].strip_suffix('+') {
            Some(before) => before.len(),
            None if first.value == 0 => first.at.start,
            None => continue,
        };
        if (7..=15).contains(&run.len()) {
            found.push(start..last.at.end);
        }
    }
}

/// Two letters, two check digits and the account, with the right remainder.
pub(crate) fn ibans(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(range) = next_iban(text, from) {
        from = range.end;
        found.push(range);
    }
}

fn next_iban(text: &str, from: usize) -> Option<Range<usize>> {
    let mut before = text[..from].chars().next_back();
    for (at, c) in text[from..].char_indices() {
        let begins = !before.is_some_and(char::is_alphanumeric);
        before = Some(c);
        if begins && c.is_ascii_alphabetic() {
            let start = from + at;
            if let Some(length) = iban(&text[start..]) {
                return Some(start..start + length);
            }
        }
    }
    None
}

/// How many bytes of this beginning are an account number.
fn iban(text: &str) -> Option<usize> {
    let mut signs = Vec::new();
    // Where a number of so many signs could end: no letter or digit follows.
    let mut ends = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        if !c.is_ascii_alphanumeric() {
            let follows = rest.peek().is_some_and(|(_, c)| c.is_ascii_alphanumeric());
            if matches!(c, ' ' | '-' | '\u{a0}') && follows {
                continue;
            }
            break;
        }
        signs.push(c.to_ascii_uppercase());
        let inside = rest.peek().is_some_and(|(_, c)| c.is_alphanumeric());
        if !inside {
            ends.push((signs.len(), at + 1));
        }
        if signs.len() == 34 {
            break;
        }
    }
    let form = |signs: &[char]| match signs {
        [a, b, c, d, ..] => {
            [a, b].iter().all(|it| it.is_ascii_alphabetic())
                && [c, d].iter().all(|it| it.is_ascii_digit())
        }
        _ => false,
    };
    let fits = |(count, _): &&(usize, usize)| {
        let signs = &signs[..*count];
        *count >= 15 && form(signs) && remainder(signs) == 1
    };
    ends.iter().rev().find(fits).map(|(_, length)| *length)
}

fn remainder(signs: &[char]) -> u32 {
    let (head, tail) = signs.split_at(4);
    tail.iter().chain(head).fold(0, |sum, sign| {
        let value = sign.to_digit(36).unwrap_or_default();
        let sum = if value > 9 { sum * 100 } else { sum * 10 };
        (sum + value) % 97
    })
}
