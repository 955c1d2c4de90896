//! The sandbox against guests that behave and guests that do not. Each guest is a
//! few lines of WebAssembly text; `guests.rs` makes components of them.

mod admission;
mod attacks;
mod classes;
mod fairness;
mod guests;
mod late;
mod limits;
mod outside;
mod store;
mod zoo;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use deskbell_app::hooks::{
    Call, Directory, DirectoryFailed, Hooks, NoKeys, NoOutgoing, NoSigning, NoSink, RouteRequest,
};
use deskbell_domain::limits::CallLimits;
use deskbell_domain::plugin::{Capability, Digest};
use deskbell_domain::{
    Agent, Contact, ContactId, ContactRef, Conversation, ConversationId, InboxId, InstallationId,
    Priority, TeamId, TenantId, Timestamp, VisitorId,
};
use serde_json::Map;
use uuid::Uuid;

use crate::{Compiler, Faults, Sandbox, SandboxConfig};

struct NoDirectory;

#[async_trait]
impl Directory for NoDirectory {
    async fn find_agent(&self, _: &str) -> Result<Option<Agent>, DirectoryFailed> {
        Err(DirectoryFailed)
    }

    async fn find_team(&self, _: &str) -> Result<Option<(TeamId, String)>, DirectoryFailed> {
        Err(DirectoryFailed)
    }
}

fn sandbox_with(faults: Faults, cache_dir: Option<&Path>) -> Sandbox {
    Sandbox::new(SandboxConfig {
        compiler: Compiler::ThisProcess,
        cache_dir: cache_dir.map(Path::to_owned),
        cache_key: [7; 32],
        guest_threads: 4,
        faults,
    })
    .unwrap()
}

/// So that a busy machine makes no test late that is not about time.
const IN_NO_HURRY: Faults = Faults {
    no_wall_limit: true,
    slow_machine: true,
    ..Faults::NONE
};

/// So that nothing but CPU time ends a call.
const ONLY_CPU: Faults = Faults {
    no_wall_limit: true,
    ..Faults::NONE
};

fn sandbox() -> Sandbox {
    sandbox_with(IN_NO_HURRY, None)
}

async fn admitted(sandbox: &Sandbox, file: Bytes) -> Digest {
    sandbox.admit(file).await.unwrap().digest
}

fn call(tenant: u128, digest: Digest) -> Call {
    Call {
        id: Uuid::from_u128(1),
        tenant: TenantId(Uuid::from_u128(tenant)),
        installation: InstallationId(Uuid::from_u128(2)),
        digest,
        capabilities: Arc::new([]),
        config: Arc::default(),
        timeout_ms: None,
        limits: CallLimits::default(),
        now: Timestamp(1_700_000_000_000),
        directory: Arc::new(NoDirectory),
        outgoing: Arc::new(NoOutgoing),
        sink: Arc::new(NoSink),
        keys: Arc::new(NoKeys),
        signing: Arc::new(NoSigning),
    }
}

fn granted(tenant: u128, digest: Digest, directory: Arc<dyn Directory>) -> Call {
    Call {
        capabilities: Arc::new([Capability::Directory]),
        directory,
        ..call(tenant, digest)
    }
}

fn request() -> RouteRequest {
    let contact = Contact {
        id: ContactId(Uuid::from_u128(3)),
        name: Some("Ada".to_owned()),
        email: None,
        verified: false,
        vip: true,
        attributes: Map::new(),
        created_at: Timestamp(0),
        version: 1,
    };
    RouteRequest {
        conversation: conversation(contact.to_ref()),
        contact,
        waiting_ms: 5_000,
        team_id: TeamId(Uuid::from_u128(4)),
        team_name: "Support".to_owned(),
        waiting: 1,
        position: 1,
        candidates: Vec::new(),
        candidates_total: 0,
        retry_of: None,
    }
}

fn conversation(contact: ContactRef) -> Conversation {
    Conversation {
        id: ConversationId(Uuid::from_u128(5)),
        inbox_id: InboxId(Uuid::from_u128(6)),
        contact,
        visitor_id: VisitorId(Uuid::from_u128(7)),
        team_id: Some(TeamId(Uuid::from_u128(4))),
        assignee: None,
        status: deskbell_domain::conversation::Status::Queued,
        priority: Priority::Medium,
        subject: None,
        category: None,
        attributes: Map::new(),
        last_seq: 0,
        public_seq: 0,
        visitor_delivered_seq: 0,
        visitor_read_seq: 0,
        desk_delivered_seq: 0,
        desk_read_seq: 0,
        unread_count: 0,
        visitor_unread_count: 0,
        last_message: None,
        last_message_at: None,
        previous_id: None,
        rating: None,
        reason: None,
        created_at: Timestamp(0),
        queued_at: None,
        started_at: None,
        first_response_at: None,
        resolved_at: None,
        closed_at: None,
        missed_at: None,
        version: 1,
    }
}
