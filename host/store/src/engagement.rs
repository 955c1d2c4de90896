//! Bots' time with conversations: a row each, read and written with its
//! conversation's unit.

use std::collections::BTreeSet;

use deskbell_domain::bot::{BotRef, Engagement};
use deskbell_domain::{ConversationId, InstallationId, TenantId};
use sea_orm::QueryResult;

use crate::error::StoreError;
use crate::link::Link;
use crate::open::Engine;
use crate::rows::{Column, Row, Shape, get, join, pack};
use crate::system::SystemTx;
use crate::together::Piece;
use crate::tx::Tx;

const SHAPE: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("conversation_id", Column::Uuid),
    ("installation_id", Column::Uuid),
    ("bot_name", Column::Text),
    ("turn", Column::Int),
    ("handled_seq", Column::Int),
    ("state", Column::Text),
    ("digest", Column::Text),
    ("wake_token", Column::Text),
    ("woken", Column::Bool),
]);

const KEYS: Shape = Shape(&[
    ("tenant_id", Column::Uuid),
    ("conversation_id", Column::Uuid),
]);

fn of(row: &QueryResult) -> Result<(TenantId, Engagement), StoreError> {
    let bad = |what: &str| StoreError::Corrupt(format!("a bot's {what}"));
    let state: Option<String> = get(row, "state")?;
    let digest: Option<String> = get(row, "digest")?;
    let engagement = Engagement {
        conversation_id: ConversationId(get(row, "conversation_id")?),
        bot: BotRef {
            installation_id: InstallationId(get(row, "installation_id")?),
            name: get(row, "bot_name")?,
        },
        turn: get(row, "turn")?,
        handled_seq: get(row, "handled_seq")?,
        state: match state {
            Some(hex) => Some(from_hex(&hex).ok_or_else(|| bad("state"))?),
            None => None,
        },
        digest: match digest {
            Some(text) => Some(text.parse().map_err(|_| bad("digest"))?),
            None => None,
        },
        wake_token: get(row, "wake_token")?,
        woken: get(row, "woken")?,
    };
    Ok((TenantId(get(row, "tenant_id")?), engagement))
}

/// Those there are. Their conversations are held.
pub(crate) async fn load(
    link: &Link,
    keys: &BTreeSet<(TenantId, ConversationId)>,
) -> Result<Vec<(TenantId, Engagement)>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (source, join) = (KEYS.source(link.engine, 1), join(link.engine));
    let sql = format!(
        "SELECT b.* FROM {source} {join} bot_engagements b \
         ON b.tenant_id = r.tenant_id AND b.conversation_id = r.conversation_id"
    );
    let keys: Vec<String> = keys
        .iter()
        .map(|(tenant, id)| {
            Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("conversation_id", id.0)
                .finish()
        })
        .collect();
    let rows = link.rows(&sql, vec![pack(&keys)]).await?;
    rows.iter().map(of).collect()
}

pub(crate) fn writing(engine: Engine, engagements: &[(TenantId, &Engagement)]) -> Option<Piece> {
    if engagements.is_empty() {
        return None;
    }
    let (names, source) = (SHAPE.names(), SHAPE.source(engine, 1));
    let set: Vec<String> = SHAPE.0[2..]
        .iter()
        .map(|(name, _)| format!("{name} = excluded.{name}"))
        .collect();
    let sql = format!(
        "INSERT INTO bot_engagements ({names}) SELECT {names} FROM {source} WHERE true \
         ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET {}",
        set.join(", ")
    );
    let rows: Vec<String> = engagements
        .iter()
        .map(|(tenant, it)| {
            let (state, digest) = (
                it.state.as_deref().map(to_hex),
                it.digest.map(|digest| digest.to_string()),
            );
            Row::new()
                .uuid("tenant_id", tenant.0)
                .uuid("conversation_id", it.conversation_id.0)
                .uuid("installation_id", it.bot.installation_id.0)
                .text("bot_name", it.bot.name.as_str())
                .int("turn", it.turn)
                .int("handled_seq", it.handled_seq)
                .text("state", state.as_deref())
                .text("digest", digest.as_deref())
                .text("wake_token", it.wake_token.as_deref())
                .bool("woken", it.woken)
                .finish()
        })
        .collect();
    Some(Piece::new(sql, &rows))
}

impl Tx {
    /// A conversation's time with a bot, if it ever had one.
    pub async fn engagement(&self, id: ConversationId) -> Result<Option<Engagement>, StoreError> {
        let key = BTreeSet::from([(self.tenant(), id)]);
        let found = load(self.link(), &key).await?.pop();
        Ok(found.map(|(_, engagement)| engagement))
    }
}

impl SystemTx {
    /// Every conversation that a bot has.
    pub async fn with_bots(&self) -> Result<Vec<(TenantId, ConversationId)>, StoreError> {
        let sql = "SELECT tenant_id, id FROM conversations WHERE status = 'bot' \
                   ORDER BY tenant_id, id";
        keys(&self.link().rows(sql, Vec::new()).await?, "id")
    }

    /// Those whose bot is to be called back.
    pub async fn woken_bots(&self) -> Result<Vec<(TenantId, ConversationId)>, StoreError> {
        let sql = "SELECT tenant_id, conversation_id FROM bot_engagements WHERE woken";
        keys(&self.link().rows(sql, Vec::new()).await?, "conversation_id")
    }
}

fn keys(rows: &[QueryResult], id: &str) -> Result<Vec<(TenantId, ConversationId)>, StoreError> {
    rows.iter()
        .map(|row| {
            Ok((
                TenantId(get(row, "tenant_id")?),
                ConversationId(get(row, id)?),
            ))
        })
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            hex.push(char::from(DIGITS[usize::from(digit)]));
        }
    }
    hex
}

fn from_hex(hex: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| {
        char::from(c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    hex.as_bytes()
        .chunks(2)
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_as_they_were() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&all)), Some(all));
        assert_eq!(to_hex(&[0x0a, 0xf0]), "0af0");
        for wrong in ["0", "0g", "é"] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
