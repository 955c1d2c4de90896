//! Which positions are settled on PostgreSQL, by a rule that was tried hard.
//!
//! A position is taken before its transaction commits, so a row can appear below
//! one that was read already. Neither positions alone nor transaction ids order
//! them safely. What does: an INSERT locks the feed before it takes a position,
//! and lets go after its commit shows. So:
//!
//! 1. While notes are pending, and before the rows are read, look who holds that
//!    lock. A note (h, W) without W takes the set; one with W keeps what is in
//!    both. W empty: everybody who could own a position ≤ h is through.
//! 2. Rows are delivered while they are contiguous, or ≤ the highest h settled.
//! 3. If a hole without a note is left below the highest row read, note it.
//!
//! A transaction that idles elsewhere holds nothing up, and one that rolled back
//! is waited for no longer than it lasts. This file is the rule without the SQL.

use std::collections::HashSet;

#[derive(Debug, Default)]
pub(super) struct Holes {
    notes: Vec<Note>,
    settled: i64,
}

#[derive(Debug)]
struct Note {
    /// Everything up to here is in question.
    high: i64,
    /// Who may still own a position there; None until first looked.
    writers: Option<HashSet<String>>,
}

impl Holes {
    /// A new connection may be a new server, where the same names mean others.
    pub(super) fn forget(&mut self) {
        self.notes.clear();
    }

    pub(super) fn pending(&self) -> bool {
        !self.notes.is_empty()
    }

    /// Step 1: who holds the lock now.
    pub(super) fn look(&mut self, holders: &HashSet<String>) {
        for note in &mut self.notes {
            let left = match note.writers.take() {
                None => holders.clone(),
                Some(before) => before.intersection(holders).cloned().collect(),
            };
            if left.is_empty() {
                self.settled = self.settled.max(note.high);
            }
            note.writers = Some(left);
        }
        let settled = self.settled;
        self.notes.retain(|note| note.high > settled);
    }

    pub(super) fn note(&mut self, high: i64) {
        self.notes.push(Note {
            high,
            writers: None,
        });
    }

    /// Steps 2 and 3: how many of the rows read (their positions, ascending, all
    /// above `cursor`) may be delivered. Notes a hole that has no note yet.
    pub(super) fn deliverable(&mut self, cursor: i64, positions: &[i64]) -> usize {
        let mut last = cursor;
        let mut count = 0;
        for &position in positions {
            if position != last + 1 && position > self.settled {
                break;
            }
            last = position;
            count += 1;
        }
        let Some(&high) = positions.last() else {
            return 0;
        };
        let noted = self
            .notes
            .iter()
            .map(|note| note.high)
            .max()
            .unwrap_or(0)
            .max(self.settled);
        let mut before = last;
        let open = positions[count..].iter().any(|&position| {
            // The hole just below `position`, if there is one, ends here.
            let hole = (position > before + 1).then_some(position - 1);
            before = position;
            hole.is_some_and(|hole| hole > noted)
        });
        if open {
            self.note(high);
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> HashSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn contiguous_rows_pass_and_a_hole_waits_for_its_writers() {
        let mut holes = Holes::default();
        assert_eq!(holes.deliverable(0, &[1, 2, 3]), 3);
        assert!(!holes.pending());
        // 4 is missing, and 3/7 may own it.
        assert_eq!(holes.deliverable(3, &[5, 6]), 0);
        assert!(holes.pending());
        holes.look(&set(&["3/7", "4/1"]));
        assert_eq!(holes.deliverable(3, &[5, 6]), 0);
        // 5/2 came later: it cannot own a position ≤ 6.
        holes.look(&set(&["3/7", "5/2"]));
        assert_eq!(holes.deliverable(3, &[5, 6]), 0);
        // 3/7 rolled back: the hole stays one.
        holes.look(&set(&["5/2"]));
        assert!(!holes.pending());
        assert_eq!(holes.deliverable(3, &[5, 6]), 2);
    }

    #[test]
    fn a_later_hole_gets_a_note_of_its_own() {
        let mut holes = Holes::default();
        assert_eq!(holes.deliverable(0, &[2]), 0);
        holes.look(&set(&["a"]));
        assert_eq!(holes.deliverable(0, &[2, 4]), 0);
        holes.look(&set(&["a", "b"]));
        // "a" is through and its row shows; "b" still may own 3.
        holes.look(&set(&["b"]));
        assert_eq!(holes.deliverable(0, &[1, 2, 4]), 2);
        assert!(holes.pending());
        holes.look(&set(&[]));
        assert_eq!(holes.deliverable(2, &[4]), 1);
    }

    #[test]
    fn a_new_connection_drops_the_notes_but_not_what_is_settled() {
        let mut holes = Holes::default();
        assert_eq!(holes.deliverable(0, &[2]), 0);
        holes.look(&set(&["a"]));
        holes.forget();
        assert!(!holes.pending());
        assert_eq!(holes.deliverable(0, &[2]), 0);
        assert!(holes.pending());
    }
}
