//! New ids: UUIDv7, so that rows made together lie together in the index.

use deskbell_domain::IdSource;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, Default)]
pub struct TimeOrderedIds;

impl IdSource for TimeOrderedIds {
    #[expect(clippy::disallowed_methods, reason = "the one home of new ids")]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
