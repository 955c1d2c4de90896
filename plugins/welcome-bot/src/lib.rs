//! The plugin `welcome-bot`: greets, asks what it is about, collects the order's
//! number, answers frequent questions, and hands off with a summary.
//!
//! `config.rs` is what an admin fills in, `faq.rs` finds an answer by its words,
//! `talk.rs` is the conversation itself.

mod config;
mod faq;
mod talk;

#[cfg(test)]
mod tests;

use deskbell_plugin_api::bot::{Event, Reply, Request};
use deskbell_plugin_api::{Bot, Call, HookError, export_bot};

use crate::talk::Talk;

struct WelcomeBot;

impl Bot for WelcomeBot {
    fn on_event(_: &Call, request: Request) -> Result<Reply, HookError> {
        let config = config::get()?;
        let mut talk = Talk::of(&config, &request);
        let reply = match &request.event {
            Event::Started => talk.greet(),
            Event::Message(message) => talk.hear(message),
            // It asks for no calls.
            Event::Woke(_) => Reply::new(),
        };
        reply.remember(&talk.memory)
    }
}

export_bot!(WelcomeBot);
