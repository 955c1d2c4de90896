//! `deskbell plugin run`: one call, from a scenario file or standard input.

use std::path::Path;

use deskbell_app::scenario::Failure as Why;

use super::super::{Failure, Outcome, say};
use super::trial::{Trial, log_line};
use super::{build, scenario, show};

pub(super) async fn run(path: &Path, file: &Path, as_json: bool) -> Outcome {
    let scenario = scenario::read(file)?;
    let trial = Trial::of(build::file_of(path)?).await?;
    let ran = trial.run(&scenario).await.map_err(Failure)?;
    if as_json {
        say(&serde_json::to_string_pretty(&show::json(&ran))?);
        return Ok(());
    }
    match &ran.answer {
        Ok(answer) => say(&serde_json::to_string_pretty(answer)?),
        Err(error) => {
            let why = Why::from(error);
            say(&format!("no answer ({}): {error}", why.code));
        }
    }
    if let Some(why) = &ran.unfit {
        say(&format!("The desk would not follow it: {why}."));
    }
    for line in &ran.report.log {
        say(&format!("log    {}", log_line(line)));
    }
    for (key, value) in &ran.kv {
        if scenario.kv.get(key) != Some(value) {
            say(&format!("kept   {key} = {}", serde_json::to_string(value)?));
        }
    }
    for key in scenario.kv.keys().filter(|key| !ran.kv.contains_key(*key)) {
        say(&format!("gone   {key}"));
    }
    ran.outside.iter().for_each(show::finding);
    say(&show::measures(&ran.report));
    Ok(())
}
