//! What a batch of units needs, in as few statements as there are tables.
//!
//! Conversations come with what is looked up by them: contact, assignee's name,
//! the contact's other open conversation, the first message under the unit's key.
//! On PostgreSQL the rows are held, in the order of their ids: conversations
//! first, agents after.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use deskbell_domain::{
    AgentId, Conversation, ConversationId, MessageAck, MessageId, TenantId, Timestamp,
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::lease::Lease;
use crate::link::Link;
use crate::merged::Wants;
use crate::merged::working::Working;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, get, join, pack};
use crate::timers::DueTimer;
use crate::{agent, conversation, engagement, lease, timers};

const SHAPE: Shape = Shape(&[
    ("n", Column::Int),
    ("tenant_id", Column::Uuid),
    ("id", Column::Uuid),
    ("sender_kind", Column::Text),
    ("sender_id", Column::Uuid),
    ("client_msg_id", Column::Text),
]);

pub(super) async fn load(link: &Link, units: &[&Wants]) -> Result<Working, StoreError> {
    let mut working = Working::default();
    for row in link
        .rows(&statement(link.engine), vec![pack(&keys(units))])
        .await?
    {
        take_in(&mut working, &row, units)?;
    }
    load_agents(link, units, &mut working).await?;
    complete_names(link, &mut working).await?;
    load_bots(link, units, &mut working).await?;
    take_timers(link, units, &mut working).await?;
    check_leases(link, units, &mut working).await?;
    Ok(working)
}

fn keys(units: &[&Wants]) -> Vec<String> {
    let key = |(n, wants): (i64, &&Wants)| {
        let dedupe = wants.dedupe.as_ref();
        Row::new()
            .int("n", n)
            .uuid("tenant_id", wants.tenant.0)
            .uuid("id", wants.conversation.0)
            .text("sender_kind", dedupe.map(|d| d.sender_kind.as_str()))
            .uuid("sender_id", dedupe.map(|d| d.sender_id))
            .text("client_msg_id", dedupe.map(|d| d.client_msg_id.as_str()))
            .finish()
    };
    (0..).zip(units).map(key).collect()
}

fn statement(engine: Engine) -> String {
    let (source, join) = (SHAPE.source(engine, 1), join(engine));
    // Held in the order of their ids, so that two batches cannot wait for each
    // other.
    let hold = match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " ORDER BY c.tenant_id, c.id FOR UPDATE OF c",
    };
    format!(
        "SELECT r.n, c.*, \
         p.name AS contact_name, p.email AS contact_email, \
         p.verified AS contact_verified, p.vip AS contact_vip, \
         a.name AS assignee_name, o.id AS other_open, \
         d.id AS first_id, d.conversation_id AS first_conversation, \
         d.seq AS first_seq, d.created_at AS first_at \
         FROM {source} \
         {join} conversations c ON c.tenant_id = r.tenant_id AND c.id = r.id \
         {join} contacts p ON p.tenant_id = c.tenant_id AND p.id = c.contact_id \
         LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.assignee_id \
         LEFT JOIN conversations o ON o.tenant_id = c.tenant_id AND o.inbox_id = c.inbox_id \
            AND o.contact_id = c.contact_id AND o.open_slot = 1 AND o.id <> c.id \
         LEFT JOIN messages d ON d.tenant_id = r.tenant_id AND d.sender_kind = r.sender_kind \
            AND d.sender_id = r.sender_id AND d.client_msg_id = r.client_msg_id{hold}"
    )
}

fn take_in(working: &mut Working, row: &QueryResult, units: &[&Wants]) -> Result<(), StoreError> {
    let n: i64 = get(row, "n")?;
    let wants = usize::try_from(n).ok().and_then(|n| units.get(n));
    let wants = wants.ok_or_else(|| StoreError::Corrupt("a unit's number".to_owned()))?;
    let other = get::<Option<Uuid>>(row, "other_open")?.map(ConversationId);
    working.add_conversation(wants.tenant, conversation::of(row)?, other);
    if let (Some(id), Some(dedupe)) = (get::<Option<Uuid>>(row, "first_id")?, &wants.dedupe) {
        let ack = MessageAck {
            message_id: MessageId(id),
            conversation_id: ConversationId(get(row, "first_conversation")?),
            seq: get(row, "first_seq")?,
            created_at: Timestamp(get(row, "first_at")?),
        };
        working.add_ack(wants.tenant, dedupe.clone(), ack);
    }
    Ok(())
}

async fn load_agents(
    link: &Link,
    units: &[&Wants],
    working: &mut Working,
) -> Result<(), StoreError> {
    let mut keys: BTreeSet<(TenantId, AgentId)> = BTreeSet::new();
    for wants in units {
        keys.extend(wants.agents.iter().map(|id| (wants.tenant, *id)));
        let Some(conversation) = working.conversation(wants.tenant, wants.conversation) else {
            continue;
        };
        if let (true, Some(assignee)) = (wants.with_assignee, &conversation.assignee) {
            keys.insert((wants.tenant, assignee.id));
        }
    }
    for (tenant, agent) in agent::load(link, keys).await? {
        working.add_agent(tenant, agent);
    }
    Ok(())
}

/// On PostgreSQL the statement that waited for a conversation's row sees that row
/// as it now is, but the agents as they were before: a new assignee's name is
/// missing then.
async fn complete_names(link: &Link, working: &mut Working) -> Result<(), StoreError> {
    let nameless: BTreeSet<(TenantId, AgentId)> = working.nameless_assignees();
    if nameless.is_empty() {
        return Ok(());
    }
    const KEYS: Shape = Shape(&[("tenant_id", Column::Uuid), ("id", Column::Uuid)]);
    let (source, join) = (KEYS.source(link.engine, 1), join(link.engine));
    let sql = format!(
        "SELECT a.tenant_id, a.id, a.name FROM {source} \
         {join} agents a ON a.tenant_id = r.tenant_id AND a.id = r.id"
    );
    let keys: Vec<String> = nameless
        .iter()
        .map(|(tenant, id)| {
            Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("id", id.0)
                .finish()
        })
        .collect();
    let mut names = BTreeMap::new();
    for row in link.rows(&sql, vec![pack(&keys)]).await? {
        let key = (TenantId(get(&row, "tenant_id")?), AgentId(get(&row, "id")?));
        names.insert(key, get::<String>(&row, "name")?);
    }
    working.name_assignees(&names);
    Ok(())
}

async fn load_bots(link: &Link, units: &[&Wants], working: &mut Working) -> Result<(), StoreError> {
    let keys: BTreeSet<(TenantId, ConversationId)> = units
        .iter()
        .filter(|wants| wants.with_bot)
        .map(|wants| (wants.tenant, wants.conversation))
        .collect();
    for (tenant, bot) in engagement::load(link, &keys).await? {
        working.bots.insert((tenant, bot.conversation_id), bot);
    }
    Ok(())
}

async fn take_timers(
    link: &Link,
    units: &[&Wants],
    working: &mut Working,
) -> Result<(), StoreError> {
    let due: Vec<DueTimer> = units.iter().filter_map(|wants| wants.timer).collect();
    if !due.is_empty() {
        working.taken = timers::take(link, &due).await?.into_iter().collect();
    }
    Ok(())
}

async fn check_leases(
    link: &Link,
    units: &[&Wants],
    working: &mut Working,
) -> Result<(), StoreError> {
    let wanted: HashSet<&Lease> = units
        .iter()
        .filter_map(|wants| wants.lease.as_ref())
        .collect();
    if !wanted.is_empty() {
        let wanted: Vec<&Lease> = wanted.into_iter().collect();
        working.lost = lease::lost(link, &wanted).await?.into_iter().collect();
    }
    Ok(())
}

/// Kept here so that the types of a working set are read in one place.
pub(super) type Conversations = HashMap<(TenantId, ConversationId), Loaded>;

/// A conversation as it was and as it is by now.
pub(super) struct Loaded {
    pub(super) before: Conversation,
    pub(super) now: Conversation,
    pub(super) changed: bool,
}
