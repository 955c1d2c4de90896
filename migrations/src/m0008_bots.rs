//! Bots: which one answers first in an inbox, and how far each has come in the
//! conversations it was given. `state` is bytes in hex, as rows come in as JSON.

crate::dialect::step!(
    "
ALTER TABLE inboxes ADD COLUMN bot {uuid};

CREATE TABLE bot_engagements (
    tenant_id {uuid} NOT NULL,
    conversation_id {uuid} NOT NULL,
    installation_id {uuid} NOT NULL,
    bot_name {text} NOT NULL,
    turn {int} NOT NULL,
    handled_seq {int},
    state {text},
    digest {text},
    wake_token {text},
    woken {bool} NOT NULL,
    PRIMARY KEY (tenant_id, conversation_id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id)
){strict};

CREATE INDEX bot_engagements_woken ON bot_engagements (tenant_id, conversation_id) WHERE woken;

CREATE INDEX conversations_bot ON conversations (tenant_id, id) WHERE status = 'bot';
"
);
