//! The conversation: what is known, what is asked next, when people take over.
//!
//! Everything it knows is in `Memory`, which goes out and comes back with each
//! event. It asks for each thing at most twice; then people have it.

use deskbell_plugin_api::bot::{
    Field, FieldKind, HandOff, Message, Question, Reply, Request, Speaker,
};
use serde::{Deserialize, Serialize};

use crate::config::{Category, Config};
use crate::faq;

/// It asks for one thing so often.
const TRIES: u32 = 2;
const LONGEST_NUMBER: usize = 40;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Waits {
    /// For anything.
    #[default]
    Words,
    /// For a button of the categories.
    Category,
    /// For an order's number.
    Order,
    /// For whether an answer was one.
    Verdict,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    pub(crate) waits: Waits,
    tries: u32,
    /// The category's id.
    topic: Option<String>,
    order: Option<String>,
    /// Frequent questions that were answered.
    answered: u32,
}

pub(crate) struct Talk<'a> {
    config: &'a Config,
    request: &'a Request,
    pub(crate) memory: Memory,
}

impl<'a> Talk<'a> {
    pub(crate) fn of(config: &'a Config, request: &'a Request) -> Self {
        let mut memory: Memory = request.recall().unwrap_or_default();
        if memory.order.is_none() {
            let known = &request.conversation.attributes;
            memory.order = known.text(&config.order_attribute);
        }
        Self {
            config,
            request,
            memory,
        }
    }

    /// The first words. What the visitor wrote already comes next.
    pub(crate) fn greet(&mut self) -> Reply {
        let reply = Reply::new().say(&self.config.greeting);
        let said = |line: &deskbell_plugin_api::bot::Line| line.speaker == Speaker::Visitor;
        if self.request.said.iter().any(said) {
            return reply;
        }
        self.ask_category(reply)
    }

    pub(crate) fn hear(&mut self, message: &Message) -> Reply {
        let choice = message.choice();
        match self.memory.waits {
            Waits::Category => {
                if let Some(category) = self.category(choice.as_deref(), &message.text) {
                    return self.chosen(category);
                }
            }
            Waits::Verdict => match choice.as_deref() {
                Some("yes") => {
                    return Reply::new()
                        .say("Good to hear. Have a nice day.")
                        .close(Some("The bot's answer helped."));
                }
                Some(_) => return self.hand_off(Reply::new()),
                None => {}
            },
            Waits::Order => {
                let given = message.answer.as_ref();
                let given = given.and_then(|answer| answer.values.text("order"));
                if let Some(number) = given.or_else(|| number_in(&message.text)) {
                    return self.ordered(number);
                }
            }
            Waits::Words => {}
        }
        if let Some(answer) = faq::find(&self.config.faq, &message.text) {
            return self.answered(answer);
        }
        self.ask_again()
    }

    /// By its button, or by somebody who typed what stands on it.
    fn category(&self, choice: Option<&str>, text: &str) -> Option<&'a Category> {
        let text = text.trim().to_lowercase();
        self.config.categories.iter().find(|category| match choice {
            Some(id) => category.id == id,
            None => category.label.to_lowercase() == text,
        })
    }

    fn chosen(&mut self, category: &Category) -> Reply {
        self.memory.topic = Some(category.id.clone());
        self.memory.tries = 0;
        let reply = Reply::new().set_attribute("topic", &category.id);
        if category.asks_order && self.memory.order.is_none() {
            return self.ask_order(reply);
        }
        self.hand_off(reply)
    }

    fn ordered(&mut self, number: String) -> Reply {
        let reply = Reply::new().set_attribute(&self.config.order_attribute, &number);
        self.memory.order = Some(number);
        self.hand_off(reply)
    }

    fn answered(&mut self, answer: &str) -> Reply {
        self.memory.answered += 1;
        self.memory.waits = Waits::Verdict;
        self.memory.tries = 0;
        let helped = Question::new("Does that answer your question?")
            .choice("yes", "Yes, thank you")
            .choice("no", "No, a person please");
        Reply::new().say(answer).ask(helped)
    }

    /// What it waited for did not come.
    fn ask_again(&mut self) -> Reply {
        let reply = Reply::new();
        match self.memory.waits {
            Waits::Order => self.ask_order(reply),
            Waits::Words | Waits::Category if self.memory.topic.is_none() => {
                self.ask_category(reply)
            }
            _ => self.hand_off(reply),
        }
    }

    fn ask_category(&mut self, reply: Reply) -> Reply {
        if self.config.categories.is_empty() {
            // Nothing to choose: the first words are for people, unless they are
            // a frequent question.
            return match self.memory.tries {
                0 if self.request.said.is_empty() => self.again(Waits::Words, reply),
                _ => self.hand_off(reply),
            };
        }
        if self.memory.tries >= TRIES {
            return self.hand_off(reply);
        }
        let mut question = Question::new(&self.config.question);
        for category in &self.config.categories {
            question = question.choice(&category.id, &category.label);
        }
        self.again(Waits::Category, reply.ask(question))
    }

    fn ask_order(&mut self, reply: Reply) -> Reply {
        if self.memory.waits == Waits::Order && self.memory.tries >= TRIES {
            return self.hand_off(reply);
        }
        let field = Field::new("order", "Order number", FieldKind::Text);
        let question = Question::new("What is the number of your order?").field(field);
        self.again(Waits::Order, reply.ask(question))
    }

    fn again(&mut self, waits: Waits, reply: Reply) -> Reply {
        self.memory.waits = waits;
        self.memory.tries += 1;
        reply
    }

    fn hand_off(&self, reply: Reply) -> Reply {
        let topic = self.memory.topic.as_deref();
        let category = self
            .config
            .categories
            .iter()
            .find(|category| Some(category.id.as_str()) == topic);
        let label = category.map(|category| category.label.as_str());
        let mut to = HandOff::new(self.summary(label));
        to.team_id = category.and_then(|category| category.team_id.clone());
        to = to.because(label.unwrap_or("The bot had no answer"));
        reply
            .say("Thank you. I am getting somebody for you.")
            .hand_off(to)
    }

    fn summary(&self, label: Option<&str>) -> String {
        let mut lines = Vec::new();
        if let Some(label) = label {
            lines.push(format!("Topic: {label}"));
        }
        if let Some(order) = &self.memory.order {
            lines.push(format!("Order: {order}"));
        }
        if self.memory.answered > 0 {
            lines.push(format!(
                "Answers from the list that were given: {}",
                self.memory.answered
            ));
        }
        let said = self.request.said.iter();
        let last: Vec<_> = said
            .filter(|line| line.speaker == Speaker::Visitor)
            .map(|line| line.text.chars().take(300).collect::<String>())
            .collect();
        if let Some(first) = last.first() {
            lines.push(format!("The visitor began with: {first}"));
        }
        if last.len() > 1
            && let Some(latest) = last.last()
        {
            lines.push(format!("And wrote last: {latest}"));
        }
        if lines.is_empty() {
            lines.push("The visitor has not said what it is about.".to_owned());
        }
        lines.join("\n")
    }
}

/// The one word that looks like a number of an order: it has a digit.
fn number_in(text: &str) -> Option<String> {
    let mut words = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().any(|c| c.is_ascii_digit()) && word.len() <= LONGEST_NUMBER);
    let first = words.next()?;
    words.next().is_none().then(|| first.to_owned())
}
