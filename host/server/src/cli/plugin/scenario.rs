//! Scenario files: where they are, and what is wrong with one that cannot be read.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use deskbell_app::scenario::Scenario;

use super::super::Failure;

/// Where a project keeps them.
pub(super) const FOLDER: &str = "scenarios";
/// No scenario is larger; a recording has 1 MiB at most.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Those of a folder, by name.
pub(super) fn all(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error| Failure(format!("{} cannot be read: {error}", folder.display()));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        if matches!(kind, Some("toml" | "json")) {
            found.push(path);
        }
    }
    found.sort();
    if found.is_empty() {
        let folder = folder.display();
        return Err(Failure(format!(
            "there is no scenario (*.toml) in {folder}"
        )));
    }
    Ok(found)
}

/// From a file, or from standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Scenario, Failure> {
    let name = path.display();
    let cannot = |error| Failure(format!("{name} cannot be read: {error}"));
    let mut text = String::new();
    if path == Path::new("-") {
        let read = std::io::stdin().take(LARGEST).read_to_string(&mut text);
        read.map_err(cannot)?;
    } else {
        let file = fs::File::open(path).map_err(cannot)?;
        file.take(LARGEST)
            .read_to_string(&mut text)
            .map_err(cannot)?;
    }
    parse(&text).map_err(|why| Failure(format!("{name}: {why}")))
}

/// JSON begins with a brace, and TOML cannot.
fn parse(text: &str) -> Result<Scenario, String> {
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| error.to_string());
    }
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start));
        match before {
            Some(before) => {
                let line = before.matches('\n').count() + 1;
                format!("line {line}: {}", error.message())
            }
            None => error.message().to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use deskbell_domain::plugin::Hook;
    use serde_json::json;

    #[test]
    fn both_spellings_are_read() {
        let text = r#"
            name = "It is masked"
            hook = "filter"
            now = "2026-02-03T04:05:06Z"
            [config]
            cards = true
            [kv]
            plain = "text"
            bytes = { base64 = "AAE=" }
            value = { json = { a = 1 } }
            [[http]]
            request = { url = "https://shop.test/1" }
            answer = { status = 404, headers = { X-A = "b", "set-cookie" = ["c", "d"] } }
            [input.fields]
            text = "4111 1111 1111 1111"
            [expect]
            answer = { verdict = "allow" }
        "#;
        let read = parse(text).unwrap();
        assert_eq!(read.hook, Hook::Filter);
        assert_eq!(read.kv["bytes"].0.as_ref(), [0, 1]);
        assert_eq!(read.kv["value"].0.as_ref(), br#"{"a":1}"#);
        assert_eq!(read.http[0].request.method, "GET");
        let headers = &read.http[0].answer.as_ref().unwrap().headers;
        assert_eq!(headers.len(), 3);
        assert_eq!(read.expect.answer, Some(json!({ "verdict": "allow" })));
        // As a recording has it.
        let again = parse(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again.kv, read.kv);
        assert_eq!(again.now, read.now);
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let wrong = parse("hook = \"filter\"\n[expects]\n").unwrap_err();
        assert!(wrong.starts_with("line 2"), "{wrong}");
        assert!(wrong.contains("expects"), "{wrong}");
        assert!(
            parse("hook = \"nothing\"")
                .unwrap_err()
                .starts_with("line 1")
        );
    }
}
