//! A filter that misbehaves as its configuration says. Start at `Mode`.

use std::hint::black_box;

use deskbell_plugin_api::filter::{Decision, Field, Request, Verdict};
use deskbell_plugin_api::{Attributes, Call, Filter, HookError, config, export_filter};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
enum Mode {
    /// Panics, which ends in a trap.
    Trap,
    /// Computes without end.
    Loop,
    /// A text of so many bytes.
    HugeRewrite {
        bytes: usize,
    },
    /// A field that was not there.
    UnknownField,
    /// A text with a control character.
    ControlCharacters,
    /// A text without anything in it.
    EmptyText,
    /// An attribute that is no JSON.
    Nonsense,
    /// An attribute that is a list.
    OddAnnotation,
    /// Its own error, in its own words.
    SaysError {
        text: String,
    },
    Allow,
    /// This attribute.
    Annotate {
        name: String,
        json: String,
    },
    /// All fields in capitals.
    Shout,
    Hold,
    Reject {
        text: String,
    },
    /// Takes a while for every other message, then allows it.
    SlowNowAndThen,
}

#[derive(Deserialize)]
struct When {
    /// Behaves well unless a text has this word in it.
    word: Option<String>,
}

struct BadFilter;

impl Filter for BadFilter {
    fn filter(_: &Call, request: Request) -> Result<Decision, HookError> {
        let When { word } = config::get()?;
        let fits = |word: String| request.fields.iter().any(|it| it.text.contains(&word));
        if !word.is_none_or(fits) {
            return Ok(Decision::allow());
        }
        let rewrite = |name: &str, text: String| {
            let field = Field::new(name, text);
            Ok(Verdict::Rewrite(vec![field]).into())
        };
        match config::get()? {
            Mode::Trap => panic!("as configured"),
            Mode::Loop => spin(),
            Mode::HugeRewrite { bytes } => rewrite("text", "x".repeat(bytes)),
            Mode::UnknownField => rewrite("sender", "somebody else".to_owned()),
            Mode::ControlCharacters => rewrite("text", "a\u{0}b\u{1b}[2J".to_owned()),
            Mode::EmptyText => rewrite("text", " ".to_owned()),
            Mode::Nonsense => annotate("a", "{nonsense"),
            Mode::OddAnnotation => annotate("a", "[1]"),
            Mode::SaysError { text } => Err(HookError::Failed(text)),
            Mode::Allow => Ok(Decision::allow()),
            Mode::Annotate { name, json } => annotate(&name, &json),
            Mode::Shout => {
                let loud = |field: Field| Field::new(field.name, field.text.to_uppercase());
                let fields = request.fields.into_iter().map(loud).collect();
                Ok(Decision::rewrite(fields).because("It was too quiet."))
            }
            Mode::Hold => Ok(Decision::hold("as configured")),
            Mode::Reject { text } => Ok(Decision::reject(text)),
            Mode::SlowNowAndThen => {
                let text = request.text("text").unwrap_or_default();
                if text.ends_with(['0', '2', '4', '6', '8']) {
                    (0..1_000_000_u64).for_each(|n| {
                        black_box(n);
                    });
                }
                Ok(Decision::allow())
            }
        }
    }
}

fn annotate(name: &str, json: &str) -> Result<Decision, HookError> {
    Ok(Decision::annotate(Attributes::from_json([(name, json)])))
}

fn spin() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

export_filter!(BadFilter);
