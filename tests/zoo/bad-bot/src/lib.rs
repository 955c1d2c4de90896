//! A bot that misbehaves as its configuration says. Start at `Mode`.

use std::hint::black_box;

use deskbell_plugin_api::bot::{Event, Field, FieldKind, HandOff, Question, Reply, Request};
use deskbell_plugin_api::{Bot, Call, HookError, config, export_bot};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "mode", rename_all = "kebab-case")]
enum Mode {
    /// Panics, which ends in a trap.
    Trap,
    /// Computes without end.
    Loop,
    /// Takes memory without end.
    Grow,
    /// Says so many things at once.
    Chatter { actions: usize },
    /// Remembers so many bytes.
    Hoard { bytes: usize },
    /// Hands off to this team, of whatever tenant.
    ToTeam { team_id: String },
    /// Goes on after it has handed off.
    LastWord,
    /// Its own error, in its own words.
    SaysError { text: String },
    /// A value that is no JSON.
    NoJson,
    /// Well-behaved: asks by buttons, then by a form, and hands off with what it
    /// was told.
    Ask,
    /// Well-behaved: asks by the same buttons, whatever happens.
    Buttons,
    /// Well-behaved: says back what it hears, and how often it was called.
    Echo,
    /// Well-behaved: says nothing, and wants to be called after so long. Then it
    /// says its token.
    CallBack { after_ms: u64 },
    /// Sets so many attributes, each time others.
    Attributes { count: usize },
}

struct BadBot;

impl Bot for BadBot {
    fn on_event(_: &Call, request: Request) -> Result<Reply, HookError> {
        let reply = Reply::new();
        let times = request.recall::<usize>().unwrap_or(0) + 1;
        let reply = match config::get()? {
            Mode::Trap => panic!("as configured"),
            Mode::Loop => spin(),
            Mode::Grow => grow(),
            Mode::Chatter { actions } => {
                (0..actions).fold(reply, |reply, n| reply.say(n.to_string()))
            }
            Mode::Hoard { bytes } => {
                return Ok(Reply {
                    state: Some(vec![7; bytes]),
                    ..reply
                });
            }
            Mode::ToTeam { team_id } => reply.hand_off(HandOff::new("over there").to(team_id)),
            Mode::LastWord => reply.hand_off(HandOff::new("bye")).say("and another thing"),
            Mode::SaysError { text } => return Err(HookError::Failed(text)),
            Mode::NoJson => Reply {
                actions: vec![deskbell_plugin_api::bot::Action::SetAttribute {
                    name: "a".to_owned(),
                    json: "{".to_owned(),
                }],
                state: None,
            },
            Mode::Ask => ask(&request),
            Mode::Buttons => reply.ask(buttons()),
            Mode::Echo => match &request.event {
                Event::Started => reply.say("I am listening."),
                Event::Message(message) => reply.say(format!("{times}: {}", message.text)),
                Event::Woke(_) => reply,
            },
            Mode::CallBack { after_ms } => match &request.event {
                Event::Started => reply.call_back(after_ms, "as asked"),
                Event::Message(_) => reply,
                Event::Woke(token) => reply.say(format!("Woken {token}.")),
            },
            Mode::Attributes { count } => (0..count).fold(reply, |reply, n| {
                reply.set_attribute(format!("a{times}-{n}"), n)
            }),
        };
        reply.remember(&times)
    }
}

fn ask(request: &Request) -> Reply {
    let Event::Message(message) = &request.event else {
        return Reply::new().ask(buttons());
    };
    let Some(answer) = &message.answer else {
        return Reply::new().say("Please choose.");
    };
    if let Some(which) = message.choice() {
        let form = Question::new("Which order?")
            .field(Field::new("order", "Order", FieldKind::Text))
            .field(Field::new("mail", "Mail", FieldKind::Email).optional());
        return Reply::new().set_attribute("topic", which).ask(form);
    }
    let order = answer.values.text("order").unwrap_or_default();
    Reply::new().hand_off(HandOff::new(format!("It is about {order}.")).because("a late order"))
}

fn buttons() -> Question {
    Question::new("Which?")
        .choice("late", "It is late")
        .choice("lost", "It is lost")
}

fn spin() -> ! {
    let mut n = 0_u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

fn grow() -> ! {
    let mut kept = Vec::new();
    loop {
        kept.push(black_box(vec![1_u8; 1 << 20]));
    }
}

export_bot!(BadBot);
