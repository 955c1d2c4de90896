//! `deskbell plugin test` with the real program: the conformance scenarios of the
//! plugins that come with Deskbell, and that the runner can say no.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use super::binary::path;

const WITHIN: Duration = Duration::from_secs(300);

fn plugins() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = here.parent().expect("the tests lie in the repository");
    repository.join("plugins")
}

fn file_of(plugin: &str) -> String {
    let file = plugins().join("dist").join(format!("{plugin}.wasm"));
    file.to_str().expect("a path").to_owned()
}

async fn deskbell(arguments: &[&str]) -> Output {
    let child = Command::new(path())
        .arg("plugin")
        .args(arguments)
        .kill_on_drop(true)
        .output();
    let output = timeout(WITHIN, child).await.expect("an end in time");
    output.expect("it starts")
}

/// The figures of a run, and whether it ended well.
async fn tested(plugin: &str, scenarios: &Path) -> (bool, Value) {
    let folder = scenarios.to_str().expect("a path");
    let file = file_of(plugin);
    let output = deskbell(&["test", &file, "--scenarios", folder, "--json"]).await;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    let json = serde_json::from_str(&said);
    let json = json.unwrap_or_else(|error| panic!("{error}: {said}{complained}"));
    (output.status.success(), json)
}

#[tokio::test]
async fn the_plugins_that_come_along_keep_to_their_scenarios() {
    let mut seen = 0;
    for entry in fs::read_dir(plugins()).expect("the plugins") {
        let folder = entry.expect("a folder").path();
        if !folder.join("deskbell.toml").is_file() {
            continue;
        }
        let name = folder.file_name().and_then(|name| name.to_str());
        let name = name.expect("a name");
        let scenarios = folder.join("scenarios");
        let files = fs::read_dir(&scenarios);
        let files = files
            .unwrap_or_else(|_| panic!("{name} has no scenarios"))
            .count();
        let (well, told) = tested(name, &scenarios).await;
        assert!(well, "{name}: {told:#}");
        assert_eq!(told["failed"], 0, "{name}");
        assert_eq!(told["passed"], files, "{name}");
        for one in told["scenarios"].as_array().expect("each of them") {
            let result = &one["result"];
            assert!(result["fuel"].as_u64() > Some(1_000), "{name}: {one:#}");
            for figure in ["cpu_us", "memory", "host_calls", "question", "log_bytes"] {
                let (used, limit) = (&result[figure]["used"], &result[figure]["limit"]);
                assert!(used.as_u64() <= limit.as_u64(), "{name}: {figure} {one:#}");
                assert!(limit.as_u64() > Some(0), "{name}: {figure}");
            }
        }
        seen += 1;
    }
    assert!(seen >= 4, "there are more plugins than {seen}");
}

#[tokio::test]
async fn fuel_is_the_same_at_every_run() {
    let scenarios = plugins().join("welcome-bot/scenarios");
    let fuel = |told: &Value| -> Vec<u64> {
        let all = told["scenarios"].as_array().expect("scenarios").iter();
        all.map(|one| one["result"]["fuel"].as_u64().expect("fuel"))
            .collect()
    };
    let (_, once) = tested("welcome-bot", &scenarios).await;
    let (_, again) = tested("welcome-bot", &scenarios).await;
    assert_eq!(fuel(&once), fuel(&again));
    assert!(fuel(&once).len() > 3);
}

#[tokio::test]
async fn what_is_not_as_written_is_told_by_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let wrong = fs::read_to_string(plugins().join("pii-filter/scenarios/card.toml"))
        .expect("a scenario")
        .replace("is [removed], thanks", "is 4111, thanks");
    fs::write(folder.path().join("a-wrong.toml"), wrong).expect("written");
    let empty = "hook = \"filter\"\n";
    fs::write(folder.path().join("b-empty.toml"), empty).expect("written");
    let (well, told) = tested("pii-filter", folder.path()).await;
    assert!(!well);
    assert_eq!(told["failed"], 2, "{told:#}");
    let finding = &told["scenarios"][0]["findings"][0];
    assert_eq!(finding["at"], "answer.fields.text", "{told:#}");
    assert_eq!(finding["expected"], "My card is 4111, thanks");
    assert_eq!(finding["got"], "My card is [removed], thanks");
    let finding = &told["scenarios"][1]["findings"][0];
    assert_eq!(finding["at"], "expect", "{told:#}");

    let file = file_of("pii-filter");
    let scenarios = folder.path().to_str().expect("a path");
    let output = deskbell(&["test", &file, "--scenarios", scenarios]).await;
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stdout);
    for line in [
        "expected  \"My card is 4111, thanks\"",
        "got       \"My card is [removed], thanks\"",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(complained.contains("2 scenarios, 2 failed"), "{complained}");
}

/// A scenario names a server that is there; nobody connects to it.
#[tokio::test]
async fn nothing_leaves_the_machine() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    server.set_nonblocking(true).expect("no waiting");
    let address = server.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = format!(
        r#"
        hook = "variables"
        config = {{ api_url = "http://{address}/{{order_id}}" }}
        [secrets]
        api_key = "PLACEHOLDER"
        [input]
        names = ["order.status"]
        [input.conversation.attributes]
        order_id = "A-1"
        [expect]
        answer = {{ "order.status" = "here" }}
        "#
    );
    let unwritten = folder.path().join("a-unwritten.toml");
    fs::write(unwritten, &scenario).expect("written");
    let written = format!(
        r#"{scenario}
        [[http]]
        request = {{ url = "http://{address}/A-1", headers = {{ authorization = "Bearer PLACEHOLDER" }} }}
        answer = {{ json = {{ status = "here" }} }}
        "#
    );
    fs::write(folder.path().join("b-written.toml"), written).expect("written");
    let (_, told) = tested("order-variables", folder.path()).await;
    assert_eq!(told["scenarios"][0]["passed"], false, "{told:#}");
    let finding = &told["scenarios"][0]["findings"][0];
    assert_eq!(finding["at"], "http", "{told:#}");
    assert!(
        finding["said"]
            .as_str()
            .is_some_and(|said| said.contains("/A-1, which is not written"))
    );
    assert_eq!(told["scenarios"][1]["passed"], true, "{told:#}");
    let knocked = server.accept();
    assert!(
        knocked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
        "somebody came"
    );
}
