//! The hook `context` in writing.

use deskbell_domain::Timestamp;
use deskbell_domain::integration::{Card, check_cards};
use deskbell_domain::plugin::Hook;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::people::{ContactForm, ConversationForm};
use super::{Ids, Written, filled_in, put_down};
use crate::hooks::ContextRequest;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Form {
    conversation: ConversationForm,
    contact: ContactForm,
}

impl Written for ContextRequest {
    const HOOK: Hook = Hook::Context;
    type Answer = Vec<Card>;

    fn read(input: Value, ids: &mut Ids, now: Timestamp) -> Result<Self, String> {
        let form: Form = filled_in(input)?;
        let contact = form.contact.contact(ids, now);
        Ok(Self {
            conversation: form.conversation.conversation(&contact, ids, now),
            contact,
        })
    }

    fn write(&self) -> Value {
        put_down(Form {
            conversation: (&self.conversation).into(),
            contact: (&self.contact).into(),
        })
    }

    fn answer(cards: &Vec<Card>, _: &Ids) -> Value {
        json!({ "cards": cards })
    }

    fn unfit(&self, cards: &Vec<Card>, _: Timestamp) -> Option<String> {
        // Whether a link to this machine is taken is the installation's matter.
        check_cards(cards, true).err()
    }
}
