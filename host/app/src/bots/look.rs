//! What a bot has not been told yet.
//!
//! One snapshot: its row says what it knows, the thread says what there is. It is
//! told of the beginning, of each message of the visitor, and of the call it asked
//! for; never of what it said itself.

use deskbell_domain::bot::Engagement;
use deskbell_domain::{Contact, Conversation, ConversationId, Message, Status, TenantId};
use deskbell_store::Tx;
use deskbell_store::message::MessageRange;

use crate::app::{App, found};
use crate::bots::{Next, ask};
use crate::error::Error;
use crate::hooks::{BotEvent, SAID_LINES};

const PAGE: u64 = 64;

/// Something to tell, with all that goes with it.
pub(super) struct News {
    pub event: BotEvent,
    pub conversation: Conversation,
    pub contact: Contact,
    pub said: Vec<Message>,
    pub row: Engagement,
}

/// Looks, and if there is something new, tells the bot and does what it says.
pub(super) async fn serve(app: App, tenant: TenantId, id: ConversationId) -> Result<Next, Error> {
    match read(&app, tenant, id).await? {
        Seen::News(news) => ask::ask(&app, tenant, *news).await.map(|()| Next::More),
        Seen::Nothing(row) => match ask::at_work(&app, tenant, &row).await? {
            Some(_) => Ok(Next::Nothing),
            // Nobody is left to hear of anything.
            None => ask::give_up(&app, tenant, &row, ask::GONE)
                .await
                .map(|()| Next::More),
        },
        Seen::Over => Ok(Next::Over),
    }
}

enum Seen {
    News(Box<News>),
    /// It knows everything.
    Nothing(Engagement),
    Over,
}

async fn read(app: &App, tenant: TenantId, id: ConversationId) -> Result<Seen, Error> {
    let tx = app.store.snapshot(tenant).await?;
    let conversation = tx.conversation(id).await?;
    let Some(conversation) = conversation.filter(|it| it.status == Status::Bot) else {
        return Ok(Seen::Over);
    };
    let row = found(tx.engagement(id).await?, "bot")?;
    let Some(event) = next_event(&tx, &row).await? else {
        return Ok(Seen::Nothing(row));
    };
    let last = MessageRange {
        limit: SAID_LINES as u64,
        ..MessageRange::default()
    };
    let said = tx.messages(id, last).await?;
    let contact = found(tx.contact(conversation.contact.id).await?, "contact")?;
    Ok(Seen::News(Box::new(News {
        event,
        conversation,
        contact,
        said,
        row,
    })))
}

async fn next_event(tx: &Tx, row: &Engagement) -> Result<Option<BotEvent>, Error> {
    let Some(mut after) = row.handled_seq else {
        return Ok(Some(BotEvent::Started));
    };
    if row.woken
        && let Some(token) = &row.wake_token
    {
        return Ok(Some(BotEvent::Woke(token.clone())));
    }
    loop {
        let range = MessageRange {
            after_seq: Some(after),
            limit: PAGE,
            ..MessageRange::default()
        };
        let page = tx.messages(row.conversation_id, range).await?;
        let Some(last) = page.last().map(|message| message.seq) else {
            return Ok(None);
        };
        after = last;
        if let Some(message) = page.into_iter().find(Message::from_visitor) {
            return Ok(Some(BotEvent::Message(Box::new(message))));
        }
    }
}
