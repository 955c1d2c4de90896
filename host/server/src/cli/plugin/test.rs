//! `deskbell plugin test`: every scenario of a plugin, and what each call took.

use std::path::Path;

use serde_json::{Value, json};

use super::super::{Failure, Outcome, say};
use super::trial::{Finding, Ran, Trial, judged, log_line};
use super::{build, counted, scenario, show};

pub(super) async fn run(path: &Path, folder: Option<&Path>, as_json: bool) -> Outcome {
    let project = if path.is_dir() { path } else { Path::new(".") };
    // `./scenarios` says no more than `scenarios`.
    let usual = project.strip_prefix(".").unwrap_or(project);
    let usual = usual.join(scenario::FOLDER);
    let files = scenario::all(folder.unwrap_or(&usual))?;
    let trial = Trial::of(build::file_of(path)?).await?;
    let mut all = Vec::new();
    for file in &files {
        all.push(tried(&trial, file).await);
    }
    let failed = all.iter().filter(|one| !one.passed()).count();
    if as_json {
        let results: Vec<_> = all.iter().map(Tried::json).collect();
        let manifest = &trial.admitted.manifest;
        let whole = json!({
            "plugin": manifest.id,
            "version": manifest.version,
            "passed": all.len() - failed,
            "failed": failed,
            "scenarios": results,
        });
        say(&serde_json::to_string_pretty(&whole)?);
    } else {
        all.iter().for_each(Tried::print);
    }
    let ran = counted(all.len(), "scenario", "scenarios");
    match failed {
        0 => {
            if !as_json {
                say(&format!("{ran}, all passed"));
            }
            Ok(())
        }
        failed => Err(Failure(format!("{ran}, {failed} failed"))),
    }
}

/// One scenario, as far as it came.
struct Tried {
    file: String,
    name: String,
    hook: &'static str,
    findings: Vec<Finding>,
    ran: Option<Ran>,
    /// It could not be run.
    wrong: Option<String>,
}

async fn tried(trial: &Trial, file: &Path) -> Tried {
    let mut tried = Tried {
        file: file.display().to_string(),
        name: String::new(),
        hook: "",
        findings: Vec::new(),
        ran: None,
        wrong: None,
    };
    let scenario = match scenario::read(file) {
        Ok(scenario) => scenario,
        Err(Failure(why)) => {
            tried.wrong = Some(why);
            return tried;
        }
    };
    tried.name.clone_from(&scenario.name);
    tried.hook = scenario.hook.as_str();
    match trial.run(&scenario).await {
        Ok(ran) => {
            tried.findings = judged(&scenario, &ran);
            tried.ran = Some(ran);
        }
        Err(why) => tried.wrong = Some(why),
    }
    tried
}

impl Tried {
    fn passed(&self) -> bool {
        self.wrong.is_none() && self.findings.is_empty()
    }

    fn json(&self) -> Value {
        let findings: Vec<_> = self.findings.iter().map(Finding::json).collect();
        let ran = self.ran.as_ref();
        json!({
            "file": self.file,
            "name": self.name,
            "hook": self.hook,
            "passed": self.passed(),
            "wrong": self.wrong,
            "findings": findings,
            "result": ran.map(show::json),
        })
    }

    fn print(&self) {
        let word = if self.passed() { "ok    " } else { "FAILED" };
        let name = match self.name.as_str() {
            "" => String::new(),
            name => format!(": {name}"),
        };
        say(&format!("{word}  {}{name}", self.file));
        if let Some(why) = &self.wrong {
            say(&format!("        {why}"));
        }
        for finding in &self.findings {
            show::finding(finding);
        }
        if let Some(ran) = &self.ran {
            if !self.findings.is_empty() {
                for line in &ran.report.log {
                    say(&format!("        log       {}", log_line(line)));
                }
            }
            say(&format!("        {}", show::measures(&ran.report)));
        }
    }
}
