//! What a subject's sockets speak: the few frames the generator says and hears.
//!
//! Text in, text out; sockets, time and the book are elsewhere. One file a
//! protocol.

pub mod deskbell;
pub mod socketio;

/// What a frame from the server means.
#[derive(Debug, PartialEq)]
pub enum Heard {
    /// Logged in; frames may be sent.
    Ready,
    /// The ring was answered with this conversation.
    Rung(String),
    /// Somebody got a conversation; the desk's sockets hear it.
    Assigned(String),
    /// A send is durable, by the number it was sent under.
    Acked(u64),
    /// Somebody said this.
    Message(String),
    /// To be answered at once with this frame.
    Answer(String),
    /// The server said no.
    Refused(String),
    Nothing,
}

pub trait Dialect: Send + Sync {
    /// What is sent when the socket is open, if the client speaks first.
    fn first(&self, token: &str) -> Option<String>;
    /// What a frame means, given the token for those who are asked for it.
    fn hear(&self, frame: &str, token: &str) -> Heard;
    /// Starts the visitor's conversation.
    fn ring(&self) -> String;
    /// Ends it, where a conversation can end.
    fn end(&self, conversation: &str) -> Option<String>;
    /// `number` comes back with the ack.
    fn say(&self, conversation: &str, number: u64, key: &str, text: &str) -> String;
    /// What an idle client sends now and then, if anything.
    fn heartbeat(&self) -> Option<String>;
}
