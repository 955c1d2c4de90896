//! Deskbell's own frames (docs/api-design.md).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Dialect, Heard};

pub struct Deskbell;

/// As much of a frame as the generator looks at.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    event: Option<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow, default)]
    conversation_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow, default)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow, default)]
    text: Option<Cow<'a, str>>,
}

/// The command id of a ring. Sends have numbers.
const RING: &str = "ring";

impl Dialect for Deskbell {
    fn first(&self, token: &str) -> Option<String> {
        Some(json!({ "type": "hello", "token": token, "cursor": null }).to_string())
    }

    fn hear(&self, frame: &str, _token: &str) -> Heard {
        let Ok(read) = serde_json::from_str::<Frame<'_>>(frame) else {
            return Heard::Refused(format!("unreadable: {frame}"));
        };
        match &*read.kind {
            "welcome" => Heard::Ready,
            "event" => event(read.event),
            "ack" => ack(frame, read.id.as_deref().unwrap_or_default()),
            "error" => Heard::Refused(frame.to_owned()),
            "ping" => Heard::Answer(r#"{"type":"pong"}"#.to_owned()),
            _ => Heard::Nothing,
        }
    }

    fn ring(&self) -> String {
        let params = json!({ "category": "bench" });
        json!({ "type": "command", "id": RING, "name": "start_conversation", "params": params })
            .to_string()
    }

    fn end(&self, conversation: &str) -> Option<String> {
        let params = json!({ "conversation_id": conversation });
        let frame = json!({
            "type": "command", "id": "end", "name": "end_conversation", "params": params,
        });
        Some(frame.to_string())
    }

    fn say(&self, conversation: &str, number: u64, key: &str, text: &str) -> String {
        // Nothing in here needs escaping.
        format!(
            r#"{{"type":"command","id":"{number}","name":"send_message","params":{{"conversation_id":"{conversation}","client_msg_id":"{key}","text":"{text}"}}}}"#
        )
    }

    fn heartbeat(&self) -> Option<String> {
        Some(r#"{"type":"ping"}"#.to_owned())
    }
}

fn event(event: Option<Event<'_>>) -> Heard {
    let Some(event) = event else {
        return Heard::Nothing;
    };
    match &*event.kind {
        "message.created" => {
            let message = event.data.and_then(|data| data.message);
            let text = message.and_then(|message| message.text);
            text.map_or(Heard::Nothing, |text| Heard::Message(text.into_owned()))
        }
        "conversation.assigned" => event
            .conversation_id
            .map_or(Heard::Nothing, |id| Heard::Assigned(id.into_owned())),
        _ => Heard::Nothing,
    }
}

fn ack(frame: &str, id: &str) -> Heard {
    if let Ok(number) = id.parse() {
        return Heard::Acked(number);
    }
    if id != RING {
        return Heard::Nothing;
    }
    let whole: Value = serde_json::from_str(frame).unwrap_or_default();
    match whole["result"]["id"].as_str() {
        Some(id) => Heard::Rung(id.to_owned()),
        None => Heard::Refused(frame.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_understood() {
        let hear = |frame: &str| Deskbell.hear(frame, "");
        assert_eq!(hear(r#"{"type":"welcome","session":"s"}"#), Heard::Ready);
        assert_eq!(
            hear(r#"{"type":"ack","id":"17","result":{"seq":3}}"#),
            Heard::Acked(17)
        );
        assert_eq!(
            hear(r#"{"type":"ack","id":"ring","result":{"id":"conv_1"}}"#),
            Heard::Rung("conv_1".into())
        );
        let said = r#"{"type":"event","cursor":"c","event":{"type":"message.created","conversation_id":"conv_1","data":{"message":{"text":"hi","seq":1}}}}"#;
        assert_eq!(hear(said), Heard::Message("hi".into()));
        assert!(matches!(
            hear(r#"{"type":"error","id":"1"}"#),
            Heard::Refused(_)
        ));
    }
}
