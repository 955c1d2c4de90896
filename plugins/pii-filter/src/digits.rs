//! Runs of digits with separators between them, in any script people type.

use std::ops::Range;

/// Separators in a row that still hold a number together.
const GAP: usize = 3;

#[derive(Debug, Clone)]
pub(crate) struct Digit {
    pub(crate) value: u32,
    pub(crate) at: Range<usize>,
    /// Separators between the digit before and this one.
    pub(crate) gap: usize,
}

/// The runs of a text: digits with at most three separators between any two.
pub(crate) fn runs(text: &str, separates: fn(char) -> bool) -> Vec<Vec<Digit>> {
    let mut runs = Vec::new();
    let mut run: Vec<Digit> = Vec::new();
    let mut gap = 0;
    for (start, c) in text.char_indices() {
        if let Some(value) = value(c) {
            let at = start..start + c.len_utf8();
            run.push(Digit { value, at, gap });
            gap = 0;
        } else if separates(c) && gap < GAP && !run.is_empty() {
            gap += 1;
        } else {
            if !run.is_empty() {
                runs.push(std::mem::take(&mut run));
            }
            gap = 0;
        }
    }
    if !run.is_empty() {
        runs.push(run);
    }
    runs
}

/// Latin, full-width, Arabic, Persian and Devanagari.
fn value(c: char) -> Option<u32> {
    let zeros = ['0', '\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];
    zeros
        .into_iter()
        .filter_map(|zero| u32::from(c).checked_sub(u32::from(zero)))
        .find(|value| *value < 10)
}

/// Spaces, dashes and what one cannot see.
pub(crate) fn is_blank_or_dash(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '-' | '.'
                | '\u{ad}'
                | '\u{200b}'..='\u{200d}'
                | '\u{2010}'..='\u{2015}'
                | '\u{2060}'
                | '\u{2212}'
                | '\u{feff}'
        )
}
