//! The frames of api.md, both directions, as JSON text.
//!
//! What comes in is read as strictly as a REST body: unknown fields are named.

use axum::extract::ws::Utf8Bytes;
use deskbell_app::{FeedEvent, Plane, Signal};
use deskbell_domain::{ConversationId, visitor_view};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::extract::strict;
use crate::problem::Problem;
use crate::socket::HEARTBEAT_MS;

/// The longest id of a command; it is only echoed.
const ID_MAX: usize = 128;

#[derive(Debug, PartialEq)]
pub(super) enum ClientFrame {
    Hello(Hello),
    Command(CommandFrame),
    Signal(SignalFrame),
    Ping,
    Pong,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hello {
    pub token: String,
    #[serde(default)]
    pub cursor: Option<String>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandFrame {
    pub id: String,
    pub name: String,
    #[serde(default = "nothing")]
    pub params: Value,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalFrame {
    pub name: String,
    pub conversation_id: ConversationId,
    #[serde(default = "nothing")]
    pub data: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bare {}

fn nothing() -> Value {
    Value::Object(Map::new())
}

/// A frame we cannot use, with the id it came under if it had one.
#[derive(Debug)]
pub(super) struct BadFrame {
    pub id: Option<String>,
    pub problem: Problem,
}

pub(super) fn read(text: &str) -> Result<ClientFrame, BadFrame> {
    let mut frame =
        strict::value(text.as_bytes()).map_err(|problem| BadFrame { id: None, problem })?;
    let id = frame.get("id").and_then(Value::as_str).map(short);
    sort(&mut frame).map_err(|problem| BadFrame { id, problem })
}

fn sort(frame: &mut Value) -> Result<ClientFrame, Problem> {
    let Some(fields) = frame.as_object_mut() else {
        return Err(Problem::field("", "wrong_type", "A frame is an object."));
    };
    let kind = fields.remove("type");
    let rest = frame.take();
    match kind.as_ref().and_then(Value::as_str) {
        Some("hello") => strict::typed(rest).map(ClientFrame::Hello),
        Some("command") => {
            let command: CommandFrame = strict::typed(rest)?;
            if command.id.len() > ID_MAX {
                let detail = format!("At most {ID_MAX} bytes.");
                return Err(Problem::field("/id", "too_long", detail));
            }
            Ok(ClientFrame::Command(command))
        }
        Some("signal") => strict::typed(rest).map(ClientFrame::Signal),
        Some("ping") => strict::typed(rest).map(|Bare {}| ClientFrame::Ping),
        Some("pong") => strict::typed(rest).map(|Bare {}| ClientFrame::Pong),
        Some(other) => {
            let detail = format!("There is no frame `{}`.", short(other));
            Err(Problem::field("/type", "unknown_frame", detail))
        }
        None => Err(Problem::field(
            "/type",
            "required",
            "This field is required.",
        )),
    }
}

fn short(text: &str) -> String {
    text.chars().take(ID_MAX).collect()
}

pub(super) fn welcome(session: &str, cursor: &str, resumed: bool) -> Utf8Bytes {
    text(&json!({
        "type": "welcome",
        "session": session,
        "cursor": cursor,
        "heartbeat_ms": HEARTBEAT_MS,
        "resumed": resumed,
    }))
}

/// The event as this plane gets it; none if the plane does not get it at all.
pub(super) fn event(event: &FeedEvent, plane: Plane) -> Option<Utf8Bytes> {
    #[derive(Serialize)]
    struct Frame {
        #[serde(rename = "type")]
        kind: &'static str,
        cursor: String,
        event: Value,
    }
    let shown = match plane {
        Plane::Agent => visitor_view::desk_event(&event.event),
        Plane::Widget => visitor_view::event(&event.event)?,
    };
    Some(text(&Frame {
        kind: "event",
        cursor: event.cursor.to_string(),
        event: shown,
    }))
}

pub(super) fn signal(signal: &Signal) -> Utf8Bytes {
    text(&json!({
        "type": "signal",
        "name": signal.name,
        "conversation_id": signal.conversation_id,
        "actor": signal.actor,
        "occurred_at": signal.occurred_at,
        "data": signal.data,
    }))
}

pub(super) fn ack(id: &str, result: Value) -> Utf8Bytes {
    text(&json!({ "type": "ack", "id": id, "result": result }))
}

pub(super) fn error(id: Option<&str>, problem: &Problem) -> Utf8Bytes {
    text(&json!({ "type": "error", "id": id, "problem": problem.to_value() }))
}

pub(super) fn ping() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"ping"}"#)
}

pub(super) fn pong() -> Utf8Bytes {
    Utf8Bytes::from_static(r#"{"type":"pong"}"#)
}

fn text(frame: &impl Serialize) -> Utf8Bytes {
    // Serialising our own structs cannot fail: no map has keys that are no text.
    serde_json::to_string(frame).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_strictly() {
        let hello = read(r#"{"type":"hello","token":"t","cursor":null}"#).unwrap();
        assert!(matches!(
            hello,
            ClientFrame::Hello(Hello { cursor: None, .. })
        ));
        let command = read(r#"{"type":"command","id":"c1","name":"resolve"}"#).unwrap();
        let ClientFrame::Command(command) = command else {
            panic!("{command:?}");
        };
        assert_eq!(command.params, json!({}));
        assert_eq!(read(r#"{"type":"ping"}"#).unwrap(), ClientFrame::Ping);
        let rows = [
            (r#"{"type":"ping","x":1}"#, None, "unknown_field"),
            (
                r#"{"type":"hello","token":"t","tokn":1}"#,
                None,
                "unknown_field",
            ),
            (r#"{"type":"hello"}"#, None, "required"),
            (r#"{"type":"shout","id":"c9"}"#, Some("c9"), "unknown_frame"),
            (r#"{"id":"c2"}"#, Some("c2"), "required"),
            (
                r#"{"type":"command","id":"c3","name":7}"#,
                Some("c3"),
                "wrong_type",
            ),
            ("[]", None, "wrong_type"),
        ];
        for (text, id, code) in rows {
            let bad = read(text).unwrap_err();
            assert_eq!(bad.id.as_deref(), id, "{text}");
            let problem = bad.problem.to_value();
            assert_eq!(problem["errors"][0]["code"], code, "{text}: {problem}");
        }
        assert!(read("{").is_err());
    }
}
