//! Plants each bug of `tests/planted` in a copy of the tree and sees its tests fail,
//! and pass without it: `make planted`, or `make planted ONLY="part of a name"`.
//!
//! The copy is in `target/planted`, and what is compiled of it too: cargo takes two
//! trees of one workspace for the same, and would mix them up in one folder.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};

use deskbell_tests::planted::{Bug, VARIABLE, bugs, root};
use serde_json::Value;

/// Built before the tests and not in git.
const BUILT: [&str; 4] = [
    "plugins/dist",
    "tests/zoo/dist",
    "web/apps/dashboard/dist",
    "web/apps/widget/dist",
];

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            say(&format!("planted: {why}"));
            ExitCode::FAILURE
        }
    }
}

/// How many were not noticed.
fn run(only: &[String]) -> Result<usize, String> {
    let mut bugs = bugs()?;
    let wanted = |bug: &Bug| only.is_empty() || only.iter().any(|it| bug.name.contains(it));
    let copy = root().join("target/planted");
    copy_tree(&copy, &bugs)?;
    bugs.retain(wanted);
    let programs = build(&copy)?;
    let mut unseen = 0;
    for bug in &bugs {
        for (target, test) in bug.tests()? {
            let Some(program) = programs.get(target) else {
                return Err(format!("{}: no tests are called {target}", bug.name));
            };
            let without = tried(program, &copy, test, "")?;
            let with = tried(program, &copy, test, &bug.name)?;
            let seen = without.ran > 0 && without.failed == 0 && with.failed > 0;
            unseen += usize::from(!seen);
            let word = if seen { "seen" } else { "NOT SEEN" };
            say(&format!(
                "{word:8} {} by {test}: {} of {} failed with it, {} without",
                bug.name, with.failed, with.ran, without.failed
            ));
        }
    }
    say(&format!("planted: {} bugs, {unseen} not seen", bugs.len()));
    Ok(unseen)
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    // Nobody listens any more: then nobody misses it.
    let _unheard = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// The tree as git knows it, with every bug in it. What is the same is left alone,
/// so that cargo finds it unchanged.
fn copy_tree(copy: &Path, bugs: &[Bug]) -> Result<(), String> {
    let mut command = Command::new("git");
    command.args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]);
    let listed = output(command.current_dir(root()))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mut planted = BTreeSet::new();
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let Ok(mut bytes) = std::fs::read(root().join(name)) else {
            continue;
        };
        for bug in bugs.iter().filter(|bug| bug.file == name) {
            let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
            bytes = bug.plant(&text)?.into_bytes();
            planted.insert(&bug.name);
        }
        let to = copy.join(name);
        if std::fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let folder = to.parent().unwrap_or(copy);
        let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&to, bytes));
        written.map_err(|error| format!("{}: {error}", to.display()))?;
    }
    if let Some(bug) = bugs.iter().find(|bug| !planted.contains(&bug.name)) {
        return Err(format!("{}: there is no {}", bug.name, bug.file));
    }
    for name in BUILT {
        let (from, to) = (root().join(name), copy.join(name));
        if !to.exists() {
            let linked = std::os::unix::fs::symlink(&from, &to);
            linked.map_err(|error| format!("{}: {error}", to.display()))?;
        }
    }
    Ok(())
}

fn cargo(copy: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(arguments)
        .args(["--locked", "--workspace"])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", copy.join("target"))
        .stderr(Stdio::inherit());
    command
}

/// The tests' programs by what a bug calls them.
fn build(copy: &Path) -> Result<BTreeMap<String, PathBuf>, String> {
    output(&mut cargo(copy, &["build", "--bins"]))?;
    let arguments = [
        "test",
        "--no-run",
        "--lib",
        "--tests",
        "--message-format=json",
    ];
    let built = output(&mut cargo(copy, &arguments))?;
    let mut programs = BTreeMap::new();
    for line in String::from_utf8_lossy(&built.stdout).lines() {
        let Ok(said) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        if let Some(program) = said["executable"].as_str()
            && said["profile"]["test"] == true
            && let Some(name) = said["target"]["name"].as_str()
        {
            let name = name.trim_start_matches("deskbell_").to_owned();
            programs.insert(name, PathBuf::from(program));
        }
    }
    Ok(programs)
}

struct Tried {
    ran: usize,
    failed: usize,
}

fn tried(program: &Path, copy: &Path, test: &str, bug: &str) -> Result<Tried, String> {
    // Where cargo would run them.
    let folder = match program.to_string_lossy().contains("/it-") {
        true => copy.join("tests"),
        false => copy.to_owned(),
    };
    let mut command = Command::new(program);
    command
        .arg(test)
        .env(VARIABLE, bug)
        .current_dir(folder)
        .stderr(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let ended = |how: &str| {
        let lines = said.lines().filter(|line| line.starts_with("test "));
        lines.filter(|line| line.ends_with(how)).count()
    };
    // A process that died of it has no last line.
    let died = usize::from(output.status.code().is_none());
    let failed = ended("... FAILED") + died;
    Ok(Tried {
        ran: ended("... ok") + failed,
        failed,
    })
}

fn output(command: &mut Command) -> Result<Output, String> {
    let output = command.output().map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(output),
        false => Err(format!("{command:?} failed")),
    }
}
