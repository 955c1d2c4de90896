//! The planted bugs fit the code as it is, and the page of limits names them.

use std::collections::BTreeSet;

use deskbell_tests::planted::{Bug, bugs};

use super::tree::Tree;

const LIMITS: &str = "docs/plugins/limits.md";

pub(super) fn fit(tree: &Tree) -> Vec<String> {
    match bugs() {
        Ok(bugs) => misfits(tree, &bugs),
        Err(why) => vec![why],
    }
}

fn misfits(tree: &Tree, bugs: &[Bug]) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut names = BTreeSet::new();
    let defined: BTreeSet<&str> = tree
        .ending("", &[".rs"])
        .flat_map(|(_, text)| text.split("fn ").skip(1))
        .filter_map(|rest| rest.split('(').next())
        .collect();
    for bug in bugs {
        let name = &bug.name;
        if !names.insert(name.as_str()) {
            complaints.push(format!("{name}: is planted twice"));
        }
        let Some(text) = tree.files.get(&bug.file) else {
            complaints.push(format!("{name}: there is no {}", bug.file));
            continue;
        };
        complaints.extend(bug.plant(text).err());
        match bug.tests() {
            Ok(tests) if tests.is_empty() => complaints.push(format!("{name}: has no test")),
            Ok(tests) => {
                let missing = tests.iter().filter(|(_, test)| !defined.contains(test));
                complaints.extend(missing.map(|(_, test)| format!("{name}: no test {test}")));
            }
            Err(why) => complaints.push(why),
        }
    }
    complaints.extend(unnamed(tree, &names));
    complaints
}

/// What the page says is planted is, and what is planted it says.
fn unnamed(tree: &Tree, names: &BTreeSet<&str>) -> Vec<String> {
    let page = tree.files.get(LIMITS).map(String::as_str);
    let mut told = BTreeSet::new();
    for phrase in page.unwrap_or_default().split("bug `").skip(1) {
        told.extend(phrase.split('`').next());
    }
    for phrase in page.unwrap_or_default().split("bugs `").skip(1) {
        let cell = phrase.split('|').next().unwrap_or_default();
        told.extend(cell.split('`').step_by(2));
    }
    let unknown = told.difference(names);
    let unknown = unknown.map(|name| format!("{LIMITS}: the bug {name} is not planted"));
    let untold = names.difference(&told);
    let untold = untold.map(|name| format!("{LIMITS}: does not name the bug {name}"));
    unknown.chain(untold).collect()
}

#[test]
fn a_bug_that_does_not_fit_is_found() {
    let bug = |name: &str, file: &str, test: &str| Bug {
        name: name.to_owned(),
        file: file.to_owned(),
        find: "if a {".to_owned(),
        put: "if $ON || a {".to_owned(),
        tests: vec![test.to_owned()],
    };
    let tree = Tree::of(&[
        ("host/a.rs", "if a {\nfn seen() {"),
        ("host/b.rs", "if a {\nif a {"),
        (LIMITS, "| a | b | bug `fits` | `seen` |"),
    ]);
    let fits = bug("fits", "host/a.rs", "app seen");
    assert_eq!(misfits(&tree, std::slice::from_ref(&fits)), [""; 0]);
    let planted = fits.plant(&tree.files["host/a.rs"]).unwrap();
    assert!(planted.contains(r#"it == "fits") || a {"#), "{planted}");
    for wrong in [
        bug("twice", "host/b.rs", "app seen"),
        bug("gone", "host/c.rs", "app seen"),
        bug("untested", "host/a.rs", "app unseen"),
        bug("of_no_crate", "host/a.rs", "seen"),
    ] {
        // Beside what is wrong with it, the page does not name it.
        let complaints = misfits(&tree, &[fits.clone(), wrong]);
        assert_eq!(complaints.len(), 2, "{complaints:?}");
    }
}
