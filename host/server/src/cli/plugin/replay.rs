//! `deskbell plugin replay`: a recorded call again, on the author's machine.

use std::path::Path;

use super::super::{Failure, Outcome, say};
use super::trial::{Trial, judged, log_line};
use super::{build, counted, scenario, show};

pub(super) async fn run(file: &Path, path: &Path) -> Outcome {
    let scenario = scenario::read(file)?;
    let Some(recorded) = &scenario.recorded else {
        let why = "this is no recording: `deskbell plugin run` runs a scenario";
        return Err(Failure(why.to_owned()));
    };
    let trial = Trial::of(build::file_of(path)?).await?;
    let (now, there) = (&trial.admitted, recorded);
    say(&format!(
        "recorded  {} {}, {}",
        there.plugin, there.version, there.digest
    ));
    say(&format!(
        "replayed  {} {}, {}",
        now.manifest.id, now.manifest.version, now.digest
    ));
    for what in &recorded.left_out {
        say(&format!("The recording was too large: it has not {what}."));
    }
    let ran = trial.run(&scenario).await.map_err(Failure)?;
    let findings = judged(&scenario, &ran);
    for line in &ran.report.log {
        say(&format!("log       {}", log_line(line)));
    }
    say(&show::measures(&ran.report));
    if findings.is_empty() {
        say("It does the same again.");
        return Ok(());
    }
    findings.iter().for_each(show::finding);
    let what = counted(findings.len(), "difference", "differences");
    let why = match now.digest == there.digest {
        true => "though it is the same file",
        false => "and it is another file",
    };
    Err(Failure(format!("{what} to what was recorded, {why}")))
}
