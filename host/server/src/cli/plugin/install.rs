//! `deskbell plugin install`: uploads a file and puts it to work, after it was shown
//! what it wants. One that is installed already is upgraded.

use std::fs;
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use deskbell_app::hooks::Admitted;
use serde_json::{Map, Value, json};

use super::super::{Failure, Outcome, say};
use super::remote::Server;
use super::{build, check, file, list};

pub(super) async fn run(
    path: &Path,
    server: Server,
    config: Option<&Path>,
    agreed: bool,
) -> Outcome {
    let config = config.map(settings).transpose()?;
    let bytes = build::file_of(path)?;
    let admitted = match file::admission(bytes.clone()).await? {
        Ok(admitted) => admitted,
        Err(findings) => {
            list(&findings);
            return Err(Failure("a server would refuse this plugin".to_owned()));
        }
    };
    let server = server.reach()?;
    check::explain(&admitted);
    let there = server.all("/installations").await?;
    let key = admitted.manifest.id.as_str();
    let there = there.iter().find(|one| one["plugin_key"] == key);
    if let Some(there) = there {
        let version = there["plugin_version"].as_str().unwrap_or_default();
        say(&format!("It is installed in version {version}."));
    }
    if !agreed && there.is_none() {
        agree("Install it and grant it all this?")?;
    }
    // A file that was uploaded does nothing before it is put to work.
    let uploaded = server.upload(bytes).await?;
    let plugin = text(&uploaded, "/plugin/id")?;
    let installed = match there {
        None => {
            let body = installation(&admitted, &plugin, config);
            server.post("/installations", &body).await?
        }
        Some(there) => {
            let offered = server.all(&format!("/plugins/{plugin}/versions")).await?;
            let version = admitted.manifest.version.as_str();
            let offered = offered.iter().find(|one| one["plugin_version"] == version);
            for sentence in offered
                .and_then(|one| one["difference"].as_array())
                .into_iter()
                .flatten()
            {
                say(&format!("- {}", sentence.as_str().unwrap_or_default()));
            }
            if !agreed {
                agree("Upgrade it and grant it this?")?;
            }
            let id = text(there, "/id")?;
            let body = upgrade(&admitted, config);
            server
                .post(&format!("/installations/{id}/upgrade"), &body)
                .await?
        }
    };
    let id = text(&installed, "/id")?;
    let (name, version) = (&admitted.manifest.name, &admitted.manifest.version);
    say(&format!("{name} {version} is at work: {id}"));
    for name in admitted.manifest.secrets.keys() {
        say(&format!(
            "Its secret `{name}` is for an admin to enter, on the plugin's page."
        ));
    }
    Ok(())
}

fn installation(admitted: &Admitted, plugin: &str, config: Option<Map<String, Value>>) -> Value {
    json!({
        "plugin_id": plugin,
        "plugin_version": admitted.manifest.version,
        "hooks": admitted.hooks,
        "capabilities": admitted.capabilities,
        "config": config.unwrap_or_default(),
    })
}

/// Without a configuration it keeps the one it has.
fn upgrade(admitted: &Admitted, config: Option<Map<String, Value>>) -> Value {
    let mut body = json!({
        "plugin_version": admitted.manifest.version,
        "hooks": admitted.hooks,
        "capabilities": admitted.capabilities,
    });
    if let Some(config) = config {
        body["config"] = Value::Object(config);
    }
    body
}

fn text(json: &Value, pointer: &str) -> Result<String, Failure> {
    let found = json.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| Failure(format!("the server's answer has no {pointer}")))
}

/// TOML, or JSON, which begins with a brace.
fn settings(path: &Path) -> Result<Map<String, Value>, Failure> {
    let cannot = |error: String| Failure(format!("{}: {error}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| cannot(error.to_string()))?;
    if text.trim_start().starts_with('{') {
        serde_json::from_str(&text).map_err(|error| cannot(error.to_string()))
    } else {
        toml::from_str(&text).map_err(|error| cannot(error.to_string()))
    }
}

fn agree(question: &str) -> Outcome {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return Err(Failure(format!("{question} Say --yes to agree.")));
    }
    let mut out = std::io::stdout();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    input.lock().read_line(&mut line)?;
    match line.trim() {
        "y" | "Y" | "yes" => Ok(()),
        _ => Err(Failure("nothing was changed".to_owned())),
    }
}
