//! Events for bots in tests: say what matters, the rest is filled in.

use serde::Serialize;

use crate::Attributes;
use crate::bot::{Answer, Event, Line, Message, Reply, Request, Speaker};

/// The conversation came to the bot: of an unknown visitor, in the team `team_1`.
#[must_use]
pub fn bot_started() -> BotRequest {
    BotRequest(Request::blank())
}

/// The visitor said this.
#[must_use]
pub fn bot_message(text: &str) -> BotRequest {
    bot_started().event(Event::Message(message(text)))
}

/// The visitor pressed this button.
#[must_use]
pub fn bot_choice(id: &str, label: &str) -> BotRequest {
    bot_answer(label, [("choice", id)])
}

/// The visitor filled in a form, which reads like this in the thread.
#[must_use]
pub fn bot_answer<'a>(
    text: &str,
    values: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BotRequest {
    let mut given = Attributes::default();
    for (name, value) in values {
        given.set(name, value);
    }
    let answer = Answer {
        message_id: "msg_asked".to_owned(),
        values: given,
    };
    bot_started().event(Event::Message(Message {
        answer: Some(answer),
        ..message(text)
    }))
}

/// The bot is called back.
#[must_use]
pub fn bot_woke(token: &str) -> BotRequest {
    bot_started().event(Event::Woke(token.to_owned()))
}

fn message(text: &str) -> Message {
    Message {
        id: "msg_1".to_owned(),
        text: text.to_owned(),
        answer: None,
        attributes: Attributes::default(),
    }
}

/// Builds what a bot is told. Fields without a method here are public in what
/// [`build`](Self::build) returns.
#[derive(Debug, Clone)]
pub struct BotRequest(Request);

impl BotRequest {
    fn event(mut self, event: Event) -> Self {
        self.0.event = event;
        self
    }

    /// With what the bot remembered in this answer, as the desk would give it back.
    #[must_use]
    pub fn after(mut self, reply: &Reply) -> Self {
        self.0.state.clone_from(&reply.state);
        self
    }

    /// An attribute of the conversation.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.conversation.attributes.set(name, value);
        self
    }

    /// The contact's name.
    #[must_use]
    pub fn contact_name(mut self, name: &str) -> Self {
        self.0.contact.name = Some(name.to_owned());
        self
    }

    /// One more line of the thread.
    #[must_use]
    pub fn said(mut self, speaker: Speaker, text: &str) -> Self {
        let n = self.0.said.len() + 1;
        self.0.said.push(Line {
            message_id: format!("msg_{n}"),
            speaker,
            text: text.to_owned(),
            at_ms: 1_777_636_800_000,
        });
        self
    }

    /// The request.
    #[must_use]
    pub fn build(self) -> Request {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::HookError;

    #[test]
    fn what_it_remembers_comes_back() -> Result<(), HookError> {
        let reply = Reply::new().remember(&("asked", 2))?;
        let next = bot_choice("late", "It is late").after(&reply).build();
        assert_eq!(next.recall(), Some(("asked".to_owned(), 2)));
        assert_eq!(next.recall::<u32>(), None);
        let Event::Message(message) = next.event else {
            panic!("a message");
        };
        assert_eq!(message.choice().as_deref(), Some("late"));
        assert_eq!(message.text, "It is late");
        Ok(())
    }
}
