//! `deskbell plugin logs`: what a plugin wrote on a server, and what it writes.

use serde_json::Value;

use super::super::{Failure, Outcome, say};
use super::remote::{Remote, Server};

pub(super) async fn run(name: &str, server: Server, follow: bool, level: &str) -> Outcome {
    let server = server.reach()?;
    let id = find(&server, name).await?;
    let mut cursor: Option<String> = None;
    loop {
        let mut path = format!("/installations/{id}/logs?limit=200&level={level}");
        if let Some(cursor) = &cursor {
            path += &format!("&after={cursor}");
        }
        // Without a cursor there may be lines already: only then is waiting wrong.
        if follow && cursor.is_some() {
            path += "&tail=true";
        }
        let page = server.get(&path).await?;
        let items = page["items"].as_array();
        for line in items.into_iter().flatten() {
            show(line);
        }
        if !follow {
            return Ok(());
        }
        let next = page["next_cursor"].as_str().map(str::to_owned);
        // An empty log has no cursor: its first line is behind the beginning.
        cursor = next.or_else(|| Some(cursor.take().unwrap_or_else(|| "0".to_owned())));
    }
}

fn show(line: &Value) {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    let (at, level, hook) = (text("at"), text("level"), text("hook"));
    say(&format!("{at}  {level:<5}  {hook:<10} {}", text("text")));
}

/// By the installation's id, or by the plugin's.
async fn find(server: &Remote, name: &str) -> Result<String, Failure> {
    if name.starts_with("ins_") {
        return Ok(name.to_owned());
    }
    let all = server.all("/installations").await?;
    let found = all.iter().find(|one| one["plugin_key"] == name);
    let id = found.and_then(|one| one["id"].as_str());
    let missing = || Failure(format!("no plugin {name} is installed there"));
    id.map(str::to_owned).ok_or_else(missing)
}
