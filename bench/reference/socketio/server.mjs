// The reference server: live chat as a competent team would write it first, on
// Socket.IO and PostgreSQL. A room is a conversation; a message is one INSERT,
// then it is broadcast to the room, then acknowledged. Settings are the
// libraries' defaults but for the transport: WebSocket only, as Deskbell's is.
//
// It does what the benches need and no more: signed tokens, conversations,
// messages in order and only once, history in the database. It has no routing,
// no resume, no events but messages, and no page.

import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';

const SECRET = 'bench';
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });

await pool.query(`
  CREATE TABLE IF NOT EXISTS conversations (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant int NOT NULL, visitor int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS messages (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    conversation_id bigint NOT NULL REFERENCES conversations,
    sender text NOT NULL, client_msg_id text NOT NULL, body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (sender, client_msg_id));
  CREATE INDEX IF NOT EXISTS messages_of ON messages (conversation_id, id);`);

const sign = (text) => createHmac('sha256', SECRET).update(text).digest('base64url');

const issue = (who) => {
  const text = Buffer.from(JSON.stringify(who)).toString('base64url');
  return `${text}.${sign(text)}`;
};

const verify = (token) => {
  const [text, signature] = String(token).split('.');
  const [ours, theirs] = [Buffer.from(sign(text)), Buffer.from(signature ?? '')];
  if (ours.length !== theirs.length || !timingSafeEqual(ours, theirs)) throw new Error('unauthorized');
  return JSON.parse(Buffer.from(text, 'base64url').toString());
};

/** POST /sessions [{role, tenant, n}, …] answers their tokens. */
const web = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(JSON.parse(body || '[]').map(issue)));
});

const io = new Server(web, { transports: ['websocket'], serveClient: false });

io.use((socket, next) => {
  try {
    socket.data.who = verify(socket.handshake.auth.token);
    next();
  } catch (error) {
    next(error);
  }
});

const INSERT = `INSERT INTO messages (conversation_id, sender, client_msg_id, body)
  VALUES ($1, $2, $3, $4) RETURNING id, created_at`;

io.on('connection', (socket) => {
  const { role, tenant, n } = socket.data.who;
  const sender = `${role}-${tenant}-${n}`;
  // The request that opened the socket is not needed any more; Socket.IO's own
  // advice for saving memory.
  socket.conn.request = null;
  if (role === 'agent') socket.join(`desk-${tenant}`);

  socket.on('start', async (answer) => {
    const rows = await pool.query(
      'INSERT INTO conversations (tenant, visitor) VALUES ($1, $2) RETURNING id', [tenant, n]);
    const id = rows.rows[0].id;
    socket.join(`conversation-${id}`);
    io.in(`desk-${tenant}`).socketsJoin(`conversation-${id}`);
    answer({ id });
  });

  // One after the other, so that a conversation keeps its order.
  let last = Promise.resolve();
  socket.on('send', ({ conversation_id, client_msg_id, text }, answer) => {
    last = last.then(async () => {
      const rows = await pool.query(INSERT, [conversation_id, sender, client_msg_id, text]);
      const { id, created_at } = rows.rows[0];
      const message = { id, conversation_id, sender, client_msg_id, text, created_at };
      io.to(`conversation-${conversation_id}`).emit('message', message);
      answer({ id, created_at });
    }).catch((error) => answer({ error: error.message }));
  });
});

web.listen(0, '127.0.0.1', () => console.log(`listening http://127.0.0.1:${web.address().port}`));
const stop = () => process.exit(0);
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
