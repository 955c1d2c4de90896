//! Every command by name, and what its parameters may not be.

use deskbell_domain::command::{CannedRef, TransferTo};
use deskbell_domain::message::Draft;
use serde_json::Map;

use super::*;

const CONV: &str = "conv_00000000000000000000000000000007";
const AGENT: &str = "agt_00000000000000000000000000000008";
const TEAM: &str = "team_00000000000000000000000000000009";

fn conversation() -> ConversationId {
    CONV.parse().unwrap()
}

#[test]
fn agents_commands_are_read() {
    let conversation = conversation();
    let reason = Some("why".to_owned());
    let rows = [
        (
            "mark_read",
            json!({"seq": 3}),
            Command::MarkRead {
                conversation,
                seq: 3,
            },
        ),
        (
            "mark_delivered",
            json!({"seq": 3}),
            Command::MarkDelivered {
                conversation,
                seq: 3,
            },
        ),
        (
            "assign",
            json!({"agent_id": AGENT, "over_capacity": true, "reason": "why"}),
            Command::Assign {
                conversation,
                agent: Some(AGENT.parse().unwrap()),
                over_capacity: true,
                reason: reason.clone(),
            },
        ),
        (
            "transfer",
            json!({"team_id": TEAM}),
            Command::Transfer {
                conversation,
                to: TransferTo::Team(TEAM.parse().unwrap()),
                over_capacity: false,
                reason: None,
            },
        ),
        (
            "unassign",
            json!({}),
            Command::Unassign {
                conversation,
                reason: None,
            },
        ),
        (
            "resolve",
            json!({"reason": "why"}),
            Command::Resolve {
                conversation,
                reason,
            },
        ),
        (
            "close",
            json!({}),
            Command::Close {
                conversation,
                reason: None,
            },
        ),
        (
            "reopen",
            json!({"reason": null}),
            Command::Reopen {
                conversation,
                reason: None,
            },
        ),
    ];
    for (name, mut params, expected) in rows {
        params["conversation_id"] = CONV.into();
        assert_eq!(
            parse(name, params, Plane::Agent).unwrap(),
            expected,
            "{name}"
        );
    }
    let params = json!({"conversation_id": CONV, "shortcut": "hi", "client_msg_id": "1"});
    let Command::UseCannedResponse(used) =
        parse("use_canned_response", params, Plane::Agent).unwrap()
    else {
        panic!("another command");
    };
    assert_eq!(used.which, CannedRef::Shortcut("hi".to_owned()));
    assert!(!used.preview);
    let params = json!({"availability": "away"});
    assert!(matches!(
        parse("set_availability", params, Plane::Agent),
        Ok(Command::SetAvailability { agent: None, .. })
    ));
}

#[test]
fn visitors_commands_are_read() {
    let draft = Draft {
        client_msg_id: "1".to_owned(),
        text: "Hello".to_owned(),
        private: false,
        attributes: Map::new(),
    };
    let params = json!({"conversation_id": CONV, "client_msg_id": "1", "text": "Hello"});
    let sent = parse("send_message", params, Plane::Widget).unwrap();
    let conversation = conversation();
    assert_eq!(
        sent,
        Command::SendMessage {
            conversation,
            draft: draft.clone()
        }
    );
    let params = json!({"client_msg_id": "1", "text": "Hello", "form": {"name": "Mia"}});
    let Command::StartConversation(start) =
        parse("start_conversation", params, Plane::Widget).unwrap()
    else {
        panic!("another command");
    };
    assert_eq!(
        (start.message, start.name.as_deref()),
        (Some(draft), Some("Mia"))
    );
    let params = json!({"conversation_id": CONV});
    let ended = parse("end_conversation", params, Plane::Widget).unwrap();
    assert_eq!(ended, Command::EndConversation { conversation });
    let params = json!({"conversation_id": CONV, "score": 4});
    assert!(parse("rate_conversation", params, Plane::Widget).is_ok());
}

#[test]
fn what_is_wrong_is_named() {
    use Plane::{Agent, Widget};
    let send = |name: &str, value: Value| {
        let mut params = json!({"conversation_id": CONV, "client_msg_id": "1", "text": "a"});
        params[name] = value;
        params
    };
    let rows = [
        (Agent, "send", json!({}), "/name", "unknown_command"),
        (
            Agent,
            "rate_conversation",
            json!({}),
            "/name",
            "unknown_command",
        ),
        (Widget, "resolve", json!({}), "/name", "unknown_command"),
        (Agent, "close", json!({}), "/conversation_id", "required"),
        (Agent, "close", json!([]), "", "wrong_type"),
        (
            Agent,
            "close",
            json!({"conversation_id": 7}),
            "/conversation_id",
            "wrong_type",
        ),
        (
            Agent,
            "close",
            json!({"conversation_id": "conv_7"}),
            "/conversation_id",
            "bad_value",
        ),
        (
            Agent,
            "send_message",
            send("colour", json!(1)),
            "/colour",
            "unknown_field",
        ),
        (
            Agent,
            "send_message",
            send("text", json!(1)),
            "/text",
            "wrong_type",
        ),
        (
            Widget,
            "send_message",
            send("private", json!(true)),
            "/private",
            "unknown_field",
        ),
        (
            Widget,
            "end_conversation",
            json!({"conversation_id": CONV, "x": 1}),
            "/x",
            "unknown_field",
        ),
        (
            Widget,
            "start_conversation",
            json!({"text": "a"}),
            "/client_msg_id",
            "required",
        ),
        (
            Agent,
            "transfer",
            json!({"conversation_id": CONV}),
            "/agent_id",
            "required",
        ),
        (
            Agent,
            "set_availability",
            json!({"availability": "here"}),
            "/availability",
            "bad_value",
        ),
    ];
    for (plane, name, params, pointer, code) in rows {
        let shown = format!("{name} {params}");
        let told = parse(name, params, plane).unwrap_err().to_value();
        assert_eq!(told["status"], 422, "{shown}");
        assert_eq!(told["errors"][0]["pointer"], pointer, "{shown}");
        assert_eq!(told["errors"][0]["code"], code, "{shown}");
    }
}
