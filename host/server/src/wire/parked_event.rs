//! Events that a plugin did not take, on the wire.

use deskbell_app::admin::parked_events;
use deskbell_domain::{ConversationId, EventId, JobId, Timestamp};

use super::id;
use super::mirror::mirror;

mirror! {
    /// An event, or what came by a webhook, that was told for a day, in vain.
    ParkedEvent of parked_events::ParkedEvent {
        #[schema(value_type = id::JobId)]
        id: JobId,
        /// The event itself, or what came by a webhook.
        #[schema(value_type = id::EventId)]
        event_id: EventId,
        #[serde(rename = "type")]
        /// The event's, or `webhook.` and the webhook's name.
        #[schema(example = "message.created")]
        kind: String,
        #[schema(value_type = Option<id::ConversationId>)]
        conversation_id: Option<ConversationId>,
        #[schema(value_type = id::Timestamp)]
        occurred_at: Timestamp,
        /// How often it was told.
        attempts: i64,
        /// What went wrong last.
        error: String,
        #[schema(value_type = id::Timestamp)]
        parked_at: Timestamp,
    }
}
