//! The index's fields, and a document as tantivy gets it.
//!
//! Words carry a mark of their tenant in front (`marking.rs`). So a tenant's words are terms of
//! its own: their posting lists and the look-ups of similar words grow with the
//! tenant, not with the installation. The wall (`wall.rs`) stands beside that and
//! does not rely on it. A change here makes older indexes unreadable by name
//! (`FORMAT`), and they are rebuilt.

use deskbell_domain::actor::ActorKind;
use deskbell_domain::{ConversationId, MessageId, Status, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use tantivy::schema::{
    BytesOptions, FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
    TextOptions,
};
use tantivy::{TantivyDocument, Term};

use crate::document::{Document, Head};
use crate::marking::{TOKENIZER, mark, marked};

/// The version of fields and folding; part of the folder's name.
pub(crate) const FORMAT: u32 = 1;

/// The team of a conversation that has none.
const NO_TEAM: &str = "none";

#[derive(Debug, Clone)]
pub(crate) struct Fields {
    pub schema: Schema,
    pub tenant: Field,
    pub conversation: Field,
    pub message: Field,
    pub team: Field,
    pub assignee: Field,
    pub status: Field,
    pub sender_kind: Field,
    /// The first message of a conversation: stands for it when only its subject
    /// or contact matches.
    pub opening: Field,
    pub text: Field,
    /// Subject and contact name.
    pub about: Field,
    pub sender: Field,
    pub kept: Field,
}

pub(crate) const CREATED_AT: &str = "created_at";
pub(crate) const SEQ: &str = "seq";

/// What a hit needs, stored whole.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    pub conversation_id: ConversationId,
    pub message_id: MessageId,
    pub seq: i64,
    pub sender_kind: ActorKind,
    pub sender_name: Option<String>,
    pub private: bool,
    pub status: Status,
    pub created_at: i64,
    pub text: String,
}

impl Kept {
    pub(crate) fn created_at(&self) -> Timestamp {
        Timestamp(self.created_at)
    }
}

impl Fields {
    pub(crate) fn new() -> Self {
        let key = || BytesOptions::default().set_indexed();
        let worded = || {
            let indexing = TextFieldIndexing::default()
                .set_tokenizer(TOKENIZER)
                .set_fieldnorms(false)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions);
            TextOptions::default().set_indexing_options(indexing)
        };
        let mut schema = Schema::builder();
        let tenant = schema.add_bytes_field("tenant", key());
        let conversation = schema.add_bytes_field("conversation", key());
        let message = schema.add_bytes_field("message", key());
        let team = schema.add_text_field("team", STRING);
        let assignee = schema.add_text_field("assignee", STRING);
        let status = schema.add_text_field("status", STRING);
        let sender_kind = schema.add_text_field("sender_kind", STRING);
        let opening = schema.add_text_field("opening", STRING);
        let text = schema.add_text_field("text", worded());
        let about = schema.add_text_field("about", worded());
        let sender = schema.add_text_field("sender", worded());
        let kept = schema.add_text_field("kept", STORED);
        schema.add_i64_field(CREATED_AT, FAST);
        schema.add_i64_field(SEQ, FAST);
        Self {
            schema: schema.build(),
            tenant,
            conversation,
            message,
            team,
            assignee,
            status,
            sender_kind,
            opening,
            text,
            about,
            sender,
            kept,
        }
    }

    pub(crate) fn tenant_term(&self, tenant: TenantId) -> Term {
        Term::from_field_bytes(self.tenant, tenant.0.as_bytes())
    }

    pub(crate) fn conversation_term(&self, tenant: TenantId, id: ConversationId) -> Term {
        Term::from_field_bytes(self.conversation, &pair(tenant, id.0.as_bytes()))
    }

    pub(crate) fn message_term(&self, tenant: TenantId, id: MessageId) -> Term {
        Term::from_field_bytes(self.message, &pair(tenant, id.0.as_bytes()))
    }

    pub(crate) fn team_term(&self, team: Option<&str>) -> Term {
        Term::from_field_text(self.team, team.unwrap_or(NO_TEAM))
    }

    pub(crate) fn opening_term(&self) -> Term {
        Term::from_field_text(self.opening, "1")
    }

    pub(crate) fn tantivy(
        &self,
        document: &Document,
    ) -> Result<TantivyDocument, serde_json::Error> {
        let Document { head, message } = document;
        let mut out = TantivyDocument::default();
        out.add_bytes(self.tenant, head.tenant.0.as_bytes());
        out.add_bytes(
            self.conversation,
            &pair(head.tenant, head.conversation.0.as_bytes()),
        );
        out.add_bytes(self.message, &pair(head.tenant, message.id.0.as_bytes()));
        let team = head.team.map(|team| team.to_string());
        out.add_text(self.team, team.as_deref().unwrap_or(NO_TEAM));
        if let Some(assignee) = head.assignee {
            out.add_text(self.assignee, assignee.to_string());
        }
        out.add_text(self.status, head.status.as_str());
        out.add_text(self.sender_kind, message.sender.kind.as_str());
        if message.seq == 1 {
            out.add_text(self.opening, "1");
        }
        let mark = mark(head.tenant);
        out.add_text(self.text, marked(&mark, &message.text));
        for text in about(head) {
            out.add_text(self.about, marked(&mark, text));
        }
        if let Some(name) = &message.sender.name {
            out.add_text(self.sender, marked(&mark, name));
        }
        out.add_text(self.kept, serde_json::to_string(&kept(document))?);
        self.add_order(&mut out, document);
        Ok(out)
    }

    fn add_order(&self, out: &mut TantivyDocument, document: &Document) {
        if let Ok(field) = self.schema.get_field(CREATED_AT) {
            out.add_i64(field, document.message.created_at.0);
        }
        if let Ok(field) = self.schema.get_field(SEQ) {
            out.add_i64(field, document.message.seq);
        }
    }
}

fn about(head: &Head) -> impl Iterator<Item = &str> {
    head.subject
        .as_deref()
        .into_iter()
        .chain(head.contact_name.as_deref())
}

fn kept(document: &Document) -> Kept {
    let message = &document.message;
    Kept {
        conversation_id: document.head.conversation,
        message_id: message.id,
        seq: message.seq,
        sender_kind: message.sender.kind,
        sender_name: message.sender.name.clone(),
        private: message.private,
        status: document.head.status,
        created_at: message.created_at.0,
        text: message.text.clone(),
    }
}

fn pair(tenant: TenantId, id: &[u8; 16]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..16].copy_from_slice(tenant.0.as_bytes());
    key[16..].copy_from_slice(id);
    key
}
