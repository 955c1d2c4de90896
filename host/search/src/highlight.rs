//! The part of a message worth showing, cut into found and other segments.
//!
//! Segments are data. Whoever draws them decides on mark-up, so text that looks
//! like HTML stays text.

use crate::plan::Marks;
use crate::results::Segment;
use crate::words::{Word, words};

const WINDOW_MAX_CHARS: usize = 240;
/// How much is shown before the first find.
const LEAD_CHARS: usize = 60;

pub(crate) fn highlight(text: &str, marks: &Marks) -> Vec<Segment> {
    let words = words(text);
    let finds = finds(&words, marks);
    let (start, end) = window(text, finds.first().map(|(start, _)| *start));
    let mut out = Vec::new();
    if start > 0 {
        push(&mut out, "…", false);
    }
    let mut at = start;
    for (from, to) in finds {
        let (from, to) = (from.max(at), to.min(end));
        if from >= to {
            continue;
        }
        push(&mut out, &text[at..from], false);
        push(&mut out, &text[from..to], true);
        at = to;
    }
    push(&mut out, &text[at..end], false);
    if end < text.len() {
        push(&mut out, "…", false);
    }
    out
}

/// Byte ranges of what was found, in order; they may touch.
fn finds(words: &[Word], marks: &Marks) -> Vec<(usize, usize)> {
    let mut hit = vec![false; words.len()];
    for (i, word) in words.iter().enumerate() {
        hit[i] |= marks.words.contains(&word.text);
        for phrase in &marks.phrases {
            let here = words[i..].iter().map(|word| &word.text);
            if phrase.len() <= words.len() - i && phrase.iter().eq(here.take(phrase.len())) {
                hit[i..i + phrase.len()].fill(true);
            }
        }
    }
    words
        .iter()
        .zip(hit)
        .filter(|(_, hit)| *hit)
        .map(|(word, _)| (word.start, word.end))
        .collect()
}

/// The byte range to show, on character bounds.
fn window(text: &str, first: Option<usize>) -> (usize, usize) {
    let start = match first {
        Some(first) if text[..first].chars().count() > LEAD_CHARS => {
            let lead = text[..first].char_indices().rev().nth(LEAD_CHARS - 1);
            let from = lead.map_or(0, |(at, _)| at);
            // Begin at a word, if one begins before the find.
            text[from..first]
                .find(char::is_whitespace)
                .map_or(from, |space| {
                    let rest = &text[from + space..];
                    from + space + (rest.len() - rest.trim_start().len())
                })
        }
        _ => 0,
    };
    let end = text[start..]
        .char_indices()
        .nth(WINDOW_MAX_CHARS)
        .map_or(text.len(), |(at, _)| start + at);
    (start, end)
}

fn push(out: &mut Vec<Segment>, text: &str, hit: bool) {
    if text.is_empty() {
        return;
    }
    match out.last_mut() {
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => out.push(Segment {
            text: text.to_owned(),
            hit,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(words: &[&str], phrases: &[&str]) -> Marks {
        Marks {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            phrases: phrases
                .iter()
                .map(|phrase| phrase.split(' ').map(str::to_owned).collect())
                .collect(),
        }
    }

    /// Found segments in brackets.
    fn shown(text: &str, marks: &Marks) -> String {
        let draw = |s: Segment| {
            if s.hit {
                format!("[{}]", s.text)
            } else {
                s.text
            }
        };
        highlight(text, marks).into_iter().map(draw).collect()
    }

    #[test]
    fn finds_are_marked_in_the_text_as_it_was_written() {
        let marks = marks(&["creme"], &["late order"]);
        assert_eq!(
            shown("<b>Crème</b> & a LATE, order; late", &marks),
            "<b>[Crème]</b> & a [LATE], [order]; late"
        );
        assert_eq!(shown("nothing here", &marks), "nothing here");
        assert_eq!(shown("", &marks), "");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_find() {
        let text = format!("{} needle {}", "hay é ".repeat(80), "straw ".repeat(80));
        let shown = shown(&text, &marks(&["needle"], &[]));
        assert!(
            shown.starts_with("…hay") || shown.starts_with("…é"),
            "{shown}"
        );
        assert!(shown.contains("[needle]"), "{shown}");
        assert!(shown.ends_with('…'), "{shown}");
        assert!(shown.chars().count() < WINDOW_MAX_CHARS + 10);
    }
}
