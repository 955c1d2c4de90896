//! Variables that misbehave as the configuration says. Start at `Mode`.

use std::hint::black_box;

use deskbell_plugin_api::variables::{Definition, Request, Values};
use deskbell_plugin_api::{Call, HookError, Variables, config, export_variables};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
enum Mode {
    Trap,
    Loop,
    /// A value of so many bytes for every name.
    HugeValue {
        #[serde(default = "megabytes")]
        bytes: usize,
    },
    /// Values for names nobody asked for, and none for those wanted.
    UnknownNames,
    /// No values.
    Empty,
    /// This text for every name: markup, variables, control characters.
    Text {
        text: String,
    },
    SaysError,
}

fn megabytes() -> usize {
    4 << 20
}

struct BadVariables;

impl Variables for BadVariables {
    fn definitions() -> Vec<Definition> {
        vec![
            Definition::new("bad.one", "Misbehaves."),
            Definition::new("bad.two", "Misbehaves too."),
        ]
    }

    fn resolve(_: &Call, request: Request) -> Result<Values, HookError> {
        let same = |text: String| {
            let mut values = Values::new();
            request
                .names
                .iter()
                .for_each(|name| values.set(name, &text));
            Ok(values)
        };
        match config::get()? {
            Mode::Trap => panic!("as configured"),
            Mode::Loop => loop {
                black_box(());
            },
            Mode::HugeValue { bytes } => same("x".repeat(bytes)),
            Mode::UnknownNames => {
                let mut values = Values::new();
                values.set("agent.name", "Mallory");
                values.set("not a name", "x");
                Ok(values)
            }
            Mode::Empty => Ok(Values::new()),
            Mode::Text { text } => same(text),
            Mode::SaysError => Err(HookError::Unavailable("as configured".to_owned())),
        }
    }
}

export_variables!(BadVariables);
