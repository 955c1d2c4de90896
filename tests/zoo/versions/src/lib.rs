//! Tells which version of its code is running, whatever its manifest says. The
//! tests make another version by changing the text in the file.

use std::hint::black_box;

use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{Call, HookError, Variables, config, export_variables, log};
use serde::Deserialize;

/// Long enough to stand in the file as it stands here.
const CODE: &str = "this is the code of version 0.1.0, and not that of any other version";

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mode {
    #[default]
    Tell,
    Trap,
    /// Lines of each level, then tells.
    Log,
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    mode: Mode,
    /// So many lines.
    #[serde(default)]
    lines: u32,
}

struct Versions;

impl Variables for Versions {
    fn definitions() -> Vec<Definition> {
        vec![Definition::new("version.of", "The version of the code.")]
    }

    fn resolve(_: &Call, _: Request) -> Result<Values, HookError> {
        let Config { mode, lines } = config::get()?;
        match mode {
            Mode::Tell => {}
            Mode::Trap => panic!("as configured"),
            Mode::Log => {
                log::debug("looking");
                (0..lines).for_each(|n| log::info(format!("line {n}")));
                log::warn("odd \u{1b}[31mred\u{7}");
                log::error("done\nfor");
            }
        }
        let mut values = Values::new();
        values.set("version.of", black_box(CODE));
        Ok(values)
    }
}

export_variables!(Versions);
