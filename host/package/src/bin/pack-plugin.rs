//! `pack-plugin PROJECT OUT.wasm`: builds one of the repository's own plugins,
//! before there is a server. Everybody else has `deskbell plugin build`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use deskbell_package::{NotBuilt, NotPacked, build};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [project, out] = arguments.as_slice() else {
        return complain(&["usage: pack-plugin PROJECT OUT.wasm".to_owned()]);
    };
    let built = match build(project, &["--locked", "--quiet"]) {
        Ok(built) => built,
        Err(error) => return complain(&lines(&error)),
    };
    // Under another name first: whoever embeds it must not see half of it.
    let draft = out.with_extension("draft");
    match fs::write(&draft, &built.file).and_then(|()| fs::rename(&draft, out)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&[format!("{} cannot be written: {error}", out.display())]),
    }
}

fn lines(error: &NotBuilt) -> Vec<String> {
    let mut lines = vec![error.to_string()];
    if let NotBuilt::Manifest(_, findings) | NotBuilt::NotPacked(NotPacked::Wrong(findings)) = error
    {
        let each = findings.iter();
        lines.extend(each.map(|finding| format!("{}: {}", finding.pointer, finding.detail)));
    }
    lines
}

fn complain(lines: &[String]) -> ExitCode {
    for line in lines {
        let _ = writeln!(std::io::stderr(), "pack-plugin: {line}");
    }
    ExitCode::from(2)
}
