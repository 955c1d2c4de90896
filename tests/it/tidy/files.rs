//! Rules for single files: length, introduction, names, and no sleeping tests.

use super::tree::{Tree, code, has_word};

const LONGEST: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 10] = [
    "util", "utils", "helper", "helpers", "common", "shared", "misc", "manager", "managers",
    "stuff",
];

/// Such a name as the last word of a type: `LoadManager` hides what it does.
const EMPTY_SUFFIXES: [&str; 4] = ["Manager", "Helper", "Helpers", "Utils"];

const SOURCES: [&str; 5] = [".rs", ".ts", ".tsx", ".mjs", ".js"];

/// Where our sources lie; examples follow when they come.
const ROOTS: [&str; 7] = [
    "host/",
    "migrations/",
    "tests/",
    "web/",
    "scripts/",
    "plugin-api/",
    "plugins/",
];

/// A file a program wrote says so at its top.
fn generated(text: &str) -> bool {
    text.lines()
        .take(8)
        .any(|line| line.contains("@generated") || line.contains("auto-generated"))
}

fn ours<'a>(tree: &'a Tree, endings: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    ROOTS
        .iter()
        .flat_map(move |root| tree.ending(root, endings))
        .filter(|(_, text)| !generated(text))
}

pub(super) fn lengths(tree: &Tree) -> Vec<String> {
    ours(tree, &SOURCES)
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| {
            format!("{path}: {lines} lines, at most {LONGEST}: split it by what it does")
        })
        .collect()
}

pub(super) fn headers(tree: &Tree) -> Vec<String> {
    ["host/", "migrations/", "tests/", "plugin-api/", "plugins/"]
        .iter()
        .flat_map(|root| tree.ending(root, &[".rs"]))
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| format!("{path}: opens without a `//!` that says what it owns"))
        .collect()
}

/// No file or folder has a name that says nothing, and none is a `mod.rs`.
pub(super) fn names(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    let roots = |path: &&String| ROOTS.iter().any(|root| path.starts_with(root));
    for path in tree.files.keys().chain(&tree.folders).filter(roots) {
        let last = path.rsplit('/').next().unwrap_or_default();
        if last == "mod.rs" {
            complaints.push(format!(
                "{path}: write `folder.rs` beside `folder/` instead"
            ));
        }
        if let Some(word) = last
            .split(['.', '-', '_'])
            .find(|word| EMPTY_NAMES.contains(word))
        {
            complaints.push(format!(
                "{path}: `{word}` says nothing; name it after what it owns"
            ));
        }
    }
    complaints
}

pub(super) fn definitions(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in ours(tree, &[".rs", ".ts", ".tsx"]) {
        // The examples below have to be bad.
        if path.starts_with("tests/it/tidy") {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            let mut words = code(line)
                .split(|character: char| !character.is_alphanumeric() && character != '_');
            while let Some(word) = words.next() {
                if !["struct", "enum", "trait", "class", "interface"].contains(&word) {
                    continue;
                }
                let name = words.next().unwrap_or_default();
                if EMPTY_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)) {
                    complaints.push(format!(
                        "{path}:{}: `{name}` says nothing about what it does",
                        at + 1
                    ));
                }
            }
        }
    }
    complaints
}

/// Where the calls clippy.toml bans may stand: their one home each.
const HOMES: &[&str] = &[
    "host/server/src/clock.rs",
    "host/server/src/config.rs",
    "host/server/src/ids.rs",
    "host/server/src/tasks.rs",
    "host/store/src/task.rs",
    "tests/src/environment.rs",
];

/// A ban is worth what its exceptions are: each is in the list above.
pub(super) fn exceptions(tree: &Tree) -> Vec<String> {
    ["host/", "migrations/", "tests/"]
        .iter()
        .flat_map(|root| tree.ending(root, &[".rs"]))
        .filter(|(path, text)| {
            text.contains(concat!("clippy::", "disallowed_methods")) && !HOMES.contains(path)
        })
        .map(|(path, _)| format!("{path}: makes an exception from clippy.toml, but is no home in tests/it/tidy/files.rs"))
        .collect()
}

/// A sleeping test is slow when it passes and lies when it fails: drain the
/// engine with `settle`, or wait for the event itself.
pub(super) fn sleeps(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in tree.ending("tests/", &[".rs"]) {
        for (at, line) in text.lines().enumerate() {
            if has_word(code(line), "sleep") && !path.starts_with("tests/it/tidy") {
                complaints.push(format!("{path}:{}: a test must not sleep", at + 1));
            }
        }
    }
    complaints
}

#[test]
fn a_long_file_is_named_unless_a_program_wrote_it() {
    let long = "//! Long.\n".repeat(LONGEST + 1);
    let made = format!("// @generated from the API description\n{long}");
    let tree = Tree::of(&[
        ("host/app/src/a.rs", &long),
        ("web/packages/protocol/src/b.ts", &made),
    ]);
    assert_eq!(lengths(&tree).len(), 1);
}

#[test]
fn a_file_without_introduction_is_named() {
    let tree = Tree::of(&[
        ("host/app/src/a.rs", "use std::fs;\n"),
        ("tests/it/b.rs", "//! Says what it owns.\n"),
    ]);
    assert_eq!(headers(&tree).len(), 1);
}

#[test]
fn names_that_say_nothing_are_found() {
    let bad = [
        ("host/app/src/utils.rs", ""),
        ("host/app/src/test_helpers.rs", ""),
        ("web/packages/ui/src/common/Button.tsx", ""),
        ("host/store/src/feed/mod.rs", ""),
    ];
    assert_eq!(names(&Tree::of(&bad)).len(), 4);
    let good = [("host/app/src/commonplace.rs", ""), ("docs/shared.md", "")];
    assert_eq!(names(&Tree::of(&good)), Vec::<String>::new());
}

#[test]
fn types_that_say_nothing_are_found() {
    let bad = [
        ("host/app/src/a.rs", "pub(crate) struct LoadManager;\n"),
        ("web/a.ts", "export class DateUtils {}\n"),
    ];
    assert_eq!(definitions(&Tree::of(&bad)).len(), 2);
    let good = [(
        "host/app/src/a.rs",
        "use redis::ConnectionManager; // struct XManager\n",
    )];
    assert_eq!(definitions(&Tree::of(&good)), Vec::<String>::new());
}

#[test]
fn an_exception_elsewhere_is_found() {
    let bad = concat!("#[expect(clippy::", "disallowed_methods)]\n");
    assert_eq!(
        exceptions(&Tree::of(&[("host/domain/src/a.rs", bad)])).len(),
        1
    );
}

#[test]
fn a_sleeping_test_is_found() {
    let bad = [
        ("tests/it/a.rs", "tokio::time::sleep(second).await;\n"),
        ("tests/src/b.rs", "use std::thread::sleep;\n"),
    ];
    assert_eq!(sleeps(&Tree::of(&bad)).len(), 2);
    assert_eq!(
        sleeps(&Tree::of(&[("tests/it/a.rs", "// no sleep here\n")])),
        Vec::<String>::new()
    );
}
