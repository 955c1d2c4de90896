//! Hears of events, shows cards and is told by others as the configuration says. Start at `Mode`.

use std::hint::black_box;

use deskbell_plugin_api::context::{Card, Field, Request};
use deskbell_plugin_api::events::{Effects, Event};
use deskbell_plugin_api::webhook::{Changes, Request as Sent};
use deskbell_plugin_api::{
    Call, Context, Events, HookError, Webhook, config, export_context, export_events,
    export_webhook,
};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
enum Mode {
    Trap,
    Loop,
    /// Takes memory without end.
    Grow,
    SaysError {
        text: String,
    },
    /// Nothing at all.
    Nothing,
    /// A note for each event; one that is told again says so. A card that says who
    /// asked, and in which call.
    Note,
    /// As `note`, but fails on every message with this word.
    Poison {
        word: String,
    },
    /// Answers every message with a note, notes too.
    Answer {
        text: String,
    },
    /// An attribute, and a note behind it.
    Set {
        name: String,
        value: Value,
    },
    /// JSON that is none.
    NoJson,
    /// So many notes, so many cards.
    Many {
        count: usize,
    },
    /// A card with so many fields.
    Fields {
        count: usize,
    },
    /// A card with a text, or a note, of so many characters.
    Long {
        chars: usize,
    },
    /// A card with this link on its title.
    Link {
        link: String,
    },
    /// A card with this link on a field.
    FieldLink {
        link: String,
    },
    /// Control characters everywhere.
    Control,
}

/// Ends the call, or answers the modes that do.
fn mode() -> Result<Mode, HookError> {
    match config::get()? {
        Mode::Trap => panic!("as configured"),
        Mode::Loop => loop {
            black_box(());
        },
        Mode::Grow => {
            let mut all = Vec::new();
            loop {
                all.push(black_box(vec![1_u8; 1 << 20]));
            }
        }
        Mode::SaysError { text } => Err(HookError::Unavailable(text)),
        mode => Ok(mode),
    }
}

struct Bad;

impl Events for Bad {
    fn on_event(_: &Call, event: Event) -> Result<Effects, HookError> {
        let none = Effects::none();
        Ok(match mode()? {
            Mode::Note => none.add_note(heard(&event)),
            Mode::Poison { word } => {
                if event
                    .message
                    .as_ref()
                    .is_some_and(|it| it.text.contains(&word))
                {
                    return Err(HookError::Unavailable(
                        "this one does not go down".to_owned(),
                    ));
                }
                none.add_note(heard(&event))
            }
            Mode::Answer { text } => match event.message {
                Some(message) => none.add_note(format!("{text}: {}", message.text)),
                None => none,
            },
            Mode::Set { name, value } => none.set_attribute(name, value).add_note(heard(&event)),
            Mode::NoJson => return Ok(no_json()),
            Mode::Many { count } => (0..count).fold(none, |all, n| all.add_note(n.to_string())),
            Mode::Long { chars } => none.add_note("x".repeat(chars)),
            Mode::Control => none.add_note("\u{7}\u{0}"),
            _ => none,
        })
    }
}

/// A map whose keys are no text cannot be written as JSON, so this removes one that
/// is not there, and names one that cannot be.
fn no_json() -> Effects {
    Effects::none().set_attribute("\u{0}", 1)
}

fn heard(event: &Event) -> String {
    let again = if event.attempt > 1 { " again" } else { "" };
    match &event.message {
        Some(message) => format!("heard{again}: {}", message.text),
        None => format!("heard{again}: {}", event.kind),
    }
}

impl Context for Bad {
    fn lookup(call: &Call, request: Request) -> Result<Vec<Card>, HookError> {
        let card = Card::new("Card");
        Ok(match mode()? {
            Mode::Note => {
                let name = request.contact.name.unwrap_or_default();
                let card = card.link("https://crm.example/1").text("Name", name);
                vec![card.text("Call", &call.call_id)]
            }
            Mode::Many { count } => vec![card; count],
            Mode::Fields { count } => {
                vec![(0..count).fold(card, |card, n| card.text(n.to_string(), "x"))]
            }
            Mode::Long { chars } => vec![Card::new("x".repeat(chars))],
            Mode::Link { link } => vec![card.link(link)],
            Mode::FieldLink { link } => vec![card.field(Field::new("See", "there").link(link))],
            Mode::Control => vec![Card::new("a\u{7}b").text("c\nd", "e\u{1b}[2J")],
            _ => Vec::new(),
        })
    }
}

/// What the tests send: what to do in which conversation.
#[derive(Deserialize)]
struct Wish {
    conversation: String,
    text: String,
    /// A second conversation, which gets the same note.
    also: Option<String>,
}

impl Webhook for Bad {
    fn handle(_: &Call, request: Sent) -> Result<Changes, HookError> {
        let none = Changes::none();
        let mode = mode()?;
        let wish: Wish = request.json()?;
        let again = if request.attempt > 1 { " again" } else { "" };
        let shown: Vec<_> = request
            .headers
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let note = format!("{}{again} {}", wish.text, shown.join(","));
        let note = note.trim_end().to_owned();
        Ok(match mode {
            Mode::Note => {
                let one = none.add_note(wish.conversation, note.clone());
                match wish.also {
                    Some(also) => one.add_note(also, note),
                    None => one,
                }
            }
            Mode::Poison { word } if wish.text.contains(&word) => {
                return Err(HookError::Unavailable(
                    "this one does not go down".to_owned(),
                ));
            }
            Mode::Poison { .. } => none.add_note(wish.conversation, note),
            Mode::Set { name, value } => none
                .set_attribute(&wish.conversation, name, value)
                .add_note(wish.conversation, note),
            Mode::NoJson => none.set_attribute(wish.conversation, "\u{0}", 1),
            Mode::Many { count } => (0..count).fold(none, |all, n| {
                all.add_note(&wish.conversation, n.to_string())
            }),
            Mode::Long { chars } => none.add_note(wish.conversation, "x".repeat(chars)),
            Mode::Control => none.add_note("\u{7}\u{0}", note),
            _ => none,
        })
    }
}

export_webhook!(Bad);
export_events!(Bad);
export_context!(Bad);
