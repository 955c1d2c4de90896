//! Card numbers: 13 to 19 digits with the right check digit.

use std::ops::Range;

use crate::digits::{Digit, is_blank_or_dash, runs};

const SHORTEST: usize = 13;
const LONGEST: usize = 19;

pub(crate) fn find(text: &str, found: &mut Vec<Range<usize>>) {
    for run in runs(text, is_blank_or_dash) {
        in_run(&run, found);
    }
}

/// A card's digits begin and end where a group of digits does; a group longer
/// than any card may hold one anywhere.
fn in_run(run: &[Digit], found: &mut Vec<Range<usize>>) {
    let edges = edges(run);
    let mut start = 0;
    while start + SHORTEST <= run.len() {
        let longest = LONGEST.min(run.len() - start);
        let card = (SHORTEST..=longest).rev().find(|length| {
            let (digits, end) = (&run[start..start + length], start + length);
            edges[start] && edges[end] && begins_as_cards_do(digits) && luhn(digits)
        });
        match card {
            Some(length) => {
                let last = &run[start + length - 1];
                found.push(run[start].at.start..last.at.end);
                start += length;
            }
            None => start += 1,
        }
    }
}

/// For each place between two digits, and for both ends: may a card begin or end
/// here?
fn edges(run: &[Digit]) -> Vec<bool> {
    let mut edges = vec![false; run.len() + 1];
    let mut begin = 0;
    for end in 1..=run.len() {
        if end < run.len() && run[end].gap == 0 {
            continue;
        }
        let long = end - begin > LONGEST;
        for edge in &mut edges[begin..=end] {
            *edge |= long;
        }
        (edges[begin], edges[end]) = (true, true);
        begin = end;
    }
    edges
}

/// Years, clocks and most telephone numbers do not.
fn begins_as_cards_do(digits: &[Digit]) -> bool {
    match digits {
        [first, second, ..] => match first.value {
            2 => (2..=7).contains(&second.value),
            3..=6 | 8 | 9 => true,
            _ => false,
        },
        _ => false,
    }
}

fn luhn(digits: &[Digit]) -> bool {
    let weigh = |(at, digit): (usize, &Digit)| match (at % 2, digit.value * 2) {
        (0, _) => digit.value,
        (_, twice) if twice > 9 => twice - 9,
        (_, twice) => twice,
    };
    let sum: u32 = digits.iter().rev().enumerate().map(weigh).sum();
    sum.is_multiple_of(10)
}
