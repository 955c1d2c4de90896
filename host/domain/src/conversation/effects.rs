//! What a plugin that heard of an event does in its conversation: all of it, or
//! nothing. Whatever the status: it speaks to the desk only.

use serde_json::Map;

use crate::actor::ActorRef;
use crate::case::{Case, Context};
use crate::conversation::talk::{self, Details};
use crate::id::EventId;
use crate::integration::Effect;
use crate::message::Draft;
use crate::refusal::Refusal;
use crate::text::ATTRIBUTES_MAX;

/// `depth`: how many plugins in a row led to this. The effects were checked before.
pub fn apply(
    case: &mut Case,
    cx: &Context<'_>,
    by: &ActorRef,
    event: EventId,
    depth: u8,
    effects: &[Effect],
) -> Result<(), Refusal> {
    let before = case.effects.events.len();
    for (index, effect) in effects.iter().enumerate() {
        match effect {
            Effect::SetAttribute { name, value } => {
                let known = &case.conversation.attributes;
                let new = !value.is_null() && !known.contains_key(name);
                if new && known.len() >= ATTRIBUTES_MAX {
                    let detail = format!("At most {ATTRIBUTES_MAX} attributes.");
                    return Err(Refusal::field("/attributes", "too_many", detail));
                }
                let details = Details {
                    attributes: Map::from_iter([(name.clone(), value.clone())]),
                    ..Details::default()
                };
                talk::update(case, cx, by, details)?;
            }
            Effect::AddNote(text) => {
                let draft = Draft {
                    client_msg_id: note_key(event, index),
                    text: text.clone(),
                    private: true,
                    attributes: Map::new(),
                };
                talk::append(case, cx, by, draft)?;
            }
        }
    }
    for event in case.effects.events.iter_mut().skip(before) {
        event.depth = depth;
    }
    Ok(())
}

/// The key under which the first note of an answer is found, if this was done
/// before.
#[must_use]
pub fn first_note_key(event: EventId, effects: &[Effect]) -> Option<String> {
    let is_note = |effect: &Effect| matches!(effect, Effect::AddNote(_));
    let index = effects.iter().position(is_note)?;
    Some(note_key(event, index))
}

fn note_key(event: EventId, index: usize) -> String {
    format!("{event}-{index}")
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;
    use crate::conversation::Status;
    use crate::conversation::tests::World;
    use crate::event::EventBody;
    use crate::id::InstallationId;

    #[test]
    fn the_desk_reads_them_and_they_say_how_deep_they_lie() {
        let world = World::new();
        let mut case = world.at(Status::Closed);
        let by = ActorRef::plugin(InstallationId(Uuid::nil()), "CRM");
        let event = EventId(Uuid::nil());
        let set = |value: Value| Effect::SetAttribute {
            name: "crm_id".to_owned(),
            value,
        };
        let effects = [set("C-1".into()), Effect::AddNote("Opened.".to_owned())];
        apply(&mut case, &world.cx(), &by, event, 2, &effects).unwrap();
        assert_eq!(case.conversation.attributes["crm_id"], "C-1");
        assert_eq!(case.conversation.status, Status::Closed);
        let [updated, noted] = &case.effects.events[..] else {
            panic!("two events");
        };
        assert!(matches!(
            updated.body,
            EventBody::ConversationUpdated { .. }
        ));
        assert!(matches!(&noted.body, EventBody::MessageCreated { message } if message.private));
        assert_eq!((updated.depth, noted.depth), (2, 2));
        assert_eq!((&noted.actor, noted.audience.contact), (&by, None));
        let key = first_note_key(event, &effects);
        assert_eq!(key, case.effects.messages[0].client_msg_id);
        apply(&mut case, &world.cx(), &by, event, 2, &[set(Value::Null)]).unwrap();
        assert!(case.conversation.attributes.is_empty());
    }
}
