//! What the hooks are asked: one conversation of one desk, the same each time.

use deskbell_app::hooks::{
    BotEvent, BotRequest, Direction, Field, FilterRequest, RouteCandidate, RouteRequest,
};
use deskbell_domain::actor::ActorKind;
use deskbell_domain::availability::Availability;
use deskbell_domain::conversation::Status;
use deskbell_domain::routing::Candidate;
use deskbell_domain::{
    AgentId, Contact, ContactId, Conversation, ConversationId, InboxId, Priority, TeamId,
    Timestamp, VisitorId,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub(super) const CANDIDATES: u128 = 20;
pub(super) const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// The rules of `skills-router`: the second fits.
pub(super) fn router_config() -> Map<String, Value> {
    let rules = json!([
        { "name": "Refunds", "when": { "category": "refund" }, "agents": [email(3)] },
        { "name": "VIPs", "when": { "vip": true, "category": "bench" }, "agents": [email(7), email(12)] },
    ]);
    Map::from_iter([("rules".to_owned(), rules)])
}

/// (id, name, e-mail) of the candidates.
pub(super) fn names() -> Vec<(String, String, String)> {
    let one = |n: u128| (AgentId(Uuid::from_u128(n)).to_string(), name(n), email(n));
    (1..=CANDIDATES).map(one).collect()
}

fn name(n: u128) -> String {
    format!("Agent {n}")
}

fn email(n: u128) -> String {
    format!("agent-{n}@bench.test")
}

pub(super) fn route() -> RouteRequest {
    let contact = contact();
    let candidate = |n: u128| RouteCandidate {
        candidate: Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: name(n),
            availability: Availability::Online,
            load: 1,
            capacity: 5,
            last_assigned_at: Some(NOW),
        },
        email: email(n),
    };
    RouteRequest {
        conversation: conversation(&contact),
        contact,
        waiting_ms: 5_000,
        team_id: TeamId(Uuid::from_u128(6)),
        team_name: "Everybody".to_owned(),
        waiting: 1,
        position: 1,
        candidates: (1..=CANDIDATES).map(candidate).collect(),
        candidates_total: CANDIDATES as usize,
        retry_of: None,
    }
}

/// Five hundred bytes with a card number among them, so that there is work to do.
pub(super) fn text() -> String {
    let around = "The parcel came today and the cup is cracked, I would like a new one. ";
    let mut text = format!(
        "My card is 4111 1111 1111 1111, if you need it. {}",
        around.repeat(8)
    );
    text.truncate(500);
    text
}

pub(super) fn filter(text: &str) -> FilterRequest {
    FilterRequest {
        direction: Direction::Inbound,
        sender: ActorKind::Visitor,
        conversation: Some(ConversationId(Uuid::from_u128(7))),
        inbox: Some(InboxId(Uuid::from_u128(8))),
        fields: vec![Field {
            name: "text".to_owned(),
            text: text.to_owned(),
        }],
    }
}

/// The settings of `pii-filter` as the app hands them over, defaults filled in.
pub(super) fn filter_config() -> Map<String, Value> {
    Map::from_iter([
        ("cards".to_owned(), json!(true)),
        ("presets".to_owned(), json!([])),
        ("patterns".to_owned(), json!([])),
        ("mask".to_owned(), json!("[removed]")),
        (
            "directions".to_owned(),
            json!(["inbound", "outbound", "note"]),
        ),
    ])
}

/// The visitor has come to the bot, which greets and asks.
pub(super) fn bot() -> BotRequest {
    let contact = contact();
    BotRequest {
        event: BotEvent::Started,
        conversation: conversation(&contact),
        contact,
        said: Vec::new(),
        state: None,
    }
}

pub(super) fn bot_config() -> Map<String, Value> {
    Map::from_iter([
        ("greeting".to_owned(), json!("Hello.")),
        ("question".to_owned(), json!("What is it about?")),
        (
            "categories".to_owned(),
            json!([{ "id": "order", "label": "An order" }, { "id": "other", "label": "Something else" }]),
        ),
        ("order_attribute".to_owned(), json!("order_id")),
        ("faq".to_owned(), json!([])),
    ])
}

fn contact() -> Contact {
    Contact {
        id: ContactId(Uuid::from_u128(4)),
        name: Some("Ada".to_owned()),
        email: None,
        verified: false,
        vip: true,
        attributes: Map::new(),
        created_at: NOW,
        version: 1,
    }
}

fn conversation(contact: &Contact) -> Conversation {
    Conversation {
        id: ConversationId(Uuid::from_u128(7)),
        inbox_id: InboxId(Uuid::from_u128(8)),
        contact: contact.to_ref(),
        visitor_id: VisitorId(Uuid::from_u128(9)),
        team_id: Some(TeamId(Uuid::from_u128(6))),
        assignee: None,
        status: Status::Queued,
        priority: Priority::Medium,
        subject: Some("Where is it?".to_owned()),
        category: Some("bench".to_owned()),
        attributes: Map::new(),
        last_seq: 1,
        public_seq: 1,
        visitor_delivered_seq: 1,
        visitor_read_seq: 1,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 1,
        visitor_unread_count: 0,
        last_message: Some("hello".to_owned()),
        last_message_at: Some(NOW),
        previous_id: None,
        rating: None,
        reason: None,
        created_at: NOW,
        queued_at: Some(NOW),
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 1,
    }
}
