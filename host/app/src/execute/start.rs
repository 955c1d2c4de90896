//! Ringing: a visitor's first message makes a conversation, once.
//!
//! Two first messages at once make one conversation: the open slot is unique in
//! the database, and whoever comes second appends to the winner's.

use std::sync::Arc;

use deskbell_domain::bot::BotRef;
use deskbell_domain::command::StartConversation;
use deskbell_domain::conversation::start::{Opening, start};
use deskbell_domain::event::Changes;
use deskbell_domain::message::{Draft, MessageAck};
use deskbell_domain::plugin::Hook;
use deskbell_domain::{
    Actor, ActorRef, Audience, Conversation, ConversationId, EventBody, Refusal, Who,
    actor::ActorKind,
};
use deskbell_store::Tx;

use crate::app::{App, Surroundings, found};
use crate::error::Error;
use crate::execute::Outcome;

/// A conversation may be resolved between finding it and writing to it; each
/// round then starts over. More rounds than this means something is wrong.
const ROUNDS: usize = 8;

enum Found {
    Open(ConversationId),
    Repeat(MessageAck),
    Started(Box<Conversation>, Option<MessageAck>),
    Lost,
}

impl App {
    pub(super) async fn start_conversation(
        &self,
        actor: &Actor,
        command: StartConversation,
    ) -> Result<Outcome, Error> {
        for _ in 0..ROUNDS {
            let (id, ack) = match self.find_or_start(actor, &command).await? {
                Found::Started(conversation, ack) => {
                    self.ring();
                    // It is started, whether or not the desk hears this.
                    if let Err(error) = self.tell_presence(actor, conversation.contact.id).await {
                        tracing::warn!(%error, "a visitor's presence was not told");
                    }
                    return Ok(Outcome::Started {
                        conversation,
                        new: true,
                        ack,
                    });
                }
                Found::Lost => continue,
                Found::Repeat(ack) => (ack.conversation_id, Some(ack)),
                Found::Open(id) => {
                    // What this one was to be about, the open one is about now.
                    let message = command.message.clone().map(|mut draft| {
                        draft.attributes.extend(command.attributes.clone());
                        draft
                    });
                    match self.append_to(actor, id, message).await? {
                        Some(ack) => (id, ack),
                        None => continue,
                    }
                }
            };
            let conversation = self.visible_conversation(actor, id).await?;
            return Ok(Outcome::Started {
                conversation: Box::new(conversation),
                new: false,
                ack,
            });
        }
        Err(Error::Internal(
            "a conversation could not be started".to_owned(),
        ))
    }

    /// None when the conversation stopped being open meanwhile.
    async fn append_to(
        &self,
        actor: &Actor,
        id: ConversationId,
        message: Option<Draft>,
    ) -> Result<Option<Option<MessageAck>>, Error> {
        let Some(draft) = message else {
            return Ok(Some(None));
        };
        match self.send_message(actor, id, draft).await {
            Ok((ack, _)) => Ok(Some(Some(ack))),
            Err(Error::Refused(Refusal::Closed | Refusal::OtherOpen(_))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn find_or_start(
        &self,
        actor: &Actor,
        command: &StartConversation,
    ) -> Result<Found, Error> {
        let tenant = self.tenant(actor.tenant).await?;
        let (near, who, command) = (self.surroundings(&tenant), actor.clone(), command.clone());
        let bots = self.installed(actor.tenant, Hook::Bot);
        let bots: Arc<[BotRef]> = bots.iter().map(|one| one.bot()).collect();
        self.store
            .write(actor.tenant, move |tx| {
                let (near, who, command) = (near.clone(), who.clone(), command.clone());
                let bots = bots.clone();
                Box::pin(async move { begin(tx, &near, &who, command, &bots).await })
            })
            .await
    }
}

async fn begin(
    tx: &Tx,
    near: &Surroundings,
    actor: &Actor,
    command: StartConversation,
    bots: &[BotRef],
) -> Result<Found, Error> {
    let Who::Visitor {
        id: visitor_id,
        contact,
        inbox,
        ..
    } = actor.who
    else {
        return Err(Refusal::Forbidden.into());
    };
    if let Some(draft) = &command.message {
        let key = &draft.client_msg_id;
        if let Some(ack) = tx
            .sent_before(ActorKind::Visitor, visitor_id.0, key)
            .await?
        {
            return Ok(Found::Repeat(ack));
        }
    }
    if let Some(open) = tx.open_conversation(inbox, contact).await? {
        return Ok(Found::Open(open));
    }
    let entry = found(tx.inbox(inbox).await?, "inbox")?;
    let team_id = match command.team_id {
        Some(team) => found(tx.team(team).await?, "team")?.id,
        None => entry.default_team_id,
    };
    // One that is switched off keeps nobody waiting: people answer.
    let first = |bot: &&BotRef| Some(bot.installation_id) == entry.bot;
    let mut person = found(tx.contact(contact).await?, "contact")?;
    let before = person.clone();
    // What a visitor types is a claim; it never replaces a verified address.
    if let Some(name) = command.name {
        person.name = Some(name);
    }
    if let Some(email) = command.email.filter(|_| !person.verified) {
        person.email = Some(email);
    }
    let opening = Opening {
        inbox_id: inbox,
        team_id,
        visitor_id,
        subject: command.subject,
        category: command.category,
        attributes: command.attributes,
        previous_id: tx.latest_conversation(inbox, contact).await?,
        message: command.message,
        bot: bots.iter().find(first).cloned(),
    };
    let by = ActorRef {
        name: person.name.clone(),
        ..actor.to_ref()
    };
    let (case, ack) = start(&near.cx(), actor.tenant, &by, &person, opening)?;
    if !tx.start_case(&case).await? {
        return Ok(Found::Lost);
    }
    if person != before {
        person.version += 1;
        tx.save_contact(&person).await?;
        let changes = Changes::between(&before, &person);
        let audience = Audience {
            contact: None,
            ..Audience::of_conversation(&case.conversation)
        };
        let body = EventBody::ContactUpdated { contact: person };
        tx.emit(near.event(actor, body, changes, audience))?;
    }
    Ok(Found::Started(Box::new(case.conversation), ack))
}
