//! The tidy test: reads the repository as text and fails where it no longer has
//! the shape ARCHITECTURE.md promises.
//!
//! Each rule is a plain function from text to complaints, with a test that shows
//! it complaining; the tests in this file run all of them over the real tree. A
//! rule with a table (which crate may use what) keeps the table at the top of
//! its file, and that is the place to change when the design changes.

mod crates;
mod docs;
mod files;
mod map;
mod planted;
mod tree;

use tree::Tree;

/// Fails with every complaint at once: fixing them one run at a time is tedious.
fn agree(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n  {}\n", complaints.join("\n  "));
}

#[test]
fn crates_use_only_what_stands_to_their_left() {
    agree(crates::one_way(&Tree::read()));
}

#[test]
fn crates_do_not_speak_of_what_they_must_not_see() {
    agree(crates::forbidden_words(&Tree::read()));
}

#[test]
fn files_are_short_named_well_and_introduce_themselves() {
    let tree = Tree::read();
    agree(files::lengths(&tree));
    agree(files::headers(&tree));
    agree(files::names(&tree));
    agree(files::definitions(&tree));
    agree(files::exceptions(&tree));
}

#[test]
fn tests_do_not_sleep() {
    agree(files::sleeps(&tree::Tree::read()));
}

#[test]
fn the_code_map_is_the_tree() {
    agree(map::code_map(&Tree::read()));
}

#[test]
fn documents_hold_together() {
    let tree = Tree::read();
    agree(docs::outside_paths(&tree));
    agree(docs::links(&tree));
    agree(docs::decisions(&tree));
    agree(docs::commands(&tree));
    agree(docs::named_tests(&tree));
    agree(planted::fit(&tree));
    agree(docs::lock_file(&tree));
}
