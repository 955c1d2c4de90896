//! The code map in ARCHITECTURE.md names every folder a reader meets, and no
//! folder that is not there.
//!
//! A folder is named by its path in backticks, ending in `/`. Wanted are the
//! top-level folders, every crate under `host/`, every package under `web/`, and
//! the folders directly inside their `src/`.

use std::collections::BTreeSet;

use super::tree::Tree;

const DOCUMENT: &str = "ARCHITECTURE.md";
const HEADING: &str = "## Code map";

/// Folders the map must name.
fn wanted(tree: &Tree) -> BTreeSet<String> {
    tree.folders
        .iter()
        .filter(|folder| {
            let parts: Vec<&str> = folder.split('/').collect();
            match parts.as_slice() {
                [top] => !top.starts_with('.'),
                ["host", _crate] | ["host", _crate, "src", _] => true,
                ["web", "e2e"] => true,
                ["web", "packages" | "apps", _package] => true,
                ["web", "packages" | "apps", _package, "src", _] => true,
                _ => false,
            }
        })
        .map(|folder| format!("{folder}/"))
        .collect()
}

/// Folders a section of a document names: `like/this/`.
fn named(section: &str) -> BTreeSet<String> {
    section
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|quoted| quoted.ends_with('/') && !quoted.contains([' ', '*', '<']))
        .map(str::to_owned)
        .collect()
}

pub(super) fn code_map(tree: &Tree) -> Vec<String> {
    let Some(section) = tree
        .files
        .get(DOCUMENT)
        .and_then(|text| text.split(HEADING).nth(1))
    else {
        return vec![format!("{DOCUMENT}: has no section `{HEADING}`")];
    };
    let section = section.split("\n## ").next().unwrap_or_default();
    let (wanted, named) = (wanted(tree), named(section));
    let missing = wanted
        .difference(&named)
        .map(|folder| format!("{DOCUMENT}: the code map does not name `{folder}`"));
    let gone = named
        .iter()
        .filter(|folder| !tree.folders.contains(folder.trim_end_matches('/')))
        .map(|folder| format!("{DOCUMENT}: the code map names `{folder}`, which is not there"));
    missing.chain(gone).collect()
}

#[test]
fn the_map_must_name_what_is_there_and_nothing_else() {
    let map = "# A\n\n## Code map\n\n| `host/` | `host/app/` | `host/gone/` | `docs/` |\n\n## Next\n\n`web/later/`\n";
    let tree = Tree::of(&[
        ("ARCHITECTURE.md", map),
        ("docs/a.md", ""),
        ("host/app/src/router/queue.rs", ""),
        ("web/packages/client/src/index.ts", ""),
    ]);
    let complaints = code_map(&tree).join("\n");
    for folder in [
        "`host/app/src/router/`",
        "`web/`",
        "`web/packages/client/`",
        "`host/gone/`",
    ] {
        assert!(
            complaints.contains(folder),
            "{folder} is not in\n{complaints}"
        );
    }
    assert_eq!(complaints.lines().count(), 4, "{complaints}");
    assert_eq!(
        code_map(&Tree::of(&[("ARCHITECTURE.md", "# A\n")])).len(),
        1
    );
}
