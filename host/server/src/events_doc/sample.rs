//! One event of each kind, with ids and times that stay the same.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::agent::AgentView;
use deskbell_domain::canned::CannedResponse;
use deskbell_domain::contact::Contact;
use deskbell_domain::conversation::Rating;
use deskbell_domain::event::Changes;
use deskbell_domain::inbox::{Inbox, Look};
use deskbell_domain::message::MessageKind;
use deskbell_domain::plugin::{
    BreakerOpening, Digest, Hook, InstallationView, OnFailure, Plugin, PluginFailure, Source,
};
use deskbell_domain::routing::{Considered, Consultation, Consulted, RoutingDecision};
use deskbell_domain::team::{Strategy, Team};
use deskbell_domain::{
    ActorRef, AgentId, AgentRef, Audience, Availability, CannedResponseId, ContactId, Conversation,
    ConversationId, DecisionId, Event, EventBody, EventId, InboxId, InstallationId, Message,
    MessageId, PluginId, Priority, Role, SessionId, Status, TeamId, TenantId, Timestamp, VisitorId,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

const NOW: Timestamp = Timestamp(1_795_250_000_125);

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(0x019a_a3f2_7c8e_7d10_b3a4_0000_0000_0000 + n)
}

/// In the order of the enum.
pub(super) fn events() -> Vec<Event> {
    bodies().into_iter().zip(1..).map(event).collect()
}

fn event((body, n): (EventBody, u128)) -> Event {
    // The one that visitors hear of only if it was theirs.
    let actor = match body {
        EventBody::MessageFailed { .. } => ActorRef {
            kind: ActorKind::Visitor,
            id: Some(conversation().visitor_id.to_string()),
            name: Some("Mia".to_owned()),
        },
        _ => ana_ref(),
    };
    let conversation_id = matches!(
        body.name().split('.').next(),
        Some("conversation" | "message" | "routing")
    );
    Event {
        id: EventId(uuid(n)),
        seq: body.seq(),
        body,
        tenant_id: TenantId(uuid(100)),
        occurred_at: NOW,
        actor,
        conversation_id: conversation_id.then(|| conversation().id),
        changes: Changes(Map::from_iter([("version".to_owned(), json!([6, 7]))])),
        audience: Audience::desk(),
        depth: 0,
    }
}

fn bodies() -> Vec<EventBody> {
    use EventBody::*;
    let conversation = conversation();
    let reason = || Some("Refunds are theirs".to_owned());
    let c = || conversation.clone();
    vec![
        ConversationCreated { conversation: c() },
        ConversationUpdated { conversation: c() },
        ConversationQueued {
            conversation: c(),
            reason: None,
        },
        ConversationAssigned {
            conversation: c(),
            reason: Some("least_loaded".to_owned()),
        },
        ConversationUnassigned {
            conversation: c(),
            reason: None,
        },
        ConversationTransferred {
            conversation: c(),
            reason: reason(),
        },
        ConversationReopened {
            conversation: c(),
            reason: reason(),
        },
        ConversationResolved {
            conversation: c(),
            reason: None,
        },
        ConversationClosed {
            conversation: c(),
            reason: None,
        },
        ConversationMissed {
            conversation: c(),
            reason: None,
        },
        ConversationRated { conversation: c() },
        MessageCreated { message: message() },
        MessageDelivered { up_to_seq: 3 },
        MessageRead { up_to_seq: 3 },
        MessageFailed {
            client_msg_id: "m1".to_owned(),
            code: "not_checked".to_owned(),
        },
        RoutingDecided {
            decision: decision(),
        },
        ContactCreated { contact: contact() },
        ContactUpdated { contact: contact() },
        AgentCreated { agent: ana() },
        AgentUpdated { agent: ana() },
        AgentAvailabilityChanged { agent: ana() },
        TeamCreated { team: team() },
        TeamUpdated { team: team() },
        TeamDeleted { team_id: team().id },
        InboxCreated { inbox: inbox() },
        InboxUpdated { inbox: inbox() },
        CannedResponseCreated {
            canned_response: canned(),
        },
        CannedResponseUpdated {
            canned_response: canned(),
        },
        CannedResponseDeleted {
            canned_response_id: canned().id,
        },
        PluginCreated { plugin: plugin() },
        PluginUpdated { plugin: plugin() },
        PluginDeleted {
            plugin_id: plugin().id,
        },
        PluginInstalled {
            installation: installation(),
        },
        PluginEnabled {
            installation: installation(),
        },
        PluginDisabled {
            installation: installation(),
            reason: None,
        },
        PluginUpgraded {
            installation: installation(),
            from_version: "0.0.9".to_owned(),
        },
        PluginRolledBack {
            installation: installation(),
            from_version: "0.2.0".to_owned(),
            reason: Some("Version 0.2.0 failed too often.".to_owned()),
        },
        PluginBreakerOpened { opening: opening() },
        PluginBreakerClosed {
            installation_id: installation().id,
            hook: Hook::Routing,
        },
        PluginTrapped { failure: failure() },
        InstallationUpdated {
            installation: installation(),
        },
        InstallationDeleted {
            installation_id: installation().id,
        },
        InstallationSecretChanged {
            installation_id: installation().id,
            secret: "api_key".to_owned(),
            set: true,
        },
        SessionRevoked {
            session_id: SessionId(uuid(109)),
        },
    ]
}

fn attributes() -> Map<String, Value> {
    Map::from_iter([("order_id".to_owned(), json!("A-1001"))])
}

fn ana_ref() -> ActorRef {
    ActorRef {
        kind: ActorKind::Agent,
        id: Some(ana().id.to_string()),
        name: Some("Ana".to_owned()),
    }
}

fn ana() -> AgentView {
    AgentView {
        id: AgentId(uuid(101)),
        email: "ana@demo.test".to_owned(),
        name: "Ana".to_owned(),
        role: Role::Agent,
        team_ids: vec![TeamId(uuid(102))],
        capacity: 5,
        availability: Availability::Online,
        choice: Availability::Online,
        deactivated_at: None,
        created_at: NOW,
        version: 2,
    }
}

fn team() -> Team {
    Team {
        id: TeamId(uuid(102)),
        name: "Support".to_owned(),
        strategy: Strategy::LeastLoaded,
        agent_ids: vec![ana().id],
        created_at: NOW,
        version: 2,
    }
}

fn inbox() -> Inbox {
    Inbox {
        id: InboxId(uuid(103)),
        key: "demo-web".to_owned(),
        name: "Demo shop".to_owned(),
        channel: "web".to_owned(),
        default_team_id: team().id,
        allowed_origins: vec!["https://shop.example".to_owned()],
        look: Look {
            brand_color: Some("#1f5fd0".to_owned()),
            position: None,
            welcome_title: Some("Hello".to_owned()),
            welcome_text: None,
        },
        bot: None,
        created_at: NOW,
        version: 1,
    }
}

fn canned() -> CannedResponse {
    CannedResponse {
        id: CannedResponseId(uuid(104)),
        shortcut: "greeting".to_owned(),
        title: "Greeting".to_owned(),
        text: "Hello {{contact.name}}".to_owned(),
        enabled: true,
        used_count: 7,
        last_used_at: Some(NOW),
        created_at: NOW,
        version: 1,
    }
}

fn plugin() -> Plugin {
    Plugin {
        id: PluginId(uuid(111)),
        key: "skills-router".to_owned(),
        name: "Skills router".to_owned(),
        publisher: "Deskbell".to_owned(),
        description: "Gives conversations to chosen people by rules.".to_owned(),
        source: Source::Catalogue,
        latest_version: "0.1.0".to_owned(),
        created_at: NOW,
        version: 1,
    }
}

fn installation() -> InstallationView {
    InstallationView {
        id: InstallationId(uuid(112)),
        plugin_id: plugin().id,
        plugin_key: plugin().key,
        plugin_name: plugin().name,
        plugin_version: plugin().latest_version,
        digest: Digest([0xa7; 32]),
        enabled: true,
        hooks: vec![Hook::Routing],
        capabilities: vec![],
        position: 1,
        on_failure: OnFailure::Pass,
        created_at: NOW,
        version: 1,
        previous_version: Some("0.0.9".to_owned()),
    }
}

fn opening() -> BreakerOpening {
    BreakerOpening {
        installation_id: installation().id,
        plugin_name: installation().plugin_name,
        hook: Hook::Routing,
        until: NOW,
        code: failure().code,
        detail: failure().detail,
    }
}

fn failure() -> PluginFailure {
    PluginFailure {
        installation_id: installation().id,
        hook: Hook::Routing,
        code: "cpu_exceeded".to_owned(),
        detail: "it used up its CPU time of 20 ms".to_owned(),
        conversation_id: Some(ConversationId(uuid(108))),
        count: 3,
        first_at: NOW,
        last_at: NOW,
    }
}

fn contact() -> Contact {
    Contact {
        id: ContactId(uuid(105)),
        name: Some("Mia".to_owned()),
        email: Some("mia@example.test".to_owned()),
        verified: false,
        vip: false,
        attributes: attributes(),
        created_at: NOW,
        version: 1,
    }
}

fn message() -> Message {
    Message {
        id: MessageId(uuid(106)),
        conversation_id: conversation().id,
        seq: 4,
        kind: MessageKind::Text,
        sender: ana_ref(),
        client_msg_id: Some("m-4".to_owned()),
        text: "It is on its way.".to_owned(),
        private: false,
        attributes: Map::new(),
        created_at: NOW,
    }
}

fn decision() -> RoutingDecision {
    RoutingDecision {
        id: DecisionId(uuid(107)),
        conversation_id: conversation().id,
        team_id: team().id,
        strategy: Strategy::LeastLoaded,
        candidates: vec![Considered {
            agent_id: ana().id,
            name: "Ana".to_owned(),
            load: 1,
            capacity: 5,
            excluded: None,
            rank: Some(1),
        }],
        winner_id: Some(ana().id),
        decided_at: NOW,
        duration_us: 42,
        consulted: vec![Consulted {
            installation_id: installation().id,
            plugin_name: installation().plugin_name,
            outcome: Consultation::Assigned,
            reason: Some("VIPs go to Ana".to_owned()),
            failure: None,
            duration_us: 310,
        }],
    }
}

fn conversation() -> Conversation {
    Conversation {
        id: ConversationId(uuid(108)),
        inbox_id: inbox().id,
        contact: contact().to_ref(),
        visitor_id: VisitorId(uuid(110)),
        team_id: Some(team().id),
        assignee: Some(AgentRef {
            id: ana().id,
            name: ana().name,
        }),
        status: Status::Active,
        priority: Priority::Medium,
        subject: Some("Where is my order?".to_owned()),
        category: Some("Late delivery".to_owned()),
        attributes: attributes(),
        last_seq: 4,
        public_seq: 4,
        visitor_delivered_seq: 3,
        visitor_read_seq: 3,
        desk_delivered_seq: 3,
        desk_read_seq: 3,
        unread_count: 0,
        visitor_unread_count: 1,
        last_message: Some("It is on its way.".to_owned()),
        last_message_at: Some(NOW),
        previous_id: None,
        rating: Some(Rating {
            score: 5,
            comment: None,
            rated_at: NOW,
        }),
        reason: None,
        created_at: NOW,
        queued_at: Some(NOW),
        started_at: Some(NOW),
        first_response_at: Some(NOW),
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 7,
    }
}
