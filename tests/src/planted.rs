//! Planted bugs: for each mechanism that no fault switches off, the text that takes
//! it out of a copy of the tree, and the tests that must notice.
//!
//! The bugs stand in `tests/planted/*.toml` and never in the program. All of them
//! are planted in one copy, each behind a question to the environment, so that the
//! copy is compiled once and a test runs with one bug at a time. `bin/planted.rs`
//! does that; a check of the tree (`it/tidy/planted.rs`) sees in every run of the
//! tests that each bug still fits the code and that its tests are there.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The variable that names the bug a test runs with.
pub const VARIABLE: &str = "PLANTED_BUG";
/// In a bug's text: whether the test runs with it.
const ON: &str = "$ON";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    pub name: String,
    /// What is broken, as a path from the root, and the text that is: it stands
    /// there once.
    pub file: String,
    pub find: String,
    /// What stands there instead, with `$ON` for "this bug is switched on".
    pub put: String,
    /// Each of them fails with it and passes without: `sandbox a_name` is one of that
    /// crate's own tests, `it a_name` one of the integration tests.
    pub tests: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    bug: Vec<Bug>,
}

impl Bug {
    /// Its tests, each with the crate it is in.
    ///
    /// # Errors
    ///
    /// One names no crate.
    pub fn tests(&self) -> Result<Vec<(&str, &str)>, String> {
        let tests = self.tests.iter().map(|test| test.split_once(' '));
        let all: Option<Vec<_>> = tests.collect();
        all.ok_or_else(|| format!("{}: a test is a crate and a name", self.name))
    }

    /// The file's text with the bug in it.
    ///
    /// # Errors
    ///
    /// The text to replace is not there, or more than once.
    pub fn plant(&self, text: &str) -> Result<String, String> {
        let found = text.matches(self.find.trim_end()).count();
        if found != 1 {
            let Self { name, file, .. } = self;
            return Err(format!(
                "{name}: its text is in {file} {found} times, not once"
            ));
        }
        let on = format!(
            "std::env::var({VARIABLE:?}).is_ok_and(|it| it == {:?})",
            self.name
        );
        let put = self.put.trim_end().replace(ON, &on);
        Ok(text.replacen(self.find.trim_end(), &put, 1))
    }
}

/// The root of the tree these tests are compiled from.
#[must_use]
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// All there are.
///
/// # Errors
///
/// A sheet cannot be read.
pub fn bugs() -> Result<Vec<Bug>, String> {
    let folder = root().join("tests/planted");
    let there = std::fs::read_dir(&folder).map_err(|error| error.to_string())?;
    let mut paths: Vec<_> = there.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    paths.sort();
    let mut bugs = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let sheet: Sheet =
            toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        bugs.extend(sheet.bug);
    }
    Ok(bugs)
}
