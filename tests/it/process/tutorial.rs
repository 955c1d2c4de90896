//! The tutorial, word for word: its commands run in one shell, in its order, its
//! files are written and its changes made as the page has them, and what it shows
//! as output must come. So page and program cannot drift apart.
//!
//! What a fence of the page is for stands behind its language: `sh` is run (and
//! `sh fails` must fail), `file=` is written, `replace=` and `with` change a file,
//! `under=FILE:LINE` puts text below a line. `text` is what the commands before it
//! print: each of its lines must be there, with any number and any id in place of
//! the page's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use deskbell_tests::Engine;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::binary::{self, Deskbell};
use super::desk::log_in;
use super::place::Place;

/// For one block: a compiler may have to start from nothing.
const WITHIN: Duration = Duration::from_secs(600);
/// For what the desk does on its own, such as a bot's answer.
const SOON: Duration = Duration::from_secs(20);
/// Behind what a block printed.
const END: &str = "@@@ the end of a block:";
/// Of the page: for a reader, and not for a test, which has them.
const SKIPPED: [&str; 3] = ["make run", "export PATH=", "rustup target add"];

struct Fence {
    kind: String,
    body: String,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut all = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(kind) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
        all.push(Fence {
            kind: kind.to_owned(),
            body: body.join("\n") + "\n",
        });
    }
    all
}

/// A shell that stays from block to block, as a reader's does.
struct Reader {
    _child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
    folder: PathBuf,
    said: String,
}

impl Reader {
    fn new(folder: PathBuf, repository: &Path) -> Self {
        let mut child = Command::new("bash")
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", repository.join("plugins/target"))
            .env("CARGO_TERM_COLOR", "never")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        Self {
            stdin: child.stdin.take().expect("piped"),
            stdout: BufReader::new(child.stdout.take().expect("piped")).lines(),
            _child: child,
            folder,
            said: String::new(),
        }
    }

    /// What it printed, and how it ended; the shell's folder is followed.
    async fn run(&mut self, block: &str) -> (String, i32) {
        let block =
            format!("{{ {block}\n}} 2>&1 </dev/null\n_code=$?; echo; echo \"{END} $_code $PWD\"\n");
        let write = self.stdin.write_all(block.as_bytes()).await;
        write.expect("the shell listens");
        let mut said = String::new();
        loop {
            let line = timeout(WITHIN, self.stdout.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("no end of {block}: {said}"));
            let line = line.expect("text").expect("the shell is there");
            if let Some(end) = line.strip_prefix(END) {
                let (code, folder) = end.trim().split_once(' ').expect("a code and a folder");
                self.folder = folder.into();
                return (said, code.parse().expect("a code"));
            }
            said += &line;
            said.push('\n');
        }
    }

    fn change(&self, file: &str, change: impl FnOnce(&str) -> Option<String>) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
        let changed = change(&text).unwrap_or_else(|| panic!("{file} has no such place: {text}"));
        fs::write(path, changed).expect("it is written");
    }
}

/// With any number and any id: `ins_01a1…` and `91794` are whatever they are today.
fn blurred(line: &str) -> String {
    let mut out = String::new();
    for word in line
        .trim_end()
        .split_inclusive(|c: char| !c.is_ascii_alphanumeric())
    {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let hex = bare.len() >= 32 && bare.bytes().all(|b| b.is_ascii_hexdigit());
        if hex {
            out += &word.replace(bare, "#");
        } else {
            let mut digits = false;
            for c in word.chars() {
                if !c.is_ascii_digit() {
                    out.push(c);
                } else if !digits {
                    out.push('#');
                }
                digits = c.is_ascii_digit();
            }
        }
    }
    out
}

/// On a machine that has other things to do, the deadline may come before the CPU
/// time is used up. Either way the desk stops the plugin, which the page shows.
fn unhurried(said: &str) -> String {
    said.replace(
        "failure: {\n    code: 'deadline_exceeded',\n    detail: 'it gave no answer within 100 ms'\n  },",
        "failure: { code: 'cpu_exceeded', detail: 'it used up its CPU time of 20 ms' },",
    )
}

fn shows(said: &str, wanted: &str) -> Result<(), String> {
    let said = unhurried(said);
    let said: Vec<_> = said.lines().map(blurred).collect();
    for line in wanted.lines().filter(|line| !line.trim().is_empty()) {
        if !said.contains(&blurred(line)) {
            return Err(format!("no line {line:?} in:\n{}", said.join("\n")));
        }
    }
    Ok(())
}

/// Only looks: may be looked at again until the desk has done what it does.
fn only_looks(block: &str) -> bool {
    let looks = |line: &str| {
        let reads = line.starts_with("curl -s \"$api") && !line.contains(" -X ");
        reads || line == "said" || line.starts_with("last ")
    };
    block.lines().all(looks)
}

#[tokio::test]
async fn the_tutorial_works_word_for_word() {
    let place = Place::new(Engine::Sqlite).await;
    let desk = Deskbell::start(&place, &[]).await;
    // The two windows of the page: Ana and Ben are on duty.
    let (ana, ben) = (
        log_in(&desk.http, "ana@demo.test").await,
        log_in(&desk.http, "ben@demo.test").await,
    );
    let _on_duty = (ana.connect().await, ben.connect().await);

    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = here.parent().expect("the tests lie in the repository");
    let page = fs::read_to_string(repository.join("docs/plugins/tutorial.md")).expect("the page");
    let page = page.replace("http://127.0.0.1:8080", &desk.http.base);
    let folder = binary::path().with_file_name("authors").join("tutorial");
    let _gone = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let mut reader = Reader::new(folder, repository);
    let programs = binary::path();
    let programs = programs.parent().expect("a folder").display();
    let path = format!("export PATH=\"{programs}:$PATH\"\n");
    assert_eq!(reader.run(&path).await.1, 0);

    let mut all = fences(&page).into_iter();
    let (mut ran, mut shown, mut last) = (0, 0, String::new());
    while let Some(Fence { kind, body }) = all.next() {
        let (language, what) = kind.split_once(' ').unwrap_or((&kind, ""));
        match (language, what.split_once('=')) {
            ("console" | "sh", _) if SKIPPED.iter().any(|it| body.starts_with(it)) => {}
            ("sh", _) => {
                let (said, code) = reader.run(&body).await;
                assert_eq!(code != 0, what == "fails", "{body}: {said}");
                (reader.said, last) = (said, body);
                ran += 1;
                if last.contains("plugin new") {
                    // The versions this repository has tried, and no question to the
                    // registry.
                    let lock = repository.join("plugins/Cargo.lock");
                    fs::copy(lock, reader.folder.join("Cargo.lock")).expect("the lock file");
                }
            }
            ("text", _) => {
                let begun = std::time::Instant::now();
                while let Err(missing) = shows(&reader.said, &body) {
                    let again = only_looks(&last) && begun.elapsed() < SOON;
                    assert!(again, "after\n{last}\n{missing}");
                    reader.said = reader.run(&last).await.0;
                }
                shown += 1;
            }
            (_, Some(("file", file))) => {
                fs::write(reader.folder.join(file), body).expect("it is written");
            }
            (_, Some(("replace", file))) => {
                let with = all.next().expect("what takes its place");
                assert!(with.kind.ends_with(" with"), "{}", with.kind);
                reader.change(file, |text| {
                    let once = text.matches(&body).count() == 1;
                    once.then(|| text.replace(&body, &with.body))
                });
            }
            (_, Some(("under", place))) => {
                let (file, line) = place.split_once(':').expect("a file and a line");
                let line = format!("{line}\n");
                reader.change(file, |text| {
                    let once = text.matches(&line).count() == 1;
                    once.then(|| text.replace(&line, &format!("{line}{body}")))
                });
            }
            other => panic!("the page has a fence of no use: {other:?}"),
        }
    }
    assert!(ran > 25 && shown > 15, "{ran} blocks, {shown} outputs");
    assert_eq!(desk.stop().await.code(), Some(0));
    place.remove().await;
}

#[test]
fn a_page_that_has_drifted_is_told() {
    let said = "size    91794 bytes\nins_01a1feac833c7791b2f07bde8068776d\n";
    let page = "size    12 bytes\nins_00000000000000000000000000000001\n";
    assert_eq!(shows(said, page), Ok(()));
    assert!(shows(said, "size    12 kilobytes").is_err());
    assert!(shows("2 passed", "two passed").is_err());
    assert!(!only_looks("deskbell plugin test\n"));
}
