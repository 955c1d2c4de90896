//! The repository as a list of files and folders, without what is built or
//! downloaded. Knows nothing of the rules.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Folders that are not the repository's own work, by name.
const NOT_OURS: [&str; 6] = [
    "target",
    "node_modules",
    "dist",
    "data",
    "results",
    "coverage",
];

/// A folder that is ours in spite of its name: documents quote from it.
const FIGURES: &str = "bench/results";

/// Hidden folders that are ours.
const HIDDEN: [&str; 1] = [".ci"];

/// Paths are relative to the repository, with `/`. A file that is no text (a
/// picture) is there with an empty text.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: BTreeMap<String, String>,
    pub(super) folders: BTreeSet<String>,
}

impl Tree {
    pub(super) fn read() -> Tree {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("tests/ lies in the repository");
        let mut tree = Tree::default();
        tree.walk(root, root);
        tree
    }

    fn walk(&mut self, root: &Path, folder: &Path) {
        let entries = fs::read_dir(folder).expect("a folder of the repository can be read");
        for entry in entries {
            let path = entry.expect("a folder entry").path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            if path.is_dir() {
                let hidden = name.starts_with('.') && !HIDDEN.contains(&name);
                let built = NOT_OURS.contains(&name) && !path.ends_with(FIGURES);
                if !hidden && !built {
                    self.walk(root, &path);
                }
            } else {
                let relative = path.strip_prefix(root).expect("inside the root");
                // A file another program removes while we walk is no finding.
                let bytes = fs::read(&path).unwrap_or_default();
                let text = String::from_utf8(bytes).unwrap_or_default();
                self.insert(&relative.to_string_lossy().replace('\\', "/"), text);
            }
        }
    }

    /// As in git, a folder is there because of the files in it.
    fn insert(&mut self, path: &str, text: String) {
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path[..at].to_owned());
        }
        self.files.insert(path.to_owned(), text);
    }

    /// Files under a folder that end with one of the endings.
    pub(super) fn ending<'a>(
        &'a self,
        under: &'a str,
        endings: &'a [&'a str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| {
                path.starts_with(under) && endings.iter().any(|ending| path.ends_with(ending))
            })
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// A made-up tree, for the rules' own tests.
    pub(super) fn of(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (path, text) in files {
            tree.insert(path, (*text).to_owned());
        }
        tree
    }
}

/// The code of a Rust line: without its comment, and empty for a comment line.
/// A `//` inside a string cuts too much, which a rule about words can live with.
pub(super) fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// Whether `word` stands in `line` as a whole identifier.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    let part_of_word = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(part_of_word)
            && !line[at + word.len()..]
                .chars()
                .next()
                .is_some_and(part_of_word)
    })
}

#[test]
fn a_word_is_a_whole_identifier() {
    assert!(has_word("use axum::Router;", "axum"));
    assert!(!has_word("let redistribute = 1;", "redis"));
    assert!(!has_word(code("//! must not know axum"), "axum"));
}

#[test]
fn the_real_tree_is_there() {
    let tree = Tree::read();
    assert!(tree.files.contains_key("Cargo.toml"));
    assert!(tree.folders.contains("host/domain/src"));
    assert!(
        !tree
            .folders
            .iter()
            .any(|folder| folder.contains("node_modules"))
    );
}
