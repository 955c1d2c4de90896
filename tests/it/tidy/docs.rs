//! Rules for documents: nothing points outside the repository, links lead
//! somewhere, a decision fits on a page, the lock file holds no addresses.

use std::collections::BTreeSet;

use super::tree::Tree;

/// A decision record longer than this is an essay. Paragraphs are not wrapped,
/// so words count beside lines.
const PAGE_LINES: usize = 60;
const PAGE_WORDS: usize = 600;

/// Put together, so that this file does not find itself.
const OUTSIDE: [&str; 2] = [concat!("../", "shared"), concat!("/work", "/shared")];

pub(super) fn outside_paths(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, text) in &tree.files {
        for (at, line) in text.lines().enumerate() {
            if OUTSIDE.iter().any(|outside| line.contains(outside)) {
                complaints.push(format!("{path}:{}: points outside the repository", at + 1));
            }
        }
    }
    complaints
}

/// Where a document's links lead: the text between `](` and `)`.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', ' ']).next())
}

/// A link's target as a path of the repository; none for a link to the web, a
/// heading or a mail address.
fn resolve(document: &str, target: &str) -> Option<String> {
    let path = target.split('#').next().unwrap_or_default();
    if path.is_empty() || path.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = document.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

pub(super) fn links(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    for (document, text) in tree.ending("", &[".md"]) {
        for target in targets(text) {
            let Some(path) = resolve(document, target) else {
                continue;
            };
            if !tree.files.contains_key(&path) && !tree.folders.contains(&path) {
                complaints.push(format!("{document}: links to {target}, which is not there"));
            }
        }
    }
    complaints
}

/// Decision records are numbered without a gap, fit on a page and are listed.
pub(super) fn decisions(tree: &Tree) -> Vec<String> {
    let list = tree
        .files
        .get("docs/adr/README.md")
        .map(String::as_str)
        .unwrap_or_default();
    let mut complaints = Vec::new();
    let records = tree
        .ending("docs/adr/", &[".md"])
        .filter(|(path, _)| !path.ends_with("README.md"));
    for ((path, text), number) in records.zip(1..) {
        let name = path.trim_start_matches("docs/adr/");
        if !name.starts_with(&format!("{number:04}-")) {
            complaints.push(format!(
                "{path}: the record after {:04} has to be {number:04}",
                number - 1
            ));
        }
        let words = text.split_whitespace().count();
        if text.lines().count() > PAGE_LINES || words > PAGE_WORDS {
            complaints.push(format!(
                "{path}: {words} words; a page has {PAGE_WORDS} and {PAGE_LINES} lines"
            ));
        }
        if !list.contains(&format!("({name})")) {
            complaints.push(format!("{path}: is not listed in docs/adr/README.md"));
        }
    }
    complaints
}

/// Every `make` command a document names is a target.
pub(super) fn commands(tree: &Tree) -> Vec<String> {
    let makefile = tree
        .files
        .get("Makefile")
        .map(String::as_str)
        .unwrap_or_default();
    let is_target = |name: &str| {
        makefile
            .lines()
            .any(|line| line.starts_with(&format!("{name}:")))
    };
    let mut complaints = Vec::new();
    for (document, text) in tree.ending("", &[".md"]) {
        for quoted in text.split("`make ").skip(1) {
            let name = quoted.split(['`', ' ']).next().unwrap_or_default();
            if !is_target(name) {
                complaints.push(format!(
                    "{document}: names `make {name}`, which is no target"
                ));
            }
        }
    }
    complaints
}

/// Where each limit of plugins names the test that holds it.
const LIMITS: &str = "docs/plugins/limits.md";

/// Every row of its tables ends with the names of tests, and they are there.
pub(super) fn named_tests(tree: &Tree) -> Vec<String> {
    let page = tree
        .files
        .get(LIMITS)
        .map(String::as_str)
        .unwrap_or_default();
    let mut there = BTreeSet::new();
    for (_, text) in tree.ending("", &[".rs"]) {
        let defined = text.split("fn ").skip(1);
        there.extend(defined.filter_map(|rest| rest.split('(').next()));
    }
    let mut complaints = Vec::new();
    for (at, line) in page.lines().enumerate() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let is_row = line.starts_with('|') && !line.starts_with("| ---") && cells.len() > 1;
        let last = cells.last().copied().unwrap_or_default();
        if !is_row || last.trim() == "test" {
            continue;
        }
        let names: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
        if names.is_empty() {
            complaints.push(format!("{LIMITS}:{}: names no test", at + 1));
        }
        for name in names.iter().filter(|name| !there.contains(*name)) {
            complaints.push(format!("{LIMITS}:{}: there is no test {name}", at + 1));
        }
    }
    complaints
}

/// Download addresses in a lock file tie everybody to one registry.
pub(super) fn lock_file(tree: &Tree) -> Vec<String> {
    tree.ending("", &["package-lock.json"])
        .filter(|(_, text)| text.contains("\"resolved\": \"http"))
        .map(|(path, _)| {
            format!(
                "{path}: holds download addresses; install with omit-lockfile-registry-resolved"
            )
        })
        .collect()
}

#[test]
fn a_path_to_the_outside_is_found() {
    let bad = format!("see {}/api.md", OUTSIDE[0]);
    assert_eq!(
        outside_paths(&Tree::of(&[("docs/a.md", &bad), ("docs/b.md", "see a.md")])).len(),
        1
    );
}

#[test]
fn a_dead_link_is_found() {
    let text =
        "[a](b.md) [c](../README.md#top) [d](https://example.org) [e](#here) ![f](pictures/no.png)";
    let tree = Tree::of(&[("docs/a.md", text), ("docs/b.md", ""), ("README.md", "")]);
    assert_eq!(
        links(&tree),
        ["docs/a.md: links to pictures/no.png, which is not there"]
    );
}

#[test]
fn a_decision_record_out_of_line_is_found() {
    let long = "line\n".repeat(PAGE_LINES + 1);
    let tree = Tree::of(&[
        ("docs/adr/README.md", "- [One](0001-one.md)\n"),
        ("docs/adr/0001-one.md", "# One\n"),
        ("docs/adr/0003-three.md", &long),
    ]);
    assert_eq!(decisions(&tree).len(), 3);
}

#[test]
fn a_command_that_is_not_there_is_found() {
    let tree = Tree::of(&[
        ("Makefile", "run: ; true\n"),
        ("README.md", "`make run` and `make magic`"),
    ]);
    assert_eq!(commands(&tree).len(), 1);
}

#[test]
fn an_address_in_a_lock_file_is_found() {
    let bad = "{\n  \"resolved\": \"https://registry.npmjs.org/a/-/a-1.0.0.tgz\"\n}";
    let good = "{\n  \"resolved\": \"packages/client\",\n  \"link\": true\n}";
    assert_eq!(
        lock_file(&Tree::of(&[("web/package-lock.json", bad)])).len(),
        1
    );
    assert_eq!(
        lock_file(&Tree::of(&[("web/package-lock.json", good)])),
        Vec::<String>::new()
    );
}

#[test]
fn a_limit_without_its_test_is_found() {
    let page = "| limit | test |\n| --- | --- |\n| a | `one`, `two` |\n| b | nothing |\n";
    let tree = Tree::of(&[(LIMITS, page), ("tests/it/a.rs", "fn one() {}")]);
    assert_eq!(
        named_tests(&tree),
        [
            "docs/plugins/limits.md:3: there is no test two",
            "docs/plugins/limits.md:4: names no test",
        ]
    );
}
