//! What an author of plugins does, with the real program and the real compiler:
//! from an empty folder to a file a server would take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use super::binary::path;

/// On a busy machine, where nothing was compiled yet.
const WITHIN: Duration = Duration::from_secs(600);

struct Author {
    folder: PathBuf,
}

impl Author {
    /// In a folder that is the same at each run, so that cargo finds its work again.
    fn new(name: &str) -> Self {
        let folder = path().with_file_name("authors").join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the last run's folder goes");
        }
        fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    /// Runs a program in a folder. What our own plugins need is compiled already.
    async fn run(&self, program: impl AsRef<Path>, within: &str, arguments: &[&str]) -> Output {
        let kept = repository().join("plugins/target");
        let child = Command::new(program.as_ref())
            .args(arguments)
            .current_dir(self.at(within))
            .env("CARGO_TARGET_DIR", kept)
            .kill_on_drop(true)
            .output();
        let output = timeout(WITHIN, child).await.expect("an end in time");
        output.expect("it starts")
    }

    /// `deskbell plugin …` that works: what it said.
    async fn plugin(&self, within: &str, arguments: &[&str]) -> String {
        let arguments = [&["plugin"][..], arguments].concat();
        let output = self.run(path(), within, &arguments).await;
        let (said, complained) = words(&output);
        assert!(output.status.success(), "{arguments:?}: {said}{complained}");
        said
    }

    /// `deskbell plugin …` that does not: what it said, and its last word.
    async fn refused(&self, within: &str, arguments: &[&str]) -> (String, String) {
        let arguments = [&["plugin"][..], arguments].concat();
        let output = self.run(path(), within, &arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        words(&output)
    }
}

fn repository() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests lie in the repository")
}

fn words(output: &Output) -> (String, String) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn from_an_empty_folder_to_a_file_a_server_takes() {
    let author = Author::new("whole");
    let hooks = "routing,variables,filter,bot,events,context";
    author
        .plugin("", &["new", "my-plugin", "--hook", hooks])
        .await;
    // The versions this repository has tried, and no question to the registry.
    let lock = repository().join("plugins/Cargo.lock");
    fs::copy(lock, author.at("my-plugin/Cargo.lock")).expect("the lock file");

    let tested = author.run("cargo", "my-plugin", &["test"]).await;
    let (said, complained) = words(&tested);
    assert!(tested.status.success(), "{said}{complained}");
    assert!(said.contains("12 passed"), "{said}");

    let tried = author.plugin("my-plugin", &["test"]).await;
    assert!(tried.contains("6 scenarios, all passed"), "{tried}");
    let scenario = "scenarios/greeting.toml";
    let ran = author
        .plugin("my-plugin", &["run", "--scenario", scenario, "--json"])
        .await;
    let ran: Value = serde_json::from_str(&ran).expect("JSON");
    assert_eq!(
        ran["answer"]["actions"][0]["ask"]["choices"][0]["id"],
        "order"
    );
    let measured = ["bench", "--scenario", scenario, "--calls", "50", "--json"];
    let measured = author.plugin("my-plugin", &measured).await;
    let measured: Value = serde_json::from_str(&measured).expect("JSON");
    assert_eq!(measured["calls"], 50);
    assert!(measured["p99_us"].as_f64() >= measured["p50_us"].as_f64());

    let built = author.plugin("my-plugin", &["build"]).await;
    let file = author.at("my-plugin/dist/my-plugin.wasm");
    let size = fs::metadata(&file).expect("the file").len();
    assert!(built.contains(&format!("{size} bytes")), "{built}");

    let checked = author.plugin("my-plugin", &["check"]).await;
    for line in [
        "my-plugin 0.1.0: a server would take it.",
        "It decides who gets a conversation (hook `routing`).",
        "  {{shop.order}} The order the visitor is looking at.",
        "It reaches nothing but its log and its configuration.",
        "It can be configured: agent, category, greeting, note, orders, shop, words.",
    ] {
        assert!(checked.contains(line), "{line} is not in {checked}");
    }

    let file = file.to_str().expect("a path");
    let inspected = author.plugin("", &["inspect", "--json", file]).await;
    let found: Value = serde_json::from_str(&inspected).expect("JSON");
    assert_eq!(found["admitted"], true, "{found}");
    let hooks: Vec<_> = hooks.split(',').collect();
    assert_eq!(found["hooks"], serde_json::json!(hooks));
    assert_eq!(found["capabilities"], serde_json::json!([]));
    assert_eq!(found["variables"][0]["name"], "shop.name");
    let exports = found["exports"].as_array().expect("exports");
    assert!(exports.contains(&"deskbell:routing/router@0.1.0".into()));
    let digest = found["digest"].as_str().expect("a digest");
    assert!(built.contains(digest), "{digest} is not in {built}");
    let inspected = author.plugin("", &["inspect", file]).await;
    assert!(
        inspected.contains("deskbell:host/config@0.1.0"),
        "{inspected}"
    );

    let (_, why) = author.refused("", &["new", "my-plugin"]).await;
    assert!(why.contains("is there already"), "{why}");
}

#[tokio::test]
async fn mistakes_are_named_one_a_line() {
    let author = Author::new("mistakes");
    author.plugin("", &["new", "my-router"]).await;

    let manifest = author.at("my-router/deskbell.toml");
    let text = fs::read_to_string(&manifest).expect("the manifest");
    let wrong = text.replace("0.1.0", "one").replace("publisher", "colour");
    fs::write(&manifest, wrong).expect("it is written");
    let (said, why) = author.refused("my-router", &["build"]).await;
    let at: Vec<_> = said
        .lines()
        .filter_map(|line| line.split(": ").next())
        .collect();
    assert_eq!(
        at,
        [
            "/manifest/publisher",
            "/manifest/colour",
            "/manifest/version"
        ]
    );
    assert_eq!(why.lines().count(), 1, "{why}");

    let (said, why) = author.refused("my-router", &["check", "README.md"]).await;
    assert!(said.starts_with("/component: "), "{said}");
    assert!(said.contains("(not_webassembly)"), "{said}");
    assert!(why.contains("1 finding"), "{why}");

    let (_, why) = author.refused("", &["check", "nowhere.wasm"]).await;
    assert!(
        why.starts_with("deskbell: nowhere.wasm cannot be read"),
        "{why}"
    );
    let (_, why) = author.refused("", &["new", "My-Router"]).await;
    assert!(why.contains("lower-case letters"), "{why}");
}
