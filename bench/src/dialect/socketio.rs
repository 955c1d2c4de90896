//! The few packets of Engine.IO 4 and Socket.IO 5 that the reference server
//! needs: open, connect, event, ack, ping and pong, over WebSocket frames.

use serde::Deserialize;
use serde_json::Value;

use super::{Dialect, Heard};

pub struct SocketIo;

/// The ack number of a ring. Sends count from zero.
const RING: u64 = u32::MAX as u64;

#[derive(Deserialize)]
struct Message {
    text: String,
}

impl Dialect for SocketIo {
    fn first(&self, _token: &str) -> Option<String> {
        None
    }

    fn hear(&self, frame: &str, token: &str) -> Heard {
        match frame.as_bytes() {
            [b'0', ..] => Heard::Answer(format!(r#"40{{"token":"{token}"}}"#)),
            [b'2'] => Heard::Answer("3".to_owned()),
            [b'4', b'0', ..] => Heard::Ready,
            [b'4', b'2', ..] => event(&frame[2..]),
            [b'4', b'3', ..] => ack(&frame[2..]),
            [b'4', b'4', ..] => Heard::Refused(frame.to_owned()),
            _ => Heard::Nothing,
        }
    }

    fn ring(&self) -> String {
        format!(r#"42{RING}["start"]"#)
    }

    fn end(&self, _conversation: &str) -> Option<String> {
        None
    }

    fn say(&self, conversation: &str, number: u64, key: &str, text: &str) -> String {
        format!(
            r#"42{number}["send",{{"conversation_id":"{conversation}","client_msg_id":"{key}","text":"{text}"}}]"#
        )
    }

    fn heartbeat(&self) -> Option<String> {
        // The server asks; `hear` answers.
        None
    }
}

fn event(body: &str) -> Heard {
    match serde_json::from_str::<(String, Message)>(body) {
        Ok((name, message)) if name == "message" => Heard::Message(message.text),
        Ok(_) => Heard::Nothing,
        Err(error) => Heard::Refused(format!("{error}: {body}")),
    }
}

fn ack(body: &str) -> Heard {
    let digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let (number, result) = body.split_at(digits);
    let (Ok(number), Ok(result)) = (number.parse(), serde_json::from_str::<Value>(result)) else {
        return Heard::Refused(body.to_owned());
    };
    let result = &result[0];
    match (number, result["id"].as_str()) {
        (RING, Some(id)) => Heard::Rung(id.to_owned()),
        (number, Some(_)) => Heard::Acked(number),
        (_, None) => Heard::Refused(body.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_understood() {
        let hear = |frame: &str| SocketIo.hear(frame, "t");
        assert_eq!(
            hear(r#"0{"sid":"a"}"#),
            Heard::Answer(r#"40{"token":"t"}"#.into())
        );
        assert_eq!(hear(r#"40{"sid":"a"}"#), Heard::Ready);
        assert_eq!(hear("2"), Heard::Answer("3".into()));
        assert_eq!(hear(r#"4317[{"id":"4"}]"#), Heard::Acked(17));
        assert_eq!(hear(r#"434294967295[{"id":"4"}]"#), Heard::Rung("4".into()));
        assert_eq!(
            hear(r#"42["message",{"id":"4","text":"hi"}]"#),
            Heard::Message("hi".into())
        );
        assert!(matches!(hear(r#"4317[{"error":"no"}]"#), Heard::Refused(_)));
    }
}
