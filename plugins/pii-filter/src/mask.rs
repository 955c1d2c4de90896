//! Writing a mask over what was found.

use std::ops::Range;

/// The text with every found place masked. It is never longer than it was, so it
/// keeps to whatever limit it kept to.
pub(crate) fn masked(text: &str, mut found: Vec<Range<usize>>, mask: &str) -> String {
    found.sort_by_key(|range| range.start);
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    let mut found = found.into_iter().peekable();
    while let Some(mut range) = found.next() {
        // What overlaps is one place.
        while let Some(next) = found.next_if(|next| next.start < range.end) {
            range.end = range.end.max(next.end);
        }
        out.push_str(&text[done..range.start]);
        if mask.len() <= range.len() {
            out.push_str(mask);
        } else {
            out.extend(text[range.clone()].chars().map(|_| '*'));
        }
        done = range.end;
    }
    out.push_str(&text[done..]);
    out
}
